"""What all tests share: LibreOffice, started once, as judge of what is live in a workbook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from judges import schema
from office.libreoffice import LibreOffice, missing


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "office" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.office)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LibreOffice]:
    """LibreOffice; skipped without it, unless PERFXL_REQUIRE_OFFICE=1 demands it."""
    reason = missing()
    if reason and os.environ.get("PERFXL_REQUIRE_OFFICE") == "1":
        pytest.fail(f"PERFXL_REQUIRE_OFFICE is 1, but {reason}")
    if reason:
        pytest.skip(reason)
    with LibreOffice(tmp_path_factory.mktemp("office")) as running:
        yield running


@pytest.fixture(scope="session")
def complaints() -> Callable[[Path | str | bytes], list[schema.Complaint]]:
    """What the ECMA schemas and Excel's further rules say against a package: `assert complaints(path) == []`."""
    if schema.schema_folder() is None:
        pytest.skip("PERFXL_OOXML names no folder with the ECMA schemas (sml.xsd and the others)")
    return schema.complaints

"""What all tests share, each started once: LibreOffice, which judges what is live in a workbook, and PostgreSQL.

``@pytest.mark.store("sqlite", "postgresql")``, on a module or a test, has what makes rounds run on each of these.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from judges import schema
from office.libreoffice import LibreOffice, missing
from rounds.postgresql import Server, programs, rounds_in, server


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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that has no folder makes no round: it runs once."""
    if marker := metafunc.definition.get_closest_marker("store"):
        has_folder = not {"tmp_path", "tmp_path_factory"}.isdisjoint(metafunc.fixturenames)
        metafunc.parametrize("database", marker.args if has_folder else marker.args[:1], indirect=True, scope="module")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """PostgreSQL; skipped without it, unless PERFXL_REQUIRE_POSTGRESQL=1 demands it."""
    pytest.importorskip("psycopg")
    if programs() is None:
        if os.environ.get("PERFXL_REQUIRE_POSTGRESQL") == "1":
            pytest.fail("PERFXL_REQUIRE_POSTGRESQL is 1, but there is no PostgreSQL server")
        pytest.skip("there is no PostgreSQL server")
    with server() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The database in which new rounds have their stores; to be named by every fixture of a module that makes one."""
    kind = str(getattr(request, "param", "sqlite"))
    if kind == "sqlite":
        yield kind
        return
    with rounds_in(request.getfixturevalue("postgresql")):
        yield kind

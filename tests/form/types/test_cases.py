"""The spellings of cases.yaml, each read as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from perfxl.form.types import make, types
from perfxl.form.types.base import HOW, Raw, Understood

CASES = [
    (table["type"], table.get("options", {}), row)
    for table in yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text("utf-8"))
    for row in table["rows"]
]


@pytest.mark.parametrize(("kind", "options", "row"), CASES, ids=lambda part: str(part))
def test_a_spelling_is_understood(kind: str, options: dict[str, Any], row: list[Any]) -> None:
    cell, value, how, problem = [*row, *[[], ""][len(row) - 2 :]]
    raw = Raw(**cell) if isinstance(cell, dict) else Raw(cell)
    understood = make(kind, options).read(raw)
    assert understood == Understood(value, tuple(how), problem)
    assert type(understood.value) is type(value)
    assert set(understood.how) <= set(HOW)


def test_every_kind_but_paragraph_which_reads_as_text_does_has_cases() -> None:
    assert {kind for kind, _, _ in CASES} == set(types()) - {"paragraph"}

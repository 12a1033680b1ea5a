"""The spellings of cases.yaml, each read as it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from perfxl.form.languages import language_of
from perfxl.form.types import make, types
from perfxl.form.types.base import HOW, Raw, Understood

CASES = [
    (table["type"], table.get("options", {}), table.get("language", "zh-CN"), row)
    for table in yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text("utf-8"))
    for row in table["rows"]
]


@pytest.mark.parametrize(("kind", "options", "language", "row"), CASES, ids=lambda part: str(part))
def test_a_spelling_is_understood(kind: str, options: dict[str, Any], language: str, row: list[Any]) -> None:
    cell, value, how, problem = [*row, *[[], ""][len(row) - 2 :]]
    raw = Raw(**cell) if isinstance(cell, dict) else Raw(cell)
    understood = replace(make(kind, options), signs=language_of(language).signs).read(raw)
    assert understood == Understood(value, tuple(how), problem)
    assert type(understood.value) is type(value)
    assert set(understood.how) <= set(HOW)


def test_every_kind_but_paragraph_which_reads_as_text_does_has_cases() -> None:
    assert {kind for kind, *_ in CASES} == set(types()) - {"paragraph"}

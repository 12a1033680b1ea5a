"""A given answer for which the records have nothing goes out blank, and that is said; where required, it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from perfxl import records
from perfxl.cli import main

FORM = """\
form: visit
version: "1"
language: en
record: visits[]
key: number
title: "Visit {{ number }}"
fields:
  number: {type: integer, given: true}
  town: {type: text, given: true, label: Town}
  code: {type: text, given: true, label: Code, required: true}
  seen: {type: text, label: Seen}
tables:
  rooms:
    label: Rooms
    rows: {min: 1, max: 9}
    columns:
      no: {type: text, numbering: R-0}
      room: {type: text, given: true, label: Room}
      area: {type: integer, given: true, label: Area}
      state: {type: text, label: State}
"""
ROOMS: list[dict[str, Any]] = [{"room": "Hall", "area": 30}, {"room": "Yard", "area": 90}]
WHOLE: dict[str, Any] = {"town": "Long Marsh", "code": "A1", "rooms": ROOMS}
CASES: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "nothing is missing": ([WHOLE], []),
    "of one sheet": ([WHOLE, {**WHOLE, "town": None}], ["“Town” 1"]),
    "of two sheets": ([{**WHOLE, "town": None}, {"code": "B", "rooms": ROOMS}], ["“Town” 2"]),
    "in a row": ([{**WHOLE, "rooms": [{"room": "Hall"}, ROOMS[1]]}], ["“Area” 1"]),
    "no rows at all": ([{**WHOLE, "rooms": []}], ["“Room” 1", "“Area” 1"]),
}


def generated(folder: Path, visits: list[dict[str, Any]]) -> tuple[int, list[str]]:
    (folder / "forms" / "visit").mkdir(parents=True)
    (folder / "forms" / "visit" / "form.yaml").write_text(FORM, encoding="utf-8")
    numbered = [{"number": number, **visit} for number, visit in enumerate(visits, start=1)]
    held = {"year": 2026, "unit": {"code": "1", "name": "U"}, "visits": numbered}
    (folder / "records.yaml").write_text(records.dumps(held), encoding="utf-8")
    words = ["generate", folder / "records.yaml", "--form", "visit", "--forms", folder / "forms", "-o", folder / "out"]
    result = CliRunner().invoke(main, [*map(str, words), "--lang", "en"], catch_exceptions=False)
    return result.exit_code, result.stderr.splitlines()


@pytest.mark.parametrize(("visits", "said"), CASES.values(), ids=CASES)
def test_what_is_not_given_is_said(tmp_path: Path, visits: list[dict[str, Any]], said: list[str]) -> None:
    status, lines = generated(tmp_path, visits)
    assert status == 0
    found = [line for line in lines if "nothing for it" in line]
    assert len(found) == len(said)
    for line, (answer, count) in zip(found, (words.split() for words in said), strict=True):
        assert line.startswith(answer)
        assert f"in {count} form" in line


def test_what_is_required_and_not_given_is_refused(tmp_path: Path) -> None:
    status, lines = generated(tmp_path, [WHOLE, {**WHOLE, "code": None}])
    assert status == 2
    assert "visits[1]" in lines[-1]
    assert "code" in lines[-1]
    assert not (tmp_path / "out").exists()

"""Times and looked up bounds on a sheet: in the overview, in the manual, in a sentence, in a limit."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

import perfxl
from perfxl.form import installed as forms
from perfxl.workbook.sheet.manual import describe_answers

SOURCE = """\
form: shift
version: "1"
language: en
record: shifts[]
key: number
title: "Shift {{ number }}"
overview: [number, starts]
choices:
  towns: {file: towns.csv, levels: [town]}
fields:
  number: {type: integer, given: true}
  town: {type: choice, choices: towns, label: Town}
  starts: {type: time, label: Start, default: 12:30}
  ends: {type: time, label: End, minimum: {value: starts + 15, message: Too short.}}
  people: {type: integer, label: People, maximum: 'town | lookup("most")'}
rules:
  - code: SH-01
    title: Ten hours at most
    assert: ends - starts <= 600
    on: [ends]
    message: "{{ starts }} to {{ ends }} is {{ ends - starts }} minutes."
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "shift"
    place.mkdir()
    (place / "form.yaml").write_text(SOURCE, encoding="utf-8")
    (place / "towns.csv").write_text("town,most\nYork,3\nBath,4\n", encoding="utf-8")
    return place


def told(**answers: Any) -> dict[str, Any]:
    return {"year": 2026, "unit": {"code": "1", "name": "U"}, "shifts": [{"number": 1, **answers}]}


def test_a_time_in_the_overview_is_a_text_and_a_list_that_a_limit_looks_up_is_there(folder: Path) -> None:
    (made,) = perfxl.generate(told(), form=str(folder))
    with zipfile.ZipFile(io.BytesIO(made.data)) as package:
        sheets = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/worksheets/")]
        names = re.findall(r'<definedName name="([^"]+)"', package.read("xl/workbook.xml").decode())
    live = [
        found for sheet in sheets for found in re.findall(r"<f>[^<]*TEXT\([^<]*starts[^<]*</f><v>([^<]*)</v>", sheet)
    ]
    assert live == ["12:30"]
    assert {"px.c1.k", "px.c1.k1"} <= set(names)


def test_the_manual_says_a_time_as_a_time(folder: Path) -> None:
    form = forms.load_named(folder)
    (said,) = (" ".join(words) for words in describe_answers(form) if words[0] == "Start")
    assert "12:30 unless changed" in said


CASES = {
    "nine hours": ({"starts": "08:00", "ends": "17:00"}, []),
    "ten hours and a minute": ({"starts": "08:00", "ends": "18:01"}, ["08:00 to 18:01 is 601 minutes."]),
    "too short": ({"starts": "08:00", "ends": "08:14"}, ["Too short. 08:14 was filled in, below the minimum 08:15."]),
    "more than the town may have": ({"town": "York", "people": 4}, ["4 was filled in, above the maximum 3."]),
    "as many as the town may have": ({"town": "Bath", "people": 4}, []),
}


@pytest.mark.parametrize(("answers", "said"), CASES.values(), ids=CASES)
def test_what_is_found(folder: Path, answers: dict[str, Any], said: list[str]) -> None:
    found = perfxl.check(told(**answers), form=str(folder)).findings
    sentences = [perfxl.sentence(one, "en") for one in found]
    assert len(sentences) == len(said)
    assert all(words in sentence for words, sentence in zip(said, sentences, strict=True))

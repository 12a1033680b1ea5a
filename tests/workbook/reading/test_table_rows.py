"""Groups with sums and tables of fixed lines: what is filled in comes back, sums are shown and are no answers."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office.libreoffice import LibreOffice
from workbook.conftest import made, returned

from perfxl.form import installed as forms
from perfxl.form.answers import flatten
from perfxl.form.search_path import forms_in
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.reading.sums import read_sums, shown_sum
from perfxl.workbook.writing.compile import compile_book
from perfxl.workbook.writing.stamp import stamp_book

UNIT = {"code": "907001", "name": "清溪县柳溪镇人民政府本级"}
WORKS = [
    {"area": area, "task": task, "plan": {"number": number, "money": money}, "kind": kind, "reason": None}
    for area, task, number, money, kind in (
        ("民生", "改造危房", 12, 60.1, "旧"),
        ("民生", "新建水窖", 30, 9.2, "新"),
        ("生态", "补种林木", 400, 0.3, None),
    )
]
RECORDS: dict[str, dict[str, Any]] = {
    "quarterly": {"year": 2026, "unit": UNIT, "report": {"summary": "完成三件事。", "works": WORKS}},
    "staff": {
        "year": 2026,
        "unit": UNIT,
        "staff": {
            "leader": "柳和",
            "pay": {
                "total": {"now": 20, "before": 19},
                "women": {"now": 8, "before": None},
                "wages": {"now": 1200, "before": 1100},
                "bonus": {"now": 25},
            },
        },
    },
}
SUMS = {
    "works.sums[民生]": (42, 69.3),
    "works.sums[产业]": (None, None),
    "works.sums[生态]": (400, 0.3),
    "works.sums": (442, 69.6),
}


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    """The forms of these tests are found."""
    places = forms_in(Path(__file__).parents[1] / "forms")
    with forms.use_search_path(forms.search_path().extended(places)):
        yield


def book(form: str, prefill: Any = "all") -> Any:
    (made_book,) = made(form, copy.deepcopy(RECORDS[form]), prefill=prefill).values()
    return made_book


def sums_of(reading: Reading) -> dict[str, tuple[Any, ...]]:
    """What each row of sums shows, by its id."""
    shown: dict[str, tuple[Any, ...]] = {}
    answers = flatten(reading.located.form, reading.submission.record)
    for read in read_sums(reading.located, answers):
        value = shown_sum(read, reading.located.form)
        assert value == read.value
        shown[read.sums.id] = (*shown.get(read.sums.id, ()), value)
    return shown


def whole(data: bytes | Path) -> Reading:
    """A sheet that was read without any doubt."""
    (reading,) = returned(data)
    sheet = reading.submission
    assert (sheet.disputed, sheet.unplaced, [doubt for doubt in sheet.doubts if doubt.kind != "other_format"]) == ((), (), [])
    return reading


@pytest.mark.parametrize("form", RECORDS)
def test_what_is_filled_in_comes_back(form: str) -> None:
    reading = whole(stamp_book(book(form)))
    (root,) = RECORDS[form].keys() - {"year", "unit"}
    assert reading.submission.record == RECORDS[form][root]
    assert sums_of(reading) == (SUMS if form == "quarterly" else {})



"""The law of an answer's own limits: what the sheet refuses and colours is what is found on return, and nothing else.

Values on both sides of every border are pasted into one sheet for each severity; LibreOffice judges the validations and
the conditional formats, perfxl the workbook that comes back.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from office.libreoffice import LibreOffice
from workbook.conftest import address, flagged, made, reviewed

from perfxl import rules
from perfxl.form import installed as forms
from perfxl.form.answers import flatten
from perfxl.form.form import Field
from perfxl.form.search_path import forms_in
from perfxl.rules.limits import CODES
from perfxl.rules.policy import default_policy
from perfxl.workbook.ooxml.formula import address as cell_name
from perfxl.workbook.sheet import colours
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.sheet.self_check import UNFILLED, count_unfilled
from perfxl.workbook.writing.stamp import stamp_book
from perfxl.workbook.writing.validations import own_validation

SOURCE = Path(__file__).with_name("limits.yaml").read_text(encoding="utf-8")
TODAY = datetime.date.today()
DAYS = [(datetime.date(2026, 3, 1) + datetime.timedelta(days)).isoformat() for days in (-1, 0, 1, 29, 30, 31)]
NEAR_TODAY = [(TODAY + datetime.timedelta(days)).isoformat() for days in (-1, 0, 1)]
CASES: dict[str, list[Any]] = {
    "kind": ["x", "y", None],
    "low": [2, 3, 4, "two", None, 7, -1],
    "most": [7.49, 7.5, 7.51, None, 3],
    "day": [*DAYS, None],
    "past": [*NEAR_TODAY, None],
    "share": [49, 50, 51, 100, 101, None],
    "paid": [14.99, 15, 15.01, 6, None, 6.01],
    "begins": ["07:29", "07:30", None],
    "ends": ["07:59", "08:00", "07:30", None],
    "short": ["ab", "abc", "abcd", None],
    "long": ["abcde", "abcdef", None],
    "tag": ["AB12", "AB1", "ab12", "none", "AB123", "*", None],
    "once": ["one", "two", "One", "*", "o*", None],
    "sum": [2, 5, 6, 7, None],
    "only": ["text", None],
    "pick": ["a", "b", "c", None],
    "need": ["text", None],
    "known": [7, 8, "N/A", "n/a?", None],
    "state": ["in use", "to scrap"],
}
HEADS = [
    {"bound": 7.5, "start": "2026-03-01", "agreed": True, "until": "2026-02-28", "reason": "because"},
    {"bound": 7.5, "start": "2026-03-01", "agreed": False, "until": "2026-03-01", "reason": "because"},
    {"bound": None, "start": None, "agreed": None, "until": "2026-03-01", "reason": None},
]


SEVERITIES = ("error", "warning", "hint")


@pytest.fixture(params=SEVERITIES)
def severity(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The form with this severity stands among the installed ones."""
    place = tmp_path / "limited"
    place.mkdir()
    (place / "form.yaml").write_text(SOURCE.replace("SEVERITY", request.param), encoding="utf-8")
    before = forms.search_path()
    forms.set_search_path(before.extended(forms_in(tmp_path)))
    yield request.param
    forms.set_search_path(before)


def records(seed: int) -> dict[str, Any]:
    draw = random.Random(seed)
    rows = [{id: draw.choice(values) for id, values in CASES.items()} for _ in range(12)]
    for at, values in enumerate(zip(*[(values * 12)[:12] for values in CASES.values()], strict=True)):
        if draw.random() < 0.5:  # each value of a column at least now and then, beside whatever else
            rows[at] |= dict(zip(CASES, values, strict=True))
    items = [{"number": at + 1, **head, "rows": rows} for at, head in enumerate(HEADS)]
    return {"year": 2026, "unit": {"code": "907001", "name": "U"}, "items": items}


def blank_book(count: int) -> Any:
    items = [{"number": at + 1} for at in range(count)]
    return made("limited", {"year": 2026, "unit": {"code": "907001", "name": "U"}, "items": items}, prefill="given")


def answer_cells(page: Page) -> dict[tuple[str, int, str], str]:
    """The open cells of a sheet by table, row and answer."""
    return {
        (box.table, box.index, box.field.id): address(box)
        for box in page.layout.boxes
        if box.field and not box.locked and box.role in ("field", "answer")
    }


def pasted(document: Any, page: Page, record: dict[str, Any]) -> None:
    """Put the answers of a record into its sheet, past every validation."""
    cells, form = answer_cells(page), page.layout.form
    for (table, _, id), cell in cells.items():
        if not table:
            document.write(page.name, cell, [[content(form.fields[id], record[id])]])
    columns = form.tables["rows"].columns
    block = [[content(column, row[id]) for id, column in columns.items()] for row in record["rows"]]
    document.write(page.name, cells["rows", 0, "kind"], block)


def content(asked: Field, value: Any) -> Any:
    shown = asked.type.show(value)
    return "" if shown is None else shown


@pytest.mark.office
@pytest.mark.parametrize("seed", [0])
def test_the_sheet_refuses_and_colours_what_the_return_finds(
    office: LibreOffice, tmp_path: Path, severity: str, seed: int
) -> None:
    told = records(seed)
    (book,) = blank_book(len(HEADS)).values()
    path = tmp_path / "limited.xlsx"
    path.write_bytes(stamp_book(book))
    refused: dict[str, set[str]] = {}
    looks: dict[str, Any] = {}
    unfilled: dict[str, Any] = {}
    with office.open(path) as document:
        for page, record in zip(book.pages, told["items"], strict=True):
            pasted(document, page, record)
        document.recalculate()
        for page in book.pages:
            refused[page.name] = set(document.show_invalid(page.name))
            looks[page.name] = document.looks(page.name)
            unfilled[page.name] = document.cell(page.name, cell_name(*page.checks.place(UNFILLED))).value
        document.save_as(tmp_path / "returned.xlsx")
    for page, (reading, found) in zip(book.pages, reviewed(tmp_path / "returned.xlsx"), strict=True):
        assert reading.submission.sheet == page.name
        assert unfilled[page.name] == counted(page, reading.submission.record)
        wrong: list[Any] = []
        for (table, row, id), cell in answer_cells(page).items():
            asked = page.layout.form.tables[table].columns[id] if table else page.layout.form.fields[id]
            mine = [
                one
                for one in found
                if f"{page.name}!{cell}" in one.cells and one.code.startswith("LM-") and one.code != "LM-01"
            ]
            own = [one for one in mine if "limit" in one.facts or one.code == "LM-08"]
            listed = bool(asked.type.drop_down())
            judged = [one for one in mine if one.severity == "error"]
            if listed:
                judged = [one for one in judged if one.code in ("LM-02", "LM-06", "LM-08")]
            expected = {colours.FLAG_FILLS["error" if one.severity == "error" else "warning"] for one in own
                        if one.severity in ("error", "warning")}  # fmt: skip
            shade = looks[page.name][cell].background
            value = record_value(reading.submission.record, table, row, id)
            if listed and any(one.code == "LM-08" and one.severity != "error" for one in mine):
                continue  # what is not asked for is said, and nothing else
            # a blank is circled where the list is empty, since it is no entry of it; but none can be typed
            if not (listed and value is None) and (cell in refused[page.name]) != bool(judged):
                wrong.append(("refused" if not judged else "let in", id, cell, value, [one.code for one in mine]))
            if own != mine:  # what its type refuses has no colour of its own
                continue
            if (shade in colours.FLAG_FILLS.values()) != bool(expected) or (expected and shade not in expected):
                wrong.append(("coloured", shade, expected, id, cell, value, [one.code for one in mine]))
        assert wrong == []


def record_value(record: Any, table: str, row: int, id: str) -> Any:
    if not table:
        return record.get(id)
    return record[table][row].get(id) if row < len(record[table]) else None


def counted(page: Page, record: Any) -> int:
    form = page.layout.form
    values = rules.Subject(form, record, rules.Unit(2026, "", "")).values
    return count_unfilled(form, flatten(form, record), values)


GOOD = {
    "kind": "x", "low": 3, "most": 7, "day": "2026-03-02", "past": "2026-03-02", "share": 5, "paid": 1, "begins": "08:00",
    "ends": "09:00", "short": "abc", "long": "abc", "tag": "AB12", "sum": 1, "only": "text", "pick": "a", "need": "text", "known": 1,
    "state": "in use",
}  # fmt: skip


@pytest.mark.office
@pytest.mark.parametrize("severity", ["error"], indirect=True)
def test_a_flag_clears_itself(office: LibreOffice, tmp_path: Path, severity: str) -> None:
    told = records(3)
    (book,) = made("limited", told).values()
    path = tmp_path / "flagged.xlsx"
    data = stamp_book(book)
    path.write_bytes(flagged(data))
    marks = [
        (reading.submission.sheet, cell.partition("!")[2])
        for reading, found in reviewed(data)
        for one in found
        if one.code.startswith("LM-") and one.code != "LM-06" and one.facts.get("whole") is not True
        for cell in one.cells
    ]
    assert {one.code for _, found in reviewed(data) for one in found} >= set(CODES.values())
    good = {"bound": 7.5, "start": "2026-03-01", "agreed": False, "until": "2026-03-01", "reason": "because"}
    with office.open(path) as document:
        document.recalculate()
        looks = {page.name: document.looks(page.name) for page in book.pages}
        assert [at for at in marks if looks[at[0]][at[1]].background != colours.FLAG_FILLS["error"]] == []
        for page in book.pages:
            rows = [{**GOOD, "once": f"once {row}"} for row in range(12)]
            pasted(document, page, {**good, "rows": rows})
        document.recalculate()
        looks = {page.name: document.looks(page.name) for page in book.pages}
        fills = {*colours.FLAG_FILLS.values(), colours.CHANGED_FILL} - {""}
        assert [at for at in marks if looks[at[0]][at[1]].background in fills] == []


def test_every_package_is_legal(severity: str, complaints: Callable[[bytes], list[Any]]) -> None:
    (book,) = made("limited", records(1)).values()
    assert complaints(stamp_book(book)) == []
    if severity == "error":
        assert complaints(flagged(stamp_book(book))) == []


@pytest.mark.parametrize("off", [False, True], ids=["types refuse", "types say nothing"])
def test_what_excel_does_follows_the_severity(severity: str, off: bool) -> None:
    (page, *_) = next(iter(blank_book(1).values())).pages
    form, policy = page.layout.form, default_policy()
    if off:  # so that of the day only its own limit is left to the sheet
        policy = replace(policy, severities={**policy.severities, "LM-03@limited.rows.paid": "off"})
    of_money = own_validation(page.layout, policy, "rows", form.tables["rows"].columns["paid"])
    of_text = own_validation(page.layout, policy, "rows", form.tables["rows"].columns["tag"])
    assert of_money.get("error_type") == ("stop" if severity == "error" and not off else None)
    assert of_text.get("error_type") == ("stop" if severity == "error" else None)
    for options in (of_money, of_text):
        assert len(options.get("error_message", "")) <= 255
        assert len(options.get("error_title", "")) <= 32


def test_what_was_not_changed_makes_no_rows(severity: str) -> None:
    """A blank book with its defaults comes back as no answers at all."""
    (book,) = blank_book(1).values()
    ((reading, _),) = reviewed(stamp_book(book))
    assert reading.submission.record["rows"] == []
    assert reading.submission.doubts == ()


def test_a_row_with_its_default_is_a_row_like_any_other(severity: str) -> None:
    told = records(1)
    (book,) = made("limited", told).values()
    for (reading, _), item in zip(reviewed(stamp_book(book)), told["items"], strict=True):
        kept = [row for row in item["rows"] if any(value for id, value in row.items() if id != "state")]
        assert [row["state"] for row in reading.submission.record["rows"]] == [row["state"] for row in kept]

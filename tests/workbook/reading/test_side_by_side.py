"""Two tables side by side: each is found by its own headings and row keys, whatever happens to one half of the sheet."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office.libreoffice import LibreOffice
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from workbook.conftest import flagged, made, part, returned, reviewed
from workbook.correcting.test_correct import one
from workbook.forms.filling import type_record
from workbook.writing.test_stamp import agree

from perfxl.form import installed as forms
from perfxl.form.layout import blank_layout
from perfxl.form.search_path import forms_in
from perfxl.submission import Submission
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.writing.stamp import stamp_book

FOLDER = Path(__file__).parents[1] / "forms"
UNIT = {"code": "907001", "name": "Parish of Long Marsh"}
Record = dict[str, Any]


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    """The form of these tests is found."""
    with forms.use_search_path(forms.search_path().extended(forms_in(FOLDER))):
        yield


def balance(assets: int, debts: int) -> Record:
    """A balance with these numbers of rows, both sides of which come to the same where they have as many."""
    return {
        "day": "2026-12-31",
        "treasurer": "Ann Lee",
        "assets": [
            {"item": f"Boat {at}", "kind": "fixed" if at % 2 else "current", "value": 10.5 * at}
            for at in range(1, assets + 1)
        ],
        "debts": [{"item": f"Loan {at}", "value": 10.5 * at} for at in range(1, debts + 1)],
    }


def book(record: Record, prefill: Any = "all") -> Book:
    (only,) = made("balance", {"year": 2026, "unit": UNIT, "balance": record}, prefill=prefill).values()
    return only


def read(data: bytes | Path) -> Submission:
    (reading,) = returned(data)
    return reading.submission


# --- as it is written -------------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 6), st.integers(0, 40))
def test_any_number_of_rows_comes_back(assets: int, debts: int) -> None:
    record = balance(assets, debts)
    sheet = read(stamp_book(book(record)))
    assert sheet.record == record
    assert (sheet.doubts, sheet.unplaced, sheet.disputed, sheet.miscalculated) == ((), (), (), ())


@pytest.mark.parametrize(("assets", "debts"), [(0, 0), (1, 5), (6, 9), (6, 0)])
def test_rows_headers_and_totals_are_aligned(assets: int, debts: int) -> None:
    made_book = book(balance(assets, debts))
    agree(made_book)
    layout = made_book.pages[0].layout
    left, right = layout.tables["assets"], layout.tables["debts"]
    assert (left.header, left.first, left.end) == (right.header, right.first, right.end)
    # the shorter one has spare rows as far as it may, then one grey cell a row
    assert len(left.slots) == min(6, len(right.slots))
    assert (left.key_column, right.key_column) == (0, layout.last_column + 1)
    keys = [made_book.pages[0].cells[row, 0] for row in range(left.first, left.last + 1)]
    keys += [made_book.pages[0].cells[row, right.key_column] for row in range(right.first, right.last + 1)]
    assert len({*keys}) == len(keys)
    assert [int(str(key)[:-1]) for key in keys] == list(range(1, len(keys) + 1))


# --- what people do to one half -------------------------------------------------------------------------------------

# columns: A row keys; B C D assets; E F debts; G row keys. Rows: 4 5 header; 6 to 11 answers; 12 totals; 13 the head
Change = Callable[[Worksheet], None]
LAST = 20


def moved(first: str, last: str, rows: int = 0, columns: int = 0) -> Change:
    """A range is cut and put elsewhere, with its merges."""

    def change(sheet: Worksheet) -> None:
        area = openpyxl.worksheet.cell_range.CellRange(f"{first}:{last}")
        for merge in sheet.merged_cells.ranges:
            if area.issuperset(merge):
                merge.shift(columns, rows)
        sheet.move_range(f"{first}:{last}", rows=rows, cols=columns)

    return change


def blank(area: str) -> Change:
    """The cells of a column are emptied."""

    def change(sheet: Worksheet) -> None:
        for (cell,) in sheet[area]:
            cell.value = None

    return change


def upside_down(first: str, last: str) -> Change:
    """The rows of a range are sorted the other way round."""

    def change(sheet: Worksheet) -> None:
        rows = sheet[f"{first}:{last}"]
        values = [[cell.value for cell in row] for row in rows]
        for row, others in zip(rows, reversed(values), strict=True):
            for cell, value in zip(row, others, strict=True):
                cell.value = value

    return change


ROWS_STAY: dict[str, tuple[Change, bool]] = {
    "a row put in": (moved("A7", f"L{LAST}", 1), False),
    "a row put in above the totals": (moved("A12", f"L{LAST}", 1), False),
    "a row put into the left half": (moved("B7", f"D{LAST}", 1), True),
    "a row put into the left half with its keys": (moved("A7", f"D{LAST}", 1), True),
    "a row put into the right half": (moved("E7", f"F{LAST}", 1), True),
    "a row put into the right half with its keys": (moved("E7", f"G{LAST}", 1), True),
    "the left half sorted with its keys": (upside_down("A6", "D7"), False),
    "the right half sorted with its keys": (upside_down("E6", "G10"), False),
    "the right half sorted without its keys": (upside_down("E6", "F10"), False),
    "all of it sorted": (upside_down("A6", "G11"), False),
    "the right half two rows down": (moved("E4", "G12", 2), True),
    "the keys of the left half gone": (blank("A6:A11"), True),
    "the keys of the right half gone": (blank("G6:G11"), False),
    "the mark of the right keys gone": (blank("G1:G1"), False),
}
"""What leaves all rows whole, and whether something must be asked about it."""


def changed(data: bytes, *changes: Change) -> bytes:
    """A workbook with its form sheet changed, as another program saves it."""
    found = openpyxl.load_workbook(io.BytesIO(data))
    for change in changes:
        change(found["Balance"])
    saved = io.BytesIO()
    found.save(saved)
    return saved.getvalue()


def asked(sheet: Submission) -> set[str]:
    """What is asked about a sheet that came back, but for formulas that openpyxl saves without their values."""
    return {doubt.kind for doubt in sheet.doubts} - {"not_calculated", "lost_marks"}


def rows_of(record: Record) -> list[list[str]]:
    """The rows of both tables, in no order."""
    tables = (record.get("assets") or [], record.get("debts") or [])
    return [sorted(repr(sorted(row.items())) for row in rows) for rows in tables]


@pytest.mark.parametrize("name", ROWS_STAY)
def test_no_row_is_lost(name: str) -> None:
    change, told = ROWS_STAY[name]
    record = balance(2, 5)
    sheet = read(changed(stamp_book(book(record)), change))
    assert rows_of(sheet.record) == rows_of(record)
    assert bool(asked(sheet)) or not told


ROWS_BREAK: dict[str, tuple[Change, set[str]]] = {
    "a part of the left half down": (moved("B7", f"C{LAST}", 1), {"slid"}),
    "a part of the right half down": (moved("F7", f"F{LAST}", 1), {"slid"}),
    "the left half up": (moved("B7", f"D{LAST}", -1), {"deleted_rows"}),
    "the right half up": (moved("E7", f"F{LAST}", -1), {"unplaced"}),
    "the right half up with its keys": (moved("E7", f"G{LAST}", -1), {"deleted_rows"}),
    "a row taken out": (moved("A7", f"L{LAST}", -1), {"deleted_rows"}),
    "a cell of the left taken out": (moved("D7", "L7", 0, -1), {"slid"}),
    "a cell of the right taken out": (moved("F7", "L7", 0, -1), {"slid"}),
    "a cell put in at the left": (moved("C7", "L7", 0, 1), {"slid"}),
    "a cell put in at the right": (moved("E7", "L7", 0, 1), {"slid"}),
    "the right half moved to the right": (moved("E4", "G12", 0, 1), {"dissent", "unplaced"}),
}
"""What tears rows apart, and what is asked about it."""


@pytest.mark.parametrize("name", ROWS_BREAK)
def test_what_is_torn_apart_is_asked_about(name: str) -> None:
    change, kinds = ROWS_BREAK[name]
    sheet = read(changed(stamp_book(book(balance(3, 5))), change))
    assert asked(sheet) >= kinds
    if "a cell" in name:
        (way,) = {doubt.facts["way"] for doubt in sheet.doubts if doubt.kind == "slid"}
        assert way == ("left" if "taken out" in name else "right")
        concerned = {
            field.partition("[")[0] for doubt in sheet.doubts if doubt.kind == "slid" for field in doubt.fields
        }
        assert concerned == {"assets", "debts"}


def test_the_labels_are_enough() -> None:
    def bare(sheet: Worksheet) -> None:
        for name in list(sheet.defined_names):
            del sheet.defined_names[name]
        for column in range(1, 13):
            sheet[f"{get_column_letter(column)}1"] = None

    record = balance(4, 9)
    assert rows_of(read(changed(stamp_book(book(record)), bare)).record) == rows_of(record)


# --- what comes of it -----------------------------------------------------------------------------------------------


def test_both_sides_are_compared_flagged_and_written_anew() -> None:
    record = balance(2, 5)
    record["debts"][4]["item"] = " Loan\u3000"
    record["debts"][3]["value"] = None
    data = stamp_book(book(record))
    ((reading, found),) = reviewed(data)
    codes = {(finding.code, finding.fields) for finding in found}
    assert {("LM-01", ("debts[3].value",)), ("TX-01", ("debts[4].item",))} <= codes
    assert "BA-01" in {code for code, _ in codes}
    sheet = part(flagged(data), reading.located.sheet.entry.part)
    assert 'sqref="G9"' in sheet  # the mark of a blank stands beside its own half
    assert reading.located.row_key((8, 5)) != reading.located.row_key((8, 3))
    record["debts"][4]["item"] = "Loan"
    assert read(one(data).data).record == record


@pytest.mark.office
def test_filled_in_and_changed_at_libreoffice(office: LibreOffice, tmp_path: Path) -> None:
    record = balance(4, 4)
    (page,) = (sent := book(balance(0, 0), "given")).pages
    assert [len(table.slots) for table in page.layout.tables.values()] == [4, 4]
    (tmp_path / "sent.xlsx").write_bytes(stamp_book(sent))
    with office.open(tmp_path / "sent.xlsx") as document:
        assert type_record(document, page, record) == []
        document.save_as(tmp_path / "filled.xlsx")
        document.unprotect(page.name)
        document.insert_cells(page.name, "E7:F7", "DOWN")
        document.write(page.name, "E7", [["Loan put in", 7]])
        document.save_as(tmp_path / "changed.xlsx")
    sheet = read(tmp_path / "filled.xlsx")
    assert sheet.record == record
    assert not asked(sheet)
    ((_, found),) = reviewed(tmp_path / "filled.xlsx")
    assert [finding.code for finding in found if finding.severity == "error"] == []
    sheet = read(tmp_path / "changed.xlsx")
    put_in = [record["debts"][0], {"item": "Loan put in", "value": 7}, *record["debts"][1:]]
    assert (sheet.record["assets"], sheet.record["debts"]) == (record["assets"], put_in)


# --- the layout -----------------------------------------------------------------------------------------------------

SIDES = {
    "grouped": [
        {"kind": "near", "what": "a", "n": 1},
        {"kind": "near", "what": "b", "n": 2},
        {"kind": "far", "what": "c", "n": 4},
    ],
    "plain": [{"what": "d", "n": 8}],
    "third": [{"what": "e"}, {"what": "f"}],
}
FIXED = {
    "land": {"field": {"area": 3, "worth": 30}, "wood": {"area": 4}},
    "house": {"barn": {"rooms": 1}, "inn": {"rooms": 9}, "shed": {"rooms": 2}},
}


@pytest.mark.parametrize(("form", "record"), [("sides", SIDES), ("fixed", FIXED)])
def test_groups_letters_labels_at_the_side_and_fixed_lines(form: str, record: Record) -> None:
    (made_book,) = made(form, {"year": 2026, "unit": UNIT, form: record}).values()
    agree(made_book)
    sheet = read(stamp_book(made_book))
    assert sheet.record == record
    assert (sheet.doubts, sheet.unplaced, sheet.disputed, sheet.miscalculated) == ((), (), (), ())


def test_what_is_alike_stands_in_one_row() -> None:
    layout = blank_layout(forms.load("sides"))
    header = {(table.header, table.header_rows) for table in layout.tables.values()}
    assert (header, {table.first for table in layout.tables.values()}) == ({(2, 3)}, {6})
    assert {id: [sums.row for sums in table.sums] for id, table in layout.tables.items()} == {
        "grouped": [8, 11, 5],
        "plain": [15],
        "third": [],
    }
    assert layout.key_columns == (7, 8, 9)
    assert layout.last_row == 15
    # every cell of the three tables is covered
    columns = len(layout.form.sheet.columns)
    covered = sum(box.rows * box.columns for box in layout.boxes if box.row >= 2)
    assert covered == 14 * columns

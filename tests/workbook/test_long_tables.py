"""A table of hundreds of rows is written, read, followed and flagged as a small one is."""

from __future__ import annotations

import copy
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from workbook.conftest import flagged, reviewed, submissions
from workbook.long_table import book, installed_form, rows

from perfxl.form.form import LONG, MAX_ROWS, Form
from perfxl.form.layout import blank_layout
from perfxl.submission import Submission
from perfxl.workbook.flagging.heights import raise_rows
from perfxl.workbook.opinions import line
from perfxl.workbook.reading.rows import KEY
from perfxl.workbook.sheet.identity import is_own_key, key_number, row_key
from perfxl.workbook.writing.stamp import stamp_book

PRINTED = "24-907001-01-A1-L"
SMALL, LARGE = 12, 300
FIRST = 5
"""The first row of the table on the sheet, as people count."""


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Form]:
    with installed_form(tmp_path_factory.mktemp("assets")) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def sent(form: Form) -> dict[int, bytes]:
    return {count: stamp_book(book(form, count)) for count in (SMALL, LARGE)}


# The row keys


def test_every_row_has_a_key_of_its_own_that_is_known_again() -> None:
    keys = [row_key(PRINTED, row) for row in range(1, MAX_ROWS + 1)]
    assert len({*keys}) == MAX_ROWS
    assert all(KEY.fullmatch(key) and is_own_key(key, PRINTED) for key in keys)
    assert [key_number(key) for key in keys] == [*range(1, MAX_ROWS + 1)]


@pytest.mark.parametrize(("row", "digits"), [(1, "01"), (9, "09"), (99, "99"), (100, "100"), (1000, "1000")])
def test_a_key_has_two_digits_or_as_many_as_its_number(row: int, digits: str) -> None:
    assert row_key(PRINTED, row)[:-1] == digits


@pytest.mark.parametrize("text", ["1A", "010A", "00100A", "12345A", "12AB", "A12", "12a", "１２A", "0100A"])
def test_other_texts_are_no_keys(text: str) -> None:
    assert not KEY.fullmatch(text)


def test_keys_of_another_sheet_are_told_in_a_long_table_too(sent: dict[int, bytes]) -> None:
    other = row_key("24-907002-01-A1-K", 4999)
    assert other != row_key(_printed(sent[LARGE]), 4999)

    def paste(sheet: Worksheet) -> None:
        sheet.cell(FIRST + LARGE - 1, 1).value = other  # nor are thousands of rows said to be deleted before it

    found = changed(sent[LARGE], paste)
    told = [(doubt.kind, doubt.facts) for doubt in found.doubts if doubt.kind in ("foreign_rows", "deleted_rows")]
    assert told == [("foreign_rows", {"count": 1, "all": False})]


def _printed(data: bytes) -> str:
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    return str(sheet_of(workbook)["A1"].value).rpartition("|")[2]


# Rows that people move


def sheet_of(workbook: Any) -> Worksheet:
    found: Worksheet = workbook["资产1"]
    return found


def changed(data: bytes, change: Callable[[Worksheet], object]) -> Submission:
    """What is read of a workbook whose sheet was changed."""
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    change(sheet_of(workbook))
    target = io.BytesIO()
    workbook.save(target)
    (found,) = submissions(target.getvalue())
    return found


def values(sheet: Worksheet, row: int) -> list[Any]:
    return [sheet.cell(row, column).value for column in range(1, 12)]


def put(sheet: Worksheet, row: int, held: list[Any]) -> None:
    for column, value in enumerate(held, start=1):
        sheet.cell(row, column).value = value


def insert(sheet: Worksheet, count: int) -> None:
    """A row is put in after the third and filled in."""
    sheet.insert_rows(FIRST + 3)
    put(sheet, FIRST + 3, [None, *values(sheet, FIRST)[1:]])


def delete(sheet: Worksheet, count: int) -> None:
    """The second row and the one before the last are deleted."""
    sheet.delete_rows(FIRST + count - 2)
    sheet.delete_rows(FIRST + 1)


def sort(sheet: Worksheet, count: int) -> None:
    """The whole rows are sorted by the tag, downward."""
    held = [values(sheet, row) for row in range(FIRST, FIRST + count)]
    for at, row in enumerate(reversed(held)):
        put(sheet, FIRST + at, row)


def cut(sheet: Worksheet, count: int) -> None:
    """The last row is cut out and put in before the first."""
    held = values(sheet, FIRST + count - 1)
    sheet.delete_rows(FIRST + count - 1)
    sheet.insert_rows(FIRST)
    put(sheet, FIRST, held)


def unkey(sheet: Worksheet, count: int) -> None:
    """The keys of every third row are deleted."""
    for row in range(FIRST, FIRST + count, 3):
        sheet.cell(row, 1).value = None


Rows = list[dict[str, Any]]
EXPECTED: dict[Callable[[Worksheet, int], None], Callable[[Rows], Rows]] = {
    insert: lambda made: [*made[:3], made[0], *made[3:]],
    delete: lambda made: [made[0], *made[2:-2], made[-1]],
    sort: lambda made: made[::-1],
    cut: lambda made: [made[-1], *made[:-1]],
    unkey: lambda made: made,
}


@pytest.mark.parametrize("change", EXPECTED, ids=lambda change: change.__name__)
def test_rows_are_followed_as_in_a_small_table(change: Callable[..., None], sent: dict[int, bytes]) -> None:
    doubts = []
    for count, data in sent.items():
        found = changed(data, lambda sheet, count=count: change(sheet, count))  # type: ignore[misc]
        assert found.record["assets"] == EXPECTED[change](rows(count))
        assert found.unplaced == ()
        doubts.append([doubt.kind for doubt in found.doubts])
    assert doubts[0] == doubts[1]


def test_cells_that_slid_in_one_row_of_a_long_table_put_that_row_in_doubt_alone(sent: dict[int, bytes]) -> None:
    def slide(sheet: Worksheet) -> None:
        """The tag of a row is deleted with its cell, so that the others move to the left with their locks."""
        row = FIRST + 5
        for column in range(2, 12):
            after = sheet.cell(row, column + 1)
            sheet.cell(row, column).value = after.value
            sheet.cell(row, column).protection = copy.copy(after.protection)

    slid = {
        count: [doubt for doubt in changed(data, slide).doubts if doubt.kind == "slid"] for count, data in sent.items()
    }
    assert [doubt.fields for doubt in slid[LARGE]] == [doubt.fields for doubt in slid[SMALL]] != []


# One validation and one format for many cells


def covered(sqref: str) -> list[tuple[int, int]]:
    """The cells of some ranges."""
    cells: list[tuple[int, int]] = []
    for area in sqref.replace("$", "").split():
        left, top, right, bottom = openpyxl.utils.range_boundaries(area)
        cells += [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
    return cells


def test_a_long_column_has_one_validation_and_each_cell_the_one_of_a_small_table(sent: dict[int, bytes]) -> None:
    by_column: list[dict[str, set[str]]] = []
    for count, data in sent.items():
        found = sheet_of(openpyxl.load_workbook(io.BytesIO(data))).data_validations.dataValidation
        in_table = [one for one in found if covered(str(one.sqref))[0][0] >= FIRST]
        assert len(in_table) == (10 if count > LONG else 10 * count)
        cells = Counter(cell for one in in_table for cell in covered(str(one.sqref)))
        assert cells == Counter((row, column) for row in range(FIRST, FIRST + count) for column in range(2, 12))
        said: dict[str, set[str]] = {}
        for one in in_table:
            formulas = re.sub(r"\$\d+", "$", str((one.type, one.operator, one.formula1, one.formula2, one.error)))
            said.setdefault(get_column_letter(covered(str(one.sqref))[0][1]), set()).add(formulas)
        by_column.append(said)
    assert by_column[0] == by_column[1]


def test_flags_of_many_rows_share_a_format_and_each_cell_has_a_note_of_its_own(form: Form) -> None:
    wrong = {*range(0, LARGE, 2)}
    data = flagged(stamp_book(book(form, LARGE, wrong)))
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    sheet = sheet_of(workbook)
    formats = [(str(area.sqref), rule.formula[0]) for area in sheet.conditional_formatting for rule in area.rules]
    marked = [sqref for sqref, formula in formats if "ST-01" in formula]
    assert len(marked) == 1
    assert covered(marked[0]) == [(FIRST + at, 7) for at in sorted(wrong)]
    notes = {FIRST + at: sheet.cell(FIRST + at, 7).comment.text for at in wrong}
    made = rows(LARGE, wrong)
    assert all(f"{made[row - FIRST]['value']:g}元" in text for row, text in notes.items())
    texts = [str(value) for row in workbook["审核意见"].iter_rows(values_only=True) for value in row if value]
    assert [text for text in texts if "各不相同" in text] == ["单价乘数量：150处各不相同，错在哪里写在每格的批注里。"]
    assert flagged(data) == data


def test_what_a_check_says_of_few_places_is_listed_one_by_one(form: Form) -> None:
    ((reading, found), *_) = reviewed(stamp_book(book(form, LARGE, range(line._MOST_LINES))))
    (groups,) = line.group_findings([(reading, found)]).values()
    assert [len(group.findings) for group in groups] == [1] * line._MOST_LINES


def test_a_line_holds_no_more_findings_than_its_key_has_room_for(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "_MOST_FINDINGS", 80)
    ((reading, found), *_) = reviewed(stamp_book(book(form, LARGE, range(LARGE))))
    (groups,) = line.group_findings([(reading, found)]).values()
    assert [len(group.findings) for group in groups] == [80, 80, 80, 60]
    assert [finding for group in groups for finding in group.findings] == found


# The heights of rows

SHEET = (
    b'<sheetData><row r="1" ht="20" customHeight="1"><c r="A1"/></row><row spans="1:2" r="2" ht="50"/>'
    b'<x:row r="3"/><row r=\'30\'></row><row ht="1"></row></sheetData>'
)


@pytest.mark.parametrize(
    ("heights", "before", "after"),
    [
        ({0: 40.0}, b'r="1" ht="20" customHeight="1">', b'r="1" ht="40" customHeight="1">'),
        ({1: 40.0}, b"", b""),
        ({2: 40.5}, b'<x:row r="3"/>', b'<x:row r="3" ht="40.5" customHeight="1"/>'),
        ({29: 33.0}, b"r='30'>", b'r=\'30\' ht="33" customHeight="1">'),
        ({3: 33.0}, b"", b""),
        ({}, b"", b""),
    ],
)
def test_a_row_is_made_taller_and_never_smaller(heights: dict[int, float], before: bytes, after: bytes) -> None:
    assert raise_rows(SHEET, heights) == SHEET.replace(before, after, 1)


def test_a_blank_form_of_thousands_of_rows_is_laid_out(form: Form) -> None:
    assert blank_layout(form).tables["assets"].last == FIRST


def test_of_long_layouts_few_are_remembered(form: Form) -> None:
    layouts = [book(form, LONG + 1 + more).pages[0].layout for more in range(4)]
    assert book(form, LONG + 4).pages[0].layout is layouts[-1]
    assert book(form, LONG + 1).pages[0].layout is not layouts[0]
    assert book(form, LONG).pages[0].layout is book(form, LONG).pages[0].layout


def test_the_package_is_valid_blank_filled_and_flagged(
    form: Form, complaints: Callable[[bytes], list[Any]], sent: dict[int, bytes]
) -> None:
    assert complaints(sent[LARGE]) == []
    assert complaints(flagged(stamp_book(book(form, LARGE, range(LARGE))))) == []

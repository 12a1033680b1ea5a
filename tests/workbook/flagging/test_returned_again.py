"""Books that come back in unusual ways, and again: nobody innocent is blamed, and nothing that was said is lost."""

from __future__ import annotations

import io
import re
from copy import copy
from dataclasses import replace

import openpyxl
import pytest
from openpyxl.styles import Protection
from workbook.conftest import FORMS, example, flagged, inside, made, part, returned, some, submissions, with_parts

from perfxl.rules.lookalike import find_lookalikes
from perfxl.workbook.writing.stamp import stamp_book

NEVER = "not_calculated"  # what openpyxl saves has no calculated values
BELOW = 30  # rows


def stacked() -> bytes:
    """A book of two projects, the second one's form copied below the first one's, its sheet deleted."""
    book = openpyxl.load_workbook(io.BytesIO(some(2)))
    first, second = (book[name] for name in book.sheetnames if name.startswith("项目0"))
    for row in second.iter_rows(max_row=23, max_col=8):
        for cell in row:
            if type(cell).__name__ == "Cell":
                there = first.cell(cell.row + BELOW, cell.column, cell.value)
                there._style = copy(cell._style)
    for merge in second.merged_cells.ranges:
        merge.shift(row_shift=BELOW)
        first.merge_cells(str(merge))
    first["G53"], first["F6"], first["F36"] = None, 999, 888
    book.remove(second)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_a_sheets_names_say_nothing_of_what_stands_below() -> None:
    found = submissions(stacked())
    assert [each.record["number"] for each in found] == [1, 2]
    assert [each.record["budget"]["fiscal"] for each in found] == [999, 888]
    assert [{doubt.kind for doubt in each.doubts} - {NEVER} for each in found] == [
        {"stacked"}, {"stacked", "lost_marks"},
    ]  # fmt: skip


def test_every_form_of_a_sheet_is_flagged() -> None:
    data = flagged(stacked())
    notes = re.findall(r'<comment ref="(\w+)"', part(data, "xl/comments1.xml"))
    assert {"B4", "F6", "B34", "F36"} <= set(notes)
    assert part(data, "[Content_Types].xml").count("comments+xml") == 1
    colours = re.findall(r'sqref="(\w+)"><cfRule[^<>]*><formula>[^<>]*perfxl:[A-Z]', part(data, form_part(data)))
    assert {"F6", "F36"} <= set(colours)
    assert flagged(data) == data


def form_part(data: bytes) -> str:
    """The part of the workbook's first form sheet."""
    (first, *_) = returned(data)
    return first.located.sheet.entry.part


@pytest.mark.parametrize("form", FORMS)
def test_a_program_that_leaves_out_what_is_beneath_a_merge(form: str) -> None:
    """The cells beneath a merge show nothing, and some programs do not write them."""
    data = stamp_book(next(iter(made(form, example(form)).values())))
    sheet = part(data, form_part(data))
    merges = re.findall(r'<mergeCell ref="([A-Z]+\d+:[A-Z]+\d+)"', sheet)
    beneath = {cell for merge in merges for cell in [*inside(merge)][1:]}
    bare = re.sub(r'<c r="([A-Z]+\d+)" s="\d+"/>', lambda found: "" if found[1] in beneath else found[0], sheet)
    assert bare != sheet
    found = submissions(with_parts(data, {form_part(data): bare}))
    assert all(each.doubts == () for each in found)


def test_measures_without_any_mark() -> None:
    """A table of one column below another: its header and what stands below it are all that is left."""
    data = stamp_book(next(iter(made("department-goals").values())))
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = next(book[name] for name in book.sheetnames if book[name].defined_names)
    sheet.defined_names.clear()
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, 1).value = None
    there = io.BytesIO()
    book.save(there)
    (found,), (before,) = submissions(there.getvalue()), submissions(data)
    assert found.record == before.record
    assert {each.kind for each in found.doubts} - {NEVER} == {"lost_marks"}


def test_a_printed_code_within_an_answer_begins_no_form() -> None:
    book = openpyxl.load_workbook(io.BytesIO(some()))
    sheet = next(book[name] for name in book.sheetnames if name.startswith("项目0"))
    sheet["C10"] = "与另一项目（识别码24-907001-02-1-K）一并实施。"
    there = io.BytesIO()
    book.save(there)
    (found,) = submissions(there.getvalue())
    assert found.record["goals"] == ["与另一项目（识别码24-907001-02-1-K）一并实施。"]
    assert {each.kind for each in found.doubts} - {NEVER} == set()


def test_a_later_draft_is_no_copy_of_another_table() -> None:
    """Both drafts in one call; the project's code was not known in the first."""
    later = submissions(some(2))
    first = [replace(each, record={**each.record, "code": None}) for each in later]
    assert find_lookalikes([*first, *later]) == {}
    others = [replace(each, unit_code="907005") for each in later]
    assert find_lookalikes([*first, *others]).keys() == {0, 1, 2, 3}


@pytest.mark.parametrize("cells", ["E12:H17", "H12:H23", "E12:H23"])
def test_what_was_pasted_with_its_format_did_not_slide(cells: str) -> None:
    """A cell pasted from another workbook is locked, as cells are there; one of the row may be blank."""
    book = openpyxl.load_workbook(io.BytesIO(some()))
    sheet = next(book[name] for name in book.sheetnames if name.startswith("项目0"))
    for row in sheet[cells]:
        for cell in row:
            cell.protection = Protection(locked=True)
    sheet["H14"] = None
    there = io.BytesIO()
    book.save(there)
    (found,) = submissions(there.getvalue())
    assert {each.kind for each in found.doubts} - {NEVER} == set()

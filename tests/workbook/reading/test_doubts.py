"""What is said about how a sheet was read: one thing that people do, one doubt, and nobody innocent is blamed."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from workbook.conftest import example, made

from perfxl.finding import Finding
from perfxl.rules.review import review
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.writing.stamp import stamp_book

Book = openpyxl.Workbook
NEVER = "not_calculated"  # what openpyxl saves has no calculated values


@lru_cache(maxsize=4)
def sent(by: str) -> bytes:
    """A book of three of the examples' projects, or the first alone, filled in."""
    records = example("project-target")
    few = {**records, "projects": records["projects"][:3]}
    return stamp_book(next(iter(made("project-target", few, by).values())))  # type: ignore[arg-type]


def edited(change: Callable[[Book], object], by: str = "project") -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(sent(by)))
    change(book)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def form_sheet(book: Book) -> Worksheet:
    return book[next(name for name in book.sheetnames if name.startswith("项目0"))]


def read(data: bytes) -> list[Submission]:
    return [each.submission for each in read_workbook(Workbook(Package(data, "some.xlsx")))]


def on_form(change: Callable[[Worksheet], object]) -> Submission:
    (found,) = read(edited(lambda book: change(form_sheet(book))))
    return found


def kinds(submission: Submission) -> set[str]:
    return {each.kind for each in submission.doubts} - {NEVER}


def findings(*submissions: Submission) -> list[Finding]:
    return [finding for _, found in review(submissions) for finding in found]


def put(**cells: Any) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        for cell, value in cells.items():
            sheet[cell] = value

    return change


# G7: no cell of a field; F6: 财政资金 (6.52); C10: goals; rows 12–23: indicators, E–H typed cells, 18, 19, 21, 23 spare


def test_as_it_went_out_there_is_nothing_to_say() -> None:
    for by in ("unit", "project"):
        assert all(each.doubts == () for each in read(sent(by)))


def test_never_calculated_says_so_and_blames_no_innocent_cell() -> None:
    """Filled in and saved by a program: no formula has a value, neither the sheet's own nor an answer."""
    plain = {(each.code, each.fields) for each in findings(*read(sent("project")))}
    found = findings(on_form(lambda sheet: None))
    assert {(each.code, each.fields) for each in found} - plain == {("RD-18", ("unit",))}
    with_answer = on_form(put(F6="=6+0.52"))
    assert with_answer.record["budget"]["fiscal"] is None
    new = {(each.code, each.fields) for each in findings(with_answer)} - plain
    assert new == {("RD-18", ("unit",)), ("RD-17", ("budget.fiscal",))}


def calculated(cell: str, formula: str, value: str) -> bytes:
    """The book with a formula and its value in a cell, as Excel saves it."""
    import re

    from perfxl.workbook.ooxml.zip_file import pack, write_zip

    package = Package(sent("project"), "some.xlsx")
    parts = {name: package.read(name) for name in package.entries}
    sheet = "xl/worksheets/sheet1.xml"
    pattern = rf'<c r="{cell}"( s="\d+")[^>]*>.*?</c>'.encode()
    kind = ' t="e"' if value.startswith("#") else ""
    new = rf'<c r="{cell}"\1{kind}><f>{formula}</f><v>{value}</v></c>'.encode()
    parts[sheet], count = re.subn(pattern, new, parts[sheet], count=1)
    assert count == 1
    return write_zip(pack(name, data) for name, data in parts.items())


@pytest.mark.parametrize(
    ("formula", "value", "kind", "holds"),
    [
        ("6+0.52", "6.52", "formula", 6.52),
        ("[1]Sheet1!A1", "6.52", "outside_formula", 6.52),
        ("#REF!+1", "#REF!", "error_value", "#REF!"),
    ],
)
def test_answers_that_are_formulas(formula: str, value: str, kind: str, holds: object) -> None:
    (found,) = read(calculated("F6", formula, value))
    assert [(each.kind, each.fields) for each in found.doubts] == [(kind, ("budget.fiscal",))]
    assert found.record["budget"]["fiscal"] == holds
    codes = {each.code for each in findings(found) if "budget.fiscal" in each.fields}
    assert codes == {{"formula": "RD-20", "outside_formula": "RD-21", "error_value": "RD-19"}[kind]}


def test_hidden_rows_with_answers() -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[14].hidden = True
        sheet.row_dimensions[18].hidden = True  # a spare row: nothing stands there

    (doubt,) = (each for each in on_form(hide).doubts if each.kind != NEVER)
    assert (doubt.kind, doubt.facts["rows"]) == ("hidden_rows", [14])
    assert "indicators[2].target" in doubt.fields


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read(state: str) -> None:
    def hide(book: Book) -> None:
        form_sheet(book).sheet_state = state

    (found,) = read(edited(hide))
    assert kinds(found) == {"hidden_sheet"}


def test_a_hidden_sheet_without_names_is_read() -> None:
    def hide(book: Book) -> None:
        form_sheet(book).sheet_state = "hidden"
        form_sheet(book).defined_names.clear()

    (found,) = read(edited(hide))
    assert kinds(found) == {"hidden_sheet", "lost_marks"}
    assert found.record == read(sent("project"))[0].record


def test_a_sheet_of_the_book_is_missing() -> None:
    def delete(book: Book) -> None:
        del book[next(name for name in book.sheetnames if name.startswith("项目02"))]

    found = read(edited(delete, "unit"))
    (doubt,) = (each for each in found[0].doubts if each.kind == "missing_sheet")
    assert doubt.facts["count"] == 1
    assert len(found) == len(read(sent("unit"))) - 1


def test_added_sheets_are_named_and_empty_ones_are_not() -> None:
    def add(book: Book) -> None:
        book.create_sheet("Sheet1")
        book.create_sheet("明细")["A1"] = "村名"

    (found,) = read(edited(add))
    assert [each.facts["sheets"] for each in found.doubts if each.kind == "other_sheets"] == [["明细"]]


def test_rows_of_another_sheet_and_rows_that_stand_twice() -> None:
    keys = [row[0].value for row in form_sheet(openpyxl.load_workbook(io.BytesIO(sent("project"))))["A12:A23"]]
    foreign = on_form(put(A14="03" + ("B" if keys[2][2] == "A" else "A")))
    assert [each.fields[0] for each in foreign.doubts if each.kind == "foreign_rows"] == ["indicators[2].level1"]
    twice = on_form(put(A14=keys[1]))
    assert {"doubled_rows", "deleted_rows"} <= kinds(twice)


def test_what_stands_outside_of_all_fields_is_listed() -> None:
    found = on_form(put(C26="制表人：张三", K15=3.5, B25="合计"))
    (doubt,) = (each for each in found.doubts if each.kind == "unplaced")
    assert list(zip(doubt.facts["cells"], doubt.facts["texts"], strict=True)) == [
        ("K15", "3.5"), ("B25", "合计"), ("C26", "制表人：张三"),
    ]  # fmt: skip


def test_a_row_without_a_key_goes_on_with_the_one_above() -> None:
    """A cell of two paragraphs, pasted from Word, becomes two cells, and here a row was put in for the second."""

    def paste(sheet: Worksheet) -> None:
        for merge in [each for each in sheet.merged_cells.ranges if each.min_row > 12]:
            sheet.unmerge_cells(str(merge))
        sheet.insert_rows(14)
        sheet["F13"], sheet["F14"] = "设有村民小组的行政村，", "并已发放补贴的个数"

    found = on_form(paste)
    row = found.record["indicators"][1]
    assert row["description"] == "设有村民小组的行政村，\n并已发放补贴的个数"
    assert len(found.record["indicators"]) == 8
    assert [each.fields for each in found.doubts if each.kind == "joined_rows"] == [("indicators[1].description",)]


def test_a_copy_counts_once_and_two_versions_are_asked_about() -> None:
    def copy(change: Callable[[Worksheet], object]) -> Callable[[Book], None]:
        def made_(book: Book) -> None:
            change(book.copy_worksheet(form_sheet(book)))

        return made_

    (found,) = read(edited(copy(lambda sheet: None)))
    assert "copy" in kinds(found)
    both = read(edited(copy(put(F6=5))))
    assert [each.record["budget"]["fiscal"] for each in both] == [6.52, 5]
    assert all("twice" in kinds(each) for each in both)


def test_answers_of_another_sheet_are_noticed() -> None:
    """The inputs of one project pasted over those of another: no mark is changed by that."""

    def paste(book: Book) -> None:
        own, other = (book[name] for name in book.sheetnames if name.startswith(("项目01", "项目02")))
        for row in other["C6:H23"]:
            for cell in row:
                if not cell.protection.locked and type(cell).__name__ == "Cell":
                    own[cell.coordinate] = cell.value

    found = read(edited(paste, "unit"))
    said = [(each.code, each.sheet) for each in findings(*found) if each.code == "RD-27"]
    assert [sheet[:4] for _, sheet in said] == ["项目01", "项目02"]
    # and in a file by itself the amounts do not fit what was given
    alone = findings(found[0])
    assert {"MN-02"} <= {each.code for each in alone if each.severity == "error"}


def test_the_whole_sheet_of_another_unit() -> None:
    """Every cell of another unit's sheet pasted over this one's: the marks disagree."""
    records = example("project-target")
    other = {**records, "unit": {"code": "907005", "name": "清溪县柳溪镇农业服务中心"}}
    theirs = stamp_book(next(iter(made("project-target", other, "project").values())))
    source = form_sheet(openpyxl.load_workbook(io.BytesIO(theirs)))

    def paste(sheet: Worksheet) -> None:
        for row in source.iter_rows():
            for cell in row:
                if type(cell).__name__ == "Cell":
                    sheet[cell.coordinate] = cell.value

    found = on_form(paste)
    assert "identity" in kinds(found)
    assert found.unit_code == "907005"

"""Plain lists as workbooks: written like the other sheets, and read back by their headings, wherever these stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office.libreoffice import LibreOffice

from perfxl import rules
from perfxl.errors import ListError
from perfxl.form.characters import is_blank_text
from perfxl.workbook.lists import county
from perfxl.workbook.lists.list_workbook import Column, ListRow, Tab, Value, read_tab, write_tabs
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package

CHOICES = ("强制性", "核实性", "提示", *(f"一个很长的选项，写明第{n}种情形时应当怎么办" for n in range(20)))
COLUMNS = (Column("规则", 8, locked=True), Column("性质", 10, CHOICES), Column("要求", 50), Column("数值", 8))
ROWS: tuple[tuple[Value, ...], ...] = (
    ("MN-01", "强制性", "金额填数字。", 2.5),
    ("MN-02", None, "=1+1", 3),
    ("MN-03", "提示", "<r>x</r>", None),
    ("MN-04", None, "_x0041_ @a +b -c http://a.b\n第二行", 0),
)
TAB = Tab("审核规则", "本县的审核规则", "改“性质”一栏，其他栏不用改。", COLUMNS, ROWS, spare=3)
HEADINGS = tuple(column.heading for column in COLUMNS)


def opened(data: bytes) -> Workbook:
    return Workbook(Package(data, "list.xlsx"))


def values(rows: list[ListRow]) -> list[tuple[Value, ...]]:
    return [tuple(row.values[heading] for heading in HEADINGS) for row in rows]


def changed(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The workbook after somebody worked on its first tab."""
    book = openpyxl.load_workbook(BytesIO(data))
    change(book.worksheets[0])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_what_was_written_is_read() -> None:
    rows = read_tab(opened(write_tabs([TAB])), HEADINGS)
    assert values(rows) == list(ROWS)
    assert [row.number for row in rows] == [4, 5, 6, 7]
    assert rows[0].cell("性质") == "审核规则!B4"
    assert [row.text("数值") for row in rows] == ["2.5", "3", "", "0"]


DRAWN = st.text(min_size=1, max_size=40).filter(lambda text: not is_blank_text(text))
CELLS = st.none() | DRAWN | st.integers(-(10**9), 10**9)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS).filter(lambda row: row != (None, None)), max_size=8))
def test_any_text_comes_back_as_it_was(rows: list[tuple[Value, ...]]) -> None:
    tab = Tab("表", "题", "注", (Column("甲", 20), Column("乙", 20)), tuple(rows))
    found = read_tab(opened(write_tabs([tab])), ("甲", "乙"))
    # XML has no carriage return of its own, and a surrogate is no character
    assert [(row.values["甲"], row.values["乙"]) for row in found] == rows


def test_the_same_list_gives_the_same_bytes() -> None:
    assert write_tabs([TAB]) == write_tabs([TAB])


def test_the_package_is_one_that_excel_opens(complaints: Callable[[bytes], list[Any]]) -> None:
    assert complaints(write_tabs([TAB, replace(TAB, name="另一张")])) == []
    assert complaints(write_tabs(county.policy_tabs(rules.load_policy(None)))) == []


def test_it_looks_like_the_other_sheets() -> None:
    sheet = openpyxl.load_workbook(BytesIO(write_tabs([TAB]))).worksheets[0]
    assert sheet.freeze_panes == "A4"
    assert sheet.page_setup.paperSize == 9
    assert sheet.print_title_rows == "$3:$3"
    assert sheet["A3"].font.name == "黑体"
    assert sheet["C4"].font.name == "宋体"
    assert sheet["C4"].border.left.style == sheet["C10"].border.left.style == "thin"
    assert sheet["C10"].value is None
    assert sheet["C11"].border.left.style is None
    assert {cell.data_type for row in sheet["A4:D7"] for cell in row} <= {"s", "n"}, "a text became a formula"
    assert not sheet._hyperlinks


def test_only_columns_that_are_locked_are_locked_and_rows_can_be_added() -> None:
    book = openpyxl.load_workbook(
        BytesIO(write_tabs([TAB, replace(TAB, name="开", columns=tuple(replace(c, locked=False) for c in COLUMNS))]))
    )
    locked, free = book.worksheets[:2]
    assert locked.protection.sheet
    assert not free.protection.sheet
    assert locked["A4"].protection.locked
    assert not any(locked[cell].protection.locked for cell in ("B4", "C4", "D4", "B9"))


def test_drop_downs_of_any_length_refer_to_a_hidden_list(tmp_path: Path) -> None:
    assert len(",".join(CHOICES)) > 255
    path = tmp_path / "list.xlsx"
    path.write_bytes(write_tabs([TAB]))
    book = openpyxl.load_workbook(path)
    (check,) = book.worksheets[0].data_validations.dataValidation
    assert (str(check.sqref), check.formula1) == ("B4:B10", "px.list.1")
    assert [sheet.sheet_state for sheet in book.worksheets] == ["visible", "hidden"]
    assert [cell.value for cell in book.worksheets[1]["A"]] == list(CHOICES)


def test_a_list_is_found_by_its_headings_wherever_they_stand() -> None:
    def work(sheet: Any) -> None:
        sheet.title = "Sheet1 (2)"
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        sheet.delete_rows(1)  # the title
        sheet.move_range("A1:D20", cols=3, translate=False)
        for row in range(1, 12):  # 要求 comes first, and a column of somebody's own between
            sheet.cell(row, 1).value, sheet.cell(row, 6).value = sheet.cell(row, 6).value, None
            sheet.cell(row, 1).data_type = "s"  # openpyxl takes =1+1 for a formula
        sheet["B2"], sheet["B3"] = " 备 注 ", "与预算股商量过"
        sheet["E2"] = "性　质"
        sheet["B9"] = "只有备注"

    rows = read_tab(opened(changed(write_tabs([TAB]), work)), HEADINGS)
    expected = [*ROWS[:3], ("MN-04", None, "A @a +b -c http://a.b\n第二行", 0)]  # openpyxl does not escape _x0041_
    assert values(rows[:4]) == expected
    assert [dict(row.aside) for row in rows] == [{"备 注": "与预算股商量过"}, {}, {}, {}, {"备 注": "只有备注"}]
    assert rows[0].cell("要求") == "Sheet1 (2)!A3"


def test_blank_rows_are_left_out_and_white_space_is_nothing() -> None:
    def work(sheet: Any) -> None:
        sheet["B5"], sheet["C5"], sheet["D5"], sheet["A5"] = " ", "\n", None, "　"

    assert [row.number for row in read_tab(opened(changed(write_tabs([TAB]), work)), HEADINGS)] == [4, 6, 7]


def test_a_list_without_its_headings_is_not_guessed_at() -> None:
    with pytest.raises(ListError) as caught:
        read_tab(opened(write_tabs([TAB])), (*HEADINGS, "说明"))
    assert caught.value.facts == {"file": "list.xlsx", "what": "no_headings", "headings": (*HEADINGS, "说明")}


def test_an_empty_list_has_no_rows() -> None:
    assert read_tab(opened(write_tabs([replace(TAB, rows=())])), HEADINGS) == []


def test_it_survives_libreoffice(office: LibreOffice, tmp_path: Path) -> None:
    source, target = tmp_path / "list.xlsx", tmp_path / "saved.xlsx"
    source.write_bytes(write_tabs([TAB]))
    office.convert(source, target)
    assert values(read_tab(opened(target.read_bytes()), HEADINGS)) == list(ROWS)


def test_a_county_workbook_survives_libreoffice(office: LibreOffice, tmp_path: Path) -> None:
    source, target = tmp_path / "rules.xlsx", tmp_path / "saved.xlsx"
    source.write_bytes(write_tabs(county.policy_tabs(rules.load_policy(None))))
    office.convert(source, target)
    policy, mistakes = county.read_policy_workbook(opened(target.read_bytes()))
    assert mistakes == ()
    assert (policy.words, policy.limits) == (rules.load_policy(None).words, rules.load_policy(None).limits)

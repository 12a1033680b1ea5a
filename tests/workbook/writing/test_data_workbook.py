"""A workbook of data for pivot tables: any text comes back as it was, numbers are numbers, every sheet is a table."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from perfxl.workbook.writing.data_workbook import LONGEST_TEXT, NUMBER, TEXT, DataColumn, DataSheet, write_data_workbook

COLUMNS = (DataColumn("编码"), DataColumn("金额（万元）", format="#,##0.00"), DataColumn("项目"))


def written(*sheets: DataSheet) -> bytes:
    stream = io.BytesIO()
    write_data_workbook(sheets, stream)
    return stream.getvalue()


def read(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(TEXTS, st.floats(-1e12, 1e12) | st.integers(-(10**9), 10**9), TEXTS), max_size=4))
def test_every_value_comes_back_as_it_was(rows: list[tuple[str, float, str]]) -> None:
    sheet = read(written(DataSheet("数据", COLUMNS, rows)))["数据"]
    for at, row in enumerate(rows, start=2):
        found = [sheet.cell(at, column) for column in (1, 2, 3)]
        assert [cell.data_type for cell in found] == ["s", "n", "s"]
        assert (unescape(found[0].value), found[1].value, unescape(found[2].value)) == row


def test_texts_are_texts_and_the_heading_stays_in_view() -> None:
    data = written(DataSheet("数据", COLUMNS, [("007", 6.5, "=1+1"), ("99019924", "约6万", "<r>甲</r>")]))
    sheet = read(data)["数据"]
    assert [cell.value for cell in sheet[2]] == ["007", 6.5, "=1+1"]
    assert [cell.value for cell in sheet[3]] == ["99019924", "约6万", "<r>甲</r>"]
    assert b"<f>" not in data
    assert [cell.number_format for cell in sheet[2]] == ["@", "#,##0.00", "@"]
    assert (sheet.freeze_panes, sheet.tables["table_1"].ref) == ("A2", "A1:C3")
    assert sheet.tables["table_1"].column_names == [column.heading for column in COLUMNS]
    assert sheet.tables["table_1"].autoFilter.ref == "A1:C3"


def test_the_same_rows_give_the_same_bytes() -> None:
    sheets = [DataSheet("数据", COLUMNS, [("1", 2.0, "三")])]
    assert written(*sheets) == written(*sheets)


def test_it_obeys_the_schemas(complaints: Any) -> None:
    columns = (DataColumn("a\nb & <c>"), DataColumn("数", format=NUMBER), DataColumn('"引号"', format=TEXT))
    long = "长" * (LONGEST_TEXT + 5)
    sheets = (
        DataSheet("一", columns, [("\x01\uffff_x0041_", None, long), ("a", 1, " b ")]),
        DataSheet("空", columns, []),
    )
    assert complaints(written(*sheets)) == []


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("a/b:c*", "A_B_C_"), ["a_b_c_", "A_B_C_-2"]),
        (("表" * 40, "表" * 40), ["表" * 31, "表" * 29 + "-2"]),
        (("𠀀" * 20, ""), ["𠀀" * 15, "_"]),
        (("'引'", "说明"), ["_引_", "说明"]),
    ],
)
def test_names_of_sheets_are_such_as_excel_takes(names: tuple[str, ...], found: list[str]) -> None:
    assert read(written(*(DataSheet(name, COLUMNS, []) for name in names))).sheetnames == found


def test_a_text_longer_than_a_cell_ends_in_dots() -> None:
    sheet = read(written(DataSheet("数据", COLUMNS, [("长" * (LONGEST_TEXT + 1), 1, "b")])))["数据"]
    assert len(sheet["A2"].value) == LONGEST_TEXT
    assert sheet["A2"].value.endswith("长…")

"""The judge sees a cell's lock through its own, its row's and its column's style, and validations cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import Workbook

from judges import openpyxl_judge as judge


@pytest.fixture
def workbook(tmp_path: Path) -> Workbook:
    path = tmp_path / "a.xlsx"
    made = xlsxwriter.Workbook(str(path))
    sheet, lists, bare = made.add_worksheet("表一"), made.add_worksheet("li'sts"), made.add_worksheet("bare")
    free, locked = made.add_format({"locked": False}), made.add_format({"bold": True})
    made.define_name("px.list", "='li''sts'!$A$1:$A$3")
    made.define_name("表一!px.list2", "='li''sts'!$A$2:$A$3")
    lists.write_column("A1", ["甲", "乙", 3])
    sheet.set_column("F:G", 9, free)
    sheet.set_column("A:A", 9, locked)
    sheet.set_row(6, None, free)
    sheet.set_row(7, 30)
    sheet.write("A1", "locked")
    sheet.write_blank("B2", None, free)
    sheet.write_blank("G2", None, locked)
    sheet.write_blank("B7", None, locked)
    sheet.merge_range("B4:C5", "", free)
    for place, options in {
        "B2": {"validate": "list", "source": "=px.list"},
        "B4": {"validate": "list", "source": "=px.list2"},
        "F1:G2": {"validate": "list", "source": ["是", "否"]},
        "F4": {"validate": "list", "source": "='li''sts'!$A$1:$A$2"},
        "F5": {"validate": "list", "source": '=INDIRECT("px."&"list")'},
        "F6": {"validate": "decimal", "criteria": ">", "value": 0},
    }.items():
        assert sheet.data_validation(place, options) == 0
    sheet.protect("secret", {"insert_rows": True, "format_columns": True})
    bare.write("A1", 1)
    made.close()
    return judge.opened(path)


def test_unlocked_cells_count_cell_row_and_column_styles(workbook: Workbook) -> None:
    assert judge.unlocked_cells(workbook["表一"]) == {"B2", "B4", "7:7", "F:G"}
    assert judge.unlocked_cells(workbook["bare"]) == set()


def test_an_unlocked_normal_style_unlocks_what_no_style_covers(workbook: Workbook) -> None:
    for number, stated in enumerate(workbook._protections):
        if not stated.locked:
            workbook._cell_styles[0].protectionId = number
    assert judge.unlocked_cells(workbook["表一"]) >= {"B:XFD", "7:7"}
    assert "A:A" not in judge.unlocked_cells(workbook["表一"])
    assert judge.unlocked_cells(workbook["bare"]) >= {"A:XFD"}


def test_validations_are_spread_over_their_cells(workbook: Workbook) -> None:
    found = judge.validations(workbook["表一"])
    assert set(found) == {"B2", "B4", "F1", "F2", "G1", "G2", "F4", "F5", "F6"}
    assert {len(each) for each in found.values()} == {1}
    assert found["F1"] == found["G2"]
    assert (found["F6"][0].type, found["F6"][0].operator, found["F6"][0].formula1) == ("decimal", "greaterThan", "0")
    found["F6"][0].sqref.add("A1:XFD1048576")
    with pytest.raises(ValueError, match="the validation of A1:XFD1048576 covers more than 200000 cells"):
        judge.validations(workbook["表一"])


@pytest.mark.parametrize(
    ("cell", "offered"),
    [("B2", ["甲", "乙", "3"]), ("B4", ["乙", "3"]), ("F1", ["是", "否"]), ("F4", ["甲", "乙"]), ("F5", None)],
)
def test_the_source_of_a_drop_down(workbook: Workbook, cell: str, offered: list[str] | None) -> None:
    sheet = workbook["表一"]
    assert judge.list_source(sheet, judge.validations(sheet)[cell][0]) == offered
    assert judge.named_values(sheet, "px.none") is None


def test_what_a_lock_allows(workbook: Workbook) -> None:
    stated = judge.protection(workbook["表一"])
    assert (stated.locked, stated.password) == (True, True)
    assert stated.allowed & {"insertRows", "formatColumns", "formatRows", "deleteRows", "sort"} == {
        "insertRows",
        "formatColumns",
    }
    assert {"selectLockedCells", "selectUnlockedCells"} <= stated.allowed
    assert not judge.protection(workbook["bare"]).locked

"""Groups with sums and tables of fixed lines: what is filled in comes back, sums are shown and are no answers."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office.libreoffice import LibreOffice
from workbook.conftest import made, returned, reviewed
from workbook.writing.test_stamp import agree

from perfxl import messages
from perfxl.form import installed as forms
from perfxl.form.answers import flatten
from perfxl.form.schema import record_schema
from perfxl.form.search_path import forms_in
from perfxl.form.table_rows import number_rows
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.reading.shown_sums import read_sums, shown_sum
from perfxl.workbook.reading.sums import sums_by_mark
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
RECORDS["hours"] = {
    "year": 2026,
    "unit": UNIT,
    "hours": {
        "who": "刘河",
        "packages": [
            {"ref": "W-02", "what": "巡河", "d": [7.5, None, 8, 8, 0.25], "share": 60},
            {"ref": "W-01", "what": "测流", "d": [0.1, 0.2, None, None, None], "share": 40},
        ],
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
    assert (sheet.disputed, sheet.unplaced, [doubt for doubt in sheet.doubts if doubt.kind != "other_format"]) == (
        (),
        (),
        [],
    )
    return reading


@pytest.mark.parametrize("form", RECORDS)
def test_what_is_filled_in_comes_back(form: str) -> None:
    reading = whole(stamp_book(book(form)))
    (root,) = RECORDS[form].keys() - {"year", "unit"}
    assert reading.submission.record == RECORDS[form][root]
    sums = {"quarterly": SUMS, "hours": {"packages.sums": (7.6, 0.2, 8, 8, 0.25)}}
    assert sums_of(reading) == sums.get(form, {})


def test_rows_are_numbered_after_those_that_have_a_number() -> None:
    assert [*number_rows("W-00", ["W-02", None, "", "W-05"], ["W-03"])] == ["W-02", "W-01", "W-04", "W-05"]
    assert [*number_rows("0", [None] * 11)][8:] == ["9", "10", "11"]


def test_a_row_that_was_added_has_the_next_free_number() -> None:
    opened, sheet = worksheet(stamp_book(book("hours")))
    assert [sheet.cell(row, 2).value for row in range(6, 10)] == ["W-02", "W-01", "W-03", "W-04"]
    sheet["C8"], sheet["D8"], sheet["B8"], sheet["A8"] = "清淤", 2, None, None
    (reading,) = returned(saved(opened))
    rows = reading.submission.record["packages"]
    assert [(row["ref"], row["what"]) for row in rows] == [("W-02", "巡河"), ("W-01", "测流"), ("W-03", "清淤")]


def test_a_repeated_column_is_a_list() -> None:
    schema = record_schema(forms.load("hours"))["properties"]["packages"]["items"]["properties"]["d"]
    assert (schema["type"], schema["maxItems"]) == (["array", "null"], 5)
    records = copy.deepcopy(RECORDS["hours"])
    records["hours"]["packages"][0]["d"] = [12.5, 12.5, 12.5, 12.5, 12.5]
    (made_book,) = made("hours", records).values()
    ((_, found),) = reviewed(stamp_book(made_book))
    (finding,) = (one for one in found if one.code == "GS-02")
    assert finding.fields == tuple(f"packages[0].d.{number}" for number in range(1, 6))
    assert messages.sentence(finding) == "第1条·1日等5处：“巡河”共62.5小时。"


def test_a_check_across_sums_of_columns_finds_each_column() -> None:
    records = copy.deepcopy(RECORDS["hours"])
    for row, hours in zip(records["hours"]["packages"], ([20, 20, None, 1, 24], [4, 4.25, None, 20, 3]), strict=True):
        row["d"] = hours
    (made_book,) = made("hours", records).values()
    ((_, found),) = reviewed(stamp_book(made_book))
    told = [messages.sentence(one) for one in found if one.code == "GS-01"]
    assert told == ["工作包：一天共24.25小时。", "工作包：一天共27小时。"]


@pytest.mark.parametrize("form", RECORDS)
@pytest.mark.parametrize("prefill", ["given", "all"])
def test_stamping_writes_what_xlsxwriter_writes(form: str, prefill: str) -> None:
    agree(book(form, prefill))


def worksheet(data: bytes) -> tuple[openpyxl.Workbook, Any]:
    opened = openpyxl.load_workbook(io.BytesIO(data))
    return opened, opened.worksheets[0]


def saved(opened: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    opened.save(stream)
    return stream.getvalue()


def test_sums_are_no_answers_where_the_marks_are_lost() -> None:
    opened, sheet = worksheet(stamp_book(book("quarterly")))
    for row in sheet.iter_rows(min_col=8, max_col=8):
        row[0].value = None
    sheet.delete_rows(1)
    (reading,) = returned(saved(opened))
    assert [row["task"] for row in reading.submission.record["works"]] == [work["task"] for work in WORKS]
    assert [*reading.located.tables["works"].sums.values()] == [*sums_by_mark(reading.located.form).values()]


def test_an_answer_of_a_line_is_found_by_its_line_where_the_marks_are_lost() -> None:
    opened, sheet = worksheet(stamp_book(book("staff")))
    for row in sheet.iter_rows(min_col=6, max_col=6):
        row[0].value = None
    for cell in sheet[1]:
        cell.value = None
    (reading,) = returned(saved(opened))
    assert reading.submission.record == RECORDS["staff"]["staff"]


def test_a_lost_line_is_not_found() -> None:
    opened, sheet = worksheet(stamp_book(book("staff")))
    (women,) = (cell.row for cell in sheet["A"] if cell.value == "其中：女性")
    for cell in sheet[women]:
        cell.value = None
    for name in [name for name in sheet.defined_names if "women" in name]:
        del sheet.defined_names[name]
    (reading,) = returned(saved(opened))
    assert set(reading.submission.disputed) == {"pay.women.now", "pay.women.before"}
    assert reading.submission.record["pay"]["total"] == {"now": 20, "before": 19}


def test_a_check_across_lines_finds_each_column() -> None:
    records = copy.deepcopy(RECORDS["staff"])
    records["staff"]["pay"]["women"] = {"now": 21, "before": 22}
    (made_book,) = made("staff", records).values()
    ((_, found),) = reviewed(stamp_book(made_book))
    assert [(one.code, one.fields) for one in found if one.code == "GZ-01"] == [
        ("GZ-01", ("pay.women.now",)),
        ("GZ-01", ("pay.women.before",)),
    ]


@pytest.mark.office
def test_sums_take_in_a_row_that_was_inserted_above_them(office: LibreOffice, tmp_path: Path) -> None:
    path = tmp_path / "quarterly.xlsx"
    path.write_bytes(stamp_book(book("quarterly")))
    with office.open(path) as document:
        (tab, *_) = document.sheets()
        written = document.values(tab, "K1:N1")
        document.recalculate()
        assert document.values(tab, "K1:N1") == written
        assert [document.cell(tab, at).value for at in ("C5", "C11", "C23", "N1")] == [442, 42, 400, 1]
        document.insert_rows(tab, 11, 1)
        document.write(tab, "B11", [["修整水渠", 5, 1.5]])
        document.recalculate()
        assert [document.cell(tab, at).value for at in ("C5", "C12", "C24", "N1")] == [447, 47, 400, 1]
        document.save_as(tmp_path / "saved.xlsx")
    (reading,) = returned(tmp_path / "saved.xlsx")
    works = reading.submission.record["works"]
    assert [(row["area"], row["task"]) for row in works][2:] == [("民生", "修整水渠"), ("生态", "补种林木")]
    assert sums_of(reading) == {**SUMS, "works.sums[民生]": (47, 70.8), "works.sums": (447, 71.1)}


@pytest.mark.office
def test_totals_take_in_a_row_that_was_inserted_right_above_them(office: LibreOffice, tmp_path: Path) -> None:
    path = tmp_path / "hours.xlsx"
    path.write_bytes(stamp_book(book("hours")))
    with office.open(path) as document:
        (tab, *_) = document.sheets()
        document.insert_rows(tab, 10, 1)
        document.write(tab, "C10", [["清淤", 2, 3.5]])
        document.recalculate()
        assert document.values(tab, "D11:H11") == [[9.6, 3.7, 8, 8, 0.25]]
        document.save_as(tmp_path / "saved.xlsx")
    (reading,) = returned(tmp_path / "saved.xlsx")
    rows = reading.submission.record["packages"]
    assert [(row["ref"], row["what"], row["d"]) for row in rows][2:] == [("W-05", "清淤", [2, 3.5, None, None, None])]


amounts = st.none() | st.decimals(0, 10**6, places=2).map(float)
works = st.fixed_dictionaries(
    {
        "area": st.sampled_from(["民生", "产业", "生态"]),
        "task": st.text("改造危房新建水窖", min_size=1, max_size=6),
        "plan": st.fixed_dictionaries({"number": st.none() | st.integers(0, 999), "money": amounts}),
        "kind": st.sampled_from([None, "新", "旧"]),
        "reason": st.none(),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(works, max_size=12), hours=st.lists(st.none() | st.integers(0, 24), min_size=5, max_size=5))
def test_whatever_is_filled_in_comes_back_with_its_sums(rows: list[dict[str, Any]], hours: list[int | None]) -> None:
    report = {"summary": "小结。", "works": rows}
    (made_book,) = made("quarterly", {**RECORDS["quarterly"], "report": report}).values()
    reading = whole(stamp_book(made_book))
    order = ["民生", "产业", "生态"]
    assert reading.submission.record["works"] == sorted(rows, key=lambda row: order.index(row["area"]))
    for id, (numbers, money) in sums_of(reading).items():
        counted = [row["plan"] for row in rows if id == "works.sums" or f"[{row['area']}]" in id]
        wanted = [plan["number"] for plan in counted if plan["number"] is not None]
        assert numbers == (sum(wanted) if wanted else None)
        wanted = [Decimal(str(plan["money"])) for plan in counted if plan["money"] is not None]
        assert money == (float(sum(wanted)) if wanted else None)
    packages = [{"ref": None, "what": "巡河", "d": hours, "share": None}]
    (made_book,) = made("hours", {**RECORDS["hours"], "hours": {"who": "刘河", "packages": packages}}).values()
    assert whole(stamp_book(made_book)).submission.record["packages"] == [{**packages[0], "ref": "W-01"}]

"""A form that extends another goes out filled in and locked; what comes back is held against it, the rows included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from form.test_inheritance import DONE, ROADS, write
from hypothesis import given, settings
from hypothesis import strategies as st
from workbook.conftest import example

import perfxl
from perfxl.form import installed
from perfxl.form.search_path import forms_in
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.sheet.given_rows import LONGEST, GivenRows, dump_rows, parse_rows
from perfxl.workbook.sheet.manual import describe_answers
from perfxl.workbook.writing import compile
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

RECORDS: Mapping[str, Any] = {
    "year": 2026,
    "unit": {"code": "907001", "name": "清溪县柳溪镇"},
    "roads": [
        {
            "number": number,
            "village": "Upper Mill",
            "length": 2.5,
            "note": "not asked again",
            "works": [
                {"what": "ditch", "target": 300, "basis": "measured"},
                {"what": "bridge", "target": 2, "basis": None},
                {"what": None, "target": None, "basis": "nothing given that is taken over"},
            ],
        }
        for number in (1, 2)
    ],
}
SHEET = "Done 1"


@pytest.fixture(autouse=True)
def known(tmp_path: Path) -> Iterator[None]:
    write(tmp_path, {"roads": ROADS, "done": DONE})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path))):
        yield


def issued(records: Mapping[str, Any] = RECORDS) -> bytes:
    (made,) = perfxl.generate(records, form="done")
    return made.data


def changed(data: bytes, *cells: tuple[str, Any], drop: int = 0) -> bytes:
    """The workbook with values typed into the first sheet, and a row deleted there."""
    book = openpyxl.load_workbook(BytesIO(data))
    sheet = book[SHEET]
    for cell, value in cells:
        sheet[cell] = value
    if drop:
        sheet.delete_rows(drop)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def grid(data: bytes) -> dict[str, Any]:
    sheet = openpyxl.load_workbook(BytesIO(data))[SHEET]
    return {cell.coordinate: cell for row in sheet.iter_rows() for cell in row if cell.value is not None}


def found(data: bytes) -> list[tuple[str, tuple[str, ...], Any, Any]]:
    checked = perfxl.check(data)
    return [
        (one.field, one.cells, one.facts["issued"], one.facts["found"])
        for one in checked.findings
        if one.code == "ID-08"
    ]


def cell_of(data: bytes, value: Any) -> str:
    return next(at for at, cell in grid(data).items() if cell.value == value)


def test_the_base_is_filled_in_and_locked_and_the_rest_is_open() -> None:
    data = issued()
    cells = grid(data)
    for value in ("Upper Mill", 2.5, "ditch", 300, "bridge"):
        assert cells[cell_of(data, value)].protection.locked
    assert "measured" not in [cell.value for cell in cells.values()]
    book = openpyxl.load_workbook(BytesIO(data))[SHEET]
    works = int(cell_of(data, "ditch")[1:])
    opened = [cell.coordinate for row in book.iter_rows() for cell in row if not cell.protection.locked]
    assert opened == [f"E{works - 2}", *(f"{letter}{row}" for row in (works, works + 1) for letter in "CE")]


def test_what_comes_back_unchanged_has_no_finding_and_goes_out_again() -> None:
    data = issued()
    works = int(cell_of(data, "ditch")[1:])
    filled = changed(data, (f"E{works - 2}", 2.4), (f"C{works}", 290), (f"E{works}", "rain"), (f"C{works + 1}", 2))
    assert not found(filled)
    read = perfxl.read(filled)
    records = read.records()
    assert records["roads"][0] == {
        "number": 1,
        "village": "Upper Mill",
        "length": 2.5,
        "built": 2.4,
        "works": [
            {"what": "ditch", "actual": 290, "target": 300, "why": "rain"},
            {"what": "bridge", "actual": 2, "target": 2, "why": None},
        ],
    }
    (again,) = perfxl.generate(records, form="done", prefill="all")
    assert perfxl.read(again.data).records() == records


def test_a_given_value_that_was_changed_is_found_and_put_back() -> None:
    data = issued()
    target, village = cell_of(data, 300), cell_of(data, "Upper Mill")
    typed = changed(data, (target, 30), (village, "Lower Mill"))
    assert found(typed) == [
        ("village", (f"{SHEET}!{village}",), "Upper Mill", "Lower Mill"),
        ("works[0].target", (f"{SHEET}!{target}",), "300", "30"),
    ]
    corrected = perfxl.correct(typed).files[0].data
    assert corrected
    assert not found(corrected)
    assert grid(corrected)[target].value == 300


def test_rows_that_changed_places_are_no_change_and_one_that_is_gone_is() -> None:
    data = issued()
    first = int(cell_of(data, "ditch")[1:])
    one, two = [[grid(data).get(f"{column}{row}") for column in "ABCDEF"] for row in (first, first + 1)]
    pairs = [(f"{column}{first}", cell) for column, cell in zip("ABCDEF", two, strict=True)]
    pairs += [(f"{column}{first + 1}", cell) for column, cell in zip("ABCDEF", one, strict=True)]
    assert not found(changed(data, *((at, cell.value if cell else None) for at, cell in pairs)))
    assert found(changed(data, drop=first)) == [("works", (f"{SHEET}!B{first - 1}",), "ditch·300", "")]


def test_the_given_values_of_many_rows_stand_in_several_cells() -> None:
    long = GivenRows("works", ("what",), dict.fromkeys(range(1, 100), ("长" * 900,)))
    pieces = dump_rows("26-1-01-A1-K", [long])
    assert len(pieces) > 2
    assert max(map(len, pieces)) <= LONGEST
    parsed = [piece for text in pieces if (piece := parse_rows(text))]
    assert {code for code, _ in parsed} == {"26-1-01-A1-K"}
    assert {number: values for _, given in parsed for number, values in given.rows.items()} == long.rows


def test_more_than_a_cell_holds_comes_back_as_well(tmp_path: Path) -> None:
    longer = ROADS.replace("choices: [ditch, bridge]", f"choices: [ditch, {'b' * 250}]").replace("max: 9", "max: 300")
    write(tmp_path, {"roads": longer})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path, "working_folder"))):
        rows = [{"what": "b" * 250, "target": at + 0.5} for at in range(200)]
        data = issued({**RECORDS, "roads": [{"number": 1, "village": "x", "length": 1, "works": rows}]})
        typed = changed(data, (cell_of(data, 150.5), 7))
        assert [one[2:] for one in found(typed)] == [("150.5", "7")]


VALUES = st.none() | st.integers(-(10**9), 10**9) | st.text(max_size=40) | st.lists(st.text(max_size=9), max_size=3)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.integers(1, 9999), st.tuples(VALUES, VALUES), max_size=30, min_size=1))
def test_given_rows_are_read_as_they_were_written(rows: dict[int, tuple[Any, Any]]) -> None:
    given_rows = GivenRows("works", ("a", "b.c"), rows)
    parsed = [piece for text in dump_rows("K", [given_rows]) if (piece := parse_rows(text))]
    assert {number: values for _, piece in parsed for number, values in piece.rows.items()} == rows


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60) | st.recursive(VALUES, st.lists, max_leaves=8).map(repr))
def test_any_other_text_is_no_given_rows(text: str) -> None:
    for piece in ("[" + text, text, f'["K","works",["a"],{text}]', f'["K","works",[{text}],[[1,2]]]'):
        parsed = parse_rows(piece)
        assert parsed is None or all(len(values) == len(parsed[1].columns) for values in parsed[1].rows.values())


def test_stamping_writes_what_compiling_does() -> None:
    ((_, book),) = make_books(RECORDS, installed.load("done"), issue_of(RECORDS))
    stamped = Workbook(Package(stamp_book(book), "a.xlsx"))
    compiled = compile.compile_book(book)
    sheet = stamped.sheet(stamped.sheets[-1]).texts
    assert any(text.startswith('["26-907001-01') for text in sheet.values())
    assert {name for name in compiled if "sharedStrings" not in name} == {*stamped.package.names}
    readings = read_workbook(stamped)
    assert [reading.submission.issued["works[1].target"] for reading in readings] == [2, 2]


def test_the_manual_says_where_an_answer_comes_from() -> None:
    told = {label: (need, text) for label, need, text in describe_answers(installed.load("done"))}
    assert "Roads" in told["What"][1]
    assert "Roads" in told["Village"][1]
    assert "Roads" not in told["Built"][1]


EVALUATION = """\
form: project-evaluation
version: "2026.1"
label: 项目支出绩效自评表
extends: project-target@2024.1
drop: [purpose, goals, plan.march, plan.june, plan.october, plan.december, indicators.description, indicators.basis]
title: "{{ year }}年度{{ name }}绩效自评表"
sheet: {name: "自评{{ '%02d' % number }}", columns: [9, 9, 14, 20, 13, 13, 8, 22], start: B2}
fields:
  spent: {type: money, unit: 万元, label: 全年执行数, required: true}
tables:
  indicators:
    columns:
      actual: {type: indicator_value, label: 实际完成值, after: target, required: true}
      score: {type: decimal, decimals: 2, label: 得分, required: true}
      reason: {type: text, label: 偏差原因}
layout:
  - [{title: true, span: 8}]
  - [{text: "{{ unit.code }}{{ unit.name }}", style: plain, span: 4}, {mark: code, span: 4}]
  - [项目编码, {field: code, span: 3}, 项目名称, {field: name, span: 3}]
  - [预算数, {field: budget.total}, 财政资金, {field: budget.fiscal}, 其他资金, {field: budget.other}, 全年执行数, {field: spent}]
  - {table: indicators}
"""


def test_an_evaluation_is_made_of_the_records_of_the_targets(tmp_path: Path) -> None:
    write(tmp_path, {"project-evaluation": EVALUATION})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path, "working_folder"))):
        records = example("project-target")
        (made,) = perfxl.generate(records, form="project-evaluation")
        assert made.sheets == len(records["projects"])
        read = perfxl.read(made.data)
        assert not [one for one in perfxl.check(made.data).findings if one.code == "ID-08"]
        for submission, project in zip(read.submissions, records["projects"], strict=True):
            rows = [(row["level2"], row["level3"], row["target"]) for row in submission.record["indicators"]]
            assert sorted(rows) == sorted(
                (row["level2"], row["level3"], row["target"]) for row in project["indicators"]
            )
            assert submission.record["budget"]["total"] == project["budget"]["total"]

"""Forms with a root, a key, issue values and a first sheet of their own: out, filled in, back, and out again the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from form.test_inheritance import write

import perfxl
from perfxl import messages
from perfxl.batch.issue_values import split_settings, typed
from perfxl.errors import NothingToDo, PerfxlError, RecordsError
from perfxl.form import installed
from perfxl.form.search_path import forms_in
from perfxl.records import dump, load
from perfxl.workbook.writing import compile
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book

CLAIM = """\
form: claim
version: "2026.1"
language: en
label: Travel claim
record: claims[]
key: number
issue: [year, quarter, place]
overview: [payable, number, traveller, day, paid]
title: "Claim {{ number }} of {{ place }}"
sheet: {name: "C{{ number }}", columns: [18, 18, 18], start: B2}
fields:
  number: {type: integer, label: No, given: true}
  traveller: {type: text, label: Traveller}
  day: {type: date, label: Day}
  payable: {type: money, unit: EUR, label: Payable}
  paid: {type: money, unit: EUR, label: Paid, given: true}
  share: {type: percent, label: Share}
layout:
  - [{title: true, span: 2}, {mark: code}]
  - [No, {field: number}, "Q{{ quarter }}"]
  - [Traveller, {field: traveller, span: 2}]
  - [Day, {field: day, span: 2}]
  - [Payable, {field: payable, span: 2}]
  - [Paid, {field: paid, span: 2}]
  - [Share, {field: share, span: 2}]
rules:
  - {code: TR-01, title: Within the quarter, assert: share <= quarter * 25, on: [share], message: "{{ share }} in {{ quarter }}"}
"""
STOCK = """\
form: stock
version: "2026.1"
language: en
label: Stock
record: inventory
title: Stock of {{ unit.name }}
sheet: {name: Stock, columns: [18, 18, 18], start: B2}
fields:
  keeper: {type: text, label: Keeper}
tables:
  things:
    rows: {min: 2, spare: 2, max: 9}
    columns: {tag: {type: text, label: Tag, span: 2}, count: {type: integer, label: Count}}
layout:
  - [{title: true, span: 2}, {mark: code}]
  - [Keeper, {field: keeper, span: 2}]
  - {table: things}
"""
UNIT = {"code": "907001", "name": "清溪县柳溪镇"}
CLAIMS: Mapping[str, Any] = {
    "year": 2026,
    "unit": UNIT,
    "quarter": 3,
    "place": "Mill",
    "claims": [
        {"number": number, "traveller": who, "day": day, "payable": pay, "paid": 10.5, "share": 50}
        for number, who, day, pay in ((1, "Ada Moss", "2026-05-04", 120.25), (7, "=1+1", None, None))
    ],
}
THINGS = [{"tag": "AB0001", "count": 3}, {"tag": "AB0002", "count": 0}]
STOCKS: Mapping[str, Any] = {"year": 2026, "unit": UNIT, "inventory": {"keeper": "Ben Orr", "things": THINGS}}


@pytest.fixture(autouse=True)
def known(tmp_path: Path) -> Iterator[None]:
    write(tmp_path, {"claim": CLAIM, "stock": STOCK})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path))):
        yield


def edited(data: bytes, cells: Mapping[str, Any], tab: str = "C1") -> bytes:
    book = openpyxl.load_workbook(BytesIO(data))
    for cell, value in cells.items():
        book[tab][cell] = value
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(("form", "content"), [("claim", CLAIMS), ("stock", STOCKS)])
def test_out_and_back_is_the_same(tmp_path: Path, form: str, content: Mapping[str, Any]) -> None:
    dump(content, tmp_path / "records.yaml")
    loaded = load(tmp_path / "records.yaml")
    assert loaded == content
    (made,) = perfxl.generate(loaded, form=form, prefill="all")
    back = perfxl.read(made.data).records()
    assert back == content
    (again,) = perfxl.generate(back, form=form, prefill="all")
    assert again.data == made.data
    assert not [one for one in perfxl.check(made.data).findings if one.code != "RD-18"]
    assert perfxl.check(tmp_path / "records.yaml", form=form).findings == ()


def test_filled_in_by_hand_comes_back_under_its_own_root() -> None:
    (made,) = perfxl.generate({**CLAIMS, "claims": [{"number": 1, "paid": 10.5}]}, form="claim")
    back = perfxl.read(edited(made.data, {"C4": "Ada Moss", "C6": 12})).records()
    assert back["claims"] == [
        {"number": 1, "traveller": "Ada Moss", "day": None, "payable": 12, "paid": 10.5, "share": None}
    ]
    assert [*back] == ["year", "unit", "quarter", "place", "claims"]


def test_the_first_sheet_has_the_columns_that_the_form_names() -> None:
    (made,) = perfxl.generate(CLAIMS, form="claim", prefill="all")
    formulas = openpyxl.load_workbook(BytesIO(made.data))["Overview"]
    values = openpyxl.load_workbook(BytesIO(made.data), data_only=True)["Overview"]
    rows = [[cell.value for cell in row[:5]] for row in values.iter_rows(min_row=4, max_row=7)]
    assert rows == [
        ["Payable (EUR)", "No", "Traveller", "Day", "Paid (EUR)"],
        [120.25, "1", "Ada Moss", datetime(2026, 5, 4), 10.5],
        [0, "7", "=1+1", time(0), 10.5],
        [120.25, "Total", None, None, 21],
    ]
    assert [formulas.cell(row, 1).value for row in (5, 6, 7)] == [
        "=N('C1'!px.v.payable)",
        "=N('C7'!px.v.payable)",
        "=SUM(A5:A6)",
    ]
    assert formulas["B5"].hyperlink.location == "'C1'!A1"
    assert formulas["C5"].value.startswith("=IF(LEN('C1'!px.v.traveller)=0")
    assert formulas["E5"].value == 10.5


@pytest.mark.parametrize("overview", ["payable, day", "traveller", "number, paid"])
@pytest.mark.parametrize("prefill", ["given", "all"])
def test_stamping_writes_what_compiling_does(tmp_path: Path, overview: str, prefill: Any) -> None:
    write(tmp_path, {"claim": CLAIM.replace("payable, number, traveller, day, paid", overview)})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path, "working_folder"))):
        values = tuple((name, CLAIMS[name]) for name in ("quarter", "place"))
        ((_, book),) = make_books(CLAIMS, installed.load("claim"), issue_of(CLAIMS, values=values), "unit", prefill)
        stamped = openpyxl.load_workbook(BytesIO(stamp_book(book)), data_only=True)
        compiled = openpyxl.load_workbook(BytesIO(_zipped(compile.compile_book(book))), data_only=True)
        for one, other in zip(stamped.worksheets, compiled.worksheets, strict=True):
            rows = ([[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in (one, other))
            assert next(rows) == next(rows)


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    from perfxl.workbook.ooxml.zip_file import pack, write_zip

    return write_zip(pack(name, data) for name, data in parts.items())


def test_issue_values_stand_in_texts_checks_and_the_hidden_sheet() -> None:
    (made,) = perfxl.generate(CLAIMS, form="claim", values={"quarter": "1"}, prefill="all")
    sheet = openpyxl.load_workbook(BytesIO(made.data), data_only=True)["C1"]
    assert (sheet["B2"].value, sheet["D3"].value) == ("Claim 1 of Mill", "Q1")
    (broken, _) = (one for one in perfxl.check(made.data).findings if one.code == "TR-01")
    assert broken.facts["own_words"]["message"] == "50 in 1"
    records = perfxl.read(made.data).records()
    assert (records["quarter"], records["place"]) == (1, "Mill")


def test_an_issue_value_that_was_changed_on_the_sheet_is_found_and_put_back() -> None:
    (made,) = perfxl.generate(CLAIMS, form="claim", prefill="all")
    row = openpyxl.load_workbook(BytesIO(made.data))["C1"][1]
    (cell,) = (cell.coordinate for cell in row if cell.value == 3)
    typed_over = edited(made.data, {cell: 4})
    (found,) = (one for one in perfxl.check(typed_over).findings if one.code == "ID-08")
    assert (found.field, found.facts["issued"], found.facts["found"]) == ("quarter", "3", "4")
    corrected = perfxl.correct(typed_over).files[0].data
    assert corrected
    assert not [one for one in perfxl.check(corrected).findings if one.code == "ID-08"]


@pytest.mark.parametrize(
    ("values", "records", "what"),
    [
        ({}, {"quarter": None}, "no_issue_value"),
        ({"quarter": " "}, {}, "no_issue_value"),
        ({"quarter": "three"}, {}, "issue_value_no_number"),
        ({"quater": 3}, {}, "unknown_issue_value"),
        ({"year": 2025}, {}, "unknown_issue_value"),
        ({"place": "x" * 201}, {}, "bad_issue_value"),
        ({"place": True}, {}, "bad_issue_value"),
        ({}, {"town": "Mill"}, "unknown_key"),
    ],
)
def test_a_wrong_issue_value_is_one_sentence(values: Any, records: Mapping[str, Any], what: str) -> None:
    with pytest.raises(RecordsError) as caught:
        perfxl.generate({**CLAIMS, **records}, form="claim", values=values)
    assert caught.value.facts["what"] == what
    for lang in ("zh-CN", "en"):
        assert "None" not in messages.sentence(caught.value, lang)


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("-2", -2), ("2.50", 2.5), ("0", 0), ("007", "007"), ("1e3", "1e3"), ("三", "三"), ("1,000", "1,000"),
     ("9" * 16, "9" * 16), ("inf", "inf"), ("٣", "٣")],
)  # fmt: skip
def test_what_looks_like_a_number_is_one(text: str, value: Any) -> None:
    assert typed(text) == value
    assert type(typed(text)) is type(value)


@pytest.mark.parametrize(("texts", "told"), [(["a=1", " b = x=y "], {"a": "1", "b": "x=y"}), (["a"], None), (["=1"], None),
                                             (["a=1", "a=2"], None)])  # fmt: skip
def test_settings_are_names_and_values(texts: list[str], told: Mapping[str, str] | None) -> None:
    if told is not None:
        assert split_settings(texts) == told
        return
    with pytest.raises(RecordsError) as caught:
        split_settings(texts)
    assert texts[-1] in messages.sentence(caught.value, "en")


def test_sheets_of_two_quarters_do_not_go_into_one_file() -> None:
    made = [perfxl.generate(CLAIMS, form="claim", values={"quarter": quarter})[0].data for quarter in (3, 4)]
    with pytest.raises(NothingToDo) as caught:
        perfxl.read(*made).records()
    assert caught.value.facts["what"] == "several_values"


TYPED = (
    CLAIM.replace("label: No, given: true", "label: No")
    .replace('"Claim {{ number }} of', '"Claim of')
    .replace("C{{ number }}", "C1")
)
TEXT = TYPED.replace("number: {type: integer", "number: {type: text")


@pytest.mark.parametrize(("text", "keys"), [(TYPED, (5, 5)), (TEXT, ("TR-5", "ＴＲ-5 "))], ids=["number", "text"])
def test_a_key_that_people_type_may_be_blank_and_twice_is_a_finding(tmp_path: Path, text: str, keys: Any) -> None:
    write(tmp_path, {"claim": text})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path, "working_folder"))):
        (made,) = perfxl.generate({**CLAIMS, "claims": [{"paid": 1}, {"paid": 2}, {"paid": 3}]}, form="claim")
        assert [one for one in perfxl.check(made.data).findings if one.code == "ID-06"] == []
        filled = edited(edited(made.data, {"C3": keys[0]}), {"C3": keys[1]}, "C1-2")
        found = [one for one in perfxl.check(filled).findings if one.code == "ID-06"]
        assert [(one.field, one.facts["what"], one.sheet) for one in found] == [
            ("number", "repeated", "C1"),
            ("number", "repeated", "C1-2"),
        ]
        assert sorted(record["paid"] for record in perfxl.read(filled).records()["claims"]) == [1, 2, 3]
        corrected = perfxl.correct(filled).files[0].data
        assert corrected is None or len(perfxl.read(corrected).submissions) == 3


def test_a_given_key_twice_is_a_mistake_of_the_records() -> None:
    twice = [{"number": 4}, {"number": 4}]
    with pytest.raises(PerfxlError) as caught:
        perfxl.generate({**CLAIMS, "claims": twice}, form="claim")
    assert caught.value.facts["what"] == "same_number"
    found = [one for one in perfxl.check({**CLAIMS, "claims": twice}, form="claim").findings if one.code == "ID-06"]
    assert [one.facts["what"] for one in found] == ["repeated", "repeated"]

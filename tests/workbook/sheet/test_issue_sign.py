"""The issue values of a sending stand in its identity and its printed code, so that two quarters are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from form.test_inheritance import write
from hypothesis import given, settings
from hypothesis import strategies as st
from workbook.conftest import part, submissions, workbook
from workbook.sheet.test_phase import codes, without_hidden
from workbook.test_own_records import CLAIM, CLAIMS, edited

import perfxl
from perfxl.form import installed
from perfxl.form.search_path import forms_in
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.identity import PRINTED, Identity, issue_sign, parse_known, values_of_sign
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book


@pytest.fixture
def known(tmp_path: Path) -> Iterator[None]:
    write(tmp_path, {"claim": CLAIM})
    with installed.use_search_path(installed.search_path().extended(forms_in(tmp_path))):
        yield


def of_quarter(quarter: int, sign: str | None = None) -> Book:
    """A workbook of a quarter; ``sign``: its issue values in the printed code, where that has others."""
    issue = issue_of(CLAIMS, values=(("quarter", quarter), ("place", "Mill on the Moor")), sign=sign)
    ((_, book),) = make_books(CLAIMS, installed.load("claim"), issue, "unit", "all")
    return book


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.one_of(st.integers(), st.floats(allow_nan=False), st.text(max_size=12)), max_size=4))
def test_any_values_make_a_code_and_come_back_as_far_as_it_has_them(values: list[object]) -> None:
    sign = issue_sign(str(value).encode("utf-8", "replace").decode() for value in values)
    whole = Identity("f", "1", 2026, "907001", 2, 6, phase="一上", letter="A", issue=sign)
    code, back = PRINTED.fullmatch(whole.printed), parse_known(whole.dumps({}, {}))
    assert code
    assert back
    assert (code["issue"] or "", code["draft"], code["number"], back.identity) == (sign, "2", "06", whole)
    found = values_of_sign(sign)
    assert len(found) == len(values)
    assert all(one in (None, str(value)) or str(one) == str(value) for one, value in zip(found, values, strict=True))


@pytest.mark.parametrize(
    ("values", "sign"), [((), ""), ((3,), "3"), ((3, "Mill"), "3.Mill"), (("007",), "007"), (("x0A1B",), "x644B")]
)
def test_short_words_stand_there_as_they_are(values: tuple[object, ...], sign: str) -> None:
    assert issue_sign(values) == sign
    assert values_of_sign(sign) == (values if sign != "x644B" else (None,))


def test_a_code_without_issue_values_is_the_one_that_was_printed_before() -> None:
    before = Identity("project-target", "2", 2024, "907001", 1, 6, "P06")
    assert before.printed == "24-907001-06-1-B"
    assert '"issue"' not in before.dumps()
    assert replace(before, issue="3").printed.startswith("24-907001-06-1-3-")


@pytest.mark.usefixtures("known")
def test_a_sheet_of_another_quarter_in_a_book_is_asked_about() -> None:
    third, fourth = of_quarter(3), of_quarter(4)
    assert not {*codes(stamp_book(third))} & {*codes(stamp_book(fourth))}
    mixed = stamp_book(replace(third, pages=(third.pages[0], fourth.pages[1])))
    assert [[doubt.kind for doubt in one.doubts] for one in submissions(mixed)] == [[], ["identity"]]


@pytest.mark.usefixtures("known")
def test_a_sheet_without_its_hidden_sheet_says_its_quarter_by_its_code() -> None:
    data = without_hidden(stamp_book(of_quarter(3)))
    assert [(one.issued["quarter"], "place" in one.issued) for one in submissions(data)] == [(3, False)] * 2
    records = perfxl.read(data).records()
    assert (records["quarter"], records["place"]) == (3, "Mill on the Moor"), (
        "a sign is no value: it stands on the sheet"
    )
    (cell,) = (cell.coordinate for cell in openpyxl.load_workbook(BytesIO(data))["C1"][1] if cell.value == 3)
    found = [one.field for one in perfxl.check(edited(data, {cell: 4})).findings if one.code == "ID-08"]
    assert found == ["quarter"]


@pytest.mark.usefixtures("known")
def test_a_workbook_from_before_is_read_and_keeps_its_code() -> None:
    old, new = stamp_book(of_quarter(3, sign="")), stamp_book(of_quarter(3))
    assert all(code.count("-") == 4 for code in codes(old))
    assert '"issue"' not in part(old, workbook(old).sheets[-1].part)
    assert perfxl.read(old).records() == perfxl.read(new).records()
    found = [sorted((one.code, one.field) for one in perfxl.check(data).findings) for data in (old, new)]
    assert found[0] == found[1]
    for data in (old, new):
        corrected = perfxl.correct(data).files[0].data
        assert corrected
        assert codes(corrected) == codes(data)

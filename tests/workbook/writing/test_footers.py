"""Books of forms with every kind of layout are sound, and stamped as they are compiled; footers of a form's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from workbook.layouts.records import FORMS, RECORDS, records_of
from workbook.writing.test_stamp import agree, parts_of

from perfxl.form import installed as forms
from perfxl.form.form import Form
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.writing.books import By, issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book


@pytest.fixture(autouse=True)
def these_forms() -> Iterator[None]:
    with forms.use_search_path(FORMS):
        yield


def books(form: Form, unit: str = "望山镇", by: By = "project") -> list[Book]:
    records: dict[str, Any] = {**records_of(form.name, form.root, form.many), "unit": {"code": "904001", "name": unit}}
    return [book for _, book in make_books(records, form, issue_of(records), by, "all")]


def footer(book: Book) -> str:
    (text,) = [part for name, part in parts_of(stamp_book(book)).items() if name.endswith("sheet1.xml")]
    return text.decode().partition("<oddFooter>")[2].partition("&amp;R")[0]


@pytest.mark.parametrize("name", RECORDS)
def test_a_book_is_sound_and_stamped_as_it_is_compiled(name: str, complaints: Callable[[bytes], list[Any]]) -> None:
    for by in ("unit", "project"):
        for book in books(forms.load(name), by=by):
            agree(book)
            assert complaints(stamp_book(book)) == []


@pytest.mark.parametrize(
    ("text", "unit", "wanted"),
    [
        (None, "望山镇", ""),  # the form has places to sign of its own
        ("", "望山镇", ""),
        ("Copy for {{ unit.name }}", "A & B <C>", "Copy for A &amp;&amp; B &lt;C&gt;"),
        ("{{ unit.name }}", "甲\n乙", "甲 乙"),
        ("{{ unit.name }}", "长" * 500, "长" * 149 + "…"),
    ],
)
def test_the_foot_of_a_page_is_the_form_s_own(text: str | None, unit: str, wanted: str) -> None:
    form = forms.load("quarterly")
    form = replace(form, sheet=replace(form.sheet, footer=text))
    (book,) = books(form, unit)
    agree(book)
    found = footer(book).removeprefix("&amp;L&amp;8 ")
    assert found == wanted


def test_a_footer_full_of_signs_that_begin_codes_stays_within_what_excel_takes() -> None:
    form = forms.load("quarterly")
    (book,) = books(replace(form, sheet=replace(form.sheet, footer="{{ unit.name }}")), "&" * 200)
    assert len(book.pages[0].footer) <= 150
    agree(book)


def test_all_rows_of_a_header_are_repeated_on_each_page() -> None:
    form = forms.load("quarterly")
    (book,) = books(form)
    alone = replace(form, layout=form.layout[:3], fields={}, tables={"works": form.tables["works"]}, rules=())
    (book,) = books(alone)
    workbook = parts_of(stamp_book(book))["xl/workbook.xml"].decode()
    assert "$4:$6</definedName>" in workbook

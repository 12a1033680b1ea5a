"""Stamping against XlsxWriter: whatever it stamps is what XlsxWriter would have written, part by part."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from workbook.invented import central_records

from perfxl.form import installed as forms
from perfxl.records import load
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.sheet.book import Book, By
from perfxl.workbook.sheet.page import Issue, Page, Prefill, make_page
from perfxl.workbook.writing import stamp as stamping
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.compile import compile_book
from perfxl.workbook.writing.stamp import stamp_book
from perfxl.workbook.writing.stencil import Unusual, row_height

RECORDS = load(str(files("perfxl.examples") / "records.yaml"))
ISSUE = issue_of(RECORDS, phone="0319-8160001")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

TINY = forms.load_text("""
form: tiny
version: "1"
record: department
title: "{{ title }}"
sheet: {name: 表, columns: [10, 10], start: B2}
fields:
  title: {type: text, given: true}
  one: {type: text, given: true, label: 一}
  two: {type: text, given: true, label: 二}
tables:
  rows:
    each: rows[]
    rows: {min: 1}
    columns:
      what: {type: text, label: 甲}
      much: {type: money, label: 乙}
layout:
  - [{title: true, span: 2}]
  - [{mark: code, span: 2}]
  - [{field: one}, {field: two}]
  - {table: rows}
""")


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def same(stamped: bytes, wanted: dict[str, bytes]) -> None:
    """The stamped package is the compiled one, byte for byte, but for its texts' place: inline, not shared."""
    found = parts_of(stamped)
    if "xl/sharedStrings.xml" in found:  # left to XlsxWriter
        assert found == wanted
        return
    strings = [plain(item) for item in etree.fromstring(wanted["xl/sharedStrings.xml"])]
    assert list(found) == [name for name in wanted if name != "xl/sharedStrings.xml"]
    for name, data in found.items():
        if name.startswith("xl/worksheets/"):
            assert inlined(data, []) == inlined(wanted[name], strings), name
        elif name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
            assert without_strings(data) == without_strings(wanted[name]), name
            assert b"sharedStrings" not in data
        else:
            assert data == wanted[name], name


def plain(item: etree._Element) -> str:
    assert [child.tag for child in item] == [f"{MAIN}t"]
    text = item[0]
    spaced = "{http://www.w3.org/XML/1998/namespace}space" in text.attrib
    return f"{'kept ' if spaced else ''}{text.text or ''}"


def inlined(sheet: bytes, strings: list[str]) -> bytes:
    """A sheet's XML with the text of every cell in one attribute."""
    tree = etree.fromstring(sheet)
    for cell in tree.iter(f"{MAIN}c"):
        if cell.get("t") in ("s", "inlineStr"):
            cell.set("text", strings[int(cell[0].text or "")] if cell.get("t") == "s" else plain(cell[0]))
            cell.set("t", "text")
            cell[:] = []
    return etree.tostring(tree, method="c14n")


def without_strings(part: bytes) -> list[bytes]:
    children = (etree.tostring(child, method="c14n") for child in etree.fromstring(part))
    return [child for child in children if b"sharedStrings" not in child]


def agree(book: Book) -> None:
    """Both write the same book, or both refuse it with the same error."""
    try:
        wanted = compile_book(book)
    except Exception as refused:
        with pytest.raises(type(refused)):
            stamp_book(book)
    else:
        same(stamp_book(book), wanted)


def never(book: Book) -> dict[str, bytes]:
    raise AssertionError("stamping left this book to XlsxWriter")


@pytest.mark.parametrize("prefill", ["given", "last", "all"])
@pytest.mark.parametrize("by", ["unit", "project"])
@pytest.mark.parametrize("form", ["project-target", "department-goals"])
def test_every_book_of_the_examples(form: str, by: By, prefill: Prefill) -> None:
    for _, book in make_books(RECORDS, forms.load(form), ISSUE, by, prefill):
        same(stamp_book(book), compile_book(book))


def test_none_of_them_is_left_to_xlsxwriter(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [book for _, book in make_books(RECORDS, forms.load("project-target"), ISSUE, "unit", "all")]
    for book in made:
        stamp_book(book)  # compiles its sheets
    monkeypatch.setattr(stamping, "compile_book", never)
    for book in made:
        stamp_book(book)


@pytest.mark.parametrize("password", ["", "1", "另一个"])
def test_a_password(password: str) -> None:
    book = Book(TINY, ISSUE, (make_page(TINY, {"title": "甲"}, ISSUE),), listed=False, password=password)
    same(stamp_book(book), compile_book(book))
    assert (b'password="' in parts_of(stamp_book(book))["xl/worksheets/sheet1.xml"]) is bool(password)


# Texts as people and programs make them. Excel's own escapes, ends that XML would lose, what looks like markup.
pieces = st.sampled_from(
    [
        "_x0041_", "_x005F_", "_x0041", "<r>", "</r>", "&", "<", ">", '"', "'", "\n", "\r", "\t", " ", "　", "=1+1",
        "\x01", "\x1f", "\x7f", "\x85", "\xa0", "\ufffe", "\uffff", "&amp;", "]]>", "<!--", "\U0001f600",
        "绩效", "1", "@",
    ]
)  # fmt: skip
texts = st.lists(pieces, max_size=8).map("".join) | st.text(max_size=30)
values = st.none() | texts | st.floats() | st.integers() | st.sampled_from(["<r>甲</r>", "<r/>", 10**400, -0.0])


def tiny_page(cells: list[Any], **changes: Any) -> Page:
    """A page of the tiny form with these values in its two given cells."""
    blank = make_page(TINY, {"title": "甲"}, ISSUE)
    places = [(box.row, box.column) for box in blank.layout.head.values()]
    return replace(blank, cells={**blank.cells, **dict(zip(places, cells, strict=True))}, **changes)


@settings(max_examples=300, deadline=None)
@given(one=values, two=values)
def test_any_value_stands_as_xlsxwriter_would_write_it(one: Any, two: Any) -> None:
    agree(Book(TINY, ISSUE, (tiny_page([one, two]),), listed=False))


@settings(max_examples=200, deadline=None)
@given(number=values, name=texts, amount=values, title=texts, unit=texts)
def test_any_entry_of_the_list(number: Any, name: str, amount: Any, title: str, unit: str) -> None:
    given_ = {"number": number, "name": name, "budget.total": amount}
    pages = (tiny_page(["", ""], title=title, given=given_), tiny_page(["", ""], name="另表"))
    agree(Book(TINY, replace(ISSUE, unit_name=unit), pages))


# Tab names; those that are none are refused by XlsxWriter
tabs = st.text(st.sampled_from("abRC1.9 -&<>\"'!=#甲〔_[/年\U0001f600"), max_size=20) | texts


@settings(max_examples=200, deadline=None)
@given(names=st.lists(tabs, min_size=1, max_size=3), listed=st.booleans())
@pytest.mark.filterwarnings("ignore")
def test_any_tab_name(names: list[str], listed: bool) -> None:
    agree(Book(TINY, ISSUE, tuple(tiny_page(["", ""], name=name) for name in names), listed))


units = st.from_regex("[0-9A-Z]{1,12}", fullmatch=True)


@settings(max_examples=60, deadline=None)
@given(unit=units | texts, year=st.integers(1990, 2100), draft=st.integers(1, 99))
@pytest.mark.filterwarnings("ignore")
def test_any_identity(unit: str, year: int, draft: int) -> None:
    issue = Issue(year, unit, "某单位", draft=draft)
    agree(Book(TINY, issue, (make_page(TINY, {"title": "甲"}, issue),)))


@pytest.mark.parametrize(
    "value",
    ["字" * 16_383, "字" * 16_384, "字" * 32_767, "字" * 32_768, "\U0001f600" * 16_384, "\ud800", math.nan, math.inf],
    ids=lambda value: repr(value)[:3] + str(len(str(value))),
)
@pytest.mark.filterwarnings("ignore")
def test_the_limits_of_a_cell(value: Any) -> None:
    agree(Book(TINY, ISSUE, (tiny_page([value, 1]),), listed=False))


def test_a_text_that_looks_like_markup_is_a_text() -> None:
    book = Book(TINY, ISSUE, (tiny_page(["<r><t>甲</t></r>", "<r>"]),), listed=False)
    same(stamp_book(book), compile_book(book))
    assert b"<t>&lt;r&gt;&lt;t&gt;" in parts_of(stamp_book(book))["xl/worksheets/sheet1.xml"]


@settings(max_examples=200, deadline=None)
@given(points=st.floats(0, 409) | st.integers(0, 409))
def test_any_row_height(points: float) -> None:
    one = make_page(TINY, {"title": "甲"}, ISSUE)
    book = Book(TINY, ISSUE, (replace(one, heights={**one.heights, 4: points}),), listed=False)
    same(stamp_book(book), compile_book(book))
    assert row_height(points) in parts_of(stamp_book(book))["xl/worksheets/sheet1.xml"].decode()


def rows(count: int) -> dict[str, Any]:
    return {"title": "甲", "rows": [{"what": f"{at}", "much": 1.5} for at in range(count)]}


def test_sheets_whose_styles_differ_are_left_to_xlsxwriter() -> None:
    pages = [replace(make_page(TINY, rows(count), ISSUE, "all"), name=f"表{count}") for count in (1, 3, 4)]
    assert_unusual(Book(TINY, ISSUE, tuple(pages)))
    for some in (pages, pages[:1], pages[1:]):
        book = Book(TINY, ISSUE, tuple(some))
        same(stamp_book(book), compile_book(book))


def assert_unusual(book: Book) -> None:
    with pytest.raises(Unusual):
        list(stamping._parts(book))


def test_the_styles_of_a_form_do_not_depend_on_its_rows() -> None:
    for name in ("project-target", "department-goals"):
        form = forms.load(name)
        made = [*make_books(RECORDS, form, ISSUE, "project", "all"), *make_books(RECORDS, form, ISSUE, "unit")]
        assert len({compile_book(book)["xl/styles.xml"] for _, book in made}) == 1


words = st.none() | st.text(min_size=1, max_size=40) | st.sampled_from(["一、建成\n二、用好", "=SUM(A1)", " 前后 "])
level2 = st.sampled_from(["数量指标", "质量指标", None])
aims = st.fixed_dictionaries({"level2": level2, "level3": words, "target": words})
lines = st.fixed_dictionaries({"level1": st.sampled_from(["产出指标", "效益指标"]), "mid": aims, "year": aims})
central = central_records(st.text(st.sampled_from("甲乙丙丁 -&'〔1"), min_size=1, max_size=30), words, lines)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    projects=st.lists(central, min_size=1, max_size=3, unique_by=lambda project: project["number"]),
    by=st.sampled_from(["unit", "project"]),
    prefill=st.sampled_from(["given", "last", "all"]),
)
def test_invented_records_of_the_central_form(projects: list[Any], by: By, prefill: Prefill) -> None:
    records = {**RECORDS, "projects": projects}
    for _, book in make_books(records, forms.load("central-target"), ISSUE, by, prefill):
        agree(book)


def test_the_same_book_gives_the_same_bytes() -> None:
    def made() -> list[bytes]:
        return [
            stamp_book(book) for _, book in make_books(RECORDS, forms.load("project-target"), ISSUE, "project", "all")
        ]

    first = made()
    assert made() == first
    stamping._form_sheet.cache_clear()
    stamping._frame.cache_clear()
    assert made() == first


def test_the_package_is_sound(complaints: Callable[[bytes], list[Any]]) -> None:
    for name in ("project-target", "department-goals"):
        for by in ("unit", "project"):
            _, book = next(iter(make_books(RECORDS, forms.load(name), ISSUE, by, "all")))
            data = stamp_book(book)
            assert complaints(data) == []
            assert Package(data, "stamped.xlsx").names == tuple(parts_of(data))

"""Last year's texts (``--prefill last``): marked until they are changed, counted, and asked about on return.

The law: the sheet, its self-check and the return name the same cells, whatever was done to the rows.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judges.schema import complaints, schema_folder
from office.libreoffice import Document, LibreOffice
from workbook.conftest import FORMS, Records, cell_of, example, flagged, made, returned, reviewed, submissions, workbook
from workbook.correcting.test_correct import corrected
from workbook.opinions.test_opinions import column, listed
from workbook.writing.test_stamp import same

import perfxl
from perfxl.form import installed as forms
from perfxl.form.answers import flatten, get, without_rows
from perfxl.form.form import Form
from perfxl.rules.asked.ca01_last_year import CODE
from perfxl.rules.policy import default_policy
from perfxl.workbook.correcting.correct import CorrectionSource, join_workbooks
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.opinions.replies import Findings, Replies, add_replies, read_replies
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.carried import CarriedText, carried_paths, dump_carried, parse_carried
from perfxl.workbook.sheet.colours import CARRIED_FILL
from perfxl.workbook.sheet.given_rows import LONGEST, GivenRows, dump_rows, parse_rows
from perfxl.workbook.sheet.manual import describe_answers
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing import stamp as stamping
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.compile import compile_book
from perfxl.workbook.writing.stamp import stamp_book

AWKWARD = ("*", "村?组", '写"引号"的', "=不是公式", "'撇号", "一\n二\n三", "长" * 400, "a~*b", "100%", "  前后有空")
FORM = forms.load("project-target")
TWINS = forms.load_text("""
form: twins
version: "1"
record: twins
label: 两表
title: 两表
sheet: {name: 两表, columns: [10, 12, 10, 14, 16, 10], start: B2, panel: [0.8, 37]}
choices:
  kind: [工具, 材料, 文具]
fields:
  note: {type: text, label: 说明}
tables:
  left:
    each: left[]
    rows: {min: 2, spare: 3}
    columns:
      what: {type: text, label: 甲, span: 2}
      n: {type: integer, label: 甲数}
  right:
    each: right[]
    rows: {min: 2, spare: 1}
    columns:
      why: {type: text, label: 乙, span: 2}
      m: {type: integer, label: 乙数}
  items:
    each: items[]
    groups: {by: kind, rows: 1, spare: 1, subtotal: {label: 小计, sum: [m]}}
    totals: {label: 合计, sum: [m], place: last}
    columns:
      kind: {type: choice, choices: kind, label: 类别, span: 2}
      name: {type: text, label: 名称, span: 2}
      m: {type: integer, label: 数, span: 2}
layout:
  - [{title: true, span: 6}]
  - [{mark: code, span: 6}]
  - [说明, {field: note, span: 5}]
  - {table: [left, right]}
  - {table: items}
""")
LONG = """
form: long
version: "1"
record: long
title: 长表
sheet: {{name: 长表, columns: [20, 10], start: B2, panel: [0.8, 37]}}
fields:
  note: {{type: text, label: 说明}}
tables:
  lines:
    each: lines[]
    rows: {{min: {rows}, max: 5000}}
    columns:
      what: {{type: text, label: 甲}}
      n: {{type: integer, label: 甲数}}
layout:
  - [{{title: true, span: 2}}]
  - [{{mark: code, span: 2}}]
  - [说明, {{field: note}}]
  - {{table: lines}}
"""


def carrying(form: str = "project-target", count: int = 2, records: Records | None = None) -> Book:
    """A book that goes out with last year's texts on its first sheets."""
    held = example(form) if records is None else records
    held["projects"] = held["projects"][:count]
    (book,) = made(form, held, prefill="last").values()
    return book


def sent_records(form: str) -> list[Mapping[str, Any]]:
    """The records that a form's sheets are made of."""
    held = example(form)
    return held["projects"] if forms.load(form).many else [held["department"]]


def texts_of(page: Page) -> dict[str, str]:
    """The cells of last year's texts with what stands in them."""
    return {address(*place): str(page.cells[place]) for place in page.carried}


def edited(data: bytes, changes: Mapping[str, Any], sheet: str) -> bytes:
    """The workbook after some cells of a sheet were typed."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for cell, value in changes.items():
        book[sheet][cell] = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def untouched(data: bytes, sheet: int = 0) -> set[str]:
    """The cells that the return finds untouched."""
    submission = submissions(data)[sheet]
    return {submission.places[path] for path in submission.untouched}


def asked_about(data: bytes, sheet: int = 0) -> set[str]:
    """The cells that a review asks about."""
    _, found = reviewed(data)[sheet]
    return {cell.rpartition("!")[2] for one in found if one.code == CODE for cell in one.cells}


def answered(data: bytes) -> Findings:
    """The findings of a workbook with what people wrote into its 审核意见."""
    pairs = reviewed(data)
    return add_replies(pairs, read_replies(pairs[0][0].located.sheet.workbook), default_policy()).findings


def marked(document: Document, sheet: str) -> set[str]:
    """The answers' cells that show the colour of last year's texts."""
    looks = document.looks(sheet)
    return {cell for cell, look in looks.items() if look.background == CARRIED_FILL and cell[0] not in "IJKL"}


def counted(document: Document, page: Page) -> float | str | None:
    """The number of last year's texts by the sheet's own count."""
    return document.cell(page.name, address(*page.checks.untouched)).value


# What goes out


@pytest.mark.parametrize("form", FORMS)
def test_every_text_that_is_not_asked_anew_is_carried(form: str) -> None:
    book, loaded = carrying(form), forms.load(form)
    for page, record in zip(book.pages, sent_records(form), strict=False):
        paths = carried_paths(loaded, flatten(loaded, record))
        assert len(paths) > 3
        assert all(isinstance(get(record, path), (str, list)) for path in paths)
        asked = [loaded.by_path[without_rows(path)] for path in paths]
        assert {field.type.name for field in asked} <= {"text", "items", "paragraph"}
        assert not any(field.yearly or field.given or field.repeat == "hidden" for field in asked)
        assert 0 < len(texts_of(page)) == page.cells[page.checks.untouched]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("prefill", ["given", "all"])
def test_no_other_workbook_says_a_word_of_it(form: str, prefill: Any) -> None:
    for book in made(form, prefill=prefill).values():
        parts = compile_book(book)
        assert not any(
            word.encode() in data for data in parts.values() for word in ("px.u.", "上年内容", "perfxl:carried")
        )
        assert not any(page.carried or page.checks.carries for page in book.pages)


def test_a_carrying_workbook_says_what_the_colour_means() -> None:
    book = carrying()
    opened = openpyxl.load_workbook(io.BytesIO(stamp_book(book)))
    panel = opened[book.pages[0].name].cell(9, book.pages[0].layout.panel_column + 1).value
    assert "上年内容，请核对" in str(panel)
    assert any("紫底" in str(cell.value) for row in opened["填表说明"] for cell in row)
    rows = [[cell.value for cell in row] for row in opened["报前自查"]]
    assert [row[1] for row in rows].count("上年内容") == 2
    policy = default_policy()
    told = [
        sum("上年带来的文字" in words for *_, words in describe_answers(FORM, policy, carry)) for carry in (False, True)
    ]
    assert told == [0, 1]


def test_a_county_that_does_not_ask_says_so_nowhere_in_the_manual() -> None:
    silent = replace(default_policy(), severities={CODE: "off"})
    assert not any("上年带来的文字" in words for *_, words in describe_answers(FORM, silent, True))


@pytest.mark.parametrize("form", FORMS)
def test_stamping_writes_them_as_xlsxwriter_would(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    book = carrying(form, 3)
    same(stamp_book(book), compile_book(book))

    def never(book: Book) -> dict[str, bytes]:
        raise AssertionError("stamping left this book to XlsxWriter")

    monkeypatch.setattr(stamping, "compile_book", never)
    stamp_book(book)


def test_a_book_of_which_some_sheets_alone_carry_is_written_all_the_same() -> None:
    with_texts, without = carrying(count=1), made("project-target", prefill="all")
    (other,) = without.values()
    book = replace(with_texts, pages=(with_texts.pages[0], other.pages[1]))
    same(stamp_book(book), compile_book(book))


@pytest.mark.skipif(schema_folder() is None, reason="PERFXL_OOXML names no folder with the ECMA schemas")
@pytest.mark.parametrize("form", FORMS)
def test_the_package_obeys_the_schemas(form: str) -> None:
    assert complaints(stamp_book(carrying(form))) == []


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.builds(CarriedText, words, words, st.integers(0, 9999), words)))
def test_they_are_read_from_the_hidden_sheet_as_they_were_written(texts: list[CarriedText]) -> None:
    pieces = [parse_carried(text) for text in dump_carried("24-1", texts)]
    assert [text for piece in pieces if piece for text in piece[1]] == texts
    assert all(piece and piece[0] == "24-1" for piece in pieces)


def test_many_long_texts_go_into_several_cells() -> None:
    texts = [CarriedText("t", "c", at, "字" * 9_000) for at in range(7)]
    pieces = dump_carried("24-1", texts)
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= LONGEST + 10
    assert [text for piece in map(parse_carried, pieces) if piece for text in piece[1]] == texts


@settings(max_examples=50)
@given(
    st.one_of(st.text(), st.sampled_from(["[]", "[1,2]", '["a"]', '["a",[[1]]]', '["a",[["","","x",""]]]', "[" * 9999]))
)
def test_any_other_text_is_none_of_them(text: str) -> None:
    parsed = parse_carried(text)
    assert parsed is None or parsed[1] == ()


def test_neither_kind_of_row_on_the_hidden_sheet_is_taken_for_the_other() -> None:
    (rows,) = dump_rows("24-1", [GivenRows("t", ("a",), {1: ("x",)})])
    (texts,) = dump_carried("24-1", [CarriedText("t", "a", 1, "x")])
    assert parse_carried(rows) is None
    assert parse_rows(texts) is None


# What comes back


@pytest.mark.parametrize("form", FORMS)
def test_the_return_asks_about_exactly_the_untouched(form: str) -> None:
    book = carrying(form)
    data, page = stamp_book(book), book.pages[0]
    all_texts = texts_of(page)
    assert untouched(data) == asked_about(data) == set(all_texts)
    changed = dict(sorted(all_texts.items())[::2])
    back = edited(data, {cell: f"{text}。" for cell, text in changed.items()}, page.name)
    assert untouched(back) == asked_about(back) == set(all_texts) - set(changed)
    blanked = edited(data, dict.fromkeys(changed), page.name)
    assert untouched(blanked) == set(all_texts) - set(changed)
    record, submission = sent_records(form)[0], submissions(data)[0]
    paths = carried_paths(forms.load(form), flatten(forms.load(form), record))
    assert {path: get(submission.record, path) for path in submission.untouched} == {
        path: get(record, path) for path in paths
    }


def test_one_finding_for_a_text_of_the_head_and_one_for_a_table() -> None:
    data = stamp_book(carrying())
    _, found = reviewed(data)[0]
    own = [one for one in found if one.code == CODE]
    assert [one.severity for one in own] == ["warning"] * 3
    assert [len(one.fields) for one in own] == [1, 1, 24]


def test_only_the_wording_is_compared_by_the_rows_own_key() -> None:
    """A text put in the place of another row's is a change of that row, though last year had it, too."""
    book = carrying(count=1)
    data, page = stamp_book(book), book.pages[0]
    first, second = cell_of(page, "basis", 0), cell_of(page, "basis", 1)
    back = edited(data, {second: texts_of(page)[first]}, page.name)
    assert second not in untouched(back)
    assert first in untouched(back)


@pytest.mark.parametrize("text", AWKWARD)
def test_texts_that_formulas_and_parts_find_awkward(text: str) -> None:
    records = example("project-target")
    records["projects"][0]["indicators"][0]["description"] = text
    book = carrying(records=records, count=1)
    same(stamp_book(book), compile_book(book))
    cell = cell_of(book.pages[0], "description", 0)
    assert cell in untouched(stamp_book(book))
    assert cell not in untouched(edited(stamp_book(book), {cell: text + "1"}, book.pages[0].name))


def test_whoever_keeps_a_text_says_why_and_is_not_asked_again() -> None:
    data = flagged(stamp_book(carrying(count=1)))
    lines = [line for line in listed(data) if "上年内容" in str(line["审核意见"])]
    assert [str(line["标记"])[:2] for line in lines] == ["核实", "核实"]  # the head's two texts, and the table's
    assert [line["单元格"] for line in lines] == ["C7、C10", "E12等24处"]
    why = column(data, "出错说明（单位填写）")
    said = {f"{why}{line['行']}": "补贴办法和标准今年没有变，沿用上年的写法。" for line in lines}
    again = flagged(edited(data, said, "审核意见"))
    told = [line for line in listed(again) if "上年内容" in str(line["审核意见"])]
    assert [line["出错说明（单位填写）"] for line in told] == [*said.values()]
    assert not [one for _, found in answered(again) for one in found if one.code == CODE and one.open]
    assert len(untouched(again)) == len(untouched(data))


def test_written_anew_the_marks_stay_and_follow_their_rows() -> None:
    records = example("project-target")
    record = records["projects"][0]
    record["indicators"][0]["description"] = "村民小组长 "  # a space that is safe to remove
    record["indicators"].reverse()  # grouped anew when the workbook is made
    book = carrying(records=records, count=1)
    data, page = stamp_book(book), book.pages[0]
    touched = [cell_of(page, "level3", 1), cell_of(page, "basis", 3)]
    back = edited(data, dict.fromkeys(touched, "今年的写法"), page.name)
    before = {path: get(submissions(back)[0].record, path) for path in submissions(back)[0].untouched}
    (made_anew,) = corrected(back)
    (submission,) = submissions(made_anew.data)
    after = {path: get(submission.record, path) for path in submission.untouched}
    assert sorted(map(str, after.values())) == sorted(str(value).rstrip() for value in before.values())
    (again,) = corrected(made_anew.data)
    assert submissions(again.data)[0].untouched == submission.untouched


def test_sheets_of_several_workbooks_in_one_keep_the_marks_that_they_had() -> None:
    first, second = example("project-target"), example("project-target")
    first["projects"], second["projects"] = first["projects"][:1], second["projects"][1:2]
    (plain,) = made("project-target", second).values()
    files = [stamp_book(carrying(records=first)), stamp_book(plain)]
    sources = [CorrectionSource(workbook(data), returned(data), Replies()) for data in files]
    joined = join_workbooks(sources, default_policy())
    assert [len(one.untouched) for one in submissions(joined.data)] == [len(submissions(files[0])[0].untouched), 0]


def test_a_workbook_without_them_is_written_anew_without_them() -> None:
    (book,) = made("project-target", prefill="all").values()
    (anew,) = corrected(stamp_book(book))
    assert submissions(anew.data)[0].untouched == ()
    assert b"px.u." not in anew.data


# Live


def typed_texts(document: Document, page: Page, changes: Mapping[str, str]) -> None:
    for cell, text in changes.items():
        document.type_text(page.name, cell, text, insist=True)


@pytest.mark.office
@pytest.mark.parametrize("form", FORMS)
def test_sheet_self_check_and_return_agree(office: LibreOffice, tmp_path: Path, form: str) -> None:
    book = carrying(form)
    page, path = book.pages[0], tmp_path / "上年.xlsx"
    path.write_bytes(stamp_book(book))
    texts = texts_of(page)
    changed = dict(sorted(texts.items())[::3])
    with office.open(path) as document:
        document.recalculate()
        assert counted(document, page) == len(texts)
        assert marked(document, page.name) == set(texts)
        typed_texts(document, page, {cell: f"{text.strip()}改" for cell, text in changed.items()})
        assert counted(document, page) == len(texts) - len(changed)
        assert marked(document, page.name) == set(texts) - set(changed)
        document.save_as(path)
    assert untouched(path.read_bytes()) == set(texts) - set(changed)
    with office.open(path) as document:  # saved by LibreOffice it lives on
        rest = sorted(set(texts) - set(changed))
        typed_texts(document, page, dict.fromkeys(rest, "今年的内容"))
        assert counted(document, page) == 0
        assert not marked(document, page.name)
        shown = [cell.text for cell in document.cells("报前自查").values()]
        assert "未核对" in shown if len(book.pages) > 1 else "未核对" not in shown


def long_form(rows: int, folder: Path) -> tuple[Form, Records]:
    """A form with a table of so many rows, by its folder, and last year's records of it."""
    (folder / "long").mkdir(parents=True)
    (folder / "long" / "form.yaml").write_text(LONG.format(rows=rows), "utf-8")
    lines = [{"what": f"第{at}项", "n": at} for at in range(rows)]
    held = {"year": 2026, "unit": {"code": "907001", "name": "柳溪镇"}, "long": {"note": "去年的", "lines": lines}}
    return forms.load_text(LONG.format(rows=rows)), held


@pytest.mark.office
@pytest.mark.parametrize("rows", [150, 600])
def test_a_long_table_is_counted_live_up_to_its_limit_and_asked_about_on_return(
    office: LibreOffice, tmp_path: Path, rows: int
) -> None:
    form, held = long_form(rows, tmp_path / "forms")
    ((_, book),) = make_books(held, form, issue_of(held), prefill="last")
    page, path = book.pages[0], tmp_path / "长表.xlsx"
    path.write_bytes(stamp_book(book))
    live = rows + 1 if rows <= 500 else 1
    with office.open(path) as document:
        document.recalculate()
        assert counted(document, page) == live
        typed_texts(document, page, {cell_of(page, "what", 70): "今年的"})
        assert counted(document, page) == (live - 1 if rows <= 500 else 1)
        document.save_as(path)
    found = perfxl.check(path, forms=[tmp_path / "forms"]).findings
    assert sum(len(one.fields) for one in found if one.code == CODE) == rows


@pytest.mark.office
def test_tables_side_by_side_and_below_sums(office: LibreOffice, tmp_path: Path) -> None:
    texts = ["甲一", "甲二", "甲三"]
    record = {
        "note": "去年的说明",
        "left": [{"what": text, "n": 1} for text in texts],
        "right": [{"why": text, "m": 1} for text in texts],
        "items": [{"kind": kind, "name": text, "m": 2} for kind in ("材料", "工具") for text in texts],
    }
    held = {"year": 2026, "unit": {"code": "907001", "name": "柳溪镇"}, "twins": record}
    ((_, book),) = make_books(held, TWINS, issue_of(held), prefill="last")
    page, path = book.pages[0], tmp_path / "两表.xlsx"
    same(stamp_book(book), compile_book(book))
    path.write_bytes(stamp_book(book))
    went_out = set(texts_of(page))
    changed = {cell_of(page, "what", 1), cell_of(page, "why", 2), cell_of(page, "name", 0)}
    with office.open(path) as document:
        document.recalculate()
        assert counted(document, page) == len(went_out) == 13
        typed_texts(document, page, dict.fromkeys(changed, "今年的"))
        assert counted(document, page) == 10
        shown = {cell for cell, look in document.looks(page.name).items() if look.background == CARRIED_FILL}
        assert shown >= went_out - changed
        assert not shown & changed
        # a row that was inserted above a row of sums belongs to its group, and carries nothing
        document.insert_rows(page.name, next(sums.row for sums in page.layout.tables["items"].sums) + 1)
        document.recalculate()
        assert counted(document, page) == 10


@pytest.mark.office
def test_a_text_typed_back_is_last_years_again(office: LibreOffice, tmp_path: Path) -> None:
    book = carrying(count=1)
    page, path = book.pages[0], tmp_path / "上年.xlsx"
    path.write_bytes(stamp_book(book))
    cell = cell_of(page, "level3", 0)
    panel = address(page.layout.mark_row + 8, page.layout.panel_column)
    with office.open(path) as document:
        before = len(texts_of(page))
        assert document.cell(page.name, panel).text == f"上年内容，请核对：{before}处没有改动"
        typed_texts(document, page, {cell: "今年的指标"})
        assert cell not in marked(document, page.name)
        typed_texts(document, page, {cell: texts_of(page)[cell_of(page, "level3", 1)]})  # of another row
        assert cell not in marked(document, page.name)
        assert counted(document, page) == before - 1
        typed_texts(document, page, {cell: texts_of(page)[cell]})
        assert cell in marked(document, page.name)
        assert counted(document, page) == before
        typed_texts(document, page, dict.fromkeys(texts_of(page), "今年的内容"))
        assert document.cell(page.name, panel).text == ""


def sort_rows(document: Document, page: Page) -> None:
    """Sort the first group's rows with their keys, by the indicator's name."""
    first, last = page.layout.tables["indicators"].first, page.layout.tables["indicators"].first + 5
    document.unprotect(page.name)
    document.merge(page.name, f"B{first + 1}:B{last + 3}", on=False)
    for row in range(first + 1, last + 3):
        document.merge(page.name, f"C{row}:D{row}", on=False)
    document.sort(page.name, f"A{first + 1}:H{last + 1}", column=4)


def insert_rows(document: Document, page: Page) -> None:
    document.insert_rows(page.name, page.layout.tables["indicators"].first + 3, 2)


def delete_rows(document: Document, page: Page) -> None:
    document.unprotect(page.name)
    document.delete_rows(page.name, page.layout.tables["indicators"].first + 2)


@pytest.mark.office
@pytest.mark.parametrize(("change", "gone"), [(sort_rows, 0), (insert_rows, 0), (delete_rows, 3)])
def test_rows_keep_their_marks_wherever_they_are(
    office: LibreOffice, tmp_path: Path, change: Callable[[Document, Page], None], gone: int
) -> None:
    book = carrying(count=1)
    page, path = book.pages[0], tmp_path / "上年.xlsx"
    path.write_bytes(stamp_book(book))
    touched = cell_of(page, "basis", 4)
    with office.open(path) as document:
        typed_texts(document, page, {touched: "今年的依据"})
        before = len(texts_of(page)) - 1
        assert counted(document, page) == before
        change(document, page)
        document.recalculate()
        assert counted(document, page) == before - gone
        cells = marked(document, page.name)
        document.save_as(path)
    back = path.read_bytes()
    assert len(cells) == before - gone
    assert untouched(back) == cells
    assert asked_about(back) == cells


@pytest.mark.office
def test_where_a_county_does_not_ask_the_marks_of_the_sheet_stay_when_it_goes_back(
    office: LibreOffice, tmp_path: Path
) -> None:
    book = carrying(count=1)
    page, path = book.pages[0], tmp_path / "退回.xlsx"
    pairs = [(reading, [one for one in found if one.code != CODE]) for reading, found in reviewed(stamp_book(book))]
    assert any(found for _, found in pairs)
    path.write_bytes(flag_workbook(pairs[0][0].located.sheet.workbook, pairs).data)
    with office.open(path) as document:
        document.recalculate()
        assert marked(document, page.name) == set(texts_of(page))


@pytest.mark.office
def test_a_flag_goes_with_the_first_change(office: LibreOffice, tmp_path: Path) -> None:
    book = carrying(count=1)
    page, path = book.pages[0], tmp_path / "退回.xlsx"
    path.write_bytes(flagged(stamp_book(book)))
    cell = cell_of(page, "description", 2)
    with office.open(path) as document:
        document.recalculate()
        assert document.looks(page.name)[cell].background == "#FFE9B8"
        document.type_text(page.name, cell, "今年的描述", insist=True)
        assert document.looks(page.name)[cell].background in (None, "#FFFFFF")
        document.save_as(path)
    again = flagged(path.read_bytes())
    assert untouched(again) == set(texts_of(page)) - {cell} == asked_about(again)

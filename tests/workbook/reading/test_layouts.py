"""Forms with headers of several rows, letters, places to sign and drawn layouts come back as they were filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl.utils import column_index_from_string, get_column_letter
from workbook.layouts.records import FORMS, RECORDS, records_of

from perfxl.form import installed as forms
from perfxl.form.search_path import SearchPath, forms_in
from perfxl.submission import Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.zip_file import pack, write_zip
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.writing.books import issue_of, make_books
from perfxl.workbook.writing.compile import compile_book
from perfxl.workbook.writing.stamp import stamp_book

Columns = Callable[[int, int], int]
"""Where a column of the sheet goes, in a row; both counted from 1."""

Erased = Callable[[str, int], bool]
"""Whether the text of a cell, in a row of the sheet, is gone."""

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(autouse=True)
def these_forms() -> Iterator[None]:
    with forms.use_search_path(FORMS):
        yield


def book(name: str) -> Book:
    form = forms.load(name)
    records = records_of(name, form.root, form.many)
    ((_, made),) = make_books(records, form, issue_of(records), "project", "all")
    return made


def read(data: bytes) -> Submission:
    (found,) = [reading.submission for reading in read_workbook(Workbook(Package(data, "some.xlsx")))]
    return found


@lru_cache(maxsize=4)
def parts(name: str) -> Mapping[str, bytes]:
    return compile_book(book(name))


@pytest.mark.parametrize("name", RECORDS)
def test_what_was_filled_in_comes_back(name: str) -> None:
    for data in (stamp_book(book(name)), write_zip(pack(path, part) for path, part in parts(name).items())):
        found = read(data)
        assert found.record == RECORDS[name]
        assert (found.lost, found.disputed, found.unplaced, found.doubts, found.notes) == ((), (), (), (), ())


def changed(
    whole: Mapping[str, bytes],
    to: Columns = lambda column, row: column,
    down: int = 0,
    erased: Erased = lambda _, __: False,
) -> bytes:
    """The workbook after columns moved; ``down``: the row, counted from 1, above which one was put in, 0 for none."""

    def moved(match: re.Match[str]) -> str:
        row = int(match[4])
        column = get_column_letter(to(column_index_from_string(match[2]), row))
        return f"{match[1]}{column}{match[3]}{row + (1 if down and row >= down else 0)}"

    def place(text: str) -> str:
        return re.sub(r"(\$?)\b([A-Z]{1,2})(\$?)(\d+)\b", moved, text)

    def part(path: str, data: bytes) -> bytes:
        if path == "xl/workbook.xml":
            tree = etree.fromstring(data)
            for named in tree.iter(f"{MAIN}definedName"):
                named.text = re.sub(r"\$[A-Z]+\$\d+", lambda match: place(match[0]), named.text or "")
                if named.get("name", "").startswith("px.") and erased(named.get("name", ""), 0):
                    named.getparent().remove(named)
            return etree.tostring(tree)
        if path != "xl/worksheets/sheet1.xml":
            return data
        tree = etree.fromstring(data)
        strings = [
            "".join(item.itertext()) for item in etree.fromstring(whole["xl/sharedStrings.xml"]).iter(f"{MAIN}si")
        ]
        for row in tree.iter(f"{MAIN}row"):
            number = int(row.get("r"))
            row.set("r", str(number + (1 if down and number >= down else 0)))
            row.attrib.pop("spans", None)
            for cell in row:
                if cell.get("t") == "s" and erased(strings[int(cell[0].text)], number):
                    cell.remove(cell[0])
                cell.set("r", place(cell.get("r")))
            row[:] = sorted(row, key=lambda cell: (len(cell.get("r")), cell.get("r")))
        for merge in tree.iter(f"{MAIN}mergeCell"):
            merge.set("ref", place(merge.get("ref")))
        return etree.tostring(tree)

    return write_zip(pack(path, part(path, data)) for path, data in whole.items())


def without_marks(text: str, row: int) -> bool:
    """Marks and names of columns are gone; who the sheet is, and the row keys, are not."""
    return bool(re.fullmatch(r"c\d+", text)) if row else text.startswith("px.") and text not in ("px.id", "px.book")


# 重点工作: A 领域, B 工作任务, C D 年度计划, E F 本季累计完成, G H 完成率, I 未达进度原因, J the row keys
MARKS, LABELS, LAST = 1, 4, 12
"""The rows of the marks, of the upper labels of 重点工作, and its last one."""


def swapped(order: str, first: int = LABELS) -> Columns:
    """The table's columns in another order, from a row on: ``order`` names those that now stand in A, B, C …"""
    to = {column_index_from_string(column): at for at, column in enumerate(order, start=1)}
    return lambda column, row: to.get(column, column) if row == MARKS or first <= row <= LAST else column


MOVES: dict[str, Columns] = {
    "as it was": lambda column, _: column,
    "a column put in before all": lambda column, _: column + 1,
    "a column put in within a group": lambda column, _: column + (column >= 4),
    "plan and done swapped": swapped("ABEFCDGHI"),
    "number and money swapped in a group": swapped("ABDCEFGHI", LABELS + 1),
    "the reason first": swapped("IABCDEFGH"),
    "the groups turned round": swapped("GHEFCDIBA"),
}


@pytest.mark.parametrize("erased", [lambda _, __: False, without_marks], ids=["marked", "by labels alone"])
@pytest.mark.parametrize("move", MOVES)
def test_columns_are_found_again_by_the_path_of_their_labels(move: str, erased: Erased) -> None:
    found = read(changed(parts("quarterly"), MOVES[move], erased=erased))
    assert found.record["works"] == RECORDS["quarterly"]["works"]
    assert not [note for note in found.notes if note.problem and note.field.startswith("works")]


def test_the_labels_agree_with_the_marks_wherever_the_columns_stand() -> None:
    for move in MOVES.values():
        doubts = [doubt for doubt in read(changed(parts("quarterly"), move)).doubts if doubt.kind == "dissent"]
        assert not [path for doubt in doubts for path in doubt.fields if path.startswith("works.")]


@pytest.mark.parametrize("down", [4, 5, 6, 7], ids=["above all", "between labels", "above the letters", "below them"])
@pytest.mark.parametrize("erased", [lambda _, __: False, without_marks], ids=["marked", "by labels alone"])
def test_a_row_put_into_the_header_costs_no_row_and_makes_none(down: int, erased: Erased) -> None:
    found = read(changed(parts("quarterly"), down=down, erased=erased))
    if down == 5 and erased is without_marks:  # three columns are left without any way to them: that is said
        assert {doubt.kind for doubt in found.doubts} >= {"not_found"}
    else:
        assert found.record["works"] == RECORDS["quarterly"]["works"]


def test_letters_are_no_answers_and_no_leftover() -> None:
    assert read(changed(parts("quarterly"))).unplaced == ()
    typed = {"5=3/1": "another"}
    found = read(changed(parts("quarterly"), erased=lambda text, row: text in typed))
    assert found.record["works"] == RECORDS["quarterly"]["works"]


def test_a_heading_over_several_columns_that_was_lost_leaves_the_marks_to_decide() -> None:
    found = read(changed(parts("quarterly"), MOVES["plan and done swapped"], erased=lambda text, _: text == "年度计划"))
    assert found.record["works"] == RECORDS["quarterly"]["works"]


def test_findings_about_columns_stand_at_their_own_labels() -> None:
    found = read(stamp_book(book("quarterly")))
    assert {path: found.headers[path] for path in ("works.area", "works.plan.number", "works.rate.money")} == {
        "works.area": "领域",
        "works.plan.number": "数量",
        "works.rate.money": "金额",
    }


# --- any header -------------------------------------------------------------------------------------------------------

words = st.sampled_from("子丑寅卯辰")  # few, so that one word stands in several rows of a header
labels = st.lists(st.lists(words, min_size=1, max_size=3), min_size=1, max_size=6, unique_by=tuple)
TOP = 4  # the first row of the header


def invented(labels: list[list[str]], letters: bool, side: bool, rows: int) -> dict[str, Any]:
    """The definition of a form with such a header."""
    columns = {
        f"c{at}": {"type": "text", "label": label, **({"letter": str(at + 1)} if letters else {})}
        for at, label in enumerate(labels)
    }
    width = len(columns) + side + 1
    return {
        "form": "invented",
        "version": "1",
        "record": "invented",
        "title": "表题",
        "label": "表",
        "fields": {"a": {"type": "text", "label": "甲"}},
        "tables": {"t": {"rows": {"min": rows}, "columns": columns, **({"side": "侧"} if side else {})}},
        "sheet": {"columns": [9] * width},
        "layout": [
            [{"title": True, "span": width}],
            [{"mark": "code", "span": width}],
            {"table": "t"},
            [{"ask": "a", "span": width - 1}],
        ],
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    labels=labels,
    letters=st.booleans(),
    side=st.booleans(),
    rows=st.integers(1, 3),
    put_in=st.integers(1, 9),
    down=st.integers(0, 9),
    marked=st.booleans(),
)
def test_any_header_comes_back_with_a_row_and_a_column_put_in(
    labels: list[list[str]], letters: bool, side: bool, rows: int, put_in: int, down: int, marked: bool
) -> None:
    record = {"a": "答", "t": [{f"c{at}": f"值{row}.{at}" for at in range(len(labels))} for row in range(rows)]}
    with TemporaryDirectory() as folder:
        (Path(folder) / "invented").mkdir()
        definition = json.dumps(invented(labels, letters, side, rows))
        (Path(folder) / "invented" / "form.yaml").write_text(definition, "utf-8")
        with forms.use_search_path(SearchPath(forms_in(folder))):
            records = {"year": 2026, "unit": {"code": "904001", "name": "望山镇"}, "invented": record}
            ((_, made),) = make_books(records, forms.load("invented"), issue_of(records), "project", "all")
            erased = (lambda _, __: False) if marked else without_marks
            found = read(changed(compile_book(made), lambda column, _: column + (column >= put_in), down, erased))
    torn = TOP < down <= TOP + max(map(len, labels)) and not marked
    if (
        torn and found.record["t"] != record["t"]
    ):  # columns whose labels stand in a row too far up: nothing else leads to them
        assert "not_found" in {doubt.kind for doubt in found.doubts}
    else:
        assert found.record["t"] == record["t"]

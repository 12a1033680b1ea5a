"""The shipped examples: perfxl finds in examples/filled what was planted there, no more and no less.

What was planted is said in examples/fill.py alone, which made the workbooks; it is loaded here, not run. When a form
has changed and this fails, run it again: python examples/fill.py
"""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pytest

from perfxl import records
from perfxl.budget.documents.extract import extract, read_document
from perfxl.finding import SEVERITIES
from perfxl.form.installed import load
from perfxl.rules import own_severities
from perfxl.rules.review import review, review_records
from perfxl.submission import Submission
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.reading.opening import open_package
from perfxl.workbook.reading.read import read_workbook

EXAMPLES = Path(__file__).parents[1] / "examples"
FILLED = EXAMPLES / "filled"


def _fill() -> ModuleType:
    spec = importlib.util.spec_from_file_location("examples_fill", EXAMPLES / "fill.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


fill = _fill()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What is typed into each sheet, over blanks generated now: a form that has changed shows here."""
    folder = tmp_path_factory.mktemp("blanks")
    return [each for book, blank in fill.blanks(folder) for each in fill.fillings(book, blank)]


@pytest.fixture(scope="module")
def submissions() -> list[Submission]:
    return [
        reading.submission
        for path in sorted(FILLED.glob("*.xlsx"))
        for reading in read_workbook(Workbook(open_package(path)))
    ]


def test_exactly_what_was_planted_is_found(filled: list[Any], submissions: list[Submission]) -> None:
    found = Counter(fill.key(finding) for _, findings in review(submissions) for finding in findings)
    planted = Counter(each.key for filling in filled for each in fill.planted(filling) if each.code)
    assert {"missed": planted - found, "not planted": found - planted} == {
        "missed": Counter(),
        "not planted": Counter(),
    }


def test_what_was_typed_stands_in_the_cells_that_are_listed(filled: list[Any]) -> None:
    for filling in filled:
        found = read_workbook(Workbook(open_package(FILLED / filling.book.file)))
        sheet = next(each.located.sheet for each in found if each.submission.sheet == filling.name)
        for slip in fill.planted(filling):
            for cell, text in slip.typed.items():
                place = parse_range(cell)
                assert place
                if (place.row, place.column) == (place.last_row, place.last_column):  # else a row that was left alone
                    value = sheet.raw(place.row, place.column).value
                    assert value == (fill.number(text) if isinstance(value, (int, float)) else text or None), (
                        filling.name,
                        cell,
                    )


def test_all_else_is_as_in_the_records(filled: list[Any], submissions: list[Submission]) -> None:
    returned = {(Path(each.file).name, each.sheet): each for each in submissions}
    assert set(returned) == {(filling.book.file, filling.name) for filling in filled}
    for filling in filled:
        record = fill.without_untouched(returned[filling.book.file, filling.name])
        record.pop("contact", None)
        assert record == filling.expected(), filling.name


def test_the_list_of_what_was_planted_is_the_scripts(filled: list[Any]) -> None:
    assert (FILLED / "README.md").read_text(encoding="utf-8") == fill.readme(filled)


def test_the_readme_lists_every_kind_of_severity(filled: list[Any]) -> None:
    codes = {each.code for filling in filled for each in fill.planted(filling)}
    assert len(codes) > 24
    assert {own_severities()[code] for code in codes if code} == {*SEVERITIES}


def test_no_mark_was_lost_and_nothing_is_disputed(submissions: list[Submission]) -> None:
    assert {each.lost for each in submissions} == {()}
    assert {each.disputed for each in submissions} == {()}
    assert {each.unplaced for each in submissions} == {()}


def test_a_persons_own_note_and_colour_survive_the_flags(filled: list[Any], tmp_path: Path) -> None:
    filling = next(each for each in filled if each.sheet.note)
    workbook = Workbook(open_package(FILLED / filling.book.file))
    read_ = read_workbook(workbook)
    found = {id(submission): findings for submission, findings in review([each.submission for each in read_])}
    flagged = tmp_path / "flagged.xlsx"
    flagged.write_bytes(flag_workbook(workbook, [(each, found[id(each.submission)]) for each in read_]).data)
    for path in (FILLED / filling.book.file, flagged):
        cell = openpyxl.load_workbook(path)[filling.name][filling.places()[filling.sheet.note[0]]]
        assert filling.sheet.note[1] in cell.comment.text
        assert cell.fill.fgColor.rgb == "FFFFFF00"


def test_the_files_are_small() -> None:
    assert max(path.stat().st_size for path in FILLED.glob("*.xlsx")) < 200_000


def test_the_records_are_those_of_the_document() -> None:
    taken = extract(read_document(EXAMPLES / "liuxi-2024.txt"), None, file="liuxi-2024.txt")
    assert taken.records == records.load(EXAMPLES / "records.yaml")


@pytest.mark.parametrize("form", ["project-target", "department-goals"])
def test_nothing_is_found_in_the_records(form: str) -> None:
    assert review_records(records.load(EXAMPLES / "records.yaml"), load(form), "records.yaml") == []

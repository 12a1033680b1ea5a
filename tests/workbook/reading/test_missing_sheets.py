"""Sheets that did not come back are said of the file: no sheet that came back has to answer for them."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from workbook.conftest import example, flagged, part, returned, some, workbook

import perfxl
from perfxl.cli import main
from perfxl.rules.asked.id06_title import _gaps
from perfxl.workbook.opinions.replies import read_replies

COUNT = 4
NEVER = "RD-18"  # what openpyxl saves has no calculated values


@lru_cache(maxsize=32)
def without(*gone: int) -> bytes:
    """A unit's book of a few projects, from which these sheets, counted from 0, were deleted."""
    book = openpyxl.load_workbook(io.BytesIO(some(COUNT)))
    forms = [name for name in book.sheetnames if name.startswith("项目0")]
    for at in gone:
        del book[forms[at]]
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def found(data: bytes) -> dict[str, list[str]]:
    """The codes of the findings by the sheet they are about, empty for the file."""
    by_sheet: dict[str, list[str]] = {}
    for finding in perfxl.check(data).findings:
        if finding.code != NEVER:
            by_sheet.setdefault(finding.sheet, []).append(finding.code)
    return by_sheet


def colours(data: bytes) -> dict[str, int]:
    """The number of conditional formats on each form sheet."""
    entries = [reading.located.sheet.entry for reading in returned(data)]
    return {entry.name: part(data, entry.part).count("<cfRule") for entry in entries}


@pytest.mark.parametrize("gone", [(0,), (1,), (3,), (0, 1), (1, 3), (0, 2, 3)])
def test_a_missing_sheet_is_said_of_the_file(gone: tuple[int, ...]) -> None:
    (finding,) = (each for each in perfxl.check(without(*gone)).findings if each.code == "RD-16")
    assert finding.of_file
    assert (finding.sheet, finding.fields, finding.cells, finding.facts["count"]) == ("", (), (), len(gone))
    whole, left = found(without()), found(without(*gone))
    assert "RD-16" not in whole.get("", [])
    # what is said of the sheets that came back is what was said before
    assert {sheet: codes for sheet, codes in left.items() if sheet} == {
        sheet: codes for sheet, codes in whole.items() if sheet in left and sheet
    }


def test_the_list_says_it_and_no_sheet_is_marked() -> None:
    marked = flagged(without(1, 2))
    whole, left = colours(flagged(without())), colours(marked)
    assert left == {sheet: whole[sheet] for sheet in left}
    (line,) = (entry.texts for entry in read_replies(workbook(marked)).entries if "缺2张" in entry.texts["opinion"])
    assert (line.get("project", ""), line["place"], line.get("cell", "")) == ("", "整个文件", "")


@pytest.mark.parametrize(("words", "answered"), [("项目已取消，未再实施，财政所已同意", True), ("", False)])
def test_an_explanation_stays_whichever_sheet_comes_first(words: str, answered: bool) -> None:
    book = openpyxl.load_workbook(io.BytesIO(flagged(without(1))))
    list_ = book["审核意见"]
    row = next(row for row in list_.iter_rows() if any("缺1张" in str(cell.value) for cell in row))
    head = next(cell for line in list_.iter_rows() for cell in line if cell.value == "出错说明（单位填写）")
    list_.cell(row[0].row, head.column, words)
    del book[next(name for name in book.sheetnames if name.startswith("项目01"))]
    held = io.BytesIO()
    book.save(held)
    (finding,) = (each for each in perfxl.check(held.getvalue()).findings if each.code == "RD-16")
    assert (finding.explanation, finding.answered, finding.facts["count"]) == (words, answered, 2)


@pytest.mark.parametrize("gone", [(1,), (0, 2, 3)])
def test_what_is_written_anew_goes_on_to_miss_them(
    gone: tuple[int, ...], complaints: Callable[[bytes], list[object]]
) -> None:
    (made,) = perfxl.correct(without(*gone)).files
    assert complaints(made.data) == []
    again = perfxl.correct(made.data).files[0]
    for findings in (made.findings, perfxl.check(made.data).findings, again.findings):
        assert [(each.sheet, each.facts["count"]) for each in findings if each.code == "RD-16"] == [("", len(gone))]
    assert again.data == made.data


@pytest.mark.parametrize(("words", "line"), [((), "整个文件"), (("--lang", "en"), "the whole file")])
@pytest.mark.parametrize("verb", ["check", "read"])
@pytest.mark.parametrize("format", ["text", "html", "markdown"])
def test_every_report_names_the_file(verb: str, format: str, words: tuple[str, ...], line: str, tmp_path: Path) -> None:
    path = tmp_path / "报回.xlsx"
    path.write_bytes(without(1))
    more = ("--format", format) if verb == "check" else ()
    result = CliRunner().invoke(main, [verb, str(path), *more, *words])
    assert line in result.stdout


def test_a_gap_in_the_numbers_is_said_once_of_the_records() -> None:
    records = example("project-target")
    for at, project in enumerate(records["projects"]):
        project["number"] = at + 1 + 2 * (at >= 3) + (at >= 5)
    (finding,) = (each for each in perfxl.check(records).findings if each.code == "ID-06")
    assert (finding.sheet, finding.fields, finding.facts["missing"]) == ("", (), ["4—5", "8"])


@pytest.mark.parametrize("seed", range(200))
def test_the_numbers_that_are_missing_are_all_named(seed: int) -> None:
    draw = random.Random(seed)
    numbers = [draw.randrange(-2, 60) for _ in range(draw.randrange(1, 25))]
    ends = [[int(end) for end in text.split("—")] for text in _gaps(numbers)]
    named = [number for first, *last in ends for number in range(first, (last or [first])[0] + 1)]
    assert named == sorted({*range(1, max([*numbers, 0]))} - {*numbers})

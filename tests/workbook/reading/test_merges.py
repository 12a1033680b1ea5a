"""A merge that a person made down a column: a class or a text serves all its rows, a name or a number does not."""

from __future__ import annotations

import random
import re

import pytest
from workbook.conftest import example, made, part, reviewed, some, with_parts
from workbook.reading.test_formatting import SENT, SHEET

from perfxl.submission import Submission
from perfxl.workbook.writing.stamp import stamp_book

ROWS = example("project-target")["projects"][0]["indicators"]
FIRST = 12  # the sheet's row of the first indicator
COLUMNS = {"level2": "C", "level3": "E", "description": "F", "target": "G", "basis": "H"}
SHARED = ("level2", "description", "basis")


def merged(*ranges: str, data: bytes = SENT, keep: bool = False) -> bytes:
    """The workbook with cells merged as Excel merges them: the first keeps its content, the others lose theirs."""
    sheet = part(data, SHEET)
    for range_ in ranges:
        (left, first), (right, last) = (re.match(r"([A-Z]+)(\d+)", corner).groups() for corner in range_.split(":"))  # type: ignore[union-attr]
        for row in range(int(first), int(last) + 1):
            for at in range(ord(left), ord(right) + 1):
                cell = f"{chr(at)}{row}"
                if cell != f"{left}{first}" and not keep:
                    sheet = re.sub(
                        rf'<c r="{cell}" (s="\d+")[^>]*?(?:/>|>.*?</c>)',
                        rf'<c r="{cell}" \1/>',
                        sheet,
                        count=1,
                        flags=re.DOTALL,
                    )
                sheet = re.sub(rf'<mergeCell ref="{cell}:\w+"/>', "", sheet) if at == ord(left) else sheet
        sheet = sheet.replace("</mergeCells>", f'<mergeCell ref="{range_}"/></mergeCells>')
    return with_parts(data, {SHEET: re.sub(r'<mergeCells count="\d+"', "<mergeCells", sheet)})


def area(column: str, first: int, last: int) -> str:
    """The range of a column's cells in some rows of the table, from 0."""
    left = COLUMNS[column]
    return f"{left}{FIRST + first}:{'D' if column == 'level2' else left}{FIRST + last}"


def the(data: bytes) -> tuple[Submission, set[tuple[str, tuple[str, ...]]]]:
    ((reading, found),) = reviewed(data)
    return reading.submission, {(finding.code, finding.fields) for finding in found}


PLAIN, SAID = the(SENT)


def test_a_class_over_two_rows_serves_both() -> None:
    found, said = the(merged(area("level2", 0, 1)))
    assert found.record == PLAIN.record
    assert found.doubts == ()
    assert said == SAID
    (note,) = (note for note in found.notes if "merged" in note.how)
    assert (note.field, note.cell, note.understood) == ("indicators[1].level2", "C12", ROWS[0]["level2"])


def test_two_merges_that_overlap_the_form_s_own() -> None:
    """C12:C13, as another program merges it, over C12:D12 and C13:D13, which stay."""
    sheet = part(SENT, SHEET).replace("</mergeCells>", '<mergeCell ref="C12:C13"/></mergeCells>')
    sheet = re.sub(r'<c r="C13" (s="\d+")[^>]*>.*?</c>', r'<c r="C13" \1/>', sheet)
    found, said = the(with_parts(SENT, {SHEET: sheet}))
    assert (found.record, found.doubts, said) == (PLAIN.record, (), SAID)


def adjacent_rows(found: Submission) -> list[tuple[int, int]]:
    """The first and the last of two to four filled rows that stand directly below each other."""
    rows = [int(found.places[f"indicators[{at}].level3"][1:]) for at in range(len(found.record["indicators"]))]
    pairs = [(first, last) for first in range(len(rows)) for last in range(first + 1, min(first + 4, len(rows)))]
    return [(first, last) for first, last in pairs if rows[last] - rows[first] == last - first]


@pytest.mark.parametrize("project", range(4))
def test_what_is_shared_and_what_is_doubted(project: int) -> None:
    """60 merges on each sheet: shared without a word where the column may be, else only the merged cells are named."""
    records = example("project-target")
    records["projects"] = records["projects"][project : project + 1]
    sent = stamp_book(next(iter(made("project-target", records, "project").values())))
    plain, _ = the(sent)
    held, dice = plain.record["indicators"], random.Random(project)
    choices = [(column, *rows) for column in COLUMNS for rows in adjacent_rows(plain)]
    for column, first, last in dice.sample(choices, min(60, len(choices))):
        top = int(plain.places[f"indicators[{first}].level3"][1:]) - FIRST
        found, _ = the(merged(area(column, top, top + last - first), data=sent))
        paths = tuple(f"indicators[{at}].{column}" for at in range(first, last + 1))
        shared = held[first][column] if column in SHARED else None
        wanted = [{**row, column: shared} if first < at <= last else row for at, row in enumerate(held)]
        assert found.record["indicators"] == wanted, (column, first, last)
        said = [(doubt.kind, doubt.fields) for doubt in found.doubts]
        assert said == ([] if column in SHARED else [("merged", paths)]), (column, first, last)


@pytest.mark.parametrize("range_", ["E12:F13", "G12:H12", "E12:H12", "C12:E13"])
def test_a_merge_across_answers_is_doubted_at_these_alone(range_: str) -> None:
    found, _ = the(merged(range_))
    (doubt,) = (doubt for doubt in found.doubts if doubt.kind == "merged")
    left, right = range_[0], range_.split(":")[1][0]
    columns = [id for id, at in COLUMNS.items() if left <= at <= right]
    rows = range(int(range_[1:3]), int(range_[-2:]) + 1)
    assert set(doubt.fields) == {f"indicators[{row - FIRST}].{id}" for row in rows for id in columns}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("last", [1, 2])
def test_what_a_program_keeps_under_a_merge_is_doubted_unless_it_is_what_the_merge_shows(
    column: str, last: int
) -> None:
    found, _ = the(merged(area(column, 0, last), keep=True))
    same = len({row[column] for row in ROWS[: last + 1]}) == 1
    said = [(doubt.kind, doubt.fields) for doubt in found.doubts]
    assert said == ([] if same else [("merged", tuple(f"indicators[{at}].{column}" for at in range(last + 1)))])


def test_several_merges_at_once_and_a_workbook_written_anew() -> None:
    found, _ = the(merged(area("level2", 0, 1), area("basis", 0, 2), area("description", 1, 2)))
    assert found.doubts == ()
    rows = found.record["indicators"]
    assert rows[1]["level2"] == rows[0]["level2"]
    assert rows[0]["basis"] == rows[1]["basis"] == rows[2]["basis"]
    assert rows[1]["description"] == rows[2]["description"]


def test_what_went_out_is_nothing_a_person_merged() -> None:
    for data in (SENT, some(3)):
        assert all("merged" not in note.how for reading, _ in reviewed(data) for note in reading.submission.notes)

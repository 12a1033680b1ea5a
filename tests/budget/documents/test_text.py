"""Texts with a row a line: copied out of a table, or out of a PDF, with lines broken at one width."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from budget.documents.written import text_of

from perfxl import records
from perfxl.budget.documents.extract import extract
from perfxl.budget.documents.readers.text import text_content

WHOLE = records.load(Path(__file__).parents[3] / "examples" / "records.yaml")
TEXT = text_of(WHOLE)


def as_lines(text: str, between: str) -> str:
    """The text with each row on one line."""
    whole: list[str] = []
    row: list[str] = []
    for line in text.split("\n"):
        if line.startswith("\t"):
            row.append(line[1:])
        elif row and line:
            row[-1] += f"\n{line}"
        else:
            whole += [between.join(row)] if row else [line]
            row = []
    return "\n".join(whole) + "\n"


def broken(text: str, width: int, page: int = 40) -> str:
    """The text with lines of a table broken at a width, and a page number after each page."""
    part1, heading, part2 = text.partition("预算项目绩效目标\n")
    whole = (part1 + heading).split("\n")
    for line in part2.split("\n"):
        whole += [line[at : at + width] for at in range(0, len(line), width)] or [""]
    pages = [whole[at : at + page] for at in range(0, len(whole), page)]
    return "\n".join("\n".join([*lines, f"- {number} -"]) for number, lines in enumerate(pages, 1))


def test_rows_as_lines_with_tabs() -> None:
    found = extract(as_lines(TEXT, "\t"), 2024)
    assert found.records == WHOLE
    assert (found.unplaced, found.notes) == ((), ())


def test_rows_whose_first_tab_is_lost() -> None:
    """What no longer makes a full row is listed, and nothing of it is in another column."""
    text = re.sub(r"^\t(?=质量指标)", "", as_lines(TEXT, "\t"), flags=re.MULTILINE)
    found = extract(text, 2024)
    assert not found.is_complete
    kept = [row for project in found.records["projects"] for row in project["indicators"]]
    right = [row for project in WHOLE["projects"] for row in project["indicators"]]
    assert len(kept) < len(right)
    assert all(row in right for row in kept)


@pytest.mark.parametrize("width", [25, 30, 38, 44, 60, 1000])
def test_lines_broken_at_a_width(width: int) -> None:
    """The same records, or lines without a place; never a value that is another."""
    found = extract(broken(as_lines(TEXT, "  "), width), 2024)
    assert len(found.records["projects"]) == len(WHOLE["projects"])
    right = [row for project in WHOLE["projects"] for row in project["indicators"]]
    kept = [row for project in found.records["projects"] for row in project["indicators"]]
    wrong = [row for row in kept if row not in right]
    assert wrong == [] or not found.is_complete, wrong[:3]
    if found.is_complete:
        assert found.records == WHOLE


@pytest.mark.parametrize("width", [38, 44])
def test_common_widths_give_the_records(width: int) -> None:
    found = extract(broken(as_lines(TEXT, "  "), width), 2024)
    assert found.records["projects"] == WHOLE["projects"]
    assert {note.what for note in found.notes} <= {"lines_joined", "one_line_goals"}


def test_places_are_the_lines_of_the_text() -> None:
    text = TEXT + "\n\n附注一行\n"
    (piece,) = extract(text, 2024).unplaced
    assert text.split("\n")[piece.place.number - 1] == "附注一行"


def test_a_blank_text_has_no_blocks() -> None:
    assert text_content("\n\n \n").is_empty

"""Extraction of records from a published document.

``read_document`` returns the text of a file, ``extract`` the records in it. Nothing is invented: each
line of the document is in the records, or is one of its fixed headings and labels, or is reported
with its number in ``unplaced``. Omissions and decisions made during extraction are reported in ``notes``.

Sentences are kept word for word, slips and 。 included. Dropped are Word's marks and tabs, white
space around a text, line breaks inside a cell, the numbers of goals, areas and measures, and the signs that
separate the names in a list of indicators.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from perfxl.budget.documents.department import chapter, department_of
from perfxl.budget.documents.lines import DocumentLine, ExtractionNote, UnplacedLine, compact, lines_of
from perfxl.budget.documents.project_tables import Project, is_title, projects_of
from perfxl.budget.documents.read import read_document
from perfxl.errors import DocumentError
from perfxl.records import in_order

__all__ = ["Extraction", "ExtractionNote", "UnplacedLine", "extract", "read_document"]

_HEADINGS = ("第一部分", "第二部分", "部门整体绩效目标", "预算项目绩效目标", "目录")
_YEAR = re.compile(r"(20\d\d)\s*年")
_YEAR_IN_CODE = re.compile(r"^\d{6}(\d{2})[A-Z]")


KEYS = (
    *("year", "unit", "department"),
    *("number", "code", "name", "budget", "purpose", "plan"),
    *("overall", "areas", "parts", "goal", "goals", "indicators", "measures"),
    *("total", "fiscal", "other", "march", "june", "october", "december"),
    *("level1", "level2", "level3", "description", "target", "basis"),
)
"""The order of the keys in the records, which is that of the fields in the forms; ``projects`` come last."""


@dataclass(frozen=True)
class Extraction:
    """The records of one document, the lines that found no place in them, and notes (see ``lines.NOTES``)."""

    records: dict[str, Any]
    unplaced: tuple[UnplacedLine, ...]
    notes: tuple[ExtractionNote, ...]


def extract(text: str, year: int | None = None, *, file: str = "") -> Extraction:
    """Return the records in a published document's text.

    ``year``: the budget year, where the caller knows it; otherwise the one in the document's heading is taken, or
    else the one of most project codes. ``file`` is only named in error messages. Raises ``DocumentError`` for an empty
    text and for one without projects.
    """
    if not text.strip():
        raise DocumentError(file=file, what="empty")
    lines = lines_of(text)
    front, part1, part2 = _split_parts(lines)
    projects, left2, notes2 = projects_of(part2)
    if not projects:
        raise DocumentError(file=file, what="nothing_found")
    department, left1, notes1 = department_of(part1)
    budget_year, year_notes = _year(year, front, projects)
    unit, unit_left, unit_notes = _unit(projects)
    records = {
        "year": budget_year,
        "unit": unit,
        "department": department if any(department.values()) else None,
        "projects": [project.record for project in projects],
    }
    left = sorted((*_unplaced_front(front), *left1, *left2, *unit_left), key=lambda item: item.line)
    return Extraction(in_order(records, KEYS), tuple(left), (*year_notes, *unit_notes, *notes1, *notes2))


def tally(taken: Extraction) -> dict[str, float]:
    """Return counts of an extraction: projects, indicators, areas, and the sum of the budgets in 万元 (10,000 yuan)."""
    projects = taken.records.get("projects") or []
    return {
        "projects": len(projects),
        "indicators": sum(len(project.get("indicators") or ()) for project in projects),
        "total": sum(project["budget"].get("total") or 0 for project in projects),
        "areas": len((taken.records.get("department") or {}).get("areas") or ()),
    }


def _split_parts(
    lines: Sequence[DocumentLine],
) -> tuple[Sequence[DocumentLine], Sequence[DocumentLine], Sequence[DocumentLine]]:
    """Return the front matter, Part 1 from its first chapter on, and Part 2 from its first table on.

    The fixed headings are left out of the front matter and of Part 1.
    """
    tables = next((i for i, line in enumerate(lines) if line.cell), len(lines))
    titles = [i for i in range(tables) if is_title(lines[i])]
    second = titles[-1] if titles else tables
    first = _start_of_part1(lines[:second])
    part1 = [line for line in lines[first:second] if not _is_heading(line)]
    front = [line for line in lines[:first] if not _is_heading(line)]
    return front, part1, lines[second:]


def _start_of_part1(lines: Sequence[DocumentLine]) -> int:
    """Return the index of the first chapter's heading among the lines before Part 2, or ``len(lines)``."""
    chapters = [(chapter(line.text), i) for i, line in enumerate(lines)]
    # The last heading of the overall goal counts, because a table of contents names it, too.
    overall = max((i for name, i in chapters if name == "overall"), default=None)
    if overall is not None:
        return overall
    return next((i for name, i in chapters if name), len(lines))


def _is_heading(line: DocumentLine) -> bool:
    """Return True for one of the document's fixed headings."""
    return not line.cell and compact(line.text) in _HEADINGS


def _unplaced_front(front: Iterable[DocumentLine]) -> Iterator[UnplacedLine]:
    """Return the lines above Part 1 except the document's own title, which gives the year."""
    return (UnplacedLine(line.number, line.text) for line in front if line.text and not _YEAR.search(line.text))


def _year(
    given: int | None, front: Sequence[DocumentLine], projects: Sequence[Project]
) -> tuple[int | None, tuple[ExtractionNote, ...]]:
    """Return the budget year, and a note on its origin where the document does not name it."""
    named = [int(match[1]) for line in front if (match := _YEAR.search(line.text))]
    if given is not None or named:
        return given if given is not None else named[0], ()
    codes = [match[1] for project in projects if (match := _YEAR_IN_CODE.match(project.record["code"] or ""))]
    if not codes:
        return None, (ExtractionNote("year_unknown"),)
    digits, count = Counter(codes).most_common(1)[0]
    return 2000 + int(digits), (
        ExtractionNote("year_from_codes", None, {"year": 2000 + int(digits), "count": count, "of": len(codes)}),
    )


def _unit(projects: Sequence[Project]) -> tuple[dict[str, str | None], list[UnplacedLine], list[ExtractionNote]]:
    """Return the unit that the first table names, with the lines and notes about another one in a later table."""
    named = [(project, project.unit) for project in projects if project.unit]
    if not named:
        return (
            {"code": None, "name": None},
            [],
            [ExtractionNote("missing_field", None, {"place": "unit", "field": "unit"})],
        )
    taken = named[0][1]
    others = [(project, unit) for project, unit in named if (unit.code, unit.name) != (taken.code, taken.name)]
    notes = [
        ExtractionNote(
            "unit_differs", unit.line, {"place": project.record["name"], "found": unit.text, "taken": taken.text}
        )
        for project, unit in others
    ]
    left = [UnplacedLine(unit.line, unit.text) for _, unit in others]
    return {"code": taken.code, "name": taken.name}, left, notes

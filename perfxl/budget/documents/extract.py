"""A published document → records.

``read_document`` gives the text of a file, ``extract`` the records in it. Nothing is invented: each
line of the document is in the records, or is one of its fixed headings and labels, or is reported
with its number in ``unplaced``. What was left out or decided on the way stands in ``notes``.

Sentences are kept word for word, slips and 。 included. Dropped are Word's marks and tabs, white
space around a text, line breaks inside a cell, the numbers of goals, areas and measures, and in lists of
indicator names the signs that part them.
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
    *("year", "unit", "department", "projects"),
    *("number", "code", "name", "budget", "purpose", "plan"),
    *("overall", "areas", "parts", "goal", "goals", "indicators", "measures"),
    *("total", "fiscal", "other", "march", "june", "october", "december"),
    *("level1", "level2", "level3", "description", "target", "basis"),
)
"""The order in which the keys of the records stand, as the forms ask for them."""


@dataclass(frozen=True)
class Extraction:
    """The records of one document, the lines that found no place in them, and notes (``lines.NOTES``)."""

    records: dict[str, Any]
    unplaced: tuple[UnplacedLine, ...]
    notes: tuple[ExtractionNote, ...]


def extract(text: str, year: int | None = None, *, file: str = "") -> Extraction:
    """The records in a published document's text.

    ``year``: the budget year, where the caller knows it; else the one in the document's heading, else
    that of most project codes. ``file`` is for the error's sentence only.
    """
    if not text.strip():
        raise DocumentError(file=file, what="empty")
    lines = lines_of(text)
    front, part1, part2 = _parts(lines)
    projects, left2, notes2 = projects_of(part2)
    if not projects:
        raise DocumentError(file=file, what="nothing_found")
    department, left1, notes1 = department_of(part1)
    found, year_notes = _year(year, front, projects)
    unit, unit_left, unit_notes = _unit(projects)
    records = {
        "year": found,
        "unit": unit,
        "department": department if any(department.values()) else None,
        "projects": [project.record for project in projects],
    }
    left = sorted((*_front_left(front), *left1, *left2, *unit_left), key=lambda item: item.line)
    return Extraction(in_order(records, KEYS), tuple(left), (*year_notes, *unit_notes, *notes1, *notes2))


def tally(taken: Extraction) -> dict[str, float]:
    """How much was taken: projects, their indicators, their budgets in 万元 together, areas."""
    projects = taken.records.get("projects") or []
    return {
        "projects": len(projects),
        "indicators": sum(len(project.get("indicators") or ()) for project in projects),
        "total": sum(project["budget"].get("total") or 0 for project in projects),
        "areas": len((taken.records.get("department") or {}).get("areas") or ()),
    }


def _parts(
    lines: Sequence[DocumentLine],
) -> tuple[Sequence[DocumentLine], Sequence[DocumentLine], Sequence[DocumentLine]]:
    """Front matter, Part 1 from its first chapter on, Part 2 from its first table on; headings are left out."""
    tables = next((i for i, line in enumerate(lines) if line.cell), len(lines))
    titles = [i for i in range(tables) if is_title(lines[i])]
    second = titles[-1] if titles else tables
    chapters = [(chapter(lines[i].text), i) for i in range(second)]
    # The last one that opens the overall goal: a table of contents names it, too.
    first = max((i for name, i in chapters if name == "overall"), default=None)
    if first is None:
        first = next((i for name, i in chapters if name), second)
    part1 = [line for line in lines[first:second] if not _is_heading(line)]
    front = [line for line in lines[:first] if not _is_heading(line)]
    return front, part1, lines[second:]


def _is_heading(line: DocumentLine) -> bool:
    return not line.cell and compact(line.text) in _HEADINGS


def _front_left(front: Iterable[DocumentLine]) -> Iterator[UnplacedLine]:
    """Lines above Part 1 that are not the document's own title (which gives the year)."""
    return (UnplacedLine(line.number, line.text) for line in front if line.text and not _YEAR.search(line.text))


def _year(
    given: int | None, front: Sequence[DocumentLine], projects: Sequence[Project]
) -> tuple[int | None, tuple[ExtractionNote, ...]]:
    """The budget year, and how it came about where the document does not say it."""
    named = [int(found[1]) for line in front if (found := _YEAR.search(line.text))]
    if given is not None or named:
        return given if given is not None else named[0], ()
    codes = [found[1] for project in projects if (found := _YEAR_IN_CODE.match(project.record["code"] or ""))]
    if not codes:
        return None, (ExtractionNote("year_unknown"),)
    digits, count = Counter(codes).most_common(1)[0]
    return 2000 + int(digits), (
        ExtractionNote("year_from_codes", None, {"year": 2000 + int(digits), "count": count, "of": len(codes)}),
    )


def _unit(projects: Sequence[Project]) -> tuple[dict[str, str | None], list[UnplacedLine], list[ExtractionNote]]:
    """The unit that the first table names; another one in a later table is reported."""
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

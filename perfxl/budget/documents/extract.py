"""Extraction of records from a published document.

``read_document`` returns the content of a file, ``extract`` the records in it. Nothing is invented: each line of the
document is in the records, or is one of its fixed headings and labels, or a line of its contents, or is reported with
its place in ``unplaced``. Omissions and decisions made during extraction are reported in ``notes``.

Sentences are kept word for word, slips and 。 included. Dropped are Word's marks and tabs, white space around a text,
line breaks inside a cell, the numbers of goals, areas and measures, and the signs that separate the names in a list of
indicators.

A document may hold several units, one after the other: each with a Part 1 of its own, or only with its tables.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from perfxl.budget.documents.content import (
    Block,
    DocumentContent,
    DocumentLine,
    DocumentRow,
    ExtractionNote,
    UnplacedLine,
    compact,
    lines_in,
    sections,
    unplaced,
)
from perfxl.budget.documents.department import chapter, department_of
from perfxl.budget.documents.layouts import layout_of_title
from perfxl.budget.documents.project_sections import (
    ProjectSection,
    is_any_title,
    project_sections,
    title_of,
    with_titles_out,
)
from perfxl.budget.documents.project_tables import NamedUnit, Project, project_of
from perfxl.budget.documents.readers import read_document
from perfxl.errors import DocumentError
from perfxl.form.characters import shorten
from perfxl.records import in_order, unit_label

__all__ = ["Extraction", "ExtractionNote", "UnplacedLine", "extract", "read_document"]

_HEADINGS = ("第一部分", "第二部分", "部门整体绩效目标", "预算项目绩效目标", "目录", "第一部分部门整体绩效目标",
             "第二部分预算项目绩效目标", "部门预算绩效文本", "预算绩效文本", "绩效文本",
             "单位整体绩效目标")  # fmt: skip
_PART1 = ("第一部分", "第一部分部门整体绩效目标", "部门整体绩效目标", "单位整体绩效目标")
_YEAR = re.compile(r"(20\d\d)\s*年")
_YEAR_IN_CODE = re.compile(r"^\d{6}(\d{2})[A-Z]")
_LEADERS = re.compile(r"[.．…·]{3,}\s*\d*$")
_CONTENTS = "目录"
_LONGEST_ENTRY = 100
_PAGE_OF_ENTRY = re.compile(r"[\s.．…·\-—]*\d{0,4}$")

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
    """The records of one document, the lines that found no place in them, and notes (see ``content.NOTES``).

    ``units``: the records of each unit, in the order of the document; ``file``: its name in messages.
    """

    units: tuple[dict[str, Any], ...]
    unplaced: tuple[UnplacedLine, ...]
    notes: tuple[ExtractionNote, ...]
    file: str = ""

    @property
    def records(self) -> dict[str, Any]:
        """The records of the only unit. Raises ``DocumentError`` for a document of several."""
        if len(self.units) > 1:
            raise DocumentError(file=self.file, what="several_units", units="、".join(map(unit_label, self.units)))
        return self.units[0]

    @property
    def is_complete(self) -> bool:
        """True if every table and every line from Part 1 on was placed, and every project has indicators."""
        left_out = any(note.what == "other_layout" for note in self.notes) or any(
            not line.front for line in self.unplaced
        )
        return not left_out and all(project["indicators"] for unit in self.units for project in unit["projects"])


@dataclass(frozen=True)
class _Volume:
    """A stretch of the document with at most one Part 1: what stands above it, its lines, the blocks of Part 2."""

    front: Sequence[DocumentLine]
    part1: Sequence[DocumentLine]
    part2: Sequence[Block]


@dataclass
class _Gathered:
    """What a volume held: its department's goals, its projects, the lines without a place, notes."""

    department: dict[str, Any]
    projects: list[Project]
    left: list[UnplacedLine]
    notes: list[ExtractionNote]


def extract(document: DocumentContent | str, year: int | None = None, *, file: str = "") -> Extraction:
    """Return the records in a published document, or in its text.

    ``year``: the budget year, where the caller knows it; otherwise the one in the document's heading is taken, or
    else the one of most project codes. ``file`` is only named in error messages. Raises ``DocumentError`` for an empty
    text, for one without projects and for one whose tables are of another layout.
    """
    content = _content(document)
    blocks = list(with_titles_out(content.blocks))
    if content.is_empty:
        raise DocumentError(file=file, what="empty")
    volumes = list(_volumes(blocks))
    gathered = [_gather(volume, at == 0) for at, volume in enumerate(volumes)]
    projects = [project for volume in gathered for project in volume.projects]
    notes = [note for volume in gathered for note in volume.notes]
    if not projects:
        raise _nothing_found(file, blocks, notes)
    front = [line for volume in volumes for line in volume.front]
    named = {text for unit in _named(projects) for text in (compact(unit.name), compact(unit.text))}
    budget_year, year_notes = _year(year, front, projects)
    units, unit_notes = _units(gathered)
    records = tuple(in_order({"year": budget_year, **unit}, KEYS) for unit in units)
    pieces = (piece for volume in gathered for piece in volume.left)
    left = [piece for piece in pieces if not piece.front or compact(piece.text) not in named]
    every_note = (*content.notes, *year_notes, *unit_notes, *notes, *_repeated(projects))
    return Extraction(records, tuple(left), every_note, file)


def tally(records: dict[str, Any]) -> dict[str, float]:
    """Return counts of one unit's records: projects, indicators, areas, and the sum of the budgets in 万元.

    万元 is 10,000 yuan.
    """
    projects = records.get("projects") or []
    return {
        "projects": len(projects),
        "indicators": sum(len(project.get("indicators") or ()) for project in projects),
        "total": sum(project["budget"].get("total") or 0 for project in projects),
        "areas": len((records.get("department") or {}).get("areas") or ()),
    }


def _content(document: DocumentContent | str) -> DocumentContent:
    """Return a document's content; a text is read."""
    if isinstance(document, DocumentContent):
        return document
    from perfxl.budget.documents.readers.text import text_content

    return text_content(document)


def _nothing_found(file: str, blocks: Sequence[Block], notes: Sequence[ExtractionNote]) -> DocumentError:
    """Return the error for a document without projects: it names the layout of its tables, or of its title."""
    other = next((note for note in notes if note.what == "other_layout"), None)
    titles = (layout_of_title(block.text) for block in blocks if isinstance(block, DocumentLine))
    layout = str(other.facts["layout"]) if other else next((title for title in titles if title), None)
    if layout:
        return DocumentError(file=file, what="other_layout", layout=layout)
    bare = next((block.text for block in blocks if isinstance(block, DocumentLine) and title_of(block)), None)
    if bare:
        return DocumentError(file=file, what="no_table", title=shorten(bare, 40))
    return DocumentError(file=file, what="nothing_found")


def _volumes(blocks: Sequence[Block]) -> Iterator[_Volume]:
    """Yield the stretches of the document: a Part 1 that begins behind a table begins the next one."""
    starts = [0]
    table = False
    for at, block in enumerate(blocks):
        if isinstance(block, DocumentRow):
            table = True
        elif table and (compact(block.text) in _PART1 or chapter(block.text) == "overall"):
            starts.append(_back_to_front(blocks, at))
            table = False
    for part in sections(blocks, starts):
        yield _volume(part)


def _back_to_front(blocks: Sequence[Block], at: int) -> int:
    """Return the index of the title page above a Part 1: the line with the year, if it stands right above."""
    above = at
    while above and isinstance(line := blocks[above - 1], DocumentLine) and at - above < 3:
        above -= 1
        if _YEAR.search(line.text) and "绩效" in line.text:
            return above
    return at


def _volume(blocks: Sequence[Block]) -> _Volume:
    """Return front matter, Part 1 from its first chapter on, and Part 2 from its first table on."""
    tables = next((at for at, block in enumerate(blocks) if isinstance(block, DocumentRow)), len(blocks))
    titles = [at for at in range(tables) if is_any_title(blocks[at])]
    headings = [at for at in range(tables) if _is_part2(blocks[at])]
    second = headings[-1] if headings else titles[-1] if titles else tables
    lines = [block for block in blocks[:second] if isinstance(block, DocumentLine)]
    first = _start_of_part1(lines)
    return _Volume(
        lines[:first],
        [line for line in lines[first:] if not _is_heading(line)],
        blocks[second:],
    )


def _is_part2(block: Block) -> bool:
    """Return True for a heading of Part 2."""
    words = compact(block.text) if isinstance(block, DocumentLine) else ""
    return words in _HEADINGS and (words.startswith("第二部分") or "项目" in words)


def _start_of_part1(lines: Sequence[DocumentLine]) -> int:
    """Return the index of the first chapter's heading among the lines before Part 2, or ``len(lines)``."""
    chapters = [(chapter(line.text), at) for at, line in enumerate(lines)]
    # The last heading of the overall goal counts, because a table of contents names it, too.
    overall = max((at for name, at in chapters if name == "overall"), default=None)
    if overall is not None:
        return overall
    return next((at for name, at in chapters if name), len(lines))


def _is_heading(line: DocumentLine) -> bool:
    """Return True for one of the document's fixed headings."""
    return compact(line.text) in _HEADINGS


def _gather(volume: _Volume, named: bool) -> _Gathered:
    """Return the records in a volume; ``named``: the lack of a Part 1 is noted."""
    parts, above = project_sections(volume.part2)
    department, left1, notes1 = department_of(volume.part1)
    found = _Gathered(department, [], [*_unplaced_front(volume), *left1], [])
    found.left += unplaced(line for block in above for line in lines_in(block) if not _is_heading(line))
    for part in parts:
        _take(part, found)
    if found.projects and (named or volume.part1):
        found.notes += notes1
    return found


def _take(part: ProjectSection, found: _Gathered) -> None:
    """Add the project of a section; a table of another layout is named, a title without a table reported."""
    lines = [line for block in part.blocks for line in lines_in(block)]
    if part.layout:
        first = part.heading or next(iter(lines), None)
        place = first.place if first else next(block.place for block in part.blocks)
        heading = part.heading.text if part.heading else ""
        found.notes.append(ExtractionNote("other_layout", place, {"layout": part.layout, "place": heading}))
        listed = (block for block in part.blocks if part.layout == "unknown" or isinstance(block, DocumentLine))
        found.left += unplaced(line for block in listed for line in lines_in(block))
    elif any(isinstance(block, DocumentRow) for block in part.blocks):
        project, result = project_of(part)
        found.projects.append(project)
        found.left += result.unplaced
        found.notes += result.notes
    else:
        lines = [*([part.heading] if part.heading else []), *lines]
        found.left += unplaced(line for line in lines if not _is_heading(line))


def _unplaced_front(volume: _Volume) -> Iterator[UnplacedLine]:
    """Yield the lines above Part 1 but the document's own title, which gives the year, and its table of contents."""
    later = {compact(line.text) for block in (*volume.part1, *volume.part2) for line in lines_in(block)}
    titles = "\n".join(text for text in later if len(text) <= _LONGEST_ENTRY)
    contents = False
    for line in volume.front:
        entry = compact(_PAGE_OF_ENTRY.sub("", line.text))
        contents = contents or entry == _CONTENTS
        is_entry = entry in later or ((contents or _LEADERS.search(line.text)) and entry in titles)
        if line.text and not _YEAR.search(line.text) and not is_entry and entry not in _HEADINGS:
            yield UnplacedLine(line.place, line.text, front=True)


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


def _units(gathered: Sequence[_Gathered]) -> tuple[list[dict[str, Any]], list[ExtractionNote]]:
    """Return the records of each unit, by the units that the tables name, and notes about these names.

    Part 1 of a volume goes to the unit of its first table.
    """
    units: dict[str, dict[str, Any]] = {}
    notes: list[ExtractionNote] = []
    several = len({unit.code for volume in gathered for unit in _named(volume.projects)}) > 1
    last: NamedUnit | None = None
    for volume in gathered:
        first = next(iter(_named(volume.projects)), last)
        last = last or first
        codes = []
        for project in volume.projects:
            if project.unit is None and several and last:
                told = {"place": project.title, "taken": last.text}
                notes.append(ExtractionNote("unit_missing", project.place, dict(told)))
            last = project.unit or last
            code = last.code if last else ""
            codes += [code] if code not in codes else []
            _add(units, code, project, last, notes)
        if any(volume.department.values()) and codes:
            units[codes[0]]["department"] = units[codes[0]]["department"] or volume.department
            if len(codes) > 1:
                facts: dict[str, object] = {"units": len(codes), "taken": units[codes[0]]["unit"]["name"]}
                notes.append(ExtractionNote("shared_goals", None, facts))
    return list(units.values()), notes


def _add(
    units: dict[str, dict[str, Any]], code: str, project: Project, unit: NamedUnit | None, notes: list[ExtractionNote]
) -> None:
    """Add a project to its unit; another name of the same unit is noted."""
    name = unit.name if unit else None
    entry = units.setdefault(code, {"unit": {"code": code or None, "name": name}, "department": None, "projects": []})
    entry["projects"].append(project.record)
    if name != entry["unit"]["name"] and project.unit:
        facts: dict[str, object] = {"code": code, "found": name, "taken": entry["unit"]["name"]}
        notes.append(ExtractionNote("several_names", project.unit.place, facts))


def _named(projects: Iterable[Project]) -> Iterator[NamedUnit]:
    """Yield the units that the projects' tables name."""
    return (project.unit for project in projects if project.unit)


def _repeated(projects: Iterable[Project]) -> Iterator[ExtractionNote]:
    """Yield a note for each project whose code an earlier one has."""
    seen: set[str] = set()
    for project in projects:
        code = project.record["code"]
        if code and code in seen:
            yield ExtractionNote("repeated_project", project.place, {"place": project.title, "code": code})
        seen.add(code or "")

"""Remarks (人工意见): findings that a reviewer makes by eye.

They are typed below 审核意见 (review opinions) or into a list of remarks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from perfxl import messages
from perfxl.finding import REMARK, SEVERITIES, Finding, Severity
from perfxl.form.characters import squeeze
from perfxl.messages.places import locate
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.line import sheet_title
from perfxl.workbook.opinions.opinion_key import OpinionKey
from perfxl.workbook.reading.read import Reading

Made = tuple[Reading, Finding]
"""The sheet that a remark is about, and the finding that is made of it."""

Problem = Literal["project", "cell", "text"]
"""The reason why no finding can be made of a remark: its project or its cell is not to be found, or it says nothing."""


@dataclass(frozen=True)
class Remark:
    """A remark as it was typed. ``by``: the reviewer and the time."""

    mark: str
    project: str
    cell: str
    what: str
    todo: str
    by: str = ""


def read_remark(texts: Mapping[str, str]) -> Remark:
    """Return the remark in a row of 审核意见. ``texts``: the row's texts by column."""
    get = texts.get
    return Remark(
        get("mark", ""), get("project", ""), get("cell", ""), get("opinion", ""), get("todo", ""), get("decision", "")
    )


def remark_finding(said: Remark, readings: Sequence[Reading]) -> Made | Problem:
    """Return the finding that a remark makes on one of these sheets, or the reason why it makes none.

    The finding is about what its cell holds now.
    """
    if not said.what.strip() and not said.todo.strip():
        return "text"
    alone = len(readings) == 1 and not said.project.strip()
    reading = readings[0] if alone else _find_project(said.project, readings)
    if reading is None:
        return "project"
    if not said.cell.strip():
        return reading, _make_finding(reading, said, None, "")
    place = _parse_place(reading, said.cell)
    return (reading, _make_finding(reading, said, place, "")) if place else "cell"


def repeat_remark(said: Remark, key: OpinionKey, readings: Sequence[Reading]) -> Made | None:
    """Return the finding of a remark that was listed before, or None where none can be made of it.

    It is about the cell that the remark was made on, wherever that stands now; ``key``: the key of its line.
    """
    what = said.what.strip()
    for reading in readings:
        keys = opinion_key.sheet_keys(reading)
        for path in ("", *reading.submission.places):
            if opinion_key.field_code(keys, path, REMARK, what) == key.codes[0]:
                cell = parse_range(reading.submission.places.get(path, ""))
                return reading, _make_finding(reading, said, (cell.row, cell.column) if cell else None, key.held)
    made = remark_finding(said, readings)
    if isinstance(made, str):
        return None
    reading, finding = made
    return reading, _make_finding(reading, said, _parse_place(reading, str(finding.facts["cell"])), key.held)


def severity_of_mark(mark: str) -> Severity | None:
    """Return the severity that a mark of the list names, with or without a number (必改, 核实3), or None."""
    words = messages.ids_by_word("sheet.marks_long", SEVERITIES)
    return words.get(mark.strip().rstrip("0123456789").rstrip())


def _find_project(name: str, readings: Sequence[Reading]) -> Reading | None:
    """Return the sheet of the project with this name, or None where it is not one sheet alone.

    A project is named as in the list (6.村级支出), or else by its number, its name or the name of its tab alone.
    """
    wanted = squeeze(name)
    for names in (_listed_names, _other_names):
        matches = [reading for reading in readings if wanted and wanted in names(reading)]
        if len(matches) == 1:
            return matches[0]
    return None


def _listed_names(reading: Reading) -> tuple[str, ...]:
    return (squeeze(sheet_title(reading)),)


def _other_names(reading: Reading) -> Iterator[str]:
    record = reading.submission.record
    yield from (squeeze(str(record[id])) for id in ("number", "name") if record.get(id) is not None)
    yield squeeze(reading.located.sheet.name)


def _parse_place(reading: Reading, cell: str) -> Place | None:
    """Return the cell that an address means, for a merged cell the first of the merge.

    None where the text is no address, or where the cell lies beyond the last row or column of the sheet.
    """
    place = parse_range(squeeze(cell))
    if place is None:
        return None
    sheet = reading.located.sheet
    for merge in sheet.merges:
        if merge.row <= place.row <= merge.last_row and merge.column <= place.column <= merge.last_column:
            return merge.row, merge.column
    return (place.row, place.column) if place.row <= sheet.corner[0] and place.column <= sheet.corner[1] else None


def _make_finding(reading: Reading, said: Remark, place: Place | None, held: str) -> Finding:
    """Return the finding of a remark on a cell of a sheet; ``place`` is None for the sheet as a whole.

    ``held``: for a remark that was made before, the hash of what its cell held then; else empty.
    """

    submission = reading.submission
    cell = address(*place) if place else ""
    fields = tuple(path for path, at in submission.places.items() if cell and at == cell)[:1]
    places = [list(locate(path, reading.located.form, submission.record)) for path in fields]
    return Finding(
        code=REMARK,
        severity=severity_of_mark(said.mark) or "warning",
        fields=fields,
        facts={
            "what": said.what.strip() or said.todo.strip(),
            "todo": said.todo.strip() if said.what.strip() else "",
            "by": said.by,
            "cell": cell,
            "held": held or opinion_key.cell_letters(reading, place),
            "places": places,
        },
        file=submission.file,
        sheet=submission.sheet,
        cells=(f"{submission.sheet}!{cell}",) if cell else (),
    )

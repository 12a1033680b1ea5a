"""人工意见: what a reviewer finds by eye, typed below 审核意见 or into a list of remarks; then a finding."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from perfxl import messages
from perfxl.finding import REMARK, SEVERITIES, Finding, Severity
from perfxl.messages.places import locate
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.grid import parse_range
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.line import sheet_title
from perfxl.workbook.opinions.opinion_key import OpinionKey
from perfxl.workbook.reading.read import Reading

Made = tuple[Reading, Finding]
Problem = Literal["project", "cell", "text"]
"""Why no finding can be made of a remark: whose it is, or which cell it is about, is not said; it says nothing."""


@dataclass(frozen=True)
class Remark:
    """A remark as typed. ``by``: the reviewer and the time."""

    mark: str
    project: str
    cell: str
    what: str
    todo: str
    by: str = ""


def read_remark(texts: Mapping[str, str]) -> Remark:
    """The remark in a row of 审核意见, its texts by column."""
    get = texts.get
    return Remark(
        get("mark", ""), get("project", ""), get("cell", ""), get("opinion", ""), get("todo", ""), get("decision", "")
    )


def remark_finding(said: Remark, readings: Sequence[Reading]) -> Made | Problem:
    """The finding that a remark makes on one of these sheets, flagged as its cell is now; or why it makes none."""
    if not said.what.strip() and not said.todo.strip():
        return "text"
    alone = len(readings) == 1 and not said.project.strip()
    reading = readings[0] if alone else _named(said.project, readings)
    if reading is None:
        return "project"
    if not said.cell.strip():
        return reading, _finding(reading, said, None, "")
    place = _place(reading, said.cell)
    return (reading, _finding(reading, said, place, "")) if place else "cell"


def repeat_remark(said: Remark, key: OpinionKey, readings: Sequence[Reading]) -> Made | None:
    """The finding of a remark that was listed before, on the cell that it was made on, wherever that stands now."""
    what = said.what.strip()
    for reading in readings:
        for path in ("", *reading.submission.places):
            if opinion_key.field_code(reading, path, REMARK, what) == key.codes[0]:
                cell = parse_range(reading.submission.places.get(path, ""))
                return reading, _finding(reading, said, (cell.row, cell.column) if cell else None, key.held)
    found = remark_finding(said, readings)
    if isinstance(found, str):
        return None
    reading, finding = found
    return reading, _finding(reading, said, _place(reading, str(finding.facts["cell"])), key.held)


def severity_of_mark(mark: str) -> Severity | None:
    """The severity that a mark of the list names: 必改, 核实3."""
    words = {messages.say(f"sheet.marks_long.{each}"): each for each in SEVERITIES}
    return words.get(mark.strip().rstrip("0123456789"))


def _named(name: str, readings: Sequence[Reading]) -> Reading | None:
    """The sheet of a project as the list names it: 6.村级支出; else its number, its name or its tab's name alone."""
    wanted = _plain(name)
    for known in (_listed, _also):
        found = [reading for reading in readings if wanted and wanted in known(reading)]
        if len(found) == 1:
            return found[0]
    return None


def _listed(reading: Reading) -> tuple[str, ...]:
    return (_plain(sheet_title(reading)),)


def _also(reading: Reading) -> Iterator[str]:
    record = reading.submission.record
    yield from (_plain(str(record[id])) for id in ("number", "name") if record.get(id) is not None)
    yield _plain(reading.located.sheet.name)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _place(reading: Reading, cell: str) -> Place | None:
    """The cell that is meant, of a merge its first; None where it is none, or lies far outside the sheet."""
    found = parse_range(_plain(cell))
    if found is None:
        return None
    sheet = reading.located.sheet
    for merge in sheet.merges:
        if merge.row <= found.row <= merge.last_row and merge.column <= found.column <= merge.last_column:
            return merge.row, merge.column
    return (found.row, found.column) if found.row <= sheet.corner[0] and found.column <= sheet.corner[1] else None


def _finding(reading: Reading, said: Remark, place: Place | None, held: str) -> Finding:
    """``held``: of a remark made before, over what its cell held then."""
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

"""A returned workbook read back: every answer verbatim, understood where it can be, with its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from perfxl.errors import UnknownWorkbook
from perfxl.form import installed as forms
from perfxl.form.answers import Answers, nest
from perfxl.form.fields.base import Raw, Understood
from perfxl.form.fields.percent import Percent, as_fractions
from perfxl.form.form import Field, Form
from perfxl.submission import AnswerNote, Doubt, Submission
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.grid import Merge
from perfxl.workbook.reading.added_sheets import find_added_sheets
from perfxl.workbook.reading.answer import ReadAnswer, read_answer
from perfxl.workbook.reading.copies import mark_copies
from perfxl.workbook.reading.doubts import ReadSheet, find_doubts
from perfxl.workbook.reading.group import read_group
from perfxl.workbook.reading.locate import LocatedSheet, locate_sheets
from perfxl.workbook.reading.opening import open_package
from perfxl.workbook.reading.words import anchors, headers
from perfxl.workbook.sheet.identity import PRINTED


@dataclass(frozen=True, eq=False)
class Reading:
    """A submission with the place it was read from: what flagging needs."""

    submission: Submission
    located: LocatedSheet


def read_submissions(path: Path) -> tuple[Submission, ...]:
    """The submissions in a workbook, one a form sheet.

    Raises PackageError for a file that cannot be opened, UnknownWorkbook where no form is recognised.
    """
    return tuple(reading.submission for reading in read_workbook(Workbook(open_package(path))))


def read_workbook(workbook: Workbook) -> tuple[Reading, ...]:
    """The form sheets of an opened workbook, read. Raises UnknownWorkbook where there is none."""
    found = list(_once([Reading(_submission(located), located) for located in locate_sheets(workbook)]))
    if not found:
        raise UnknownWorkbook(file=workbook.package.file, known=forms.names())
    submissions = mark_copies([each.submission for each in found], [each.located.recognised.printed for each in found])
    if about := tuple(_about_the_file(workbook, found)):
        first = next(at for at, each in enumerate(submissions) if each is not None)
        said = submissions[first]
        assert said is not None
        submissions[first] = replace(said, doubts=(*said.doubts, *about))
    return tuple(
        replace(each, submission=submission)
        for each, submission in zip(found, submissions, strict=True)
        if submission is not None
    )


_OF_FILE = ("not_calculated", "lost_marks")
"""What is mostly the same for all sheets of a file, and said of the first alone then."""


def _once(found: Sequence[Reading]) -> Iterator[Reading]:
    said: list[Doubt] = []
    for each in found:
        doubts = tuple(doubt for doubt in each.submission.doubts if doubt not in said)
        said += [doubt for doubt in doubts if doubt.kind in _OF_FILE]
        same = len(doubts) == len(each.submission.doubts)
        yield each if same else replace(each, submission=replace(each.submission, doubts=doubts))


def _about_the_file(workbook: Workbook, found: Sequence[Reading]) -> Iterator[Doubt]:
    """What is to be said of the file as a whole, once."""
    if sheets := [each.name for each in find_added_sheets(workbook, {each.located.sheet.entry.part for each in found})]:
        yield Doubt("other_sheets", (), {"sheets": sheets, "count": len(sheets)})
    if workbook.package.origin:
        yield Doubt("other_format", (), {"format": workbook.package.origin})


def _submission(located: LocatedSheet) -> Submission:
    form, sheet = located.form, located.sheet
    taken = set(located.head.values())
    head = {
        id: read_answer(sheet, asked, place, (anchor.rows, anchor.columns), taken)
        for id, asked in form.fields.items()
        if (place := located.head.get(id)) is not None and (anchor := anchors(form)[id])
    }
    rows = {table: _rows(located, table) for table in form.tables}
    if any(answer.understood.problem == "ambiguous_percent" for answer in head.values()):
        head = dict(_decide_percents(form, head))
    answers = Answers(
        {id: value for id in form.fields if (value := _value(located, id, head.get(id))) is not None or id in head},
        {table: tuple(_row_values(form, table, each) for each in found) for table, found in rows.items()},
    )
    record, paths = nest(form, answers)
    read_ = ReadSheet(located, dict(head), rows, paths)
    notes = {path: note for path, answer in read_.answers.items() if (note := _note(path, answer))}
    said, unplaced = find_doubts(read_)
    unit_code, unit_name, year = _sender(located)
    return Submission(
        file=sheet.workbook.package.file,
        sheet=sheet.name,
        form=form.name,
        version=located.recognised.version,
        year=year,
        unit_code=unit_code,
        unit_name=unit_name,
        record=record,
        notes=tuple(notes.values()),
        places={
            **{word: address(*at) for word, at in located.lines.items() if word == "unit"},
            **dict(_header_places(located)),
            **{path: address(*answer.at) for path, answer in read_.answers.items()},
        },
        title=located.line("title") or None,
        unit=located.line("unit") or None,
        headers=dict(_headers(located)),
        issued=located.recognised.given,
        lost=located.recognised.lost,
        disputed=located.disputed,
        unplaced=unplaced,
        doubts=said,
    )


def _decide_percents(form: Form, head: Mapping[str, ReadAnswer]) -> Iterator[tuple[str, ReadAnswer]]:
    """The answers with a bare 1 taken as the other percentages of the sheet are written."""
    percents = {id: kind for id in head if isinstance(kind := form.fields[id].kind, Percent)}
    fractions = as_fractions([head[id].raw for id in percents])
    for id, answer in head.items():
        if id in percents and answer.understood.problem == "ambiguous_percent":
            answer = answer._replace(understood=percents[id].read(answer.raw, fractions))
        yield id, answer


def _value(located: LocatedSheet, id: str, answer: ReadAnswer | None) -> Any:
    """A head field's value; one that does not stand on the sheet is what the sheet went out with, if anything."""
    if answer is not None:
        return answer.understood.value
    if id in located.disputed:
        return None
    if id in located.recognised.given:
        return located.recognised.given[id]
    if id == located.form.key and (code := PRINTED.search(located.recognised.printed)):
        return int(code[3]) or None
    return None


def _rows(located: LocatedSheet, table: str) -> list[Mapping[str, ReadAnswer]]:
    """The table's rows; the column that the rows are grouped by has one answer for a whole group."""
    sheet, asked = located.sheet, located.form.tables[table]
    cells = sheet.cells
    spans = headers(located.form, table)
    by = asked.groups.by if asked.groups else ""
    columns = located.tables[table].columns
    merges = [each for each in sheet.merges if each.column <= columns[by] <= each.last_column] if by in columns else []
    wanted = [
        (id, field, columns[id], spans[id].columns) for id, field in asked.columns.items() if id in columns and id != by
    ]
    taken = {*columns.values()}
    found: list[Mapping[str, ReadAnswer]] = []
    labels: dict[Place, ReadAnswer] = {}
    for index, row in enumerate(located.tables[table].rows):
        answers: dict[str, ReadAnswer] = {}
        if by in columns:
            answers[by] = _group(located, table, index, asked.columns[by], merges, labels)
        for id, field, column, width in wanted:
            at = row.row, column
            cell = cells.get(at)
            if cell is not None and cell.text is not None and cell.formula is None and not row.more:
                raw = sheet.workbook.raw(cell)  # as answer_at does, for nearly all of them
                answers[id] = ReadAnswer(at, raw, field.kind.read(raw))
            else:
                others = [(row.row, each) for each in taken] if width > 1 else ()
                answers[id] = read_answer(sheet, field, at, (1, width), others, row.more)
        found.append(answers)
    return found


def _group(
    located: LocatedSheet,
    table: str,
    index: int,
    asked: Field,
    merges: Sequence[Merge],
    labels: dict[Place, ReadAnswer],
) -> ReadAnswer:
    """The group of a row; ``labels``: those that were read already, by their cell."""
    groups = located.form.tables[table].groups
    assert groups
    found = read_group(located, table, groups, index, merges)
    if found.parent:
        return ReadAnswer(found.place, Raw(None), Understood(found.parent, ("by_class",)))
    if not found.sure:
        return ReadAnswer(found.place, located.sheet.raw(*found.place), Understood(None, (), "misplaced"))
    if found.place not in labels:
        raw = located.sheet.raw(*found.place)
        labels[found.place] = ReadAnswer(found.place, raw, asked.kind.read(raw))
    return labels[found.place]


def _row_values(form: Form, table: str, row: Mapping[str, ReadAnswer]) -> Mapping[str, Any]:
    """A row's values; a spare row that nobody used holds nothing but its group, and so nothing."""
    columns = form.tables[table].columns
    values = {id: row[id].understood.value if id in row else None for id in columns}
    groups = form.tables[table].groups
    if groups and all(value is None for id, value in values.items() if id != groups.by):
        return dict.fromkeys(values)
    return values


def _header_places(located: LocatedSheet) -> Iterator[tuple[str, str]]:
    """The cells of the tables' labels: what is said of a whole table or column stands there."""
    for table, found in located.tables.items():
        if found.columns and found.top >= 0:
            yield table, address(found.top, min(found.columns.values()))
            yield from ((f"{table}.{id}", address(found.top, column)) for id, column in found.columns.items())


def _headers(located: LocatedSheet) -> Iterator[tuple[str, str]]:
    """The labels that stand above the tables' columns."""
    for table, found in located.tables.items():
        for id, column in found.columns.items():
            yield f"{table}.{id}", located.sheet.text(found.top, column)


def _note(path: str, answer: ReadAnswer) -> AnswerNote | None:
    taken = answer.understood
    if not (taken.how or taken.problem):
        return None
    return AnswerNote(path, address(*answer.at), answer.raw.value, taken.value, taken.how, taken.problem)


def _sender(located: LocatedSheet) -> tuple[str, str, int | None]:
    """The unit's code and name and the year: as issued, else as far as the printed code tells."""
    given = located.recognised.given
    code = PRINTED.search(located.recognised.printed)
    identity = located.recognised.identity
    unit = str(given.get("unit.code") or (identity.unit if identity else code[2] if code else ""))
    year = given.get("year")
    if not isinstance(year, int):
        year = 2000 + int(code[1]) if code else None
    return unit, str(given.get("unit.name") or ""), year

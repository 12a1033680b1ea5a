"""A returned workbook read back: every answer verbatim, understood where it can be, with its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from perfxl.errors import UnknownWorkbook
from perfxl.form import installed as forms
from perfxl.form.answers import Answers, nest
from perfxl.form.fields.base import Raw, Understood
from perfxl.form.form import Field, Form
from perfxl.submission import Note, Submission, Unplaced
from perfxl.workbook.cells import Sheet, Workbook
from perfxl.workbook.formula import address
from perfxl.workbook.grid import Merge
from perfxl.workbook.identity import PRINTED
from perfxl.workbook.locate import Located, locate
from perfxl.workbook.package import open_package


@dataclass(frozen=True, eq=False)
class Reading:
    """A submission with the place it was read from: what flagging needs."""

    submission: Submission
    located: Located


def read(path: Path) -> tuple[Submission, ...]:
    """The submissions in a workbook, one a form sheet.

    Raises PackageError for a file that cannot be opened, UnknownWorkbook where no form is recognised.
    """
    return tuple(reading.submission for reading in readings(Workbook(open_package(path))))


def readings(workbook: Workbook) -> tuple[Reading, ...]:
    """The form sheets of an opened workbook, read. Raises UnknownWorkbook where there is none."""
    found = tuple(Reading(_submission(located), located) for located in locate(workbook))
    if not found:
        raise UnknownWorkbook(file=workbook.package.file, known=forms.names())
    return found


class _Answer(NamedTuple):
    """One answer read: its place on the sheet, what stood there, how it was taken."""

    at: tuple[int, int]
    raw: Raw
    understood: Understood


def _submission(located: Located) -> Submission:
    form, sheet = located.form, located.sheet
    head = {id: _answer(sheet, asked, located.head.get(id)) for id, asked in form.fields.items()}
    rows = {table: _rows(located, table) for table in form.tables}
    answers = Answers(
        {id: value for id, answer in head.items() if (value := _value(located, id, answer)) is not None or answer},
        {table: tuple(_kept(form, table, each) for each in found) for table, found in rows.items()},
    )
    record, paths = nest(form, answers)
    read_ = {id: answer for id, answer in head.items() if answer}
    for (table, index, column), path in paths.items():
        if (answer := rows[table][index].get(column)) is not None:
            read_[path] = answer
    unit_code, unit_name, year = _sender(located)
    return Submission(
        file=sheet.workbook.package.file,
        sheet=sheet.name,
        form=form.name,
        version=located.version,
        year=year,
        unit_code=unit_code,
        unit_name=unit_name,
        record=record,
        notes=tuple(_notes(read_)),
        places={
            **located.shown_at,
            **dict(_header_places(located)),
            **{path: address(*answer.at) for path, answer in read_.items()},
        },
        title=located.shown.get("title"),
        unit=located.shown.get("unit"),
        headers=located.headers,
        issued=located.given,
        lost=located.lost,
        disputed=located.disputed,
        unplaced=tuple(_unplaced(located, read_)),
    )


def _value(located: Located, id: str, answer: _Answer | None) -> Any:
    """A head field's value; one that does not stand on the sheet is what the sheet went out with, if anything."""
    if answer is not None:
        return answer.understood.value
    if id in located.given:
        return located.given[id]
    if id == "number" and (code := PRINTED.search(located.printed)):
        return int(code[3]) or None
    return None


def _answer(sheet: Sheet, asked: Field, place: tuple[int, int] | None) -> _Answer | None:
    if place is None:
        return None
    raw = sheet.raw(*place)
    return _Answer(place, raw, asked.kind.read(raw))


def _rows(located: Located, table: str) -> list[Mapping[str, _Answer | None]]:
    """The table's rows; the column that the rows are grouped by has one answer for a whole group."""
    sheet, groups = located.sheet, located.form.tables[table].groups
    columns = [(id, asked, located.columns[table].get(id)) for id, asked in located.form.tables[table].columns.items()]
    by = groups.by if groups else ""
    spans = [merge for merge in sheet.merges if merge.column <= located.columns[table].get(by, -1) <= merge.last_column]
    found: list[Mapping[str, _Answer | None]] = []
    for row in located.rows[table]:
        answers: dict[str, _Answer | None] = {}
        for id, asked, column in columns:
            if column is None:
                answers[id] = None
            else:
                at = (_group_row(located, table, row.row, column, spans), column) if id == by else (row.row, column)
                raw = sheet.raw(*at)
                answers[id] = _Answer(at, raw, asked.kind.read(raw))
        found.append(answers)
    return found


def _group_row(located: Located, table: str, row: int, column: int, spans: list[Merge]) -> int:
    """The row in which the group's label stands: the anchor of the merge, or the nearest filled cell above."""
    for merge in spans:
        if merge.row <= row <= merge.last_row:
            return merge.row
    first = located.rows[table][0].row
    for above in range(row, first - 1, -1):
        if located.sheet.value(above, column) is not None:
            return above
    return row


def _kept(form: Form, table: str, row: Mapping[str, _Answer | None]) -> Mapping[str, Any]:
    """A row's values; a spare row that nobody used holds nothing but its group, and so nothing."""
    values = {id: answer.understood.value if answer else None for id, answer in row.items()}
    groups = form.tables[table].groups
    if groups and all(value is None for id, value in values.items() if id != groups.by):
        return dict.fromkeys(values)
    return values


def _header_places(located: Located) -> Iterator[tuple[str, str]]:
    """The cells of the tables' labels: what is said of a whole table or column stands there."""
    for table, columns in located.columns.items():
        if columns and located.rows[table]:
            row = located.rows[table][0].row - 1
            yield table, address(row, min(columns.values()))
            yield from ((f"{table}.{id}", address(row, column)) for id, column in columns.items())


def _notes(answers: Mapping[str, _Answer]) -> Iterator[Note]:
    for path, answer in answers.items():
        taken = answer.understood
        if taken.how or taken.problem:
            yield Note(path, address(*answer.at), answer.raw.value, taken.value, taken.how, taken.problem)


def _sender(located: Located) -> tuple[str, str, int | None]:
    """The unit's code and name and the year: as issued, else as far as the printed code tells."""
    given = located.given
    code = PRINTED.search(located.printed)
    unit = str(given.get("unit.code") or (located.identity.unit if located.identity else code[2] if code else ""))
    year = given.get("year")
    if not isinstance(year, int):
        year = 2000 + int(code[1]) if code else None
    return unit, str(given.get("unit.name") or ""), year


def _unplaced(located: Located, answers: Mapping[str, _Answer]) -> Iterator[Unplaced]:
    """What stands in unlocked cells, or outside the form, and belongs to no field."""
    known = {answer.at for answer in answers.values()}
    known |= {
        (row.row, column)
        for table, rows in located.rows.items()
        for row in rows
        for column in located.columns[table].values()
    }
    for at, cell in located.sheet.cells.items():
        if cell.text is not None and at not in known and not located.sheet.locked(*at):
            value = located.sheet.value(*at)
            if value not in (None, "") and not (isinstance(value, str) and not value.strip()):
                yield Unplaced(address(*at), str(value))

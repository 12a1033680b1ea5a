"""The base record of a project: what it goes out with beside what the registry gives, such as the approved targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perfxl.form.answers import Answers, flatten, nest
from perfxl.form.form import Form, Table

Row = Mapping[str, Any]


def needs_base(form: Form) -> bool:
    """Return True for a form whose tables go out with rows that no registry gives."""
    return any(_given_columns(table) for table in form.tables.values())


def lay_over(form: Form, base: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record in which everything given is that of the base record, and everything else as it was answered.

    A row that was answered is known again by what is given in it, and by its place where that was changed. One whose
    given row is gone goes with it; rows that units added stay.
    """
    given, answered = flatten(form, base), flatten(form, record)
    head = {id: (given if field.given else answered).head[id] for id, field in form.fields.items()}
    rows = {
        id: tuple(_lay_rows(table, given.rows[id], answered.rows[id]))
        for id, table in form.tables.items()
        if _given_columns(table)
    }
    whole: dict[str, Any] = _without_blanks(nest(form, Answers(head, {**answered.rows, **rows}))[0])
    return whole


def _given_columns(table: Table) -> tuple[str, ...]:
    return tuple(id for id, column in table.columns.items() if column.given)


def _lay_rows(table: Table, given: Sequence[Row], answered: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows of a table: those that are given, each with what was answered in it, then added ones."""
    columns = _given_columns(table)
    rows = [row for row in (_values(row, columns) for row in given) if _is_filled(row)]
    left = dict(enumerate(answered))
    found: dict[int, Row] = {}
    for at, row in enumerate(rows):
        place = next((place for place, answer in left.items() if _values(answer, columns) == row), None)
        if place is not None:
            found[at] = left.pop(place)
    for at, row in enumerate(rows):
        if at not in found and at in left and _is_filled(_values(left[at], columns)):
            found[at] = left.pop(at)
        yield {**dict.fromkeys(table.columns), **found.get(at, {}), **dict(zip(columns, row, strict=True))}
    yield from (answer for answer in left.values() if not _is_filled(_values(answer, columns)))


def _values(row: Row, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[id] for id in columns)


def _without_blanks(value: Any) -> Any:
    """Return a record without blank answers; the items of lists keep their places."""
    if isinstance(value, Mapping):
        return {key: _without_blanks(item) for key, item in value.items() if item is not None}
    return [_without_blanks(item) for item in value] if isinstance(value, (list, tuple)) else value


def _is_filled(values: Sequence[Any]) -> bool:
    return any(value is not None for value in values)

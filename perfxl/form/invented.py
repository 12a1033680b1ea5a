"""An invented record of a form, made of the limits that its answers have; for a form that brings no example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfxl.form.answers import Answers, nest
from perfxl.form.form import Field, Form, Table
from perfxl.form.types.base import AnswerType, Raw

_TEXT = "ABC"
_NUMBER = 7
_DAY, _TIME = "2026-03-02", "08:30"


def invented_record(form: Form) -> dict[str, Any]:
    """Return a record in which every answer is filled in and keeps its limits; its own checks may find something."""
    head = {id: invented_value(field) for id, field in form.fields.items()}
    rows = {table.id: tuple(_row(table, at) for at in range(max(1, table.minimum))) for table in form.tables.values()}
    record, _ = nest(form, Answers(head, rows))
    return record


def _row(table: Table, at: int) -> Mapping[str, Any]:
    """Return a row of a table. Texts differ from row to row, since rows of nested lists with equal ones are one."""
    row = {id: invented_value(column, at) for id, column in table.columns.items()}
    if any(value is not None for value in row.values()):
        return row
    return dict.fromkeys(table.columns, _TEXT)  # a record takes a text for any answer, and no row that is blank


def invented_value(field: Field, at: int = 0) -> Any:
    """Return a value that a field takes; None where none of those that are tried is taken."""
    if field.within:  # it depends on another answer
        return None
    kind = field.type
    for tried in _tried(kind, at):
        understood = kind.read(Raw(tried, kind.number_format))
        if not understood.problem and understood.value is not None:
            return understood.value
    return None


def _tried(kind: AnswerType, at: int) -> list[Any]:
    """Return what might be typed into a cell, the likeliest first."""
    limits = kind.limits()
    if limits.entries:
        return [limits.entries[at % len(limits.entries)]]
    text = f"{_TEXT}{at + 1}" if at else _TEXT
    if limits.max_length is not None:
        text = text[-limits.max_length :]
    likely: list[Any] = [kind.example] if kind.example else []
    edges = [limit for limit in (limits.minimum, limits.maximum) if limit is not None]
    by_type: dict[str, list[Any]] = {
        "number": [_NUMBER, *edges], "percent": [0.5], "date": [_DAY, *edges], "time": [_TIME, *edges],
        "logical": [*kind.drop_down()],
    }  # fmt: skip
    if kind.value_type in by_type:
        return [*likely, *_within(by_type[kind.value_type], limits.minimum, limits.maximum)]
    told = [example] if (example := kind.facts().get("example")) else []  # of a text with a format
    return [*likely, *told, *edges, text, _TIME, f"{_TEXT.lower()}.pdf"]


def _within(values: list[Any], minimum: Any, maximum: Any) -> list[Any]:
    """Return the values that lie within two limits, either of which may be absent."""
    return [
        value
        for value in values
        if (minimum is None or isinstance(value, str) is not isinstance(minimum, str) or value >= minimum)
        and (maximum is None or isinstance(value, str) is not isinstance(maximum, str) or value <= maximum)
    ]

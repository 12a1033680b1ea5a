"""The given values in the rows of tables, as the hidden sheet keeps them beside a sheet's identity.

A returned sheet is compared with them by the numbers of its row keys, so that rows may have changed places.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from perfxl.form.answers import Answers
from perfxl.form.characters import utf16_length
from perfxl.form.form import Form
from perfxl.form.layout import Layout, row_order
from perfxl.workbook.sheet.names import key_numbers

LONGEST = 30_000
"""The most characters of a piece: a cell holds 32,767 UTF-16 units (Excel specifications and limits)."""


class GivenRows(NamedTuple):
    """The given values of a table. ``rows``: the number of the row key → the values, in the order of ``columns``."""

    table: str
    columns: tuple[str, ...]
    rows: Mapping[int, tuple[Any, ...]]


def has_given_rows(form: Form) -> bool:
    """Return whether a form has a table with given columns."""
    return any(column.given for table in form.tables.values() for column in table.columns.values())


def collect_given_rows(layout: Layout, filled: Answers) -> tuple[GivenRows, ...]:
    """Return the given values of a sheet with these answers."""
    if not has_given_rows(layout.asked):
        return ()
    numbers = key_numbers(layout)
    collected: list[GivenRows] = []
    for id, table in layout.asked.tables.items():
        if columns := tuple(name for name, column in table.columns.items() if column.given):
            placed = layout.tables[id]
            order = enumerate(row_order(layout.asked, table, filled), start=placed.first)
            rows = {
                numbers[line, placed.key_column]: tuple(filled.rows[id][at][name] for name in columns)
                for line, at in order
                if at is not None
            }
            collected.append(GivenRows(id, columns, rows))
    return tuple(collected)


def dump_rows(printed: str, given: Iterable[GivenRows]) -> tuple[str, ...]:
    """Return the texts for the hidden sheet, each short enough for a cell; ``printed``: the sheet's printed code."""
    return tuple(text for rows in given if rows.rows for text in _dump(printed, rows))


def _dump(printed: str, given: GivenRows) -> Iterator[str]:
    head = as_json([printed, given.table, given.columns])[:-1]
    piece: list[str] = []
    length = len(head)
    for number, values in given.rows.items():
        row = as_json([number, *values])
        if piece and length + utf16_length(row) + 1 > LONGEST:
            yield f"{head},[{','.join(piece)}]]"
            piece, length = [], len(head)
        piece.append(row)
        length += utf16_length(row) + 1
    yield f"{head},[{','.join(piece)}]]"


def as_json(value: object) -> str:
    """Return a value as JSON without white space."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parse_rows(text: str) -> tuple[str, GivenRows] | None:
    """Return the printed code and the rows of a text on the hidden sheet; None for a text that is not of this kind."""
    try:
        printed, table, columns, rows = json.loads(text)
        given = GivenRows(table, tuple(columns), {number: tuple(values) for number, *values in rows})
    except (ValueError, TypeError, RecursionError):
        return None
    texts = all(isinstance(word, str) for word in (printed, table, *columns))
    whole = all(type(number) is int and len(values) == len(columns) for number, values in given.rows.items())
    return (printed, given) if texts and whole and not _has_mappings(given) else None


def _has_mappings(given: GivenRows) -> bool:
    """Return whether a value is no value of an answer; the items of one are a list of texts."""
    values = (value for row in given.rows.values() for value in row)
    return any(isinstance(value, dict) for value in values)

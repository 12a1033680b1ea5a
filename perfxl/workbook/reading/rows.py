"""The rows of a table on a returned sheet: those with a row key, those that a person added, and halves of one row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from perfxl.form.expression.tree import NUMBERS
from perfxl.form.form import Table
from perfxl.workbook.ooxml.cells import Worksheet

KEY = re.compile(r"\d\d[A-Z]|[1-9]\d{2,3}[A-Z]", re.ASCII)
"""A row key (行码): the number of the row in two to four digits, and a check letter."""


@dataclass(frozen=True)
class TableRow:
    """A row of a table on the sheet.

    ``row``: counted from 0; ``key``: as it stands on the sheet, empty where a person added the row; ``more``: the rows
    below that continue this one, since a cell of two paragraphs that is pasted from Word becomes two cells.
    """

    row: int
    key: str = ""
    more: tuple[int, ...] = ()


def find_rows(
    sheet: Worksheet,
    table: Table,
    bounds: tuple[int, int],
    keys: Mapping[int, str],
    columns: Mapping[str, int],
    sums: Collection[int] = (),
) -> tuple[TableRow, ...]:
    """Find the rows of a table, from its header down to the row where something else begins.

    A row without a key counts if it stands among rows with a key or above sums, or if it looks like a row of the table,
    which a footer does not. In a table of one column no row can look like one: without any key all rows count, if
    something of the form stands below. ``bounds``: the header row, and the row where something else begins; ``keys``:
    the row keys by row; ``columns``: the sheet's column of each field; ``sums``: the rows of sums, which hold no
    answers.
    """
    top, end = bounds
    closed = len(columns) == 1 and end <= sheet.corner[0]
    last = max((row for row in keys if top < row < end), default=end if closed else top)
    last = max([last, *sums])
    rows: list[TableRow] = []
    for row in _candidate_rows(sheet, top + 1, end):
        if row in sums:
            continue
        key = keys.get(row, "")
        if key:
            rows.append(TableRow(row, key))
            continue
        filled = [id for id, column in columns.items() if sheet.value(row, column) not in (None, "")]
        if not filled:
            continue
        if row < last and rows and _continues_row(sheet, table, rows[-1], row, columns, filled):
            rows[-1] = TableRow(rows[-1].row, rows[-1].key, (*rows[-1].more, row))
        elif row < last or _looks_like_row(sheet, table, row, columns, filled):
            rows.append(TableRow(row))
    return tuple(rows)


def _candidate_rows(sheet: Worksheet, first: int, end: int) -> Iterable[int]:
    """Return the rows from ``first`` up to before ``end``; where cells stand far apart, only rows that hold a cell."""
    rows = range(first, min(end, sheet.corner[0] + 1))
    return rows if len(rows) <= len(sheet.cells) else sorted({row for row, _ in sheet.cells if row in rows})


def _continues_row(
    sheet: Worksheet, table: Table, above: TableRow, row: int, columns: Mapping[str, int], filled: list[str]
) -> bool:
    """Return True if a row without a key continues the row above.

    It holds texts alone, in no more than half of the columns without a list, none of them for numbers, and only below
    filled cells.
    """
    texts = [id for id, field in table.columns.items() if not field.type.drop_down()]
    return (
        above.row + len(above.more) + 1 == row
        and set(filled) <= set(texts)
        and 2 * len(filled) <= len(texts)
        and not any(table.columns[id].type.value_type in NUMBERS for id in filled)
        and all(sheet.value(above.row, columns[id]) not in (None, "") for id in filled)
    )


def _looks_like_row(sheet: Worksheet, table: Table, row: int, columns: Mapping[str, int], filled: list[str]) -> bool:
    """Return True if a row below all others is one of the table's.

    It holds a word of a drop-down list in the column of that list, or more than one answer and at least half of them.
    """
    choices = [id for id in filled if table.columns[id].type.drop_down()]
    if any(not table.columns[id].type.read(sheet.raw(row, columns[id])).problem for id in choices):
        return True
    ungrouped = [id for id in table.columns if not table.groups or id != table.groups.by]
    return len(filled) > 1 and 2 * len([id for id in filled if id in ungrouped]) >= len(ungrouped)

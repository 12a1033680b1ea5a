"""The rows of a table on a returned sheet: those with a row key, those that a person added, halves of one row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from perfxl.form.form import Table
from perfxl.workbook.ooxml.cells import Worksheet

KEY = re.compile(r"(\d\d)([A-Z])")


@dataclass(frozen=True)
class TableRow:
    """A row of a table on the sheet: its row from 0, its key as it stands (empty where a person added the row).

    ``more``: the rows below it that go on with it: a cell of two paragraphs, pasted from Word, becomes two cells.
    """

    row: int
    key: str = ""
    more: tuple[int, ...] = ()


def find_rows(
    sheet: Worksheet, table: Table, top: int, end: int, keys: Mapping[int, str], columns: Mapping[str, int]
) -> tuple[TableRow, ...]:
    """The table's rows from its header down to where something else begins.

    A row without a key counts where it stands among rows with one, or looks like one: a footer does not. In a table of
    one column none can look like one: without any key they all count, if something of the form stands below.
    """
    closed = len(columns) == 1 and end <= sheet.corner[0]
    last = max((row for row in keys if top < row < end), default=end if closed else top)
    found: list[TableRow] = []
    for row in _rows(sheet, top + 1, end):
        key = keys.get(row, "")
        if key:
            found.append(TableRow(row, key))
            continue
        filled = [id for id, column in columns.items() if sheet.value(row, column) not in (None, "")]
        if not filled:
            continue
        if row < last and found and _goes_on(sheet, table, found[-1], row, columns, filled):
            found[-1] = TableRow(found[-1].row, found[-1].key, (*found[-1].more, row))
        elif row < last or _like_a_row(sheet, table, row, columns, filled):
            found.append(TableRow(row))
    return tuple(found)


def _rows(sheet: Worksheet, first: int, end: int) -> Iterable[int]:
    """The rows from ``first`` up to before ``end``; where cells stand far apart, those that hold one."""
    rows = range(first, min(end, sheet.corner[0] + 1))
    return rows if len(rows) <= len(sheet.cells) else sorted({row for row, _ in sheet.cells if row in rows})


def _goes_on(
    sheet: Worksheet, table: Table, above: TableRow, row: int, columns: Mapping[str, int], filled: list[str]
) -> bool:
    """Whether a row without a key goes on with the one above: texts alone, fewer than half, below filled cells."""
    texts = [id for id, asked in table.columns.items() if not asked.kind.drop_down()]
    return (
        above.row + len(above.more) + 1 == row
        and set(filled) <= set(texts)
        and 2 * len(filled) <= len(texts)
        and all(sheet.value(above.row, columns[id]) not in (None, "") for id in filled)
    )


def _like_a_row(sheet: Worksheet, table: Table, row: int, columns: Mapping[str, int], filled: list[str]) -> bool:
    """Whether a row below all others is one of the table's: a word of a list in its column, or at least half filled."""
    choices = [id for id in filled if table.columns[id].kind.drop_down()]
    if any(not table.columns[id].kind.read(sheet.raw(row, columns[id])).problem for id in choices):
        return True
    asked = [id for id in table.columns if not table.groups or id != table.groups.by]
    return len(filled) > 1 and 2 * len([id for id in filled if id in asked]) >= len(asked)


def key_numbers(rows: tuple[TableRow, ...]) -> Iterator[int]:
    """The numbers of the row keys, in the order of the sheet."""
    return (int(row.key[:2]) for row in rows if row.key)

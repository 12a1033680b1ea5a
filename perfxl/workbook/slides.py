"""Answers that slid by a cell: `insert cells` and `delete cells` move a part of a row or column, and the locks with it.

A sheet goes out with every answer's cell unlocked and every other locked. A part of a row that moved to the left leaves
a locked and empty cell at the row's end, one that moved to the right an unlocked cell behind it; a part of a column
likewise at the table's end. Where the locks are gone altogether nothing can be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from perfxl.workbook.cells import Sheet
from perfxl.workbook.formula import Place
from perfxl.workbook.identity import own_key
from perfxl.workbook.locate import Located
from perfxl.workbook.rows import Row
from perfxl.workbook.words import headers, own_words, plain


class Slid(NamedTuple):
    """What slid: the table, which of its rows and columns may be concerned, and which way."""

    table: str
    rows: Sequence[int]
    columns: Sequence[str]
    way: str


def slid(located: Located) -> Iterator[Slid]:
    """The rows in which something slid; the whole table where a part of a column did."""
    for table, rows in located.rows.items():
        for index, row in enumerate(rows):
            if (key := located.strays.get(row.row)) and own_key(key, located.printed):
                yield Slid(table, [index], [*located.columns[table]], "right" if row.key else "left")
        keyed = [index for index, row in enumerate(rows) if row.key]
        columns = _asked(located, table)
        if len(keyed) < 2 or not columns or not _tells(located.sheet, rows[keyed[0]].row, rows, columns):
            continue
        ids = [*located.columns[table]]
        sideways = {index: way for index in keyed if (way := _sideways(located, table, rows[index].row, columns))}
        if 2 * len(sideways) <= len(keyed):  # in all rows alike, a column was put in or taken out
            for index, way in sideways.items():
                yield Slid(table, [index], ids, way)
        if way := _upright(located.sheet, rows, columns):
            yield Slid(table, range(len(rows)), ids, way)


def _asked(located: Located, table: str) -> list[int]:
    """The first cells' columns of what is asked in every row, from left to right."""
    asked = located.form.tables[table]
    by = asked.groups.by if asked.groups else ""
    return sorted(at for id, at in located.columns[table].items() if id != by and not asked.columns[id].given)


def _sideways(located: Located, table: str, row: int, columns: Sequence[int]) -> str:
    """Which way a row's cells slid; empty where they did not."""
    sheet, edge = located.sheet, columns[-1]
    last = next(id for id, at in located.columns[table].items() if at == edge)
    after = row, edge + headers(located.form, table)[last].columns
    if sheet.locked(row, edge) and plain(str(sheet.value(row, edge) or "")) in own_words(located.form) | {""}:
        return "left"
    return "right" if after[1] != located.key_column and after in sheet.cells and not sheet.locked(*after) else ""


def _upright(sheet: Sheet, rows: Sequence[Row], columns: Sequence[int]) -> str:
    """Which way a part of a column slid: a cell of the last row is locked, or one beneath it, not all, is open."""
    last = rows[-1].row
    gone = [at for at in columns if sheet.locked(last, at) and _empty(sheet, (last, at))]
    more = [at for at in columns if (last + 1, at) in sheet.cells and not sheet.locked(last + 1, at)]
    return "up" if gone else "down" if 0 < len(more) < len(columns) else ""


def _tells(sheet: Sheet, row: int, rows: Sequence[Row], columns: Sequence[int]) -> bool:
    """Whether the locks say anything: most answers are open, and the label at their side is not."""
    first = [sheet.locked(each.row, columns[0]) for each in rows]
    return 2 * sum(first) < len(first) and any(sheet.locked(row, at) for at in (0, columns[0] - 1) if at >= 0)


def _empty(sheet: Sheet, place: Place) -> bool:
    return sheet.value(*place) in (None, "")

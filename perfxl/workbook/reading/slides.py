"""Answers that slid by a cell: `insert cells` and `delete cells` move a part of a row or column, and the locks with it.

A sheet goes out with every answer's cell unlocked and every other locked. A part of a row that moved to the left leaves
a locked and empty cell at the row's end, one that moved to the right an unlocked cell behind it; a part of a column
likewise at the table's end. Where the locks are gone altogether nothing can be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from perfxl.form.form import Form
from perfxl.workbook.ooxml.cells import Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.grid import is_within
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.rows import TableRow
from perfxl.workbook.reading.words import anchors, headers, own_words, plain_words
from perfxl.workbook.sheet.identity import is_own_key


class Slide(NamedTuple):
    """What slid: the table, which of its rows and columns may be concerned, and which way."""

    table: str
    rows: Sequence[int]
    columns: Sequence[str]
    way: str


def find_slides(located: LocatedSheet) -> Iterator[Slide]:
    """The rows in which something slid; the whole table where a part of a column did, or it cannot be told which."""
    for table, found in located.tables.items():
        rows = found.rows
        asked = located.form.tables[table]
        astray = {index: way for index, row in enumerate(rows) if (way := _astray(located, row))}
        by_locks, whole = _by_locks(located, table, rows)
        if whole:
            yield Slide(table, range(len(rows)), [*located.tables[table].columns], whole)
            continue
        ids = [id for id in located.tables[table].columns if not asked.groups or id != asked.groups.by]
        for index, way in {**astray, **by_locks}.items():
            yield Slide(table, [index], ids, way)


def _astray(located: LocatedSheet, row: TableRow) -> str:
    """Which way a row slid whose key, or a word of the panel beside it, stands in a wrong column; empty where none."""
    if (key := located.marks.strays.get(row.row)) and is_own_key(key, located.recognised.printed):
        return "right" if row.key else "left"
    return "left" if row.row in located.panel.strays else ""


def _by_locks(located: LocatedSheet, table: str, rows: Sequence[TableRow]) -> tuple[dict[int, str], str]:
    """Which rows slid which way, by their place among the table's; and which way a part of the whole table did."""
    columns = _asked(located, table)
    keys = any(row.key for row in rows)
    keyed = [row for row in rows if row.key or not keys]
    if len(keyed) < 2 or not columns:
        return {}, ""
    after = _after(located, table, columns)
    gapless = located.panel.column == after
    if gapless or not _tells(located.sheet, keyed, columns):
        in_part = (gapless or located.sheet.open) and any(_in_part(located, table, row) for row in rows)
        return {}, "unknown" if in_part else ""
    # a column that is locked in most rows was pasted with its format, and says nothing
    columns = [at for at in columns if 2 * sum(located.sheet.locked(row.row, at) for row in keyed) <= len(keyed)]
    sideways = {
        index: way
        for index, row in enumerate(rows)
        if (row.key or not keys) and (way := _sideways(located, row.row, columns, after))
    }
    if 2 * len(sideways) > len(keyed):  # in all rows alike, a column was put in or taken out
        sideways = {}
    if sideways and [row.key for row in keyed] != sorted(row.key for row in keyed):
        return {}, next(iter(sideways.values()))  # what stands beyond a row's end was not sorted with it
    return sideways, _upright(located.sheet, rows, columns)


def _in_part(located: LocatedSheet, table: str, row: TableRow) -> bool:
    """Whether a row is filled in part: where the locks are gone, its cells may have slid."""
    asked = located.form.tables[table]
    values = {
        id: located.sheet.value(row.row, at) for id, at in located.tables[table].columns.items() if id in asked.begun
    }
    blank = [id for id, value in values.items() if value in (None, "") and asked.columns[id].required]
    return bool(blank) and any(value not in (None, "") for value in values.values())


def _asked(located: LocatedSheet, table: str) -> list[int]:
    """The first cells' columns of what is asked in every row, from left to right."""
    asked = located.form.tables[table]
    by = asked.groups.by if asked.groups else ""
    return sorted(at for id, at in located.tables[table].columns.items() if id != by and not asked.columns[id].given)


def _sideways(located: LocatedSheet, row: int, columns: Sequence[int], after: int) -> str:
    """Which way a row's cells slid; empty where they did not. ``columns``: what is asked; ``after``: behind the last.

    What was pasted with its format is locked too: only empty cells between the last open one and the row's end slid in.
    """
    sheet = located.sheet
    empty = own_words(located.form) | {""}
    ending = [*takewhile(lambda at: _shut(sheet, (row, at)), reversed(columns))]
    if 0 < len(ending) < len(columns) and all(plain_words(str(sheet.value(row, at) or "")) in empty for at in ending):
        return "left"
    beyond = (row, after) in sheet.cells and not sheet.locked(row, after)
    return "right" if beyond and after != located.marks.key_column else ""


def _upright(sheet: Worksheet, rows: Sequence[TableRow], columns: Sequence[int]) -> str:
    """Which way a part of a column slid: a cell of the last row is locked, or one beneath it, not all, is open."""
    last = rows[-1].row
    while not rows[-1].key and _open(sheet, last + 1, columns):  # without keys, spare rows that are blank are not known
        last += 1
    gone, more = [at for at in columns if _shut(sheet, (last, at))], _open(sheet, last + 1, columns)
    if 0 < len(gone) < len(columns):
        return "up" if 2 * len(gone) <= len(columns) else "down"
    return "down" if 0 < len(more) < len(columns) else ""


def _open(sheet: Worksheet, row: int, columns: Sequence[int]) -> list[int]:
    """The columns whose cell in a row is there and not locked."""
    return [at for at in columns if (row, at) in sheet.cells and not sheet.locked(row, at)]


def _shut(sheet: Worksheet, place: Place) -> bool:
    """Whether a cell is locked; one that is not in the file is, if its program writes empty cells at all."""
    return sheet.locked(*place) and (place in sheet.cells or sheet.keeps_blanks)


def _tells(sheet: Worksheet, rows: Sequence[TableRow], columns: Sequence[int]) -> bool:
    """Whether the locks say anything: most answers are open, and what stands beside them is not."""
    first = [sheet.locked(each.row, columns[0]) for each in rows]
    return 2 * sum(first) < len(first) and any(sheet.locked(rows[0].row, at) for at in (0, columns[0] - 1) if at >= 0)


def _after(located: LocatedSheet, table: str, columns: Sequence[int]) -> int:
    """The column behind the last that is asked."""
    last = next(id for id, at in located.tables[table].columns.items() if at == columns[-1])
    return columns[-1] + headers(located.form, table)[last].columns


def find_slid_lines(located: LocatedSheet) -> Iterator[tuple[str, list[str]]]:
    """The lines of the head in which something slid: which way, and their fields.

    Lines that are to be filled in up to the form's edge all end in the same column; one that does not has slid.
    """
    form, head = located.form, located.head
    lines: dict[int, list[str]] = {}
    for id, (row, _) in head.items():
        lines.setdefault(row, []).append(id)
    edges: dict[int, int] = {}
    for row, ids in lines.items():
        last = max(ids, key=lambda id: head[id][1])
        if not form.fields[last].given and _to_the_edge(form, last):
            edges[row] = _edge(located.sheet, head[last])
    (usual, count), *_ = Counter(edges.values()).most_common(1) or [(0, 0)]
    if 2 * count <= len(edges):
        return
    for row, edge in edges.items():
        if edge != usual:
            yield "left" if edge < usual else "right", [id for id in lines[row] if not form.fields[id].given]


def _to_the_edge(form: Form, id: str) -> bool:
    anchor = anchors(form)[id]
    return int(anchor.column_id[1:]) + anchor.columns - 1 == len(form.sheet.columns)


def _edge(sheet: Worksheet, place: Place) -> int:
    """The last of the open cells from a cell on to the right; those beneath a merge count, in the file or not."""
    row, column = place
    column = next((each.last_column for each in sheet.merges if is_within(place, each)), column)
    while (row, column + 1) in sheet.cells and not sheet.locked(row, column + 1):
        column += 1
    return column

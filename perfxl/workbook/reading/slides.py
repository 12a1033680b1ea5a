"""Detection of answers that slid by a cell.

The commands `insert cells` and `delete cells` move a part of a row or column, and the locks of its cells with it. A
form is issued with the cells of answers unlocked and all others locked. A part of a row that moved to the left leaves a
locked and empty cell at the end of the row; one that moved to the right leaves an unlocked cell behind the end. A part
of a column does likewise at the end of the table. Where the locks are gone altogether, nothing can be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.workbook.ooxml.cells import Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.sheet_reader import is_within
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.rows import TableRow
from perfxl.workbook.reading.words import anchors, headers, own_words
from perfxl.workbook.sheet.identity import is_own_key, key_number

NO_COLUMN = 1 << 30
"""A column behind every column that a sheet can have."""


class Slide(NamedTuple):
    """A slide of cells in a table.

    ``rows``: the indices of the rows, ``columns``: the columns that may be concerned; ``way``: ``left``, ``right``,
    ``up``, ``down`` or ``unknown``.
    """

    table: str
    rows: Sequence[int]
    columns: Sequence[str]
    way: str


def find_slides(located: LocatedSheet) -> Iterator[Slide]:
    """Yield the rows in which something slid.

    Where a part of a column slid, or where it cannot be told what slid, this is the whole table.
    """
    by_row: dict[str, dict[int, str]] = {}
    for table, located_table in located.tables.items():
        rows = located_table.rows
        by_marks = {row.row: way for row in rows if (way := _way_by_marks(located, table, row))}
        by_locks, whole = _find_by_locks(located, table, rows)
        by_row[table] = {} if whole else {**by_marks, **{rows[index].row: way for index, way in by_locks.items()}}
        if whole:
            yield Slide(table, range(len(rows)), [*located_table.columns], whole)
    for table, located_table in located.tables.items():
        groups = located.cells_form.tables[table].groups
        ids = [id for id in located_table.columns if not groups or id != groups.by]
        # what slid in one table moved everything to its right, and shows at the end of the row alone
        beside = located.form.side_by_side.get(table, (table,))
        slid = {row: way for other in reversed(beside) for row, way in by_row[other].items()}
        for index, row in enumerate(located_table.rows):
            if row.row in slid:
                yield Slide(table, [index], ids, slid[row.row])


def _way_by_marks(located: LocatedSheet, table: str, row: TableRow) -> str:
    """Return which way a row slid whose key, or a word of the panel beside it, stands in a wrong column; else empty."""
    column, key = located.marks.strays.get(row.row, (-1, ""))
    if key and is_own_key(key, located.recognised.printed):
        if table not in located.form.side_by_side:
            return "right" if row.key else "left"
        if row.key:
            return ""  # it is that of a table beside this one
        return "right" if column > located.marks.keys_of(located.form.rank(table)).column else "left"
    return "left" if row.row in located.panel.strays else ""


def _find_by_locks(located: LocatedSheet, table: str, rows: Sequence[TableRow]) -> tuple[dict[int, str], str]:
    """Return which way each slid row went, by its index, and which way a part of the whole table went, if any."""
    columns = _input_columns(located, table)
    keyed = _keyed_rows(rows)
    if len(keyed) < 2 or not columns:
        return {}, ""
    after = _column_after(located, table, columns)
    gapless = located.panel.column == after
    if gapless or not _locks_tell(located.sheet, keyed, columns):
        in_part = (gapless or located.sheet.open) and any(_is_filled_in_part(located, table, row) for row in rows)
        return {}, "unknown" if in_part else ""
    # a column that is locked in most rows was pasted with its format, and says nothing
    columns = [at for at in columns if 2 * sum(located.sheet.locked(row.row, at) for row in keyed) <= len(keyed)]
    sideways = _find_sideways(located, rows, columns, after)
    if 2 * len(sideways) > len(keyed):  # in all rows alike, a column was put in or taken out
        sideways = {}
    numbers = [key_number(row.key) for row in keyed if row.key]
    if sideways and numbers != sorted(numbers):
        return {}, next(iter(sideways.values()))  # what stands beyond a row's end was not sorted with it
    return sideways, _vertical_way(located, rows, columns)


def _keyed_rows(rows: Sequence[TableRow]) -> list[TableRow]:
    """Return the rows with a key; all rows where none has one."""
    return [row for row in rows if row.key] or list(rows)


def _is_filled_in_part(located: LocatedSheet, table: str, row: TableRow) -> bool:
    """Return True if a row is filled in part: where the locks are gone, its cells may have slid."""
    form_table = located.cells_form.tables[table]
    columns, shared = located.tables[table].columns, located.tables[table].shared
    places = {id: (row.row, at) for id, at in columns.items() if id in form_table.begun}
    values = {id: located.sheet.value(*shared.get(at, at)) for id, at in places.items()}
    blank = [id for id, value in values.items() if value in (None, "") and form_table.columns[id].required]
    return bool(blank) and any(value not in (None, "") for value in values.values())


def _input_columns(located: LocatedSheet, table: str) -> list[int]:
    """Return the columns of the answers that are to be filled in in every row, from left to right.

    Of an answer that covers several columns it is the first.
    """
    form_table = located.cells_form.tables[table]
    by = form_table.groups.by if form_table.groups else ""
    columns = located.tables[table].columns
    asked = (id for id, column in form_table.columns.items() if column.open and not column.calculation)
    return sorted(columns[id] for id in asked if id in columns and id != by)


def _find_sideways(
    located: LocatedSheet, rows: Sequence[TableRow], columns: Sequence[int], after: int
) -> dict[int, str]:
    """Return which way the cells of each slid row went, by its index; rows without a key among others are left out."""
    keys = any(row.key for row in rows)
    ways: dict[int, str] = {}
    for index, row in enumerate(rows):
        if (row.key or not keys) and (way := _sideways_way(located, row.row, columns, after)):
            ways[index] = way
    return ways


def _sideways_way(located: LocatedSheet, row: int, columns: Sequence[int], after: int) -> str:
    """Return which way a row's cells slid; empty where they did not.

    Cells that were pasted with their format are locked too: only empty cells between the last open one and the end of
    the row slid in. ``columns``: those of the answers; ``after``: the column behind the last of these.
    """
    sheet = located.sheet
    ending = [*takewhile(lambda at: _is_shut(sheet, (row, at)), reversed(columns))]
    if 0 < len(ending) < len(columns):
        words = {squeeze(str(sheet.value(row, at) or "")) for at in ending} - {""}
        if words <= own_words(located.form):
            return "left"
    beyond = (row, after) in sheet.cells and not sheet.locked(row, after)
    return "right" if beyond and after != located.marks.mark_column else ""


def _vertical_way(located: LocatedSheet, rows: Sequence[TableRow], columns: Sequence[int]) -> str:
    """Return which way a part of a column slid; empty where none did.

    Then some cells of the last row are locked, or some of those beneath it are open, but not all. Fields of the head
    that stand beneath it are open in any case.
    """
    sheet, last = located.sheet, rows[-1].row
    # without keys, spare rows that are blank are not known
    beneath = _head_columns(located, last + 1)
    while not rows[-1].key and not beneath and _open_columns(sheet, last + 1, columns):
        last += 1
        beneath = _head_columns(located, last + 1)
    gone = [at for at in columns if _is_shut(sheet, (last, at))]
    if 0 < len(gone) < len(columns):
        return "up" if 2 * len(gone) <= len(columns) else "down"
    columns = [at for at in columns if at not in beneath]
    more = _open_columns(sheet, last + 1, columns)
    return "down" if more and (beneath or len(more) < len(columns)) else ""


def _head_columns(located: LocatedSheet, row: int) -> set[int]:
    """Return the columns in which fields of the head stand in a row."""
    covered: set[int] = set()
    for id, (top, left) in located.head.items():
        anchor = anchors(located.form)[id]
        if top <= row < top + anchor.rows:
            covered.update(range(left, left + anchor.columns))
    return covered


def _open_columns(sheet: Worksheet, row: int, columns: Sequence[int]) -> list[int]:
    """Return the columns whose cell in a row is there and not locked."""
    return [at for at in columns if (row, at) in sheet.cells and not sheet.locked(row, at)]


def _is_shut(sheet: Worksheet, place: Place) -> bool:
    """Return True if a cell is locked; one that is not in the file is, if its program writes empty cells at all."""
    return sheet.locked(*place) and (place in sheet.cells or sheet.keeps_blanks)


def _locks_tell(sheet: Worksheet, rows: Sequence[TableRow], columns: Sequence[int]) -> bool:
    """Return True if the locks say anything: most answers are open, and the cells beside them are not."""
    first = [sheet.locked(row.row, columns[0]) for row in rows]
    return 2 * sum(first) < len(first) and any(sheet.locked(rows[0].row, at) for at in (0, columns[0] - 1) if at >= 0)


def _column_after(located: LocatedSheet, table: str, columns: Sequence[int]) -> int:
    """Return the column behind the last one that is to be filled in; one of no sheet where another table begins."""
    if located.form.side_by_side.get(table, (table,))[-1] != table:
        return NO_COLUMN
    last = next(id for id, at in located.tables[table].columns.items() if at == columns[-1])
    return columns[-1] + headers(located.form, table)[last].columns


def find_slid_lines(located: LocatedSheet) -> Iterator[tuple[str, list[str]]]:
    """Yield the lines of the head in which something slid: which way, and the fields of the line.

    Lines that are to be filled in up to the form's edge all end in the same column; one that does not has slid.
    """
    form, head = located.cells_form, located.head
    lines: dict[int, list[str]] = {}
    for id, (row, _) in head.items():
        lines.setdefault(row, []).append(id)
    edges: dict[int, int] = {}
    for row, ids in lines.items():
        last = max(ids, key=lambda id: head[id][1])
        if form.fields[last].open and _reaches_edge(form, last):
            edges[row] = _last_open_column(located.sheet, head[last])
    (usual, count), *_ = Counter(edges.values()).most_common(1) or [(0, 0)]
    if 2 * count <= len(edges):
        return
    for row, edge in edges.items():
        if edge != usual:
            yield "left" if edge < usual else "right", [id for id in lines[row] if form.fields[id].open]


def _reaches_edge(form: Form, id: str) -> bool:
    """Return True if a head field ends in the last column of the form."""
    anchor = anchors(form)[id]
    return int(anchor.column_id[1:]) + anchor.columns - 1 == len(form.sheet.columns)


def _last_open_column(sheet: Worksheet, place: Place) -> int:
    """Return the column of the last of the open cells from a cell to the right.

    Cells beneath a merge count, whether they are in the file or not.
    """
    row, column = place
    column = next((merge.last_column for merge in sheet.merges if is_within(place, merge)), column)
    while (row, column + 1) in sheet.cells and not sheet.locked(row, column + 1):
        column += 1
    return column

"""The names of things on a sheet: row ids, column ids, and the sheet-scoped defined names."""

from __future__ import annotations

from collections import Counter

from perfxl.form.form import Table
from perfxl.form.layout import Layout
from perfxl.form.table_rows import group_names, spare_rows
from perfxl.workbook.ooxml.formula import Place, absolute_address
from perfxl.workbook.sheet.reach import SUMS_MARK

KEYS_MARK = "k"
"""The beginning of the mark above the row keys of a table that stands beside another."""


def row_ids(layout: Layout) -> dict[int, str]:
    """Return the ids of the head rows by sheet row: ``r`` and the number of the layout's line.

    That number does not change when the tables grow.
    """
    ids: dict[int, str] = {}
    row = layout.form.sheet.row
    for number, line in enumerate(layout.form.layout, start=1):
        if line.tables:
            row = max(layout.tables[id].end for id in line.tables) + 1
        else:
            ids[row] = f"r{number}"
            row += 1
    return ids


def sums_marks(layout: Layout) -> dict[Place, str]:
    """Return the marks of the rows that show sums, by their cells."""
    cells = sorted((sums.row, table.key_column) for table in layout.tables.values() for sums in table.sums)
    return {cell: f"{SUMS_MARK}{number}" for number, cell in enumerate(cells, start=1)}


def sheet_names(layout: Layout) -> dict[str, str]:
    """Return the sheet-scoped defined names and their addresses: of each head field, issue value, table
    and table column."""
    names = {f"px.{id}": absolute_address(box.row, box.column) for id, box in layout.head.items()}
    names |= {f"px.{id}": absolute_address(*place) for id, place in layout.issue_cells.items()}
    for table in layout.tables.values():
        left, right = layout.columns
        first = table.header + table.header_rows
        names[f"px.{table.id}"] = f"{absolute_address(first, left)}:{absolute_address(table.last, right)}"
        for id, column in table.columns.items():
            name = column_name(layout.form.tables[table.id], id)
            names[name] = f"{absolute_address(table.first, column)}:{absolute_address(table.last, column)}"
    return names


def column_name(table: Table, column: str) -> str:
    """Return the defined name of a table's column."""
    path = table.path(column)
    return f"px.{path}" if path != table.id else f"px.{table.id}.{column}"


def key_marks(layout: Layout) -> dict[Place, str]:
    """Return the marks of the mark row above the row keys of further tables in one row."""
    return {(layout.mark_row, at): f"{KEYS_MARK}{number}" for number, at in enumerate(layout.key_columns) if number}


def key_cells(layout: Layout) -> tuple[Place, ...]:
    """Return the cells of the row keys in their order: from top to bottom, table by table from left to right."""
    tables = sorted(layout.tables.values(), key=lambda table: (table.header, layout.form.rank(table.id)))
    return tuple(
        (row, table.key_column)
        for table in tables
        for row, slot in enumerate(table.slots, start=table.first)
        if not slot.sums
    )


def key_numbers(layout: Layout) -> dict[Place, int]:
    """Return the number of each row key by its cell, counted from 1.

    Rows that were taken over from another form keep the numbers that they have on a sheet of that form which was made
    of the same record: there spare rows stand behind each group.
    """
    left_out = {id: _rows_left_out(layout, id) for id, table in layout.form.tables.items() if table.inherited}
    numbers: dict[Place, int] = {}
    number = 0
    for row, column in key_cells(layout):
        id, at = next(
            (id, row - table.first)
            for id, table in layout.tables.items()
            if table.key_column == column and table.first <= row <= table.last
        )
        number += 1 + left_out.get(id, {}).get(at, 0)
        numbers[row, column] = number
    return numbers


def _rows_left_out(layout: Layout, id: str) -> dict[int, int]:
    """Return how many spare rows of the groups above are left out before a row of a table, by the row's index."""
    table, slots = layout.form.tables[id], layout.tables[id].slots
    if not table.groups:
        return {}
    groups = group_names(table, table.groups)
    counts = Counter(slot.group for slot in slots if not slot.sums)
    spare = dict(zip(groups, spare_rows(table.groups, len(groups)), strict=True))
    before: dict[int, int] = {}
    passed = 0
    for at, slot in enumerate(slots):
        upto = groups.index(slot.group) if slot.group in groups else len(groups)
        if not slot.sums and upto > passed:
            before[at] = sum(max(table.groups.rows - counts[one], 0) + spare[one] for one in groups[passed:upto])
            passed = upto
    return before

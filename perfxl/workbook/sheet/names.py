"""The names of things on a sheet: row ids, column ids, and the sheet-scoped defined names."""

from __future__ import annotations

from perfxl.form.form import Table
from perfxl.form.layout import Layout
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

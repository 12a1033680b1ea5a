"""The names of things on a sheet: row ids, column ids, and the sheet-scoped defined names."""

from __future__ import annotations

from perfxl.form.form import Table
from perfxl.form.layout import Layout
from perfxl.workbook.ooxml.formula import absolute_address
from perfxl.workbook.sheet.reach import SUMS_MARK


def row_ids(layout: Layout) -> dict[int, str]:
    """Return the ids of the head rows by sheet row: ``r`` and the number of the layout's line.

    That number does not change when the tables grow.
    """
    ids: dict[int, str] = {}
    row = layout.form.sheet.row
    for number, line in enumerate(layout.form.layout, start=1):
        if line.table:
            row = layout.tables[line.table].end + 1
        else:
            ids[row] = f"r{number}"
            row += 1
    return ids


def sums_marks(layout: Layout) -> dict[int, str]:
    """Return the marks of the rows that show sums, by sheet row."""
    rows = sorted(sums.row for table in layout.tables.values() for sums in table.sums)
    return {row: f"{SUMS_MARK}{number}" for number, row in enumerate(rows, start=1)}


def sheet_names(layout: Layout) -> dict[str, str]:
    """Return the sheet-scoped defined names and their addresses: of each head field, issue value, table
    and table column."""
    names = {f"px.{id}": absolute_address(box.row, box.column) for id, box in layout.head.items()}
    names |= {f"px.{id}": absolute_address(*place) for id, place in layout.issue_cells.items()}
    for table in layout.tables.values():
        left, right = min(layout.key_column, layout.first_column), max(layout.key_column, layout.last_column)
        first = min([table.first, *(sums.row for sums in table.sums)])  # below the header
        names[f"px.{table.id}"] = f"{absolute_address(first, left)}:{absolute_address(table.last, right)}"
        for id, column in table.columns.items():
            name = column_name(layout.form.tables[table.id], id)
            names[name] = f"{absolute_address(table.first, column)}:{absolute_address(table.last, column)}"
    return names


def column_name(table: Table, column: str) -> str:
    """Return the defined name of a table's column."""
    path = table.path(column)
    return f"px.{path}" if path != table.id else f"px.{table.id}.{column}"


def key_rows(layout: Layout) -> tuple[int, ...]:
    """Return the rows that carry a row key, from top to bottom."""
    tables = layout.tables.values()
    rows = (row for table in tables for row, slot in enumerate(table.slots, start=table.first) if not slot.sums)
    return tuple(sorted(rows))

"""Formulas that reach the cells of a layout's sheet, and the columns of its tables."""

from __future__ import annotations

from collections.abc import Iterable

from perfxl.form.form import Field
from perfxl.form.layout import Layout, TableBox
from perfxl.form.ticks import cell_ids
from perfxl.form.types.choices import UNTICKED
from perfxl.workbook.ooxml.formula import Reach, absolute_address, text_literal

SUMS_MARK = "s"
"""The beginning of the mark of a row of sums, where a row of answers has its row key."""


def layout_reach(layout: Layout, sheet: str = "") -> Reach:
    """Return the ``Reach`` that refers to the cells of a layout's sheet, named ``sheet`` if that is given."""
    last = layout.panel_column
    return Reach(layout.last_row, last, layout.mark_row, layout.key_column, sheet)


def held_formula(layout: Layout, reach: Reach, table: str, field: Field) -> str:
    """Return the formula of what the cell of an answer holds, to which a validation or conditional format applies.

    Of an answer with tick columns it is what all of its cells hold, without empty boxes.
    """
    if field.of is None:
        return reach.here()
    if table:
        cells = [reach.beside(layout.tables[table].columns[id]) for id in cell_ids(field.of)]
    else:
        cells = [reach.at(box.row, box.column) for id in cell_ids(field.of) if (box := layout.head[id])]
    return ticked_text(cells)


def ticked_text(cells: Iterable[str]) -> str:
    """Return the formula of what tick cells hold together, without empty boxes."""
    return f'SUBSTITUTE({"&".join(cells)},{text_literal(UNTICKED)},"")'


def column_cells(reach: Reach, table: TableBox, column: str, first: int = -1, last: int = -1) -> str:
    """Return the reference to the cells of a table's column, or to those from one row to another.

    Where a row of sums stands right below, the reference ends above that row, and so takes in rows inserted there; not
    that of a whole table with the sums of its last group at its end, since what stands below these is in no group.
    """
    return cells_down(reach, table, table.columns[column], first, last)


def cells_down(reach: Reach, table: TableBox, at: int, first: int = -1, last: int = -1) -> str:
    """Return the same reference for a column of the sheet, such as that of the table's row keys."""
    first, last = (table.first, table.last) if first < 0 else (first, last)
    in_groups = last == table.last and table.slots[-1].sums
    if any(sums.row == last + 1 for sums in table.sums) and not in_groups:
        return reach.column_above(first, last + 1, at)
    return reach.column(first, last, at)


def rows_of_answers(reach: Reach, table: TableBox) -> str:
    """Return a formula that is true in each row of a table that holds answers, not sums; empty where all of them do."""
    if not any(slot.sums for slot in table.slots):
        return ""
    first, last = (absolute_address(row, table.key_column) for row in (table.first, table.last))
    return f'(LEFT({reach.prefix}{first}:{last},1)<>"{SUMS_MARK}")'

"""The locked cells of a form sheet that calculate: their formulas, the same for a layout, and their values on a page.

A formula reaches answers by value names or by the marks, never by their cells. Its value is written with it, for
viewers that never calculate, and compared on return with what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping

from perfxl.form.answers import Answers
from perfxl.form.layout import Layout, TableBox, cached_by_layout
from perfxl.form.table_rows import SumsRow, sum_up
from perfxl.workbook.ooxml.formula import Place, Reach
from perfxl.workbook.sheet.calculations import calculation_formulas, calculation_values
from perfxl.workbook.sheet.part_cells import part_formulas, part_values
from perfxl.workbook.sheet.reach import column_cells, layout_reach, rows_of_answers

Value = str | float | int | None


@cached_by_layout(256)
def formulas(layout: Layout) -> Mapping[Place, str]:
    """Return the formula of each calculated cell, without ``=``."""
    reach = layout_reach(layout)
    sums = {
        (sums.row, table.columns[column]): _sum_formula(table, sums, column, reach)
        for table in layout.tables.values()
        for sums in table.sums
        for column in sums.sums.columns
    }
    return {**sums, **calculation_formulas(layout), **part_formulas(layout)}


def values(layout: Layout, answers: Answers) -> dict[Place, Value]:
    """Return what the formulas come to for these answers; None where they show nothing."""
    results: dict[Place, Value] = {}
    for box in layout.tables.values():
        table = layout.form.tables[box.id]
        for sums in box.sums:
            for column in sums.sums.columns:
                value = sum_up(table, sums, column, answers)
                results[sums.row, box.columns[column]] = table.columns[column].type.show(value)
    return {**results, **calculation_values(layout, answers), **part_values(layout, answers)}


def _sum_formula(table: TableBox, sums: SumsRow, column: str, reach: Reach) -> str:
    """Return the formula for the sum of a column's numbers, which shows nothing where there is none.

    It is rounded, against the noise of binary fractions, to more digits than anybody types.
    """
    cells = column_cells(reach, table, column, sums.first, sums.last)
    counted = "" if sums.group else rows_of_answers(reach, table)
    if counted:  # the cells themselves are an argument of their own: SUMPRODUCT then counts a text in them as 0
        return f'IF(SUMPRODUCT({counted}*ISNUMBER({cells}))=0,"",ROUND(SUMPRODUCT({counted}*1,{cells}),{_DIGITS}))'
    return f'IF(COUNT({cells})=0,"",ROUND(SUM({cells}),{_DIGITS}))'


_DIGITS = 8

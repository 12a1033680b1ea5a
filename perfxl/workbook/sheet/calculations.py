"""The formulas of the answers that a form calculates, and what they show on a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from perfxl.form.answers import Answers
from perfxl.form.calculation import CalculatedAnswer, decimals_of, in_order, show
from perfxl.form.expression import CellReferences, ExpressionError
from perfxl.form.expression.excel import blank
from perfxl.form.form import Form, shown_values
from perfxl.form.layout import Box, Layout, row_order
from perfxl.form.ticks import cell_ids
from perfxl.workbook.ooxml.formula import Place, text_literal
from perfxl.workbook.sheet.part_cells import part_here
from perfxl.workbook.sheet.reach import layout_reach
from perfxl.workbook.sheet.self_check import named_cells

BLANK = '""'
"""The formula of an answer that Excel cannot calculate: it shows nothing, and is known on return."""


def calculated_boxes(layout: Layout) -> Iterator[tuple[Box, CalculatedAnswer]]:
    """Yield the boxes of the sheet that calculate an answer."""
    by_place = {(answer.table, answer.field.id): answer for answer in in_order(layout.asked)}
    for box in layout.boxes if by_place else ():
        if box.locked and box.field and box.role in ("field", "answer"):
            answer = by_place.get((box.table, box.field.id))
            if answer and not box.field.given:
                yield box, answer


def calculation_formulas(layout: Layout) -> dict[Place, str]:
    """Return the formulas of the answers that are calculated, by cell, without ``=``."""
    references = named_cells(layout.form)
    made: dict[tuple[str, str, str], str] = {}  # the rows of a table have the same formula, but for their group
    formulas: dict[Place, str] = {}
    for box, answer in calculated_boxes(layout):
        group = layout.tables[box.table].slots[box.index].group if box.table else ""
        key = box.table, answer.field.id, group
        if key not in made:
            made[key] = _formula(layout, answer, group, references)
        formulas[box.row, box.column] = made[key]
    return formulas


def calculation_values(layout: Layout, answers: Answers) -> dict[Place, str | float | int | None]:
    """Return what the calculated answers come to, as their cells show it; ``answers``: with the calculated ones."""
    if not in_order(layout.asked):
        return {}
    rows = {id: row_order(layout.form, table, answers) for id, table in layout.form.tables.items()}
    values: dict[Place, str | float | int | None] = {}
    for box, answer in calculated_boxes(layout):
        row = answers.head if not box.table else None
        if box.table and (index := rows[box.table][box.index]) is not None:
            row = answers.rows[box.table][index]
        values[box.row, box.column] = show(answer.field.type, row.get(answer.field.id)) if row is not None else None
    return values


def formula_of(answer: CalculatedAnswer, form: Form, cells: CellReferences) -> str:
    """Return the formula of an answer, in the current row where it stands in a table.

    Raises ExpressionError ``not_in_excel`` for what Excel cannot calculate.
    """
    kind = answer.field.type
    words = form.truth_words(answer.table, answer.field.id) if kind.value_type == "logical" else None
    percent = kind.value_type == "percent"
    formula = answer.calculation.value.excel_value(cells, decimals_of(kind), percent, words, shown_values(kind))
    if not answer.table:
        return formula
    table = form.tables[answer.table]
    begun = "&".join(cells.here(table.id, id) for column in table.begun for id in cell_ids(table.columns[column]))
    return f'IF(IFERROR({blank(f"({begun})")},FALSE),"",{formula})'


def _formula(layout: Layout, answer: CalculatedAnswer, group: str, references: CellReferences) -> str:
    """Return the formula of an answer. ``group``: the group of its row, whose cell is merged over many rows."""
    reach = layout_reach(layout)

    def here(table: str, id: str) -> str:
        groups = layout.form.tables[table].groups
        if groups and groups.by == id:
            return text_literal(group)
        return reach.beside(layout.tables[table].columns[id])

    def part(table: str, id: str, name: str) -> str:
        return part_here(layout, table, id, name) if table else references.part(table, id, name)

    try:
        return formula_of(answer, layout.asked, replace(references, here=here, part=part))
    except ExpressionError:
        return BLANK

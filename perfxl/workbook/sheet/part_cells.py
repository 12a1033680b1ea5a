"""Helper cells beside the panel, in which formulas part plain spellings: operator, number and unit of ≥95%.

Of each answer of which an expression names a part they stand in the answer's row: the count of digits, the number, the
operator and the unit. What they hold is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from perfxl.form.answers import Answers
from perfxl.form.calculation import Place as Named
from perfxl.form.expression import ExpressionError
from perfxl.form.form import Form
from perfxl.form.layout import Box, Layout, row_order
from perfxl.form.plain_parts import (
    DIGITS,
    LONGEST_UNIT,
    MOST_DIGITS,
    NO_UNIT,
    PERCENT,
    SIGNS,
    WORDS,
    PlainParts,
    answers_with_parts,
    plain_parts,
    type_of_place,
)
from perfxl.workbook.ooxml.formula import Place, absolute_address, column_letters, text_literal
from perfxl.workbook.sheet.reach import layout_reach

CELLS = PlainParts._fields
"""The helper cells of an answer, from left to right."""

NO_UNITS: Mapping[str, tuple[str, float]] = {}


def part_name(form: Form, table: str, id: str, part: str) -> str:
    """Return the sheet-scoped name of the cells with a part of an answer.

    Raises ExpressionError ``not_in_excel`` for a part that formulas do not find.
    """
    if (table, id) not in answers_with_parts(form) or part not in CELLS[1:]:
        raise ExpressionError("not_in_excel", f"{id}.{part}")
    return f"px.p.{form.tables[table].path(id) if table else id}.{part}"


def part_here(layout: Layout, table: str, id: str, part: str, prefix: str = "") -> str:
    """Return a formula for a part of an answer in the current row; ``prefix``: the sheet, with its mark."""
    part_name(layout.form, table, id, part)  # raises
    column = f"${column_letters(_column(layout, (table, id), CELLS.index(part)))}"
    return f"INDEX({prefix}{column}:{column},ROW())"


def part_names(layout: Layout, prefix: str) -> dict[str, str]:
    """Return the names of the cells with parts, with their definitions; ``prefix``: the sheet, with its mark."""
    names: dict[str, str] = {}
    for table, id in answers_with_parts(layout.form):
        for at, part in enumerate(CELLS):
            if part == "digits":
                continue
            column = _column(layout, (table, id), at)
            first, last = (layout.tables[table].first, layout.tables[table].last) if table else (_row(layout, id),) * 2
            cells = f"{prefix}{absolute_address(first, column)}"
            cells += f":{absolute_address(last, column)}" if last != first else ""
            names[part_name(layout.form, table, id, part)] = cells
    return names


def part_formulas(layout: Layout) -> dict[Place, str]:
    """Return the formulas of the helper cells, by cell, without ``=``."""
    reach = layout_reach(layout)
    formulas: dict[Place, str] = {}
    for named, box in _boxes(layout):
        cells = _addresses(layout, named, box)
        asked = type_of_place(layout.form, named)
        like = _addresses(layout, (named[0], asked.like), box) if asked.like else []
        for at, formula in enumerate(parting_formulas(reach.at(box.row, box.column), cells, like, asked.units)):
            formulas[box.row, _column(layout, named, at)] = formula
    return formulas


def part_values(layout: Layout, answers: Answers) -> dict[Place, str | float | int | None]:
    """Return what the helper cells hold."""
    if not answers_with_parts(layout.form):
        return {}
    rows = {id: row_order(layout.form, table, answers) for id, table in layout.form.tables.items()}
    values: dict[Place, str | float | int | None] = {}
    for named, box in _boxes(layout):
        row = answers.head
        if box.table:
            index = rows[box.table][box.index]
            row = {} if index is None else answers.rows[box.table][index]
        asked = type_of_place(layout.form, named)
        like = row.get(asked.like) if asked.like else None
        for at, value in enumerate(plain_parts(row.get(named[1]), asked, like)):
            values[box.row, _column(layout, named, at)] = value
    return values


def parting_formulas(
    cell: str, cells: list[str], like: Sequence[str] = (), units: Mapping[str, tuple[str, float]] = NO_UNITS
) -> list[str]:
    """Return the formulas of the helper cells of one answer; ``cells``: the addresses of these.

    ``like``: those of the answer in whose unit the number is counted; ``units``: those that are converted.
    """
    count, number = cells[:2]
    text = f"TRIM({cell})"
    sign = f'(ISNUMBER(FIND(LEFT({text}&" ",1),{text_literal(SIGNS)}))*1)'
    rest = f"MID({text},1+{sign},40)"
    places = "{" + ",".join(map(str, range(1, MOST_DIGITS + 2))) + "}"
    other = f'ISERROR(FIND(MID({rest}&"x",{places},1),{text_literal(DIGITS)}))'
    most = MOST_DIGITS + 1
    digits, unit = f"LEFT({rest},{count})", f"MID({rest},{count}+1,40)"
    figures = "{" + ",".join(f'"{figure}"' for figure in range(10)) + "}"
    bare = unit
    for word in WORDS:
        bare = f"SUBSTITUTE({bare},{text_literal(word)},{text_literal('')})"
    plain = [
        f"(LEN({unit})=LEN({bare}))",
        f"({count}>0)*({count}<{most})*(LEN({unit})<={LONGEST_UNIT})",
        f'(LEN({digits})-LEN(SUBSTITUTE({digits},".",""))<=1)',
        f"(SUMPRODUCT(ISNUMBER(FIND({figures},{unit}))*1)=0)",
        f'ISERROR(FIND(LEFT({unit}&"x",1),{text_literal(NO_UNIT)}))',
    ]
    value = f"VALUE({digits})"
    if like:
        value = _converted(value, unit, like, units)
    return [
        f"IFERROR({most}-SUMPRODUCT(MAX({other}*({most + 1}-{places}))),0)",
        f'IFERROR(IF({"*".join(plain)},{value},""),"")',
        f'IF({number}="","",LEFT({text},{sign}))',
        f'IF({number}="","",{unit})',
    ]


def _converted(number: str, unit: str, like: Sequence[str], units: Mapping[str, tuple[str, float]]) -> str:
    """Return the formula of a number in the unit of another value; an error where the units do not agree."""
    _, other, _, other_unit = like
    dimensions = sorted({dimension for dimension, _ in units.values()})
    names, factors, of = (
        "{" + ",".join(items) + "}"
        for items in (
            map(text_literal, units),
            (f"{factor:.15g}" for _, factor in units.values()),
            (str(dimensions.index(dimension) + 1) for dimension, _ in units.values()),
        )
    )
    own, to = (f"MATCH({one},{names},0)" for one in (unit, other_unit))
    agree = f"INDEX({of},{own})=INDEX({of},{to})"
    ratio = f"{number}*INDEX({factors},{own})/INDEX({factors},{to})"
    converted = f"IF({agree},{ratio},1/0)" if units else "1/0"
    fraction = f"IF(({other_unit}={text_literal(PERCENT)})*({number}<=1)*({number}>0),{number}*100,{number})"
    return f'IF({other}="",{number},IF({unit}={other_unit},{number},IF(LEN({unit})=0,{fraction},{converted})))'


def _addresses(layout: Layout, named: Named, box: Box) -> list[str]:
    """Return the addresses of the helper cells of an answer in the row of a box."""
    return [f"${column_letters(_column(layout, named, at))}{box.row + 1}" for at in range(len(CELLS))]


def _boxes(layout: Layout) -> Iterator[tuple[Named, Box]]:
    """Yield the boxes of the answers of which parts are named."""
    wanted = answers_with_parts(layout.form)
    for box in layout.boxes if wanted else ():
        if box.field and box.role in ("field", "answer") and (box.table, box.field.id) in wanted:
            yield (box.table, box.field.id), box


def _row(layout: Layout, id: str) -> int:
    return layout.head[id].row


def _column(layout: Layout, named: Named, at: int) -> int:
    """Return the column of a helper cell; in the mark row, other cells stand there."""
    return layout.check_column + answers_with_parts(layout.form).index(named) * len(CELLS) + at

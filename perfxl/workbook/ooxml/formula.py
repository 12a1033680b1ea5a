"""Excel formulas that reach a cell without referring to it.

If a person drags one input cell onto another, Excel rewrites every formula that refers to it, and a broken rule then
"holds". So no live formula refers to an input: it is reached by INDEX over a range with locked corners, at the ROW and
COLUMN of locked cells of the mark column and mark row. Rows and columns are counted from 0.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from functools import lru_cache

MARKER = "perfxl:"
Place = tuple[int, int]
"""A cell by its row and its column."""


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """Return the letters of a column: 0 → A, 26 → AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


@lru_cache(maxsize=4096)  # the addresses are the same in every copy of a form
def address(row: int, column: int) -> str:
    """Return a cell's address: (4, 2) → C5."""
    return f"{column_letters(column)}{row + 1}"


@lru_cache(maxsize=4096)
def absolute_address(row: int, column: int) -> str:
    """Return a cell's absolute address: (4, 2) → $C$5."""
    return f"${column_letters(column)}${row + 1}"


def absolute_range(row: int, column: int, last_row: int, last_column: int) -> str:
    """Return the reference of a range, or of one cell, by its corners: C5:D6 or C5, without dollar signs."""
    first, last = address(row, column), address(last_row, last_column)
    return first if first == last else f"{first}:{last}"


def quote_sheet(sheet: str) -> str:
    """Return a sheet's name for a formula: always in quotes, quotes inside doubled."""
    return "'" + sheet.replace("'", "''") + "'"


def text_literal(value: str) -> str:
    """Return a text as a string literal of a formula (at most 255 characters in Excel; not checked here)."""
    return '"' + value.replace('"', '""') + '"'


def blank_formula(cell: str) -> str:
    """Return a condition that is true if a cell holds nothing or white space only.

    White space includes ideographic and no-break spaces, tabs and line breaks. An error value is not blank.
    """
    for space in ('"　"', '"\u00a0"', "CHAR(9)", "CHAR(10)"):
        cell = f'SUBSTITUTE({cell},{space},"")'
    return f"IFERROR(LEN(TRIM({cell}))=0,FALSE)"


class Reach:
    """Formulas that reach the cells of one sheet by INDEX over the range from A1 to its last row and column.

    ``mark_row`` and ``key_column``: the locked row and column whose cells' ROW and COLUMN give a cell's place;
    ``sheet``: the sheet's name if the formulas stand on another one.
    """

    def __init__(self, last_row: int, last_column: int, mark_row: int, key_column: int, sheet: str = "") -> None:
        self.prefix = f"{quote_sheet(sheet)}!" if sheet else ""
        self.range = f"{self.prefix}$A$1:{absolute_address(last_row, last_column)}"
        self.mark_row = mark_row
        self.key_column = key_column
        self.own_row = -1

    def in_row(self, row: int) -> Reach:
        """Return a reach for formulas that apply to cells of this row, whose own row is ``ROW()``.

        So the formulas of all rows of a table are alike, and one conditional format serves them all.
        """
        own = copy.copy(self)
        own.own_row = row
        return own

    def at(self, row: int, column: int) -> str:
        """Return the formula for the value of a cell, by the marks of its row and its column."""
        if row == self.own_row:
            return self.beside(column)
        down, right = absolute_address(row, self.key_column), absolute_address(self.mark_row, column)
        return f"INDEX({self.range},ROW({self.prefix}{down}),COLUMN({self.prefix}{right}))"

    def column(self, first: int, last: int, column: int) -> str:
        """Return the formula for the cells of a column from one row to another, by the marks of rows and column."""
        return f"{self.at(first, column)}:{self.at(last, column)}"

    def column_above(self, first: int, below: int, column: int) -> str:
        """Return the formula for the cells of a column from one row to that above another, as ``column`` does."""
        right = f"COLUMN({self.prefix}{absolute_address(self.mark_row, column)})"
        above = f"ROW({self.prefix}{absolute_address(below, self.key_column)})-1"
        return f"{self.at(first, column)}:INDEX({self.range},{above},{right})"

    def here(self) -> str:
        """Return the formula for the value of the cell to which a conditional format or a validation applies."""
        return f"INDEX({self.range},ROW(),COLUMN())"

    def above(self) -> str:
        """Return the formula for the value of the cell above the one of ``here``."""
        return f"INDEX({self.range},ROW()-1,COLUMN())"

    def beside(self, column: int) -> str:
        """Return the formula for the value in another column of the row of ``here``."""
        return f"INDEX({self.range},ROW(),COLUMN({self.prefix}{absolute_address(self.mark_row, column)}))"


Area = tuple[int, int, int, int]
"""A range of cells: first row and column, last row and column, from 0."""


def join_areas(areas: Iterable[Area]) -> list[Area]:
    """Return the areas sorted; those of the same columns that follow each other downward become one."""
    joined: list[Area] = []
    for row, column, last_row, last_column in sorted(areas, key=lambda area: (area[1], area[0])):
        if joined and joined[-1][1] == column and joined[-1][3] == last_column and joined[-1][2] == row - 1:
            joined[-1] = (joined[-1][0], column, last_row, last_column)
        else:
            joined.append((row, column, last_row, last_column))
    return sorted(joined)


def add_marker(marker: str, condition: str) -> str:
    """Add to a condition a marker by which perfxl recognises its own conditional formats later."""
    return f'AND(N("{MARKER}{marker}")=0,{condition})'

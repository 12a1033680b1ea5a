"""What openpyxl says of a workbook: which cells can be typed into, which validations it has, what is protected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

LAST_COLUMN = 16_384
MOST_CELLS = 200_000  # a validation over whole columns is not spread out

# attributes of <sheetProtection>: for each, True in the file means forbidden
DEEDS = (
    "selectLockedCells", "selectUnlockedCells", "formatCells", "formatColumns", "formatRows", "insertColumns",
    "insertRows", "insertHyperlinks", "deleteColumns", "deleteRows", "sort", "autoFilter", "pivotTables", "objects",
    "scenarios",
)  # fmt: skip


@dataclass(frozen=True)
class Protection:
    """Whether a sheet is locked, by a password or not, and what is allowed (words of <sheetProtection>)."""

    locked: bool
    password: bool
    allowed: frozenset[str]


def opened(path: Path | str) -> Workbook:
    return load_workbook(path)


def unlocked_cells(sheet: Worksheet) -> set[str]:
    """Every cell of a sheet that can be typed into once the sheet is protected.

    A cell's own style counts first, else its row's, else its column's, else the workbook's first. Of a merge only the
    first cell is one. Whole unlocked rows and columns are named as such ("7:7", "F:H"), so that a set which holds
    nothing but the inputs proves that all else is locked.
    """
    unlocked = {
        cell.coordinate
        for row in sheet._cells_by_row(sheet.min_column, sheet.min_row, sheet.max_column, sheet.max_row)
        for cell in row
        if (cell.row, cell.column) in sheet._cells and not isinstance(cell, MergedCell) and not cell.protection.locked
    }
    for number, row in sheet.row_dimensions.items():
        if row.has_style and not row.protection.locked:
            unlocked.add(f"{number}:{number}")
    return unlocked | set(unlocked_columns(sheet))


def unlocked_columns(sheet: Worksheet) -> Iterator[str]:
    """Runs of columns whose empty cells are unlocked, by the column's style or, without one, the workbook's first."""
    first_style = sheet.parent._cell_styles[0]
    default = not sheet.parent._protections[first_style.protectionId].locked
    unlocked = {}
    for letter, column in sheet.column_dimensions.items():
        low = column.min or range_boundaries(f"{letter}1")[0] or 1
        for number in range(low, (column.max or low) + 1):
            unlocked[number] = not column.protection.locked if column.has_style else default
    start = None
    for number in range(1, LAST_COLUMN + 2):
        free = number <= LAST_COLUMN and unlocked.get(number, default)
        if free and start is None:
            start = number
        elif not free and start is not None:
            yield f"{get_column_letter(start)}:{get_column_letter(number - 1)}"
            start = None


def validations(sheet: Worksheet) -> dict[str, list[DataValidation]]:
    """The validations of each cell, their ranges spread out."""
    found: dict[str, list[DataValidation]] = {}
    for validation in sheet.data_validations.dataValidation:
        for part in validation.sqref.ranges:
            if part.size["rows"] * part.size["columns"] > MOST_CELLS:
                raise ValueError(f"the validation of {part.coord} covers more than {MOST_CELLS} cells")
            for row, column in part.cells:
                found.setdefault(f"{get_column_letter(column)}{row}", []).append(validation)
    return found


def list_source(sheet: Worksheet, validation: DataValidation) -> list[str] | None:
    """What a drop-down offers: from inline text, a range or a defined name; None where a formula computes it."""
    source = (validation.formula1 or "").removeprefix("=")
    if source.startswith('"'):
        return source.strip('"').split(",")
    return _range_values(sheet, source)


def named_values(sheet: Worksheet, name: str) -> list[str] | None:
    """The texts of the range that a defined name (of the sheet, else of the workbook) stands for."""
    defined = sheet.defined_names.get(name) or sheet.parent.defined_names.get(name)
    if not isinstance(defined, DefinedName) or defined.value is None:
        return None
    return _range_values(sheet, defined.value)


def _range_values(sheet: Worksheet, source: str) -> list[str] | None:
    if "(" in source or not source:
        return None
    if "!" not in source and ":" not in source and not source.startswith("$"):
        return named_values(sheet, source)
    name, _, ref = source.rpartition("!")
    holder = sheet.parent[name.strip("'").replace("''", "'")] if name else sheet
    left, top, right, bottom = range_boundaries(ref.replace("$", ""))
    cells = holder.iter_rows(min_row=top, max_row=bottom, min_col=left, max_col=right, values_only=True)
    return [str(value) for row in cells for value in row if value is not None]


def protection(sheet: Worksheet) -> Protection:
    stated = sheet.protection
    allowed = frozenset(deed for deed in DEEDS if not getattr(stated, deed))
    return Protection(bool(stated.sheet), bool(stated.password or stated.hashValue), allowed)

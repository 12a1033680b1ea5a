"""What the reader of another format yields: sheets with their cells, names and properties, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from perfxl.errors import PackageError
from perfxl.workbook.ooxml.grid import Merge
from perfxl.workbook.ooxml.limits import Limits

Value = str | float | bool | None


class ForeignCell(NamedTuple):
    """A cell: its value, its number format code, whether its format locks it.

    ``error``: the value is an error value's text, such as ``#REF!``; ``formula``: None where there is none, empty where
    there is one whose text the format does not tell.
    """

    value: Value
    format: str = "General"
    locked: bool = True
    error: bool = False
    formula: str | None = None


class ForeignName(NamedTuple):
    """A defined name: of which sheet (its place in the workbook; None: of the workbook), what it stands for."""

    name: str
    sheet: int | None
    text: str


@dataclass(frozen=True)
class ForeignSheet:
    """A sheet. Cells by (row, column), from 0; ``state``: visible, hidden or veryHidden."""

    name: str
    cells: Mapping[tuple[int, int], ForeignCell]
    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    state: str = "visible"


@dataclass(frozen=True)
class ForeignBook:
    """A workbook. ``properties``: its custom document properties; ``epoch_1904``: its dates begin in 1904."""

    sheets: tuple[ForeignSheet, ...]
    names: tuple[ForeignName, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    epoch_1904: bool = False


@dataclass(eq=False)
class ForeignFile:
    """A file of another format: its bytes, its name, what it may be at most; how much of that was found so far."""

    data: bytes
    file: str
    limits: Limits
    cells: int = 0
    characters: int = 0

    def spend(self, seconds: float) -> None:
        """The time that parsing takes; here the whole process has a limit."""

    def refusal(self, what: str, **facts: object) -> PackageError:
        """The error to raise about this file."""
        return PackageError(file=self.file, what=what, **facts)


LAST = (1_048_575, 16_383)
"""The last row and column of a sheet (Excel specifications and limits), from 0."""


class Merges(list[Merge]):
    """Merged ranges being gathered, under the limit of their number. Raises PackageError: ``too_many_merges``."""

    def __init__(self, source: ForeignFile) -> None:
        super().__init__()
        self._source = source

    def put(self, row: int, column: int, rows: int, columns: int) -> None:
        """Takes a range of so many rows and columns, as far as it lies on the sheet; one cell is none."""
        if (rows > 1 or columns > 1) and 0 <= row <= LAST[0] and 0 <= column <= LAST[1]:
            self.append(Merge(row, column, min(row + rows - 1, LAST[0]), min(column + columns - 1, LAST[1])))
            if len(self) > self._source.limits.merges:
                raise self._source.refusal("too_many_merges", limit=self._source.limits.merges)


class ForeignCells(dict[tuple[int, int], ForeignCell]):
    """Cells being gathered, under the limits of their number and of their texts' length.

    Raises PackageError: ``too_many_cells``, ``too_many_cells_in_all``, ``too_large_inside``.
    """

    def __init__(self, source: ForeignFile) -> None:
        super().__init__()
        self._source = source

    def put(self, row: int, column: int, cell: ForeignCell) -> None:
        """Takes a cell that holds something, or that a person may fill in; one beyond a sheet's edge is left."""
        if (cell.value is None and cell.locked) or not (0 <= row <= LAST[0] and 0 <= column <= LAST[1]):
            return
        source, limits = self._source, self._source.limits
        source.cells += 1
        source.characters += len(cell.value) if isinstance(cell.value, str) else 0
        if source.characters > limits.characters:
            raise source.refusal("too_large_inside", size=source.characters, limit=limits.characters)
        if source.cells > limits.held:
            raise source.refusal("too_many_cells_in_all", limit=limits.held)
        self[row, column] = cell
        if len(self) > limits.cells:
            raise source.refusal("too_many_cells", limit=limits.cells)

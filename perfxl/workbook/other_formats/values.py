"""The result of reading another format: sheets with their cells, names and properties, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from perfxl.errors import PackageError
from perfxl.workbook.ooxml.drawings import Drawn
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.limits import Limits
from perfxl.workbook.ooxml.rich_text import Run, Runs
from perfxl.workbook.ooxml.sheet_reader import Merge

Value = str | float | bool | None


class ForeignCell(NamedTuple):
    """A cell: its value, its number format code, whether its format locks it, and whether its font is struck out.

    ``error``: the value is the text of an error value, such as ``#REF!``; ``formula``: None if there is none, empty if
    there is one whose text the format does not tell; ``runs``: the pieces of a text of which some are struck out,
    raised or lowered.
    """

    value: Value
    format: str = "General"
    locked: bool = True
    struck: bool = False
    error: bool = False
    formula: str | None = None
    runs: Runs = ()


class ForeignName(NamedTuple):
    """A defined name: its name, the index of its sheet (None: it is the workbook's), and what it refers to."""

    name: str
    sheet: int | None
    text: str


class ForeignNote(NamedTuple):
    """A note on a cell: its text and who wrote it, empty if that is not told."""

    at: Place
    text: str
    author: str = ""


class ForeignLink(NamedTuple):
    """A link on a cell: its target outside of the workbook, and its place in the target or in the workbook."""

    at: Place
    target: str
    location: str = ""


MOST_THINGS = 6_000
"""The most notes, links and drawn things of a sheet; more than a list of what was not carried tells of."""


@dataclass
class ForeignThings:
    """The things of a sheet beside its cells: its notes, its links, what is drawn on it.

    ``related``: the kinds of other parts that belong to it, by the words that relationships in .xlsx have for them.
    """

    notes: list[ForeignNote] = field(default_factory=list)
    links: list[ForeignLink] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    related: list[str] = field(default_factory=list)

    def add_note(self, at: Place, text: str, author: str = "") -> None:
        """Add a note, unless it is blank; at most as many as are told of."""
        if text.strip() and _is_place(at) and len(self.notes) < MOST_THINGS:
            self.notes.append(ForeignNote(at, text, author))

    def add_link(self, at: Place, target: str, location: str = "") -> None:
        """Add a link that leads somewhere; at most as many as are told of."""
        if (target or location) and _is_place(at) and len(self.links) < MOST_THINGS:
            self.links.append(ForeignLink(at, target, location))

    def add_drawn(self, drawn: Drawn) -> None:
        """Add a drawn thing; at most as many as are told of."""
        if len(self.drawn) < MOST_THINGS:
            self.drawn.append(drawn if drawn.at and _is_place(drawn.at) else drawn._replace(at=None))


def _is_place(at: Place) -> bool:
    return 0 <= at[0] <= LAST[0] and 0 <= at[1] <= LAST[1]


@dataclass(frozen=True)
class ForeignSheet:
    """A sheet. Cells by (row, column), from 0; ``state``: visible, hidden or veryHidden."""

    name: str
    cells: Mapping[tuple[int, int], ForeignCell]
    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    state: str = "visible"
    things: ForeignThings = field(default_factory=ForeignThings)


@dataclass(frozen=True)
class ForeignBook:
    """A workbook. ``properties``: its custom document properties; ``epoch_1904``: its dates begin in 1904.

    ``related``: as of a sheet's things.
    """

    sheets: tuple[ForeignSheet, ...]
    names: tuple[ForeignName, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    epoch_1904: bool = False
    related: tuple[str, ...] = ()


@dataclass(eq=False)
class ForeignFile:
    """A file of another format: its bytes, its name, and the limits that it must keep.

    ``cells`` and ``characters`` count what was read so far.
    """

    data: bytes
    file: str
    limits: Limits
    cells: int = 0
    characters: int = 0

    def spend(self, seconds: float) -> None:
        """Ignore the time that parsing takes: here the whole process has a limit."""

    def refusal(self, what: str, **facts: object) -> PackageError:
        """Return the error to raise about this file."""
        return PackageError(file=self.file, what=what, **facts)


def formatted_runs(runs: Iterable[Run]) -> Runs:
    """Return the runs of a text; none if no part of it is struck out, raised or lowered."""
    listed = tuple(run for run in runs if run.text)
    return listed if any(run.struck or run.raised for run in listed) else ()


LAST = (1_048_575, 16_383)
"""The last row and column of a sheet (Excel specifications and limits), from 0."""


class Merges(list[Merge]):
    """The merged ranges read so far, limited in number. Raises PackageError: ``too_many_merges``."""

    def __init__(self, source: ForeignFile) -> None:
        super().__init__()
        self._source = source

    def put(self, row: int, column: int, rows: int, columns: int) -> None:
        """Add a range of so many rows and columns, cut off at the sheet's edge; a single cell is ignored."""
        if (rows > 1 or columns > 1) and 0 <= row <= LAST[0] and 0 <= column <= LAST[1]:
            self.append(Merge(row, column, min(row + rows - 1, LAST[0]), min(column + columns - 1, LAST[1])))
            if len(self) > self._source.limits.merges:
                raise self._source.refusal("too_many_merges", limit=self._source.limits.merges)


class ForeignCells(dict[tuple[int, int], ForeignCell]):
    """The cells read so far, limited in number and in the total length of their texts.

    Raises PackageError: ``too_many_cells``, ``too_many_cells_in_all``, ``too_large_inside``.
    """

    def __init__(self, source: ForeignFile) -> None:
        super().__init__()
        self._source = source

    def put(self, row: int, column: int, cell: ForeignCell) -> None:
        """Add a cell that has a value or is unlocked (may be filled in); one beyond the sheet's edge is ignored."""
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

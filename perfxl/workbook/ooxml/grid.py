"""What a worksheet part holds: its cells as they stand there, merged ranges, hidden rows. One pass, by expat."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.xml import LARGE, make_parser, parse_part, walk_elements


class Cell(NamedTuple):
    """A cell as it stands in the part.

    ``type``: ``s``, ``str``, ``n``, ``b``, ``e`` or ``inlineStr``; ``style``: the place of its format.
    """

    type: str
    text: str | None
    style: int
    formula: str | None


class Merge(NamedTuple):
    """A merged range by its corners, rows and columns from 0."""

    row: int
    column: int
    last_row: int
    last_column: int


@dataclass
class Grid:
    """The cells of a part by (row, column), from 0; those with a value or a format only."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


ROWS, COLUMNS = 1_048_576, 16_384
"""A worksheet's rows and columns (Excel specifications and limits)."""

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Za-z]{1,3})\$?([0-9]{1,7}))?")


_LONGEST = 25  # characters: $XFD$1048576:$XFD$1048576


def parse_range(reference: str) -> Merge | None:
    """A range by its corners, from 0: ``$B$12:$H$23``; None where the text is none, or no sheet has such cells."""
    return _corners(reference) if len(reference) <= _LONGEST else None


@lru_cache(maxsize=4096)  # the same in every copy of a form
def _corners(reference: str) -> Merge | None:
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    rows = sorted((int(found[2]) - 1, int(found[4] or found[2]) - 1))
    columns = sorted((_column(found[1]), _column(found[3] or found[1])))
    if rows[0] < 0 or rows[1] >= ROWS or columns[0] < 0:
        return None
    return Merge(rows[0], columns[0], rows[1], columns[1])


class _Columns(dict[str, int]):
    """The columns of cells' references, from 0; -1 for what is none. Those of forms are remembered."""

    def __missing__(self, reference: str) -> int:
        column = _column(reference.rstrip("0123456789"))
        if len(reference) <= _LONGEST and len(self) < 16_384:
            self[reference] = column
        return column


_columns = _Columns()


def _column(letters: str) -> int:
    """A column's number from 0; -1 for what is none."""
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return -1
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1 if number <= COLUMNS else -1


def read_grid(package: Package, part: str) -> Grid:
    """One pass over a sheet's part; stated dimensions and counts are never trusted.

    Raises PackageError for more cells than there may be, a cell that comes twice, or one that no sheet has.
    """
    grid = Grid()
    data = _without_validations(package.read(part))
    if len(data) > LARGE:
        _check_counts(package, data)
    compact = len(data) <= LARGE and b"<sheetData" in data and b"<rPh" not in data
    compact = compact and not GAP.search(data, data.find(b"<sheetData"))
    (_read_compact if compact else _read_any)(grid, package, part, data)
    limits = package.limits
    if len(grid.cells) > limits.cells:
        raise package.refusal("too_many_cells", limit=limits.cells)
    if len(data) > limits.characters and sum(len(each.text or "") for each in grid.cells.values()) > limits.characters:
        raise package.refusal("too_many_characters", part=part, limit=limits.characters)
    return grid


def _check_counts(package: Package, data: bytes) -> None:
    """Refuses a sheet that states far too much before it is parsed; what is spelled otherwise is counted there."""
    limits = package.limits
    if max(data.count(b"</v>"), data.count(b"</f>"), data.count(b"<f/>")) > limits.cells:
        raise package.refusal("too_many_cells", limit=limits.cells)
    if data.count(b"<row") > limits.rows:
        raise package.refusal("too_many_rows", limit=limits.rows)


GAP = re.compile(rb">\s")  # white space between elements, or a text that begins with it
# what follows the merged cells in a worksheet (ECMA-376 part 1, 18.3.1.99), in most forms at once
_AFTER_MERGES = frozenset(("phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "pageMargins"))
_ASKED = (b"mergeCell", b"sheetData")
_cell: Callable[[type[Cell], tuple[str, str | None, int, str | None]], Cell] = tuple.__new__
"""A Cell at half of what its own constructor costs."""


def _read_compact(grid: Grid, package: Package, part: str, data: bytes) -> None:
    """A sheet with nothing between its elements: its texts need no watching, the ends of elements only counting."""
    cells, limits = grid.cells, package.limits
    row = column = -1
    style = opened = seen = 0
    type = "n"
    formula: str | None = None
    filled = waiting = False
    pieces: list[str] = []
    closed: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, style, type, formula, filled, waiting, opened, seen
        opened += 1
        if tag == "c":
            if filled and waiting and formula is None:  # as finish does, for nearly all of them
                cells[row, column] = _cell(Cell, (type, "".join(pieces), style, None))
                seen += 1
            elif waiting:
                finish()
            get = attributes.get
            reference = get("r")
            column = column + 1 if reference is None else _columns[reference]
            if row < 0 or not 0 <= column < COLUMNS:
                raise package.refusal("damaged_part", part=part)
            style = int(get("s", 0))
            type = get("t", "n")
            formula = None
            filled = False
            waiting = True
        elif tag == "v":
            if formula is not None:
                formula = "".join(pieces)
            pieces.clear()
            filled = True
        elif tag == "t":
            pass
        elif tag == "row":
            finish()
            row, column = _row(attributes, row, grid), -1
            if len(cells) > limits.cells:
                raise package.refusal("too_many_cells", limit=limits.cells)
        elif tag == "is":
            pieces.clear()
            filled = True
        elif tag == "f":
            pieces.clear()
            formula = ""
        elif tag == "mergeCell":
            _merge(grid, package, attributes)
        elif tag == "col":
            _hide(grid, attributes)
        elif tag in _AFTER_MERGES and not any(each in data[reader.CurrentByteIndex :] for each in _ASKED):
            # nothing that follows is asked for: it must be well-formed, but nobody is told
            finish()
            reader.StartElementHandler = reader.EndElementHandler = reader.CharacterDataHandler = None
        elif opened - len(closed) <= 2 or tag == "extLst":  # the worksheet or a child of it; what is none of a cell's
            finish()
        elif opened - len(closed) > limits.depth:
            raise package.refusal("too_deep", part=part, limit=limits.depth)

    def finish() -> None:
        nonlocal waiting, formula, seen
        if waiting:
            if formula is not None and not filled:
                formula = "".join(pieces)
            cells[row, column] = _cell(Cell, (type, "".join(pieces) if filled else None, style, formula))
            seen += 1
            waiting = False

    reader = make_parser(package, part)
    reader.StartElementHandler, reader.EndElementHandler = start, closed.append
    reader.CharacterDataHandler = pieces.append
    parse_part(reader, data, package, part)
    finish()
    if seen != len(cells):
        raise package.refusal("doubled_cell", part=part)


def _read_any(grid: Grid, package: Package, part: str, data: bytes) -> None:
    """A sheet however it is written, and however large: with prefixes, indented, with phonetic runs."""
    cells, limits = grid.cells, package.limits
    row = column = -1
    style = rows = filled = 0
    type = "n"
    value: str | None = None
    formula: str | None = None
    taking = phonetic = extended = bare = False
    pieces: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, style, type, value, formula, taking, phonetic, extended, rows
        if extended:
            return
        if tag == "c":
            reference = attributes.get("r")
            column = column + 1 if reference is None else _columns[reference]
            style = int(attributes.get("s", 0))
            type = attributes.get("t", "n")
            value = formula = None
        elif tag == "v" or tag == "f":
            pieces.clear()
            taking = True
        elif tag == "t":
            taking = not phonetic
        elif tag == "is":
            pieces.clear()
        elif tag == "row":
            row, column = _row(attributes, row, grid), -1
            rows += 1
            if rows > limits.rows:
                raise package.refusal("too_many_rows", limit=limits.rows)
        elif tag == "mergeCell":
            _merge(grid, package, attributes)
        elif tag == "col":
            _hide(grid, attributes)
        elif tag == "rPh":
            phonetic = True
        elif tag == "extLst":  # another program's own, whose elements may be called like these
            extended = True

    def end(tag: str) -> None:
        nonlocal taking, value, formula, phonetic, extended, filled, bare
        if extended:
            extended = tag != "extLst"
        elif tag == "c":
            if row < 0 or not 0 <= column < COLUMNS:
                raise package.refusal("damaged_part", part=part)
            if (row, column) in cells:
                raise package.refusal("doubled_cell", part=part)
            if value is not None or formula is not None:
                filled += 1
                if filled > limits.cells:
                    raise package.refusal("too_many_cells", limit=limits.cells)
            elif bare:
                return
            cells[row, column] = _cell(Cell, (type, value, style, formula))
            if len(cells) > limits.cells:
                # whole columns of blank cells with a format are no reason to refuse a sheet: their formats are given up
                for at in [at for at, cell in cells.items() if cell.text is None and cell.formula is None]:
                    del cells[at]
                bare = True
        elif tag == "v" or tag == "is":
            value, taking = "".join(pieces), False
        elif tag == "f":
            formula, taking = "".join(pieces), False
        elif tag == "t":
            taking = False
        elif tag == "rPh":
            phonetic = False

    def characters(text: str) -> None:
        if taking:
            pieces.append(text)

    walk_elements(package, part, start, end, characters, data)


def _row(attributes: Mapping[str, str], above: int, grid: Grid) -> int:
    """A row's number from 0; one that does not say its number follows the one above. Raises ValueError for no row."""
    stated = attributes.get("r", "")
    row = int(stated) - 1 if stated.isdigit() else above + 1
    if not 0 <= row < ROWS:
        raise ValueError(row)
    if attributes.get("hidden") in ("1", "true"):
        grid.hidden_rows.add(row)
    return row


def _hide(grid: Grid, attributes: Mapping[str, str]) -> None:
    """Some columns, where they are hidden. Raises ValueError for columns that are none, or were hidden before."""
    if attributes.get("hidden") in ("1", "true"):
        columns = range(int(attributes.get("min", 0)) - 1, min(int(attributes.get("max", 0)), COLUMNS))
        if columns.start < 0 or not grid.hidden_columns.isdisjoint(columns):
            raise ValueError(attributes)
        grid.hidden_columns.update(columns)


def _merge(grid: Grid, package: Package, attributes: Mapping[str, str]) -> None:
    if merge := parse_range(attributes.get("ref", "")):
        grid.merges.append(merge)
    if len(grid.merges) > package.limits.merges:
        raise package.refusal("too_many_merges", limit=package.limits.merges)


def _without_validations(sheet: bytes) -> bytes:
    """A sheet without its validations: they are most of it, not asked for, and the same in every copy of a form."""
    start = sheet.find(b"<dataValidations")
    end = sheet.find(b"</dataValidations>", start) + len(b"</dataValidations>")
    if 0 <= start < end < start + 100_000 and _well_formed(sheet[start:end]):
        return sheet[:start] + sheet[end:]
    return sheet


@lru_cache(maxsize=32)
def _well_formed(element: bytes) -> bool:
    try:
        expat.ParserCreate().Parse(element, True)
    except expat.ExpatError:
        return False
    return True


def is_within(place: tuple[int, int], merge: Merge) -> bool:
    """Whether a cell is part of a merged range."""
    return merge.row <= place[0] <= merge.last_row and merge.column <= place[1] <= merge.last_column

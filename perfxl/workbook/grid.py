"""What a worksheet part holds: its cells as they stand there, merged ranges, hidden rows. One pass, by expat."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from perfxl.workbook.package import Package, parse, parser, unprefixed


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


_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")


@lru_cache(maxsize=4096)  # the same in every copy of a form
def corners(reference: str) -> Merge | None:
    """A range by its corners, from 0: ``$B$12:$H$23``; None where the text is none."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    rows = sorted((int(found[2]) - 1, int(found[4] or found[2]) - 1))
    columns = sorted((_column(found[1]), _column(found[3] or found[1])))
    return Merge(rows[0], columns[0], rows[1], columns[1])


@lru_cache(maxsize=16_384)
def _column_of(reference: str) -> int:
    """The column of a cell's reference, from 0."""
    return _column(reference.rstrip("0123456789"))


def _column(letters: str) -> int:
    """A column's number from 0; -1 for what is none."""
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return -1
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def read_grid(package: Package, part: str) -> Grid:
    """One pass over a sheet's part; stated dimensions and counts are never trusted."""
    grid = Grid()
    data = _without_validations(package.read(part))
    compact = b"<sheetData" in data and b"<rPh" not in data and not GAP.search(data, data.find(b"<sheetData"))
    (_read_compact if compact else _read_any)(grid, package, part, data)
    if len(grid.cells) > package.limits.cells:
        raise package.refused("too_many_cells", limit=package.limits.cells)
    return grid


GAP = re.compile(rb">\s")  # white space between elements, or a text that begins with it
# what follows the merged cells in a worksheet (ECMA-376 part 1, 18.3.1.99), in most forms at once
_AFTER_MERGES = frozenset(("phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "pageMargins"))
_ASKED = (b"mergeCell", b"sheetData")
_cell: Callable[[type[Cell], tuple[str, str | None, int, str | None]], Cell] = tuple.__new__
"""A Cell at half of what its own constructor costs."""


def _read_compact(grid: Grid, package: Package, part: str, data: bytes) -> None:
    """A sheet with nothing between its elements: its texts need no watching, the ends of elements only counting."""
    cells, hidden, limits = grid.cells, grid.hidden_rows, package.limits
    row = column = -1
    style = opened = 0
    type = "n"
    formula: str | None = None
    filled = waiting = False
    pieces: list[str] = []
    closed: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, style, type, formula, filled, waiting, opened
        opened += 1
        if tag == "c":
            if waiting:
                finish()
            get = attributes.get
            reference = get("r")
            column = column + 1 if reference is None else _column_of(reference)
            style = int(get("s", 0))
            type = get("t", "n")
            formula = None
            filled = False
            waiting = row >= 0 and column >= 0
        elif tag == "v":
            if formula is not None:
                formula = "".join(pieces)
            pieces.clear()
            filled = True
        elif tag == "t":
            pass
        elif tag == "row":
            finish()
            row, column = _row(attributes, row, hidden), -1
            if len(cells) > limits.cells:
                raise package.refused("too_many_cells", limit=limits.cells)
        elif tag == "is":
            pieces.clear()
            filled = True
        elif tag == "f":
            pieces.clear()
            formula = ""
        elif tag == "mergeCell":
            _merge(grid, package, attributes)
        elif tag in _AFTER_MERGES and not any(each in data[reader.CurrentByteIndex :] for each in _ASKED):
            # nothing that follows is asked for: it must be well-formed, but nobody is told
            finish()
            reader.StartElementHandler = reader.EndElementHandler = reader.CharacterDataHandler = None
        elif opened - len(closed) <= 2:  # the worksheet or a child of it
            finish()
        elif opened - len(closed) > limits.depth:
            raise package.refused("too_deep", part=part, limit=limits.depth)

    def finish() -> None:
        nonlocal waiting, formula
        if waiting:
            if formula is not None and not filled:
                formula = "".join(pieces)
            cells[row, column] = _cell(Cell, (type, "".join(pieces) if filled else None, style, formula))
            waiting = False

    reader = parser(package, part)
    reader.StartElementHandler, reader.EndElementHandler = start, closed.append
    reader.CharacterDataHandler = pieces.append
    parse(reader, data, package, part)
    finish()


def _read_any(grid: Grid, package: Package, part: str, data: bytes) -> None:
    """A sheet however it is written: with prefixes, indented, with phonetic runs."""
    cells, hidden, limits = grid.cells, grid.hidden_rows, package.limits
    row = column = -1
    style = depth = 0
    type = "n"
    value: str | None = None
    formula: str | None = None
    taking = phonetic = False
    pieces: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, style, type, value, formula, taking, phonetic, depth
        depth += 1
        if depth > limits.depth:
            raise package.refused("too_deep", part=part, limit=limits.depth)
        if tag == "c":
            reference = attributes.get("r")
            column = column + 1 if reference is None else _column_of(reference)
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
            row, column = _row(attributes, row, hidden), -1
        elif tag == "mergeCell":
            _merge(grid, package, attributes)
        elif tag == "rPh":
            phonetic = True

    def end(tag: str) -> None:
        nonlocal taking, value, formula, phonetic, depth
        depth -= 1
        if tag == "c":
            if row >= 0 and column >= 0:
                cells[row, column] = _cell(Cell, (type, value, style, formula))
                if len(cells) > limits.cells:
                    raise package.refused("too_many_cells", limit=limits.cells)
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

    reader = parser(package, part)
    reader.StartElementHandler, reader.EndElementHandler = unprefixed(reader, start, end)
    reader.CharacterDataHandler = characters
    parse(reader, data, package, part)


def _row(attributes: Mapping[str, str], above: int, hidden: set[int]) -> int:
    """A row's number from 0; one that does not say its number follows the one above."""
    stated = attributes.get("r", "")
    row = int(stated) - 1 if stated.isdigit() else above + 1
    if attributes.get("hidden") in ("1", "true"):
        hidden.add(row)
    return row


def _merge(grid: Grid, package: Package, attributes: Mapping[str, str]) -> None:
    if merge := corners(attributes.get("ref", "")):
        grid.merges.append(merge)
    if len(grid.merges) > package.limits.merges:
        raise package.refused("too_many_merges", limit=package.limits.merges)


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

"""The content of a worksheet part: its cells as written there, merged ranges, hidden rows and columns.

Expat tells whether a part is well-formed. Of one in the usual spelling the cells are found by patterns, of another one
by the handlers that expat calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.xml import LARGE, decode_references, is_plain, make_parser, parse_part, walk_elements


class Cell(NamedTuple):
    """A cell as it is written in the part.

    ``type``: ``s``, ``str``, ``n``, ``b``, ``e`` or ``inlineStr``; ``style``: the index of its cell format.
    """

    type: str
    text: str | None
    style: int
    formula: str | None


class Merge(NamedTuple):
    """A merged range by its corners; rows and columns count from 0."""

    row: int
    column: int
    last_row: int
    last_column: int


@dataclass
class Grid:
    """The cells of a part by (row, column), from 0; only those with a value or a format."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    rich: set[str] = field(default_factory=set)
    """The names in RICH that occurred."""


RICH = frozenset(("strike", "vertAlign", "vm"))
"""Signs of more than a plain value: a text struck out, raised or lowered (elements), a rich value (attribute)."""

ROWS, COLUMNS = 1_048_576, 16_384
"""The numbers of rows and columns of a worksheet (Excel specifications and limits)."""

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Za-z]{1,3})\$?([0-9]{1,7}))?")


_LONGEST = 25  # the most characters of a range: $XFD$1048576:$XFD$1048576


def parse_range(reference: str) -> Merge | None:
    """Return the corners of a range like ``$B$12:$H$23`` or of one cell, from 0.

    None if the text is no such reference, or no sheet has such cells.
    """
    return _parse_corners(reference) if len(reference) <= _LONGEST else None


@lru_cache(maxsize=4096)  # the ranges are the same in every copy of a form
def _parse_corners(reference: str) -> Merge | None:
    match = _REFERENCE.fullmatch(reference)
    if not match:
        return None
    rows = sorted((int(match[2]) - 1, int(match[4] or match[2]) - 1))
    columns = sorted((_column_number(match[1]), _column_number(match[3] or match[1])))
    if rows[0] < 0 or rows[1] >= ROWS or columns[0] < 0:
        return None
    return Merge(rows[0], columns[0], rows[1], columns[1])


class _Columns(dict[str, int]):
    """A cache of the columns (from 0) of cell references like ``C5``; -1 for a text that is no reference.

    Up to 16,384 references are remembered, more than a form has.
    """

    def __missing__(self, reference: str) -> int:
        column = _column_number(reference.rstrip("0123456789"))
        if len(reference) <= _LONGEST and len(self) < 16_384:
            self[reference] = column
        return column


_known_columns = _Columns()


def _column_number(letters: str) -> int:
    """Return the number of a column from 0; -1 for letters that name no column."""
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return -1
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1 if number <= COLUMNS else -1


def read_grid(package: Package, part: str) -> Grid:
    """Read a worksheet part; dimensions and counts that it states are never trusted.

    Raises PackageError for more cells, rows, merged ranges or characters than the limits allow, for a cell that occurs
    twice or lies outside any sheet, and for a part that is no well-formed XML.
    """
    grid = Grid()
    data = _without_validations(package.read(part))
    if len(data) > LARGE:
        _check_counts(package, data)
    if not _ROOT.match(data) or b"sheetData" not in data:
        _check_root(package, part, data)
    if len(data) > LARGE or not _read_usual(grid, package, part, data):
        grid = Grid()
        _read_any(grid, package, part, data)
    limits = package.limits
    if len(grid.cells) > limits.cells:
        raise package.refusal("too_many_cells", limit=limits.cells)
    if len(data) > limits.characters and sum(len(cell.text or "") for cell in grid.cells.values()) > limits.characters:
        raise package.refusal("too_many_characters", part=part, limit=limits.characters)
    return grid


def _check_counts(package: Package, data: bytes) -> None:
    """Refuse a sheet with far too many cells or rows before it is parsed.

    Only the usual spelling of the tags is counted here; the parser's handlers count all others.
    """
    limits = package.limits
    if max(data.count(b"</v>"), data.count(b"</f>"), data.count(b"<f/>")) > limits.cells:
        raise package.refusal("too_many_cells", limit=limits.cells)
    if data.count(b"<row") > limits.rows:
        raise package.refusal("too_many_rows", limit=limits.rows)


def _check_root(package: Package, part: str, data: bytes) -> None:
    """Refuse a part that is no worksheet, or has no list of rows: it would be read as a blank sheet."""
    tags: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        if not tags or tag == "sheetData":
            tags.append(tag)

    walk_elements(package, part, start, data=data)
    if tags != ["worksheet", "sheetData"]:
        raise package.refusal("damaged_part", part=part)


# a worksheet as programs write it, in an encoding with ASCII's letters
_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^<>]*>)?\s*<(?:\w+:)?worksheet\b")
_cell: Callable[[type[Cell], tuple[str, str | None, int, str | None]], Cell] = tuple.__new__
"""A constructor of Cell at half the cost of its own."""
_AddCell = Callable[[int, int, str, str | None, int, str | None], None]

_CELL = re.compile(
    r"""<c r="([A-Z]{1,3}[0-9]{1,7})"(?: s="([0-9]{1,9})")?(?: t="([A-Za-z]{1,9})")?(?: ?/>|>"""
    r"""(<f(?: [^<>]*)?>(?:[^<]*</f>)?)?(?:(?:<v(?: xml:space="preserve")?>|<v ?/>(?=<)|"""
    r"""<is><t(?: xml:space="preserve")?>)([^<]*)(?:</v>|</t></is>)?)?</c>)"""
)
"""A cell as nearly all programs write it: its reference, style and type, its formula as an element, its text.

In a text that is known to be well-formed, so that what was begun with ``<v>`` is ended by ``</v>``.
"""
_BETWEEN_CELLS = re.compile(r"""(?:</row>|<row(?: [\w:.]+="[^"<>&]*")*/?>)*""")
_ROW_TAG = re.compile(r"<row([^<>]*)>")
_ATTRIBUTE = re.compile(r"""([\w:.]+)="([^"]*)\"""")
_AREA = re.compile(r"""<(col|mergeCell)((?: [\w:.]+="[^"<>&]*")*) ?/?>""")
_AREA_TAG = re.compile(r"<(?:col|mergeCell)[\s/>]")
_NEXT_ROW = re.compile(r"""(?:</row>)?<row r="([0-9]{1,7})"(?: (?!hidden)[\w:.]+="[^"<>&]*")*>""")


def _read_usual(grid: Grid, package: Package, part: str, data: bytes) -> bool:
    """Read a sheet that is written in the usual way; return False for another one.

    Expat sees to it that the part is well-formed, and calls no handler; what is wanted is found by patterns. In books
    of ten sheets that costs a fifth less than a call for each element.
    """
    begin, end = data.find(b"<sheetData>") + len(b"<sheetData>"), data.find(b"</sheetData>")
    if not len(b"<sheetData>") <= begin <= end or not is_plain(data):
        return False
    if data.count(b"</", 0, begin) > package.limits.depth:
        return False
    parse_part(make_parser(package, part), data, package, part)
    last = data.rfind(b"<mergeCell", end) + 1  # what follows the merged cells is long, and says nothing of them
    around = data[:begin].decode() + data[end : data.find(b">", last) + 1 if last else end].decode()
    areas = _AREA.findall(around)
    if len(areas) < len(_AREA_TAG.findall(around)):
        return False
    try:
        for tag, attributes in areas:
            _read_area(grid, package, tag, dict(_ATTRIBUTE.findall(attributes)))
        return _read_cells(grid, package, part, data[begin:end].decode())
    except ValueError as error:  # a row or columns that no sheet has
        raise package.refusal("damaged_part", part=part) from error


def _read_cells(grid: Grid, package: Package, part: str, text: str) -> bool:
    """Read the rows and cells in a text of which it is known that it is well-formed."""
    pieces = _CELL.split(text)
    cells, columns = grid.cells, _known_columns
    row = -1 if pieces[0] else None  # a cell in no row is passed over
    for between, reference, style, type, formula, value in zip(
        pieces[::6], pieces[1::6], pieces[2::6], pieces[3::6], pieces[4::6], pieces[5::6], strict=False
    ):
        if between and row is not None:
            row = _read_rows(between, row, grid)
        if row is None:
            return False
        if value and "&" in value:
            value = decode_references(value)
        if formula is not None:
            formula = _formula_text(formula)
        column = columns[reference]
        if column < 0:
            raise package.refusal("damaged_part", part=part)
        cells[row, column] = _cell(Cell, (type or "n", value, int(style) if style else 0, formula))
    if row is None or _read_rows(pieces[-1], row, grid) is None:
        return False
    if len(cells) != len(pieces) // 6:
        raise package.refusal("doubled_cell", part=part)
    return True


def _read_rows(between: str, row: int, grid: Grid) -> int | None:
    """Return the number of the last row that begins between two cells; None where anything else stands there.

    ``row``: that of the cell before.
    """
    if next_row := _NEXT_ROW.fullmatch(between):  # nearly always
        return _row_number({"r": next_row[1]}, row)
    if not _BETWEEN_CELLS.fullmatch(between):
        return None
    for attributes in _ROW_TAG.findall(between):
        row = _read_row(dict(_ATTRIBUTE.findall(attributes)), row, grid)
    return row


@lru_cache(maxsize=2048)  # most formulas are the same in every copy of a form
def _formula_text(element: str) -> str:
    return decode_references(element[element.index(">") + 1 : -len("</f>")])


_CHILDREN = {
    "": ("sheetData", "cols", "mergeCells"),
    "cols": ("col",),
    "mergeCells": ("mergeCell",),
    "sheetData": ("row",),
    "row": ("c",),
    "c": ("v", "f", "is"),
    "is": ("t", "r"),
    "r": ("t",),
}
"""The elements that are read, by the one that they stand in; any other one is passed over with all that it holds."""


def _read_any(grid: Grid, package: Package, part: str, data: bytes) -> None:
    """Read a sheet however it is written, and however large: with prefixes, indented, with phonetic runs."""
    add_cell = _cell_adder(grid, package, part)
    row = column = -1
    style = rows = passed_over = 0
    type = "n"
    value: str | None = None
    formula: str | None = None
    pieces: list[str] | None = None  # of the text that is being read
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, style, type, value, formula, pieces, rows, passed_over
        if tag in RICH:
            grid.rich.add(tag)
        if not inside:
            inside.append("")
            return
        if passed_over or tag not in _CHILDREN.get(inside[-1], ()):
            passed_over += 1
            if len(inside) + passed_over > package.limits.depth:
                raise package.refusal("too_deep", part=part, limit=package.limits.depth)
            return
        inside.append(tag)
        if tag == "c":
            get = attributes.get
            reference = get("r")
            column = column + 1 if reference is None else _known_columns[reference]
            style, type = int(get("s", 0)), get("t", "n")
            value = formula = None
            if "vm" in attributes:
                grid.rich.add("vm")
        elif tag == "v" or tag == "f" or tag == "is":
            pieces = []
        elif tag == "row":
            row, column = _read_row(attributes, row, grid), -1
            rows += 1
            if rows > package.limits.rows:
                raise package.refusal("too_many_rows", limit=package.limits.rows)
        elif tag == "mergeCell" or tag == "col":
            _read_area(grid, package, tag, attributes)

    def end(tag: str) -> None:
        nonlocal pieces, value, formula, passed_over
        if passed_over:
            passed_over -= 1
            return
        inside.pop()
        if tag == "c":
            add_cell(row, column, type, value, style, formula)
        elif (tag == "v" or tag == "is") and pieces is not None:
            value, pieces = "".join(pieces), None
        elif tag == "f" and pieces is not None:
            formula, pieces = "".join(pieces), None

    def characters(text: str) -> None:
        if pieces is not None and not passed_over and inside[-1] not in ("is", "r"):
            pieces.append(text)

    walk_elements(package, part, start, end, characters, data)


def _cell_adder(grid: Grid, package: Package, part: str) -> _AddCell:
    """Return a function that adds a cell to the grid. It raises PackageError for a misplaced, doubled or surplus cell.

    Whole columns of blank cells with a format are no reason to refuse a sheet: where there are more cells than the
    limit, the blank ones are dropped, and no more of them are added.
    """
    cells, cell_limit = grid.cells, package.limits.cells
    filled = 0
    drop_blanks = False

    def add_cell(row: int, column: int, type: str, value: str | None, style: int, formula: str | None) -> None:
        nonlocal filled, drop_blanks
        if row < 0 or not 0 <= column < COLUMNS:
            raise package.refusal("damaged_part", part=part)
        place = row, column
        if place in cells:
            raise package.refusal("doubled_cell", part=part)
        if value is not None or formula is not None:
            filled += 1
            if filled > cell_limit:
                raise package.refusal("too_many_cells", limit=cell_limit)
        elif drop_blanks:
            return
        cells[place] = _cell(Cell, (type, value, style, formula))
        if len(cells) > cell_limit:
            for blank in [at for at, cell in cells.items() if cell.text is None and cell.formula is None]:
                del cells[blank]
            drop_blanks = True

    return add_cell


class CellCounter:
    """The place of the cell that a walk over the elements of a sheet has come to, as row and column from 0."""

    def __init__(self) -> None:
        self.at = (-1, -1)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element: of a row, a cell, or of any other one, which changes nothing."""
        row, column = self.at
        if tag == "row":
            self.at = _row_number(attributes, row), -1
        elif tag == "c":
            reference = attributes.get("r")
            self.at = row, column + 1 if reference is None else _known_columns[reference]


def _row_number(attributes: Mapping[str, str], above: int) -> int:
    """Return the number, from 0, of a ``row`` element.

    One that does not state its number follows the row ``above``. Raises ValueError for a row that no sheet has.
    """
    stated = attributes.get("r", "")
    row = int(stated) - 1 if stated.isdigit() else above + 1
    if not 0 <= row < ROWS:
        raise ValueError(row)
    return row


def _read_row(attributes: Mapping[str, str], above: int, grid: Grid) -> int:
    """Return a row's number, and note the row if it is hidden."""
    row = _row_number(attributes, above)
    if attributes.get("hidden") in ("1", "true"):
        grid.hidden_rows.add(row)
    return row


def _read_area(grid: Grid, package: Package, tag: str, attributes: Mapping[str, str]) -> None:
    """Read a merged range (element ``mergeCell``) or columns (element ``col``)."""
    if tag == "mergeCell":
        _read_merge(grid, package, attributes)
    else:
        _read_columns(grid, attributes)


def _read_columns(grid: Grid, attributes: Mapping[str, str]) -> None:
    """Note the columns of a ``col`` element if they are hidden.

    Raises ValueError for columns before the first one, or for columns that were hidden before.
    """
    if attributes.get("hidden") in ("1", "true"):
        columns = range(int(attributes.get("min", 0)) - 1, min(int(attributes.get("max", 0)), COLUMNS))
        if columns.start < 0 or not grid.hidden_columns.isdisjoint(columns):
            raise ValueError(attributes)
        grid.hidden_columns.update(columns)


def _read_merge(grid: Grid, package: Package, attributes: Mapping[str, str]) -> None:
    """Add a merged range; a reference that is no range is passed over. Raises PackageError for too many ranges."""
    if merge := parse_range(attributes.get("ref", "")):
        grid.merges.append(merge)
    if len(grid.merges) > package.limits.merges:
        raise package.refusal("too_many_merges", limit=package.limits.merges)


def _without_validations(sheet: bytes) -> bytes:
    """Return a sheet without its data validations, which are not needed.

    They are most of the part, and the same in every copy of a form, so that their well-formedness is checked once.
    """
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
    """Return True if a cell (row, column) is part of a merged range."""
    return merge.row <= place[0] <= merge.last_row and merge.column <= place[1] <= merge.last_column

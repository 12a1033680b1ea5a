"""Ruled tables of a PDF: cells between lines, and tables made whole that a page broke.

A page may break between two rows, inside a row, or inside a cell that is merged over several rows. What goes on at the
top of the next page is recognised by its columns; a cell's text there belongs to the cell above if that is blank, or
ends in a line into which the first word would not have fitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from perfxl.budget.documents.content import DocumentCell, DocumentLine, DocumentPlace, DocumentRow, clean
from perfxl.budget.documents.readers.pdf_lines import (
    SAME,
    Rectangle,
    Signs,
    TextLine,
    goes_on,
    inside,
    lines_of,
    paragraphs,
)

_PADDING = 5.4  # points between a cell's border and its text, as Word and WPS set it
_TWO_ROWS = 2
_CLASSES = 1  # the columns up to this one hold classes, short words that often fill their line
_BRACKETS = ("【】", "（）", "《》", "〔〕", "“”", "()", "[]")


@dataclass
class RuledCell:
    """A cell as it stands on the page: its lines, the width that they had, how many rows it takes."""

    column: int
    span: int
    room: float
    lines: list[TextLine] = field(default_factory=list)
    merged: bool = False
    rows: int = 1

    @property
    def words(self) -> str:
        """Its text without white space."""
        return "".join("".join(line.text.split()) for line in self.lines)


@dataclass
class RuledTable:
    """A ruled table: the page it begins on, the edges of its columns, its rows with the pages they are on."""

    page: int
    edges: list[float]
    rows: list[tuple[int, list[RuledCell]]] = field(default_factory=list)
    doubts: list[tuple[int, str, str]] = field(default_factory=list)  # page, the texts above and below that may be one

    def blocks(self, number: int) -> Iterator[DocumentRow]:
        """Yield the rows as those of a document's table."""
        for page, row in self.rows:
            place = DocumentPlace("page", page)
            cells = []
            for cell in row:
                texts = map(clean, paragraphs(cell.lines, cell.room))
                lines = tuple(DocumentLine(place, text) for text in texts if text and not cell.merged)
                cells.append(DocumentCell(place, lines, cell.merged, cell.column, cell.span))
            yield DocumentRow(tuple(cells), number)


def ruled_table(cells: Sequence[Rectangle], signs: Signs, page: int) -> RuledTable:
    """Return the table of some cells: a cell that reaches over several rows is merged in all but the first."""
    edges, tops = _distinct(cell.left for cell in cells), _distinct(cell.top for cell in cells)
    table = RuledTable(page, [*edges, max(cell.right for cell in cells)])
    for top in tops:
        row: list[RuledCell] = []
        for box in sorted(cells, key=lambda cell: cell.left):
            if not box.top - SAME < top < box.bottom - SAME:
                continue
            span = 1 + sum(box.left + SAME < edge < box.right - SAME for edge in edges)
            cell = RuledCell(_index(edges, box.left), span, box.right - box.left - 2 * _PADDING)
            cell.merged = top > box.top + SAME
            cell.rows = sum(box.top - SAME < other < box.bottom - SAME for other in tops)
            cell.lines = [] if cell.merged else list(lines_of([sign for sign in signs if inside(sign, box)], page))
            row.append(cell)
        table.rows.append((page, row))
    return table


def made_whole(above: RuledTable, below: RuledTable) -> bool:
    """Add a table at the top of a page to the one from which it goes on; False, and nothing added, if it does not."""
    shared = all(min(abs(edge - other) for other in above.edges) < SAME for edge in below.edges)
    outer = abs(above.edges[0] - below.edges[0]) < SAME and abs(above.edges[-1] - below.edges[-1]) < SAME
    if above.rows[-1][0] >= below.page or not shared or not outer:
        return False
    rows = [(page, [_in_columns(cell, below.edges, above.edges) for cell in row]) for page, row in below.rows]
    beginnings = [_words(row) for page, row in above.rows if page == above.page]
    while rows and _words(rows[0][1]) in beginnings:
        rows.pop(0)  # the heading, repeated on the new page
    if rows and _is_rest(above, rows[0][1]):
        for cell in rows[0][1]:
            if cell.lines:
                started = _started(above, cell)
                (started or cell).lines += cell.lines
        rows.pop(0)
    elif rows:
        for cell in rows[0][1]:
            started = _started(above, cell)
            _join_merged(started, cell)
            merged = started is not None and started.rows + cell.rows > _TWO_ROWS
            if started and merged and cell.lines and cell.column > _CLASSES and _reaches(started, cell):
                above.doubts.append((below.page, started.words, cell.words))
    above.rows += rows
    return True


def _in_columns(cell: RuledCell, own: Sequence[float], edges: Sequence[float]) -> RuledCell:
    """Return a cell in the columns of the table from which it goes on."""
    start = _index(edges, own[cell.column])
    return replace(cell, column=start, span=max(1, _index(edges, own[cell.column + cell.span]) - start))


def _words(row: Iterable[RuledCell]) -> list[str]:
    """Return the texts of a row."""
    return [cell.words for cell in row]


def _started(table: RuledTable, below: RuledCell) -> RuledCell | None:
    """Return the last cell that began in the column of a cell on the next page."""
    for _, row in reversed(table.rows):
        for cell in row:
            if cell.column == below.column and not cell.merged:
                return cell
    return None


def _is_rest(table: RuledTable, row: Sequence[RuledCell]) -> bool:
    """Return True if a row is the rest of the last row on the page before: each text goes on, or stands alone."""
    last = {cell.column for cell in table.rows[-1][1]}
    filled = [cell for cell in row if cell.lines]
    pairs = [(_started(table, cell), cell) for cell in filled]
    if not filled or {cell.column for cell in row} != last:
        return False
    fits = all(above is not None and (not above.lines or _reaches(above, cell)) for above, cell in pairs)
    return fits and any(above is not None and above.lines for above, _ in pairs)


def _reaches(above: RuledCell, below: RuledCell) -> bool:
    """Return True if the text of a cell was broken by the end of the page."""
    return bool(above.lines) and goes_on(above.lines[-1], below.lines[0], above.room)


def _join_merged(above: RuledCell | None, below: RuledCell) -> None:
    """Join a cell with the one above where both are one that is merged over rows on both pages."""
    if above is None:
        return
    if below.lines and (not above.lines or (_reaches(above, below) and _is_open(above.words))):
        above.lines += below.lines
        below.lines, below.merged = [], True
    elif not below.lines and above.lines and (above.rows > 1 or below.rows > 1):
        below.merged = True


def _is_open(text: str) -> bool:
    """Return True for a text with a bracket that is not closed in it."""
    return any(text.count(pair[0]) > text.count(pair[1]) for pair in _BRACKETS)


def _distinct(values: Iterable[float]) -> list[float]:
    """Return the values without those that are the same as another one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > SAME:
            found.append(value)
    return found


def _index(edges: Sequence[float], value: float) -> int:
    """Return which of the edges a value is nearest to."""
    return min(range(len(edges)), key=lambda at: abs(edges[at] - value))

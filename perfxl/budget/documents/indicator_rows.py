"""The rows of an indicator table in a published document, read by the table's own heading.

Where the format knows columns, a cell belongs to the heading above it; in a text a row has as many cells as the
heading. So an empty line inside a cell, a heading repeated on a new page, columns in another order or any number of
rows does no harm, and cells that do not fit are reported. A cell merged with the one above has the same value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from perfxl.budget.documents.content import (
    Block,
    DocumentCell,
    DocumentLine,
    DocumentRow,
    ExtractionNote,
    UnplacedLine,
    compact,
    unplaced,
)
from perfxl.budget.documents.labels import heading_of

_CLASSES, _CLASS_ENDING = ("level1", "level2"), "指标"
KEYS = ("level1", "level2", "level3", "description", "target", "basis")


@dataclass
class IndicatorRows:
    """The indicators of one project as records, what had no place among them, and notes."""

    records: list[dict[str, str | None]] = field(default_factory=list)
    unplaced: list[UnplacedLine] = field(default_factory=list)
    notes: list[ExtractionNote] = field(default_factory=list)
    missing_columns: tuple[str, ...] = ()

    def note(self, what: str, key: str, cell: DocumentCell) -> None:
        """Note something about a column in the row that is being read, together with the same in the rows before."""
        nth, name = str(len(self.records) + 1), f"indicators.{key}"
        for at, note in enumerate(self.notes):
            if note.what == what and note.facts.get("field") == name:
                rows = f"{note.facts['rows']}、{nth}"
                self.notes[at] = ExtractionNote(what, note.where, {**note.facts, "rows": rows})
                return
        self.notes.append(ExtractionNote(what, cell.place, {"rows": nth, "field": name}))

    def leave(self, cells: Iterable[DocumentCell]) -> None:
        """Report cells that have no place in the record."""
        self.unplaced.extend(piece for cell in cells for piece in unplaced(cell.lines))


@dataclass(frozen=True)
class _Heading:
    """The heading of an indicator table: the keys of its columns, where they begin, and its texts."""

    keys: tuple[str | None, ...]
    cells: tuple[DocumentCell, ...]
    table: int

    def by_column(self, row: DocumentRow) -> list[DocumentCell] | None:
        """Return the cells of a row below each column of the heading, or None where the format knows no columns."""
        if row.table != self.table or any(cell.column is None for cell in (*row.cells, *self.cells)):
            return None
        found: list[DocumentCell] = []
        for head in self.cells:
            below = [cell for cell in row.cells if _meets(head, cell)]
            if len(below) != 1:
                return None
            found.append(below[0])
        return found if {id(cell) for cell in found} == {id(cell) for cell in row.cells} else None


def indicators_of(blocks: Sequence[Block]) -> IndicatorRows:
    """Return the indicators below the heading with which the blocks begin."""
    taken = IndicatorRows()
    if not blocks or not isinstance(blocks[0], DocumentRow):
        return taken
    heading = _Heading(tuple(heading_of(blocks[0]) or ()), blocks[0].cells, blocks[0].table)
    taken.missing_columns = tuple(key for key in KEYS if key not in heading.keys)
    taken.leave(cell for cell, key in zip(heading.cells, heading.keys, strict=True) if key is None)
    above: dict[str, str | None] = {}
    for row in _full_rows(blocks[1:], heading, taken):
        cells = dict(zip(heading.keys, row, strict=True))
        taken.leave(cell for cell, key in zip(row, heading.keys, strict=True) if key is None)
        named = {key: cell for key, cell in cells.items() if key}
        if any(cell.text for cell in named.values()):
            above = _record(named, above, taken)
            taken.records.append({key: above.get(key) for key in KEYS})
    return taken


def _meets(head: DocumentCell, cell: DocumentCell) -> bool:
    """Return True if a cell stands below a cell of the heading."""
    assert head.column is not None
    assert cell.column is not None
    return cell.column < head.column + head.span and head.column < cell.column + cell.span


def _full_rows(blocks: Iterable[Block], heading: _Heading, taken: IndicatorRows) -> Iterator[Sequence[DocumentCell]]:
    """Yield rows of as many cells as the heading, joined again where an empty line inside a cell had split them.

    Cells and lines that make no full row are reported.
    """
    pending: tuple[DocumentCell, ...] = ()
    for block in blocks:
        if isinstance(block, DocumentLine):
            if pending and block.loose:
                pending = (*pending[:-1], pending[-1].followed_by([block]))
            else:
                taken.unplaced.extend(unplaced([block]))
            continue
        if _labels(block.cells) == _labels(heading.cells):
            continue  # the heading, repeated on a new page
        placed = heading.by_column(block)
        row = tuple(placed) if placed is not None else block.cells
        if placed is not None and len(block.cells) < len(placed):
            row = tuple(_spanned(placed, block, len(taken.records) + 1, taken))
        gridded = any(cell.column is not None for cell in block.cells)
        if len(pending) + len(row) > len(heading.keys) or (gridded and len(row) != len(heading.keys)):
            taken.leave(pending)
            pending = ()
        if gridded and len(row) != len(heading.keys):
            taken.leave(row)
            continue
        pending += row
        if len(pending) > len(heading.keys):
            taken.leave(pending)
            pending = ()
        elif len(pending) == len(heading.keys):
            yield pending
            pending = ()
    taken.leave(pending)


def _spanned(
    placed: Sequence[DocumentCell], row: DocumentRow, nth: int, taken: IndicatorRows
) -> Iterator[DocumentCell]:
    """Yield the cells below the heading; one that reaches over several columns counts in the first of them."""
    last: DocumentCell | None = None
    for cell in placed:
        if cell is last:
            yield DocumentCell(cell.place, (), cell.merged)
            continue
        if sum(other is cell for other in placed) > 1 and cell.text:
            taken.notes.append(ExtractionNote("spanned_cell", row.place, {"rows": str(nth), "text": cell.text}))
        yield cell
        last = cell


def _record(
    cells: dict[str, DocumentCell], above: dict[str, str | None], taken: IndicatorRows
) -> dict[str, str | None]:
    """Return the values of one row: those of merged cells, and of blank ones below a class, are the ones above."""
    values: dict[str, str | None] = {}
    for key in (key for key in KEYS if key in cells):
        cell = cells[key]
        value = above.get(key) if cell.merged else cell.text or None
        if value is None and key == "level1":
            value = above.get(key)
        elif value is None and key == "level2" and above.get(key) and values.get("level1") == above.get("level1"):
            value = above[key]
            taken.note("carried_down", key, cell)
        if value is None:
            taken.note("blank_cell", key, cell)
        elif key in _CLASSES and not compact(value).endswith(_CLASS_ENDING):
            taken.note("odd_class", key, cell)
        values[key] = value
    return values


def _labels(row: Iterable[DocumentCell]) -> list[str]:
    """Return the texts of a row's cells as labels are compared."""
    return [compact(cell.text) for cell in row]

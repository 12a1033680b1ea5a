"""Reading of one answer from its cell, or from beside its cell where a merge was split."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from perfxl.form.fields.base import Raw, Understood
from perfxl.form.form import Field
from perfxl.workbook.ooxml.cells import BLANK, Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.sheet_reader import Cell, is_within


class ReadAnswer(NamedTuple):
    """An answer as read: its cell, the raw content of the cell, and what that was understood to mean."""

    at: Place
    raw: Raw
    understood: Understood


def read_answer(
    sheet: Worksheet,
    asked: Field,
    place: Place,
    size: tuple[int, int],
    others: Collection[Place],
    more: tuple[int, ...] = (),
) -> ReadAnswer:
    """Read the answer to a field from its cell or, if that is empty, from the one filled cell of its former merge.

    ``asked``: the field; ``size``: the rows and columns that the answer's cell covered when the form was issued;
    ``others``: the cells of other answers; ``more``: the rows below that continue the answer.
    """
    cell = sheet.cells.get(place)
    if more:
        return _join_cells(sheet, asked, place, more)
    if cell is not None and is_uncalculated(cell):
        return ReadAnswer(place, BLANK, Understood(None, (), "uncalculated"))
    if cell is not None and cell.text is not None:
        raw = sheet.workbook.raw(cell)
        return ReadAnswer(place, raw, asked.kind.read(raw))
    if size != (1, 1) and (beside := list(_filled_cells(sheet, place, size, others))):
        raw = sheet.raw(*beside[0])
        if len(beside) > 1:
            return ReadAnswer(place, BLANK, Understood(None, (), "several"))
        value, how, problem = asked.kind.read(raw)
        return ReadAnswer(beside[0], raw, Understood(value, ("beside", *how), problem))
    raw = sheet.raw(*place)
    return ReadAnswer(place, raw, asked.kind.read(raw))


def is_uncalculated(cell: Cell) -> bool:
    """Return True if a cell holds a formula that no program has calculated."""
    return cell.formula is not None and (cell.text is None or (cell.text == "" and cell.type == "n"))


def _filled_cells(sheet: Worksheet, place: Place, size: tuple[int, int], others: Collection[Place]) -> Iterator[Place]:
    """Yield the visible filled cells of an answer's former merge, without those of other answers."""
    row, column = place
    for down in range(row, row + size[0]):
        for across in range(column, column + size[1]):
            if (down, across) in others or sheet.value(down, across) in (None, ""):
                continue
            # in a merge the other cells lie beneath the first one, and their contents show nowhere
            if not any(is_within(place, merge) for merge in sheet.merges):
                yield down, across


def _join_cells(sheet: Worksheet, field: Field, place: Place, more: tuple[int, ...]) -> ReadAnswer:
    """Join the pieces of an answer that stand below each other, as lines of one text."""
    first = sheet.raw(*place)
    pieces = [first.value, *(sheet.raw(row, place[1]).value for row in more)]
    texts = [str(piece) for piece in pieces if piece not in (None, "")]
    if len(texts) < 2:
        return ReadAnswer(place, first, field.kind.read(first))
    raw = first._replace(value="\n".join(texts))
    value, how, problem = field.kind.read(raw)
    return ReadAnswer(place, raw, Understood(value, ("joined", *how), problem))

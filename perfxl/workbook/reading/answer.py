"""Reading of one answer from its cell, or from beside its cell where a merge was split."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from perfxl.form.form import Field
from perfxl.form.ticks import cell_ids, whole_value
from perfxl.form.types.base import Raw, Understood
from perfxl.workbook.ooxml.cells import BLANK, Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.rich_text import Run
from perfxl.workbook.ooxml.sheet_reader import Cell, is_within
from perfxl.workbook.reading.formatting import Shown, join_runs, show_runs


class ReadAnswer(NamedTuple):
    """An answer as read: its cell, the raw content of the cell, and what that was understood to mean.

    ``shown``: what its text shows, where parts of it are struck out, raised or lowered. ``ticks``: the cells of an
    answer with tick columns; ``at`` and ``raw`` are then about the one that is not understood, else about one that is
    spelled otherwise than perfxl does, else about the first.
    """

    at: Place
    raw: Raw
    understood: Understood
    shown: Shown | None = None
    ticks: tuple[Place, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """All cells of the answer."""
        return self.ticks or (self.at,)


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
    blank = cell is None or (cell.text is None and cell.formula is None)
    if blank and size != (1, 1) and (beside := list(_filled_cells(sheet, place, size, others))):
        if len(beside) > 1:
            return ReadAnswer(place, BLANK, Understood(None, (), "several"))
        return read_cell(sheet, asked, beside[0], ("beside",))
    return read_cell(sheet, asked, place)


def read_cell(sheet: Worksheet, asked: Field, place: Place, how: tuple[str, ...] = ()) -> ReadAnswer:
    """Read an answer from a cell. ``how``: the words of ``types.base.HOW`` that led to this cell."""
    cell = sheet.cells.get(place)
    if cell is not None and cell.formula is None and not how and sheet.plain:  # nearly always
        raw = sheet.workbook.raw(cell)
        return ReadAnswer(place, raw, asked.read(raw))
    if sheet.holds_picture(place):
        return ReadAnswer(place, sheet.raw(*place), Understood(None, how, "picture"))
    if cell is not None and is_uncalculated(cell):
        return ReadAnswer(place, BLANK, Understood(None, how, "uncalculated"))
    raw = sheet.raw(*place)
    runs = sheet.formatted.get(place)
    return _read_raw(asked, place, raw, how, show_runs(runs) if runs else None)


def _read_raw(asked: Field, place: Place, raw: Raw, how: tuple[str, ...], shown: Shown | None) -> ReadAnswer:
    """Read an answer from the content of its cell, and from what that shows where it is formatted."""
    if shown is None or not isinstance(raw.value, str):
        understood = asked.read(raw)
    else:
        understood = asked.read(raw._replace(value=shown.text))
        how = (*how, *shown.how)
    value, more, problem = understood
    return ReadAnswer(place, raw, Understood(value, (*how, *more), problem) if how else understood, shown)


def join_ticks(fields: Mapping[str, Field], read: Mapping[str, ReadAnswer]) -> dict[str, ReadAnswer]:
    """Return answers as the record holds them, of those with tick columns one for all of their cells.

    ``fields``: as the form asks them; ``read``: the answers that the sheet has, each by the id of its cell.
    """
    whole: dict[str, ReadAnswer] = {}
    for id, asked in fields.items():
        if not asked.ticks:
            whole |= {id: read[id]} if id in read else {}
        elif ticks := [read[cell] for cell in cell_ids(asked) if cell in read]:
            values = [read[cell].understood.value if cell in read else None for cell in cell_ids(asked)]
            first = min(ticks, key=lambda tick: (not tick.understood.problem, not tick.understood.how))
            how = tuple(dict.fromkeys(word for tick in ticks for word in tick.understood.how))
            understood = Understood(whole_value(asked, values), how, first.understood.problem)
            shown = next((tick.shown for tick in ticks if tick.shown), None)
            whole[id] = ReadAnswer(first.at, first.raw, understood, shown, tuple(tick.at for tick in ticks))
    return whole


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
    places = [(row, place[1]) for row in (place[0], *more) if sheet.value(row, place[1]) not in (None, "")]
    if len(places) < 2:
        return read_cell(sheet, field, place)
    texts = [str(sheet.value(*at)) for at in places]
    runs = [sheet.formatted.get(at, (Run(text),)) for at, text in zip(places, texts, strict=True)]
    shown = show_runs(join_runs(runs)) if not sheet.formatted.keys().isdisjoint(places) else None
    return _read_raw(field, place, sheet.raw(*place)._replace(value="\n".join(texts)), ("joined",), shown)

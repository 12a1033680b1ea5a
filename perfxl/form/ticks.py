"""Tick columns: an answer with several entries that has a cell for each entry of its list on the sheet.

A record has one list, which every check judges. The sheet's own form (``on_sheet``) asks in its place whether each
entry is ticked: ``ways`` becomes ``ways.1``, ``ways.2`` …, so that cells are laid out, found and read like any others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from perfxl.form.answers import Answers, Values
from perfxl.form.form import Field, Form, LayoutRow, Piece, Table
from perfxl.form.types.boolean import Tick
from perfxl.form.types.choices import TICKED, Choices

ENTRIES_HEIGHT = 20.0
"""The height of a row of entries above the cells of an answer in the head, in points."""


@lru_cache(maxsize=256)
def on_sheet(form: Form) -> Form:
    """Return the form as its sheet asks it, a tick for each entry; the form itself where it has no tick columns."""
    if not any(asked.ticks for asked in form.asked):
        return form
    tables = {id: with_tick_columns(table) for id, table in form.tables.items()}
    rows = with_tick_rows(form.layout, form.fields)
    return replace(form, fields=_in_cells(form.fields), tables=tables, layout=rows)


def with_tick_columns(table: Table) -> Table:
    """Return a table with a column for each entry that is ticked; the same object where there are none."""
    if not any(column.ticks for column in table.columns.values()):
        return table
    return replace(table, columns=_in_cells(table.columns))


def whole_columns(table: Table, columns: Mapping[str, Field]) -> dict[str, Field]:
    """Return the columns of a table with the spans that those of its sheet have, which ``columns`` are."""
    whole = {}
    for id, column in table.columns.items():
        spans = tuple(columns[cell].span for cell in cell_ids(column))
        whole[id] = replace(column, span=sum(spans), spans=spans if column.ticks else ())
    return whole


def cell_ids(asked: Field) -> tuple[str, ...]:
    """Return the ids of an answer's cells on the sheet: its own or, with tick columns, one for each entry."""
    return tuple(f"{asked.id}.{number}" for number in range(1, len(asked.ticks) + 1)) or (asked.id,)


def _in_cells(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Return the answers of a head or a table as the sheet asks them."""
    cells: dict[str, Field] = {}
    for id, asked in fields.items():
        cells |= dict(_cells(asked)) if asked.ticks else {id: asked}
    return cells


def _cells(asked: Field) -> Iterator[tuple[str, Field]]:
    """Yield the cells of an answer with tick columns."""
    assert isinstance(asked.type, Choices)
    limits = tuple(limit for limit in asked.limits if limit.name in ("relevant", "constraint"))
    for at, (id, entry) in enumerate(zip(cell_ids(asked), asked.ticks, strict=True)):
        ticked = (asked.default is not None and entry in asked.default) or None
        yield id, replace(
            asked, id=id, type=Tick(), label=(*asked.label, asked.type.listed.show(entry)), within="", also=(),
            align="center", span=asked.spans[at] if asked.spans else asked.span, spans=(), limits=limits,
            letter="" if at else asked.letter, default=ticked, of=asked,
        )  # fmt: skip


# --- values ---------------------------------------------------------------------------------------------------------


def in_cells(form: Form, answers: Answers) -> Answers:
    """Return answers as the sheet of their form has them."""
    if on_sheet(form) is form:
        return answers
    rows = {id: tuple(_split(form.tables[id].columns, row) for row in of) for id, of in answers.rows.items()}
    return Answers(_split(form.fields, answers.head), rows)


def _split(fields: Mapping[str, Field], values: Values) -> dict[str, Any]:
    """Return values with those of tick columns for each cell."""
    split: dict[str, Any] = {}
    for id, value in values.items():
        if id in fields and fields[id].ticks:
            split |= dict(zip(cell_ids(fields[id]), tick_values(fields[id], value), strict=True))
        else:
            split[id] = value
    return split


def tick_values(asked: Field, value: Any) -> list[Any]:
    """Return the values of an answer's cells: True where an entry is ticked, else None, or what was typed there."""
    if isinstance(value, str):
        typed = _typed(asked.ticks, value)
        if typed is None:  # no text of ours: it stands whole in the first cell
            assert isinstance(asked.type, Choices)
            chosen = asked.type.split(value)
            typed = {asked.ticks[0]: value} if chosen.others else dict.fromkeys(chosen.entries, TICKED)
        return [True if (text := typed.get(entry)) == TICKED else text for entry in asked.ticks]
    chosen_entries = value if isinstance(value, Sequence) else ()
    return [True if entry in chosen_entries else None for entry in asked.ticks]


def whole_value(asked: Field, values: Sequence[Any]) -> Any:
    """Return the value of an answer by those of its cells; a text where one of them holds anything but a tick."""
    filled = [(entry, value) for entry, value in zip(asked.ticks, values, strict=True) if value is not None]
    if all(value is True for _, value in filled):
        return [entry for entry, _ in filled] or None
    return "\n".join(f"{entry}: {TICKED if value is True else value}" for entry, value in filled)


def _typed(entries: Sequence[str], text: str) -> dict[str, str] | None:
    """Return what stands in the cells by a text that ``whole_value`` has made; None for any other text."""
    cells: dict[str, str] = {}
    entry = ""
    for line in text.split("\n"):
        begun = [one for one in entries if one not in cells and line.startswith(f"{one}: ")]
        if begun:
            entry = max(begun, key=len)
            cells[entry] = line.removeprefix(f"{entry}: ")
        elif entry:
            cells[entry] += f"\n{line}"
        else:
            return None
    return cells


# --- the layout -----------------------------------------------------------------------------------------------------


def with_tick_rows(rows: Sequence[LayoutRow], fields: Mapping[str, Field]) -> tuple[LayoutRow, ...]:
    """Return the rows of a layout in which answers with tick columns stand below the entries of their lists.

    Such a row becomes two or more; what stands beside reaches down over all of them.
    """
    made: list[LayoutRow] = []
    for row in rows:
        ticked = [at for at, piece in enumerate(row.pieces) if _ticks(piece, fields)]
        blocks = {at: _blocks(row.pieces[at], fields[row.pieces[at].field]) for at in ticked}
        if not blocks:
            made.append(row)
            continue
        added = 2 * max(map(len, blocks.values())) - 1
        made = [_reaching(above, len(made) - at, added) for at, above in enumerate(made)]
        made += _split_row(row, blocks, added + 1)
    return tuple(made)


def _ticks(piece: Piece, fields: Mapping[str, Field]) -> bool:
    """Return True for the place of an answer with tick columns."""
    return piece.role == "field" and piece.field in fields and bool(fields[piece.field].ticks)


def _reaching(row: LayoutRow, down: int, added: int) -> LayoutRow:
    """Return a row whose cells that reach over the one ``down`` rows below it reach over the added ones, too."""
    if all(piece.rows <= down for piece in row.pieces):
        return row
    pieces = (replace(piece, rows=piece.rows + added) if piece.rows > down else piece for piece in row.pieces)
    return replace(row, pieces=tuple(pieces))


Block = tuple[tuple[Piece, ...], tuple[Piece, ...]]
"""Entries that stand side by side, and the cells below them."""


def _blocks(piece: Piece, asked: Field) -> list[Block]:
    """Return the entries of an answer and their cells, in as many lines as its place is too narrow for."""
    assert isinstance(asked.type, Choices)
    lines = -(-len(asked.ticks) // piece.span)
    side = -(-len(asked.ticks) // lines)  # so many side by side
    spans = [piece.span // side + (at < piece.span % side) for at in range(side)]
    cells = list(zip(cell_ids(asked), asked.type.listed.show_all(asked.ticks), strict=True))
    blocks: list[Block] = []
    for start in range(0, len(cells), side):
        here = list(zip(cells[start : start + side], spans, strict=False))
        labels = [Piece("text", text=entry, span=span, align="center") for (_, entry), span in here]
        ticks = [Piece("field", field=id, span=span, align="center") for (id, _), span in here]
        if rest := sum(spans[len(here) :]):
            labels.append(Piece("text", span=rest, rows=2))
        blocks.append((tuple(labels), tuple(ticks)))
    return blocks


def _split_row(row: LayoutRow, blocks: Mapping[int, list[Block]], height: int) -> Iterator[LayoutRow]:
    """Yield the rows that one with tick columns becomes."""
    for line in range(height):
        pieces: list[Piece] = []
        for at, piece in enumerate(row.pieces):
            if at not in blocks:
                pieces += [replace(piece, rows=piece.rows + height - 1)] if line == 0 else []
            elif line < 2 * len(blocks[at]):
                pieces += blocks[at][line // 2][line % 2]
            elif line == 2 * len(blocks[at]):
                pieces.append(Piece("text", span=piece.span, rows=height - line))
        yield replace(row, pieces=tuple(pieces), height=row.height if line % 2 else ENTRIES_HEIGHT)

"""Last year's texts on a sheet (``--prefill last``): marked, and counted, until somebody changes them.

The texts as they went out stand in the hidden mark row, behind the self-check, so that live formulas can compare a cell
with its own; and on the hidden sheet, from which the return reads them. A table's row is known by its row key in both,
so that rows may have changed places. A text that is changed by one character is no longer marked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from perfxl.form.answers import Answers, nest
from perfxl.form.characters import utf16_length
from perfxl.form.form import Form
from perfxl.form.layout import Layout, TableBox
from perfxl.workbook.ooxml.formula import Place, Reach, absolute_address, add_marker
from perfxl.workbook.sheet.given_rows import LONGEST, as_json
from perfxl.workbook.sheet.names import column_name, key_cells, key_numbers
from perfxl.workbook.sheet.reach import cells_down, column_cells

_MOST_ROWS, _MOST_CELLS = 500, 12_000
"""The most rows of a table that are compared live, and the most cells in the mark row: a sheet has 16,384 columns.
What stands beyond is found on return only."""


class CarriedColumn(NamedTuple):
    """Texts in the mark row from column ``first`` on: what went out in ``cells``, in their order.

    ``table`` and ``column`` name the answer; of one of the head ``table`` is empty. The row keys of a table's rows
    stand in such cells, too, from ``keys`` on.
    """

    table: str
    column: str
    cells: tuple[Place, ...]
    first: int
    keys: int = -1


class CarriedText(NamedTuple):
    """A text as it went out: the answer, and the number of its row key; 0 for one of the head."""

    table: str
    column: str
    number: int
    text: str


def carries(form: Form) -> bool:
    """Return whether a form asks for texts that are carried over from last year."""
    columns = (column for table in form.tables.values() for column in table.columns.values())
    return any(field.carried for field in (*form.fields.values(), *columns))


def carried_paths(form: Form, whole: Answers) -> frozenset[str]:
    """Return the paths of the texts that go out from last year's record."""
    _, paths = nest(form, whole)
    columns = {table.id: table.columns for table in form.tables.values()}
    rows = ((path, columns[table][id], whole.rows[table][at][id]) for (table, at, id), path in paths.items())
    head = ((id, field, whole.head.get(id)) for id, field in form.fields.items())
    return frozenset(path for path, field, value in (*head, *rows) if field.carried and value not in (None, "", []))


def carried_columns(layout: Layout, first: int) -> tuple[CarriedColumn, ...]:
    """Return the places of last year's texts in the mark row of a layout, from column ``first`` on."""
    found: list[CarriedColumn] = []
    for id, box in layout.head.items():
        if layout.form.fields[id].carried:
            found.append(CarriedColumn("", id, ((box.row, box.column),), first))
            first += 1
    for table in layout.tables.values():
        rows = _key_rows(layout, table)
        ids = [id for id, column in layout.form.tables[table.id].columns.items() if column.carried]
        if not ids or len(rows) > _MOST_ROWS or len(rows) * (len(ids) + 1) > _MOST_CELLS - first:
            continue
        keys, first = first, first + len(rows)
        for id in ids:
            cells = tuple((row, table.columns[id]) for row in rows)
            found.append(CarriedColumn(table.id, id, cells, first, keys))
            first += len(rows)
    return tuple(found)


def _key_rows(layout: Layout, table: TableBox) -> list[int]:
    """Return the rows of a table's answers."""
    below = range(table.first, table.last + 1)
    return [row for row, column in key_cells(layout) if column == table.key_column and row in below]


def mark_row_places(layout: Layout, columns: Iterable[CarriedColumn]) -> Mapping[Place, Place]:
    """Return the cells of the mark row with what went out, each with the cell on the form in which it stood."""
    places: dict[Place, Place] = {}
    for column in columns:
        for at, cell in enumerate(column.cells):
            places[layout.mark_row, column.first + at] = cell
            if column.keys >= 0:
                places[layout.mark_row, column.keys + at] = (cell[0], layout.tables[column.table].key_column)
    return places


# Live formulas


def untouched_formula(columns: Iterable[CarriedColumn], layout: Layout) -> str:
    """Return the formula that counts the cells in which last year's text still stands."""
    counts = []
    for column in columns:
        name = _name(column, layout)
        counts.append(f"SUMPRODUCT({name})" if column.table else name)
    return "+".join(counts) or "0"


def _name(column: CarriedColumn, layout: Layout) -> str:
    """Return the name that is 1 where last year's text still stands: one value, or one for each cell and each key."""
    path = column_name(layout.form.tables[column.table], column.column) if column.table else f"px.{column.column}"
    return f"px.u.{path.removeprefix('px.')}"


def untouched_names(layout: Layout, columns: Iterable[CarriedColumn], reach: Reach) -> dict[str, str]:
    """Return the names that the count adds up, with their definitions; ``reach`` names the sheet."""
    names: dict[str, str] = {}
    for column in columns:
        went_out = f"{reach.prefix}{_range(layout, column, column.first)}"
        if column.table:
            table = layout.tables[column.table]
            held, keys = column_cells(reach, table, column.column), cells_down(reach, table, table.key_column)
            own = f"*({keys}={reach.prefix}{_range(layout, column, column.keys)})"
        else:
            held, own = reach.at(*column.cells[0]), ""
        names[_name(column, layout)] = f"IFERROR(EXACT({held},{went_out})*(LEN({went_out})>0),0){own}"
    return names


def untouched_condition(layout: Layout, column: CarriedColumn, reach: Reach) -> str:
    """Return the condition of a conditional format: the cell to which it applies still holds last year's text."""
    went_out = _range(layout, column, column.first)
    if column.table:
        key = reach.beside(layout.tables[column.table].key_column)
        went_out = f"INDEX({went_out},1,MATCH({key},{_range(layout, column, column.keys)},0))"
    return add_marker("carried", f"LEN({reach.here()})>0,IFERROR(EXACT({reach.here()},{went_out}),FALSE)")


def _range(layout: Layout, column: CarriedColumn, first: int) -> str:
    """Return the reference to as many cells of the mark row as a column has, from one on."""
    ends = (absolute_address(layout.mark_row, at) for at in (first, first + len(column.cells) - 1))
    return ":".join(dict.fromkeys(ends))


# On the hidden sheet


def carried_texts(layout: Layout, cells: Mapping[Place, object], carried: Collection[Place]) -> Iterator[CarriedText]:
    """Yield the texts of a sheet that are last year's, by its cells."""
    numbers = key_numbers(layout)
    for id, box in layout.head.items():
        if (box.row, box.column) in carried:
            yield CarriedText("", id, 0, str(cells[box.row, box.column]))
    for table in layout.tables.values():
        for id, column in table.columns.items():
            for row in _key_rows(layout, table) if layout.form.tables[table.id].columns[id].carried else ():
                if (row, column) in carried:
                    yield CarriedText(table.id, id, numbers[row, table.key_column], str(cells[row, column]))


def is_kept(value: object) -> bool:
    """Return whether a text is short enough to be kept on the hidden sheet; a longer one is not marked."""
    return isinstance(value, str) and bool(value) and utf16_length(as_json(value)) < LONGEST - 500


def dump_carried(printed: str, texts: Iterable[CarriedText]) -> tuple[str, ...]:
    """Return the texts for the hidden sheet, each short enough for a cell; ``printed``: the sheet's printed code."""
    pieces: list[list[str]] = []
    room = 0
    for text in map(as_json, texts):
        if utf16_length(text) + 1 > room:
            pieces.append([])
            room = LONGEST - utf16_length(as_json(printed))
        pieces[-1].append(text)
        room -= utf16_length(text) + 1
    return tuple(f"[{as_json(printed)},[{','.join(piece)}]]" for piece in pieces)


def parse_carried(text: str) -> tuple[str, tuple[CarriedText, ...]] | None:
    """Return the printed code and last year's texts of a text on the hidden sheet; None for one of another kind."""
    try:
        printed, entries = json.loads(text)
        texts = tuple(CarriedText(*entry) for entry in entries)
    except (ValueError, TypeError, RecursionError):
        return None
    kinds = (str, str, int, str)
    sound = all(type(part) is kind for entry in texts for part, kind in zip(entry, kinds, strict=True))
    return (printed, texts) if isinstance(printed, str) and sound else None

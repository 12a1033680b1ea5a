"""Where everything stands: a form laid out for a number of rows. Rows and columns are counted from 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from perfxl.errors import FormError
from perfxl.form import taxonomy
from perfxl.form.answers import Answers
from perfxl.form.form import Field, Form, Piece, Table

Role = Literal["title", "label", "plain", "note", "heading", "mark", "field", "header", "side", "group", "answer"]


@dataclass(frozen=True)
class Slot:
    """One row of a table on the sheet: its group (empty without groups) and whether it is a spare row."""

    group: str = ""
    spare: bool = False


Shape = tuple[tuple[str, tuple[Slot, ...]], ...]
"""How many rows of what kind each table has: (table id, its slots), hashable."""


@dataclass(frozen=True)
class Box:
    """One cell, or one merged range, with what stands in it.

    ``text``: constant words or a Jinja template. ``field``: the answer of a head field or of a table's column;
    ``table`` and ``index``: whose row (from 0). ``locked``: not to be filled by a unit.
    """

    row: int
    column: int
    rows: int
    columns: int
    role: Role
    text: str = ""
    field: Field | None = None
    table: str = ""
    index: int = -1
    align: str | None = None
    locked: bool = True
    required: bool = False

    @property
    def framed(self) -> bool:
        """Whether it stands inside the form's frame."""
        return self.role not in ("title", "plain", "note", "heading", "mark")

    @property
    def end(self) -> tuple[int, int]:
        """The last row and column covered."""
        return self.row + self.rows - 1, self.column + self.columns - 1


@dataclass(frozen=True)
class TableBox:
    """Where a table stands: its header row, its rows, the first column of each of its columns."""

    id: str
    header: int
    first: int
    slots: tuple[Slot, ...]
    columns: Mapping[str, int]

    @property
    def last(self) -> int:
        """The last row."""
        return self.first + len(self.slots) - 1


@dataclass(frozen=True, eq=False)
class Layout:
    """A form laid out. ``key_column`` holds the row ids and row keys, ``mark_row`` the column ids."""

    form: Form
    shape: Shape
    boxes: tuple[Box, ...]
    tables: Mapping[str, TableBox]
    heights: Mapping[int, float]
    mark_row: int
    key_column: int
    first_column: int
    last_column: int
    last_row: int
    head: Mapping[str, Box] = field(default_factory=dict)

    @property
    def panel_column(self) -> int:
        """The column of the panel beside the print area; the gap stands before it."""
        return max(self.last_column, self.key_column) + 2


def shape(form: Form, answers: Answers) -> Shape:
    """The rows that these answers need, with the spare rows: a blank form's for no answers."""
    return tuple((table.id, _slots(form, table, answers)) for table in form.tables.values())


def order(form: Form, table: Table, answers: Answers) -> tuple[int | None, ...]:
    """Which of the answers' rows stands in each slot; None for a spare row."""
    rows = answers.rows.get(table.id, ())
    if not table.groups:
        blank = max(table.minimum, len(rows) + table.spare) - len(rows)
        return (*range(len(rows)), *[None] * blank)
    placed: list[int | None] = []
    for group, spare in _groups(form, table, answers):
        placed += [index for index, row in enumerate(rows) if row[table.groups.by] == group] + [None] * spare
    return tuple(placed)


def _slots(form: Form, table: Table, answers: Answers) -> tuple[Slot, ...]:
    rows = answers.rows.get(table.id, ())
    placed = order(form, table, answers)
    if not table.groups:
        return tuple(Slot("", index is None and at >= table.minimum) for at, index in enumerate(placed))
    slots: list[Slot] = []
    for group, spare in _groups(form, table, answers):
        count = sum(row[table.groups.by] == group for row in rows)
        slots += [Slot(group)] * count + [Slot(group, True)] * spare
    return tuple(slots)


def _groups(form: Form, table: Table, answers: Answers) -> Iterator[tuple[str, int]]:
    """The groups in the taxonomy's order, then any other that the answers have; each with its spare rows."""
    assert table.groups is not None
    known = tuple(taxonomy.load(form.taxonomy).levels)
    found = tuple(str(row[table.groups.by]) for row in answers.rows.get(table.id, ()))
    for index, group in enumerate(dict.fromkeys((*known, *found))):
        yield group, table.groups.spare[index] if index < len(table.groups.spare) else 1


def begin(form: Form, answers: Answers) -> Answers:
    """The answers with the rows that a blank starts with, in each grouped table that has none."""
    rows = dict(answers.rows)
    for table in form.tables.values():
        if table.groups and not rows.get(table.id):
            rows[table.id] = tuple(_first_rows(form, table))
    return replace(answers, rows=rows)


def _first_rows(form: Form, table: Table) -> Iterator[Mapping[str, Any]]:
    assert table.groups is not None
    levels = taxonomy.load(form.taxonomy).levels
    for value in table.groups.begin:
        group = next(level1 for level1, names in levels.items() if value in names)
        blank: dict[str, Any] = dict.fromkeys(table.columns)
        yield {**blank, table.groups.by: group, table.groups.begin_column: value}


@lru_cache(maxsize=256)
def place(form: Form, shape: Shape) -> Layout:
    """The form laid out for these rows. Raises FormError where two cells would cover each other."""
    sheet = form.sheet
    slots = dict(shape)
    boxes: list[Box] = []
    tables: dict[str, TableBox] = {}
    heights: dict[int, float] = {}
    covered: set[tuple[int, int]] = set()
    row = sheet.row
    for number, line in enumerate(form.layout):
        if line.table:
            table = _place_table(form, form.tables[line.table], row, slots[line.table])
            tables[line.table], found = table
            heights |= {row: sheet.header_height, **{at: sheet.row_height for at in range(row + 1, tables[line.table].last + 1)}}
            following = tables[line.table].last + 1
        else:
            found = _place_row(form, line.pieces, row, covered, number)
            heights[row] = line.height
            following = row + 1
        for box in found:
            boxes.append(box)
            covered |= {(r, c) for r in range(box.row, box.end[0] + 1) for c in range(box.column, box.end[1] + 1)}
        row = following
    last_column = sheet.column + len(sheet.columns) - 1
    return Layout(
        form=form,
        shape=shape,
        boxes=tuple(boxes),
        tables=tables,
        heights=heights,
        mark_row=sheet.row - 1,
        key_column=sheet.column - 1 if sheet.key == "before" else last_column + 1,
        first_column=sheet.column,
        last_column=last_column,
        last_row=row - 1,
        head={box.field.id: box for box in boxes if box.field and not box.table},
    )


def _place_row(
    form: Form, pieces: tuple[Piece, ...], row: int, covered: set[tuple[int, int]], number: int
) -> list[Box]:
    found: list[Box] = []
    column = form.sheet.column
    end = column + len(form.sheet.columns)
    for piece in pieces:
        while (row, column) in covered:
            column += 1
        cells = {(row + down, column + right) for down in range(piece.rows) for right in range(piece.span)}
        if column + piece.span > end or cells & covered:
            raise FormError(file=form.file, line=0, what="overlap", row=number + 1, field=piece.field or piece.text)
        found.append(_piece_box(form, piece, row, column))
        column += piece.span
    return found


def _piece_box(form: Form, piece: Piece, row: int, column: int) -> Box:
    asked = form.fields[piece.field] if piece.role == "field" else None
    role: Any = piece.style if piece.role == "text" else piece.role
    return Box(
        row=row,
        column=column,
        rows=piece.rows,
        columns=piece.span,
        role=role,
        text=form.title if piece.role == "title" else piece.text,
        field=asked,
        align=piece.align,
        locked=asked is None or asked.given,
        required=asked is not None and asked.required,
    )


def _place_table(form: Form, table: Table, row: int, slots: tuple[Slot, ...]) -> tuple[TableBox, list[Box]]:
    columns: dict[str, int] = {}
    column = form.sheet.column + (1 if table.side else 0)
    found: list[Box] = []
    if table.side:
        found.append(Box(row, form.sheet.column, len(slots) + 1, 1, "side", text=table.side))
    for id, asked in table.columns.items():
        columns[id] = column
        label = asked.label[-1] if asked.label else id
        found.append(Box(row, column, 1, asked.span, "header", text=label, field=asked, table=table.id))
        column += asked.span
    placed = TableBox(table.id, row, row + 1, slots, columns)
    if table.groups:
        found += _group_boxes(table, placed)
    for index, slot in enumerate(slots):
        found += _slot_boxes(table, placed, index, slot)
    return placed, found


def _group_boxes(table: Table, placed: TableBox) -> Iterator[Box]:
    assert table.groups is not None
    asked = table.columns[table.groups.by]
    start = 0
    while start < len(placed.slots):
        group = placed.slots[start].group
        count = sum(slot.group == group for slot in placed.slots)
        column = placed.columns[asked.id]
        yield Box(placed.first + start, column, count, asked.span, "group", group, asked, table.id, start)
        start += count


def _slot_boxes(table: Table, placed: TableBox, index: int, slot: Slot) -> Iterator[Box]:
    for id, asked in table.columns.items():
        if table.groups and id == table.groups.by:
            continue
        yield Box(
            row=placed.first + index,
            column=placed.columns[id],
            rows=1,
            columns=asked.span,
            role="answer",
            field=asked,
            table=table.id,
            index=index,
            locked=asked.given,
            required=asked.required and not slot.spare,
        )

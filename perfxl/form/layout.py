"""Where everything stands: a form laid out for a number of rows. Rows and columns are counted from 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from perfxl.errors import FormError
from perfxl.form import taxonomy
from perfxl.form.answers import Answers
from perfxl.form.form import Field, Form, Groups, LayoutRow, Piece, Table

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

    @property
    def check_column(self) -> int:
        """The column from which on the mark row holds what the sheet finds out by itself."""
        return self.panel_column + 1


def panel_row(layout: Layout, line: int) -> int:
    """The row of a line of the panel; line 0 stands beside the title."""
    return layout.mark_row + 2 + line


def count_rows(form: Form, answers: Answers) -> Shape:
    """The rows that these answers need, with the spare rows: a blank form's for no answers."""
    return tuple((table.id, tuple(slot for slot, _ in _slots(form, table, answers))) for table in form.tables.values())


def row_order(form: Form, table: Table, answers: Answers) -> tuple[int | None, ...]:
    """Which of the answers' rows stands in each slot; None for a row to be filled."""
    return tuple(index for _, index in _slots(form, table, answers))


def _slots(form: Form, table: Table, answers: Answers) -> Iterator[tuple[Slot, int | None]]:
    """Each slot of a table with the row of the answers that stands in it."""
    rows = answers.rows.get(table.id, ())
    if not table.groups:
        wanted = max(table.minimum, len(rows))
        for at in range(max(wanted, min(wanted + table.spare, table.maximum))):
            yield Slot(spare=at >= wanted), at if at < len(rows) else None
        return
    # the groups in the taxonomy's order, then any other that the answers have
    found = [str(row[table.groups.by] or "") for row in rows]
    level1 = taxonomy.load(form.taxonomy).level1
    spare = dict(zip(level1, spare_rows(table.groups, len(level1)), strict=True))
    for group in dict.fromkeys((*level1, *found)):
        yield from ((Slot(group), index) for index, each in enumerate(found) if each == group)
        yield from [(Slot(group, spare=True), None)] * spare.get(group, 0)


def spare_rows(groups: Groups, count: int) -> tuple[int, ...]:
    """How many spare rows each of the taxonomy's ``count`` groups ends in; one where the form does not say."""
    return (*groups.spare[:count], *[1] * (count - len(groups.spare)))


def begin_rows(form: Form, answers: Answers) -> Answers:
    """The answers with the rows that a blank starts with, in each grouped table that has none."""
    rows = dict(answers.rows)
    for table in form.tables.values():
        if table.groups and not rows.get(table.id):
            rows[table.id] = tuple(_first_rows(form, table, table.groups))
    return replace(answers, rows=rows)


def _first_rows(form: Form, table: Table, groups: Groups) -> Iterator[Mapping[str, Any]]:
    above = {below: level1 for level1, below in taxonomy.load(form.taxonomy).pairs}
    for value in groups.begin:
        yield {**dict.fromkeys(table.columns), groups.by: above[value], groups.begin_column: value}


@lru_cache(maxsize=256)
def lay_out(form: Form, shape: Shape) -> Layout:
    """The form laid out for these rows. Raises FormError where two cells would cover each other or leave the sheet."""
    sheet = form.sheet
    slots = dict(shape)
    grid = _Grid(form)
    tables: dict[str, TableBox] = {}
    heights: dict[int, float] = {}
    row = sheet.row
    for line in form.layout:
        grid.line = line
        heights[row] = sheet.header_height if line.table else line.height
        if line.table:
            tables[line.table] = grid.table(form.tables[line.table], row, slots[line.table])
            rows = range(row + 1, tables[line.table].last + 1)
            heights |= dict.fromkeys(rows, sheet.row_height)
            row = tables[line.table].last
        else:
            grid.pieces(line.pieces, row)
        row += 1
    grid.end(row)
    last_column = sheet.column + len(sheet.columns) - 1
    return Layout(
        form=form,
        shape=shape,
        boxes=tuple(grid.boxes),
        tables=tables,
        heights=heights,
        mark_row=sheet.row - 1,
        key_column=sheet.column - 1 if sheet.key == "before" else last_column + 1,
        first_column=sheet.column,
        last_column=last_column,
        last_row=row - 1,
        head={box.field.id: box for box in grid.boxes if box.field and not box.table},
    )


class _Grid:
    """The boxes placed so far, and the cells that they cover; ``line`` is the layout's row that is being placed."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.boxes: list[Box] = []
        self.line = LayoutRow()
        self.covered: dict[tuple[int, int], LayoutRow] = {}

    def put(self, box: Box, what: str) -> None:
        """Places a box. Raises FormError where it covers another or leaves the sheet to the right."""
        rows, columns = range(box.row, box.end[0] + 1), range(box.column, box.end[1] + 1)
        cells = {(row, column): self.line for row in rows for column in columns}
        right = self.form.sheet.column + len(self.form.sheet.columns)
        if box.end[1] >= right or not cells.keys().isdisjoint(self.covered):
            raise self._overlap(self.line, what)
        self.covered |= cells
        self.boxes.append(box)

    def end(self, row: int) -> None:
        """Raises FormError where a box reaches below the layout's last row."""
        for (at, _), line in self.covered.items():
            if at >= row:
                what = next((piece.field or piece.text for piece in line.pieces if piece.rows > 1), "")
                raise self._overlap(line, what)

    def _overlap(self, line: LayoutRow, what: str) -> FormError:
        return FormError(file=self.form.file, line=line.line, what="overlap", field=what)

    def pieces(self, pieces: tuple[Piece, ...], row: int) -> None:
        """Places the cells of a layout row from left to right, beside what reaches down from above."""
        column = self.form.sheet.column
        for piece in pieces:
            while (row, column) in self.covered:
                column += 1
            self.put(self._piece(piece, row, column), piece.field or piece.text)
            column += piece.span

    def _piece(self, piece: Piece, row: int, column: int) -> Box:
        asked = self.form.fields[piece.field] if piece.role == "field" else None
        return Box(
            row=row,
            column=column,
            rows=piece.rows,
            columns=piece.span,
            role=piece.style if piece.role == "text" else piece.role,
            text=self.form.title if piece.role == "title" else piece.text,
            field=asked,
            align=piece.align,
            locked=asked is None or asked.given,
            required=asked is not None and asked.required,
        )

    def table(self, table: Table, row: int, slots: tuple[Slot, ...]) -> TableBox:
        """Places a table: the label at its side, its header, its groups, its answers row by row."""
        left = self.form.sheet.column
        columns: dict[str, int] = {}
        if table.side:
            self.put(Box(row, left, len(slots) + 1, 1, "side", table.side), table.id)
            left += 1
        for id, asked in table.columns.items():
            label = asked.label[-1] if asked.label else id
            self.put(Box(row, left, 1, asked.span, "header", label, asked, table.id), table.id)
            columns[id] = left
            left += asked.span
        placed = TableBox(table.id, row, row + 1, slots, columns)
        for index, slot in enumerate(slots):
            if table.groups and (index == 0 or slots[index - 1].group != slot.group):
                self._group(table.columns[table.groups.by], placed, index)
            for id, asked in table.columns.items():
                if not table.groups or id != table.groups.by:
                    self._answer(asked, placed, index)
        return placed

    def _group(self, asked: Field, placed: TableBox, index: int) -> None:
        group = placed.slots[index].group
        count = sum(slot.group == group for slot in placed.slots)
        at = (placed.first + index, placed.columns[asked.id])
        self.put(Box(*at, count, asked.span, "group", group, asked, placed.id, index), placed.id)

    def _answer(self, asked: Field, placed: TableBox, index: int) -> None:
        required = asked.required and not placed.slots[index].spare
        at = (placed.first + index, placed.columns[asked.id])
        box = Box(*at, 1, asked.span, "answer", "", asked, placed.id, index, locked=asked.given, required=required)
        self.put(box, placed.id)


@lru_cache(maxsize=64)
def blank_layout(form: Form) -> Layout:
    """The layout of a blank form. Raises FormError where two cells would cover each other."""
    return lay_out(form, count_rows(form, begin_rows(form, Answers(dict.fromkeys(form.fields), {}))))

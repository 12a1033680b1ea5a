"""The layout of a form: the position of every cell, for a given number of table rows.

Rows and columns are counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Concatenate, Generic, Literal, ParamSpec, TypeVar

from perfxl.errors import FormError
from perfxl.form import taxonomy
from perfxl.form.answers import Answers
from perfxl.form.form import LONG, Field, Form, Groups, LayoutRow, Piece, Table

Role = Literal["title", "label", "plain", "note", "heading", "mark", "field", "header", "side", "group", "answer"]


@dataclass(frozen=True)
class Slot:
    """One row of a table on the sheet. ``group``: its group, empty without groups; ``spare``: it is a spare row."""

    group: str = ""
    spare: bool = False


Shape = tuple[tuple[str, tuple[Slot, ...]], ...]
"""The rows of each table, as (table id, its slots); hashable."""


@dataclass(frozen=True)
class Box:
    """One cell, or one merged range, and its content.

    ``row``, ``column``: its first cell; ``rows``, ``columns``: its size. ``text``: constant words or a Jinja template.
    ``field``: the head's field or the table's column whose answer it holds; ``table`` and ``index``: the table, and the
    row in it (from 0). ``locked``: a unit is not to fill it.
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
        """True if the box stands inside the form's frame."""
        return self.role not in ("title", "plain", "note", "heading", "mark")

    @property
    def end(self) -> tuple[int, int]:
        """The last row and the last column that the box covers."""
        return self.row + self.rows - 1, self.column + self.columns - 1


@dataclass(frozen=True)
class TableBox:
    """The position of a table.

    ``header``: its header row; ``first``: its first row; ``columns``: column id → its first column on the sheet.
    """

    id: str
    header: int
    first: int
    slots: tuple[Slot, ...]
    columns: Mapping[str, int]

    @property
    def last(self) -> int:
        """The last row of the table."""
        return self.first + len(self.slots) - 1


@dataclass(frozen=True, eq=False)
class Layout:
    """A form laid out for a number of rows.

    ``heights``: row → height in points; ``mark_row``: the row of the hidden column ids; ``key_column``: the column of
    the row ids and row keys; ``head``: field id → the box of its answer.
    """

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

    @cached_property
    def long(self) -> bool:
        """True for a sheet of so many table rows that their cells share what they have in common."""
        return _count_slots(self.shape) > LONG

    @property
    def panel_column(self) -> int:
        """The column of the panel beside the print area; the gap is the column before it."""
        return max(self.last_column, self.key_column) + 2

    @property
    def check_column(self) -> int:
        """The first column in which the mark row holds the results of the sheet's own checks."""
        return self.panel_column + 1 + len(self.form.issue)

    @property
    def issue_cells(self) -> Mapping[str, tuple[int, int]]:
        """The cells of the mark row with the issue values that checks calculate with."""
        return {name: (self.mark_row, self.panel_column + at) for at, name in enumerate(self.form.issue, start=1)}


def _count_slots(shape: Shape) -> int:
    """Return the number of table rows."""
    return sum(len(slots) for _, slots in shape)


_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


class LayoutCache(Generic[_Given, _Made]):
    """A function of a layout that remembers its last results: of long layouts few, which take tens of megabytes."""

    def __init__(self, make: Callable[Concatenate[Layout, _Given], _Made], most: int) -> None:
        self.short, self.long = lru_cache(most)(make), lru_cache(_MOST_LONG)(make)

    def __call__(self, layout: Layout, *args: _Given.args, **options: _Given.kwargs) -> _Made:
        """Return the result for a layout and the other arguments."""
        return (self.long if layout.long else self.short)(layout, *args, **options)  # type: ignore[arg-type]

    def cache_clear(self) -> None:
        """Forget all results."""
        self.short.cache_clear()
        self.long.cache_clear()


def cached_by_layout(
    most: int,
) -> Callable[[Callable[Concatenate[Layout, _Given], _Made]], LayoutCache[_Given, _Made]]:
    """Return a decorator of functions of a layout, of which the last ``most`` results are remembered."""
    return lambda make: LayoutCache(make, most)


_MOST_LONG = 2


def panel_row(layout: Layout, line: int) -> int:
    """Return the row of a line of the panel; line 0 stands beside the title."""
    return layout.mark_row + 2 + line


def count_rows(form: Form, answers: Answers) -> Shape:
    """Return the rows that these answers need, with the spare rows; for no answers, those of a blank form."""
    return tuple((table.id, tuple(slot for slot, _ in _slots(form, table, answers))) for table in form.tables.values())


def row_order(form: Form, table: Table, answers: Answers) -> tuple[int | None, ...]:
    """Return, for each slot of a table, the index of the answers' row that stands in it; None for an empty slot."""
    return tuple(index for _, index in _slots(form, table, answers))


def _slots(form: Form, table: Table, answers: Answers) -> Iterator[tuple[Slot, int | None]]:
    """Yield each slot of a table with the index of the answers' row that stands in it, or None."""
    rows = answers.rows.get(table.id, ())
    if not table.groups:
        wanted = max(table.minimum, len(rows))
        further = 0 if table.inherited else table.spare
        for index in range(max(wanted, min(wanted + further, table.maximum))):
            yield Slot(spare=index >= wanted), index if index < len(rows) else None
        return
    # the groups in the taxonomy's order, then any others that occur in the answers
    row_groups = [str(row[table.groups.by] or "") for row in rows]
    level1 = taxonomy.load(form.taxonomy).level1
    spare = {} if table.inherited else dict(zip(level1, spare_rows(table.groups, len(level1)), strict=True))
    for group in dict.fromkeys((*level1, *row_groups)):
        yield from ((Slot(group), index) for index, row_group in enumerate(row_groups) if row_group == group)
        yield from [(Slot(group, spare=True), None)] * spare.get(group, 0)


def spare_rows(groups: Groups, count: int) -> tuple[int, ...]:
    """Return the number of spare rows of each of the taxonomy's ``count`` groups; 1 where the form does not say."""
    return (*groups.spare[:count], *[1] * (count - len(groups.spare)))


def begin_rows(form: Form, answers: Answers) -> Answers:
    """Return the answers with the rows that a blank form starts with, in each grouped table that has no rows."""
    rows = dict(answers.rows)
    for table in form.tables.values():
        if table.groups and not rows.get(table.id):
            rows[table.id] = tuple(_first_rows(form, table, table.groups))
    return replace(answers, rows=rows)


def _first_rows(form: Form, table: Table, groups: Groups) -> Iterator[Mapping[str, Any]]:
    """Yield the rows that a grouped table of a blank form starts with."""
    above = {below: level1 for level1, below in taxonomy.load(form.taxonomy).pairs}
    for value in groups.begin:
        yield {**dict.fromkeys(table.columns), groups.by: above[value], groups.begin_column: value}


def lay_out(form: Form, shape: Shape) -> Layout:
    """Lay out a form for these rows. Raises FormError where cells would cover each other or leave the sheet."""
    return (_lay_out_long if _count_slots(shape) > LONG else _lay_out_short)(form, shape)


def _lay_out(form: Form, shape: Shape) -> Layout:
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


_lay_out_short, _lay_out_long = lru_cache(maxsize=256)(_lay_out), lru_cache(maxsize=_MOST_LONG)(_lay_out)


class _Grid:
    """The boxes placed so far, and the cells that they cover.

    ``line``: the layout row that is being placed; ``covered``: (row, column) → the layout row whose box covers it.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.boxes: list[Box] = []
        self.line = LayoutRow()
        self.covered: dict[tuple[int, int], LayoutRow] = {}

    def put(self, box: Box, what: str) -> None:
        """Place a box; ``what``: its name in the error.

        Raises FormError where it covers another box or leaves the sheet to the right.
        """
        rows, columns = range(box.row, box.end[0] + 1), range(box.column, box.end[1] + 1)
        cells = [(row, column) for row in rows for column in columns]
        right = self.form.sheet.column + len(self.form.sheet.columns)
        if box.end[1] >= right or not self.covered.keys().isdisjoint(cells):
            raise self._overlap(self.line, what)
        self.covered.update(dict.fromkeys(cells, self.line))
        self.boxes.append(box)

    def end(self, row: int) -> None:
        """Check the boxes against the end of the layout; ``row``: the first row below it.

        Raises FormError where a box reaches that row.
        """
        for (covered_row, _), line in self.covered.items():
            if covered_row >= row:
                what = next((piece.field or piece.text for piece in line.pieces if piece.rows > 1), "")
                raise self._overlap(line, what)

    def _overlap(self, line: LayoutRow, what: str) -> FormError:
        """Return the error for a box that overlaps; ``what``: its field or text."""
        return FormError(file=self.form.file, line=line.line, what="overlap", field=what)

    def pieces(self, pieces: tuple[Piece, ...], row: int) -> None:
        """Place the cells of a layout row from left to right, skipping cells covered from above."""
        column = self.form.sheet.column
        for piece in pieces:
            while (row, column) in self.covered:
                column += 1
            self.put(self._make_box(piece, row, column), piece.field or piece.text)
            column += piece.span

    def _make_box(self, piece: Piece, row: int, column: int) -> Box:
        """Return the box of one cell of a layout row."""
        answer = self.form.fields[piece.field] if piece.role == "field" else None
        return Box(
            row=row,
            column=column,
            rows=piece.rows,
            columns=piece.span,
            role=piece.style if piece.role == "text" else piece.role,
            text=self.form.title if piece.role == "title" else piece.text,
            field=answer,
            align=piece.align,
            locked=answer is None or answer.given,
            required=answer is not None and answer.required,
        )

    def table(self, table: Table, row: int, slots: tuple[Slot, ...]) -> TableBox:
        """Place a table: the label at its side, its header, its groups and its answers, row by row."""
        left = self.form.sheet.column
        columns: dict[str, int] = {}
        if table.side:
            self.put(Box(row, left, len(slots) + 1, 1, "side", table.side), table.id)
            left += 1
        for id, column in table.columns.items():
            label = column.label[-1] if column.label else id
            self.put(Box(row, left, 1, column.span, "header", label, column, table.id), table.id)
            columns[id] = left
            left += column.span
        placed = TableBox(table.id, row, row + 1, slots, columns)
        for index, slot in enumerate(slots):
            if table.groups and (index == 0 or slots[index - 1].group != slot.group):
                self._put_group(table.columns[table.groups.by], placed, index)
            for id, column in table.columns.items():
                if not table.groups or id != table.groups.by:
                    self._put_answer(column, placed, index)
        return placed

    def _put_group(self, column: Field, placed: TableBox, index: int) -> None:
        """Place the merged cell of a group, which begins in the slot ``index``."""
        group = placed.slots[index].group
        count = sum(slot.group == group for slot in placed.slots)
        cell = (placed.first + index, placed.columns[column.id])
        self.put(Box(*cell, count, column.span, "group", group, column, placed.id, index), placed.id)

    def _put_answer(self, column: Field, placed: TableBox, index: int) -> None:
        """Place the cell of a column's answer in the slot ``index``."""
        required = column.required and not placed.slots[index].spare
        cell = (placed.first + index, placed.columns[column.id])
        box = Box(*cell, 1, column.span, "answer", "", column, placed.id, index, locked=column.given, required=required)
        self.put(box, placed.id)


@lru_cache(maxsize=64)
def blank_layout(form: Form) -> Layout:
    """Return the layout of a blank form. Raises FormError where two cells would cover each other."""
    return lay_out(form, count_rows(form, begin_rows(form, Answers(dict.fromkeys(form.fields), {}))))

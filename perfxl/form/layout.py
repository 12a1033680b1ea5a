"""The layout of a form: the position of every cell, for a given number of table rows.

Rows and columns are counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Concatenate, Generic, Literal, NamedTuple, ParamSpec, TypeVar

from perfxl.errors import FormError
from perfxl.form.answers import Answers
from perfxl.form.calculation import Decided, calculated_somewhere, suggested_somewhere
from perfxl.form.form import LONG, Field, Form, LayoutRow, Piece, Table
from perfxl.form.table_rows import Slot, SumsRow, begin_rows, group_label, group_sums, order_slots
from perfxl.form.ticks import on_sheet

Role = Literal[
    "title", "label", "plain", "note", "heading", "mark", "field", "sign", "header", "letter", "side", "group",
    "answer", "sum",
]  # fmt: skip

HEADER_ROW, LETTERS_ROW = 0.8, 16.0
"""The height of a row of a header of several rows, as a part of a single one's; of a row of letters, in points."""


Shape = tuple[tuple[str, tuple[Slot, ...]], ...]
"""The rows of each table, as (table id, its slots); hashable.

Where some answers of the head are calculated, or have words on offer, only in this record, one more slot, of no table,
has their names.
"""


@dataclass(frozen=True)
class Box:
    """One cell, or one merged range, and its content.

    ``row``, ``column``: its first cell; ``rows``, ``columns``: its size. ``text``: constant words or a Jinja template.
    ``field``: the head's field or the table's column whose answer it holds; ``table`` and ``index``: the table, and the
    row in it (from 0). ``locked``: a unit is not to fill it. ``offers``: a drop-down
    list offers words for it.
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
    offers: bool = False
    indent: int = 0

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

    ``header``: the first row of its header; ``first``: its first row; ``columns``: column id → its first column on the
    sheet; ``sums``: the rows that show sums. The row with those of the whole table is no slot. ``label_rows``,
    ``header_rows``: the rows of labels in its header, and of all of this; ``key_column``: the column of its row keys.
    """

    id: str
    header: int
    first: int
    slots: tuple[Slot, ...]
    columns: Mapping[str, int]
    sums: tuple[SumsRow, ...]
    label_rows: int
    header_rows: int
    key_column: int

    @property
    def last(self) -> int:
        """The last row of the table's slots."""
        return self.first + len(self.slots) - 1

    @property
    def end(self) -> int:
        """The last row that the table takes."""
        return max([self.last, *(sums.row for sums in self.sums)])


@dataclass(frozen=True, eq=False)
class Layout:
    """A form laid out for a number of rows.

    ``form``: the form as its sheet asks it, which has a cell for each answer; ``asked``: as its records hold it.
    ``heights``: row → height in points; ``mark_row``: the row of the hidden column ids; ``key_column``: the column of
    the row ids and row keys; ``key_columns``: that one, and those of the keys of further tables in one row, from left
    to right; ``head``: field id → the box of its answer.
    """

    form: Form
    asked: Form
    shape: Shape
    boxes: tuple[Box, ...]
    tables: Mapping[str, TableBox]
    heights: Mapping[int, float]
    mark_row: int
    key_columns: tuple[int, ...]
    first_column: int
    last_column: int
    last_row: int
    head: Mapping[str, Box] = field(default_factory=dict)

    @property
    def key_column(self) -> int:
        """The column of the row ids, and of the row keys of each table that has none to its left."""
        return self.key_columns[0]

    @property
    def columns(self) -> tuple[int, int]:
        """The first and the last column of the layout with its row keys."""
        return min(self.first_column, *self.key_columns), max(self.last_column, *self.key_columns)

    @cached_property
    def long(self) -> bool:
        """True for a sheet of so many table rows that their cells share what they have in common."""
        return _count_slots(self.shape) > LONG

    @property
    def panel_column(self) -> int:
        """The column of the panel beside the print area; the gap is the column before it."""
        return self.columns[1] + 2

    @property
    def check_column(self) -> int:
        """The first column in which the mark row holds the results of the sheet's own checks."""
        return self.panel_column + 1 + len(self.form.issue) + len(self.form.unseen)

    @property
    def issue_cells(self) -> Mapping[str, tuple[int, int]]:
        """The cells of the mark row with the issue values that checks calculate with."""
        return {name: (self.mark_row, self.panel_column + at) for at, name in enumerate(self.form.issue, start=1)}

    @property
    def unseen_cells(self) -> Mapping[str, tuple[int, int]]:
        """The cells of the mark row with the given answers that stand nowhere else and that formulas read."""
        first = self.panel_column + 1 + len(self.form.issue)
        return {id: (self.mark_row, first + at) for at, id in enumerate(self.form.unseen)}


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
    calculated, suggested = calculated_somewhere(form, answers), suggested_somewhere(form, answers)
    tables = tuple(
        (table.id, tuple(_slots(form, table, answers, calculated, suggested))) for table in form.tables.values()
    )
    head = Slot(calculated=calculated.get(("", 0), ()), suggested=suggested.get(("", 0), ()))
    return (("", (head,)), *tables) if head.calculated or head.suggested else tables


def _slots(form: Form, table: Table, answers: Answers, calculated: Decided, suggested: Decided) -> Iterator[Slot]:
    """Yield the slots of a table with what is ``calculated`` in each, and ``suggested``."""
    for slot, index in _ordered(form, table, answers):
        at = (table.id, -1 if index is None else index)
        decided = at in calculated or at in suggested
        yield replace(slot, calculated=calculated.get(at, ()), suggested=suggested.get(at, ())) if decided else slot


def row_order(form: Form, table: Table, answers: Answers) -> tuple[int | None, ...]:
    """Return, for each slot of a table, the index of the answers' row that stands in it; None for an empty slot."""
    return tuple(index for _, index in _ordered(form, table, answers))


def _ordered(form: Form, table: Table, answers: Answers) -> Iterable[tuple[Slot, int | None]]:
    """Return the slots of a table, each with the index of the answers' row in it.

    Beside a longer table it has more spare rows, as far as it may, so that both end in the same row.
    """
    beside = form.side_by_side.get(table.id, ())
    if not beside or table.groups or table.inherited:
        return order_slots(table, answers)
    own = [*order_slots(table, answers)]
    longest = max(sum(1 for _ in order_slots(form.tables[id], answers)) for id in beside)
    return [*own, *[(Slot(spare=True), None)] * (min(longest, table.maximum) - len(own))]


def lay_out(form: Form, shape: Shape) -> Layout:
    """Lay out a form for these rows. Raises FormError where cells would cover each other or leave the sheet."""
    return (_lay_out_long if _count_slots(shape) > LONG else _lay_out_short)(form, shape)


def _lay_out(asked: Form, shape: Shape) -> Layout:
    form = on_sheet(asked)
    sheet = form.sheet
    slots = dict(shape)
    starts = _starts(form, slots)
    grid = _Grid(form, slots[""][0] if "" in slots else Slot())
    tables: dict[str, TableBox] = {}
    heights: dict[int, float] = {}
    for at, line in enumerate(form.layout):
        grid.line, row = line, starts[at]
        if line.tables:
            shared = _shared_rows(form, line.tables, slots)
            tables |= {id: grid.table(form.tables[id], row, slots[id], shared) for id in line.tables}
            heights |= _header_heights(form, shared, row)
            heights |= dict.fromkeys(range(row + shared.header, starts[at + 1]), sheet.row_height)
        else:
            grid.pieces(line.pieces, starts[at:])
            heights[row] = line.height
    last_column = sheet.column + len(sheet.columns) - 1
    return Layout(
        form=form,
        asked=asked,
        shape=shape,
        boxes=tuple(grid.boxes),
        tables=tables,
        heights=heights,
        mark_row=sheet.row - 1,
        key_columns=_key_columns(form),
        first_column=sheet.column,
        last_column=last_column,
        last_row=starts[-1] - 1,
        head={box.field.id: box for box in grid.boxes if box.field and not box.table},
    )


_lay_out_short, _lay_out_long = lru_cache(maxsize=256)(_lay_out), lru_cache(maxsize=_MOST_LONG)(_lay_out)


def _starts(form: Form, slots: Mapping[str, tuple[Slot, ...]]) -> list[int]:
    """Return the sheet row at which each row of the layout begins, and the first row below the layout."""
    starts = [form.sheet.row]
    for line in form.layout:
        starts.append(starts[-1] + (_shared_rows(form, line.tables, slots).total if line.tables else 1))
    return starts


def _key_columns(form: Form) -> tuple[int, ...]:
    """Return the columns of row keys: that of the sheet, then one behind the form for each further table in one row."""
    sheet = form.sheet
    last = sheet.column + len(sheet.columns) - 1
    own = sheet.column - 1 if sheet.key == "before" else last + 1
    most = max(map(len, form.side_by_side.values()), default=1)
    return (own, *range(max(own, last) + 1, max(own, last) + most))


class _SharedRows(NamedTuple):
    """The rows that tables side by side take together, so that what is alike stands in one row.

    ``labels``: the rows of labels; ``letters``: 1 with a row of letters below these; ``above``, ``below``: 1 with a row
    of sums above, below the rows; ``slots``: the rows of the longest of them.
    """

    labels: int
    letters: int
    above: int
    slots: int
    below: int

    @property
    def header(self) -> int:
        """The number of rows of the whole header."""
        return self.labels + self.letters

    @property
    def total(self) -> int:
        """The number of all rows."""
        return sum(self)


def _shared_rows(form: Form, ids: tuple[str, ...], slots: Mapping[str, tuple[Slot, ...]]) -> _SharedRows:
    """Return the rows of the tables of one row of the layout."""
    tables = [form.tables[id] for id in ids]
    places = {table.totals.place for table in tables if table.totals}
    return _SharedRows(
        labels=max(table.label_rows for table in tables),
        letters=int(any(table.has_letters for table in tables)),
        above=int("first" in places),
        slots=max(len(slots[id]) for id in ids),
        below=int("last" in places),
    )


def _header_heights(form: Form, shared: _SharedRows, row: int) -> dict[int, float]:
    """Return the heights of the rows of a header, which begins in ``row``."""
    height = form.sheet.header_height * (1 if shared.labels == 1 else HEADER_ROW)
    heights = dict.fromkeys(range(row, row + shared.labels), height)
    return {**heights, row + shared.labels: LETTERS_ROW} if shared.letters else heights


class _Grid:
    """The boxes placed so far, and the cells that they cover.

    ``head``: the answers of the head of which something holds here and not everywhere. ``line``: the layout row that
    is being placed; ``covered``: the rows and columns that a box covers; ``right``: the column behind the last.
    """

    def __init__(self, form: Form, head: Slot) -> None:
        self.form = form
        self.head = head
        self.boxes: list[Box] = []
        self.line = LayoutRow()
        self.covered: set[tuple[int, int]] = set()
        self.right = form.sheet.column + len(form.sheet.columns)

    def put(self, box: Box, what: str) -> None:
        """Place a box; ``what``: its name in the error.

        Raises FormError where it covers another box or leaves the sheet to the right.
        """
        last_row, last_column = box.end
        if box.rows == box.columns == 1:  # nearly all boxes of a long table
            cells = [(box.row, box.column)]
        else:
            rows, columns = range(box.row, last_row + 1), range(box.column, last_column + 1)
            cells = [(row, column) for row in rows for column in columns]
        if last_column >= self.right or not self.covered.isdisjoint(cells):
            raise self._overlap(what)
        self.covered.update(cells)
        self.boxes.append(box)

    def _overlap(self, what: str) -> FormError:
        """Return the error for a box that overlaps; ``what``: its field or text."""
        return FormError(file=self.form.file, line=self.line.line, what="overlap", field=what)

    def _free(self, row: int) -> int:
        """Return the first column of the layout that nothing covers from above in this row."""
        column = self.form.sheet.column
        while (row, column) in self.covered:
            column += 1
        return column

    def pieces(self, pieces: tuple[Piece, ...], starts: list[int]) -> None:
        """Place the cells of a layout row from left to right, skipping cells covered from above.

        ``starts``: the sheet rows at which this row of the layout, those below it and what follows them begin. Raises
        FormError where a cell reaches below the layout.
        """
        row = starts[0]
        column = self.form.sheet.column
        for piece in pieces:
            while (row, column) in self.covered:
                column += 1
            if piece.rows >= len(starts):
                raise self._overlap(piece.field or piece.text)
            self.put(self._make_box(piece, row, column, starts[piece.rows] - row), piece.field or piece.text)
            column += piece.span

    def _make_box(self, piece: Piece, row: int, column: int, rows: int) -> Box:
        """Return the box of one cell of a layout row, which covers this many rows of the sheet."""
        answer = self.form.fields[piece.field] if piece.role == "field" else None
        locked = answer is None or not answer.open or answer.id in self.head.calculated
        return Box(
            row=row,
            column=column,
            rows=rows,
            columns=piece.span,
            role=piece.style if piece.role == "text" else piece.role,
            text=self.form.title if piece.role == "title" else piece.text,
            field=answer,
            align=piece.align,
            indent=piece.indent,
            locked=locked,
            required=not locked and answer is not None and answer.required,
            offers=answer is not None and _offers(answer, self.head),
        )

    def table(self, table: Table, row: int, slots: tuple[Slot, ...], shared: _SharedRows) -> TableBox:
        """Place a table: the label at its side, its header, its groups and its answers, row by row."""
        left = self._free(row)
        columns: dict[str, int] = {}
        totals = table.totals
        if table.side:
            self.put(Box(row, left, shared.total, 1, "side", table.side), table.id)
            left += 1
        for id, column in table.columns.items():
            columns[id] = left
            left += column.span
        above = row + shared.header
        first = above + shared.above
        end = first + shared.slots
        sums = [*group_sums(table, first, slots)]
        if totals:
            at = above if totals.place == "first" else end
            sums.append(SumsRow(table.id, at, first, first + len(slots) - 1, totals))
        placed = TableBox(
            id=table.id,
            header=row,
            first=first,
            slots=slots,
            columns=columns,
            sums=tuple(sums),
            label_rows=shared.header - table.has_letters,
            header_rows=shared.header,
            key_column=_key_columns(self.form)[self.form.rank(table.id)],
        )
        for box in header_boxes(table, placed):
            self.put(box, table.id)
        for index, slot in enumerate(slots):
            if table.groups and (index == 0 or slots[index - 1].group != slot.group):
                self._put_group(table.columns[table.groups.by], placed, index)
            for id, column in table.columns.items():
                if not slot.sums and (not table.groups or id != table.groups.by):
                    self._put_answer(column, placed, index)
        for sums_row in sums:
            self._put_sums(table, placed, sums_row)
        rows = {at for at in range(above, row + shared.total) if not first <= at <= placed.last}
        self._put_unused(placed, rows - {sums_row.row for sums_row in sums}, left - 1)
        return placed

    def _put_unused(self, placed: TableBox, rows: set[int], last_column: int) -> None:
        """Place what fills the rows of a table that only those beside it have."""
        column = min(placed.columns.values())
        for row in rows:
            self.put(Box(row, column, 1, last_column - column + 1, "sum", table=placed.id), placed.id)

    def _put_sums(self, table: Table, placed: TableBox, sums_row: SumsRow) -> None:
        """Place a row of sums: its label over the columns before the first sum, then a cell for each column."""
        # the cell of a group reaches over the row of its sums
        by = table.groups.by if table.groups and sums_row.group else ""
        columns = [column for id, column in table.columns.items() if id != by]
        before = next(at for at, column in enumerate(columns) if column.id in sums_row.sums.columns)
        row, label = sums_row.row, sums_row.sums.label
        if before:
            width = sum(column.span for column in columns[:before])
            self.put(Box(row, placed.columns[columns[0].id], 1, width, "label", label, table=table.id), table.id)
        for column in columns[before:]:
            field = column if column.id in sums_row.sums.columns else None
            self.put(Box(row, placed.columns[column.id], 1, column.span, "sum", "", field, table.id), table.id)

    def _put_group(self, column: Field, placed: TableBox, index: int) -> None:
        """Place the merged cell of a group, which begins in the slot ``index``."""
        group = placed.slots[index].group
        count = sum(slot.group == group for slot in placed.slots)
        cell = (placed.first + index, placed.columns[column.id])
        text = group_label(column, group)
        self.put(Box(*cell, count, column.span, "group", text, column, placed.id, index), placed.id)

    def _put_answer(self, column: Field, placed: TableBox, index: int) -> None:
        """Place the cell of a column's answer in the slot ``index``."""
        slot = placed.slots[index]
        locked = not column.open or column.id in slot.calculated
        required = column.required and not slot.spare and not locked
        cell = (placed.first + index, placed.columns[column.id])
        box = Box(
            *cell, 1, column.span, "answer", "", column, placed.id, index,
            locked=locked, required=required, offers=_offers(column, slot),
        )  # fmt: skip
        self.put(box, placed.id)


def _offers(answer: Field, slot: Slot) -> bool:
    """Return True where a drop-down list offers words for an answer."""
    return answer.suggest is not None and (answer.suggest.when is None or answer.id in slot.suggested)


def header_boxes(table: Table, placed: TableBox) -> Iterator[Box]:
    """Yield the boxes of a table's header, column by column: the labels, from the outermost on, then the letter.

    Outer parts that neighbours share are merged across; the last part of a label reaches down to the last such row.
    """
    ids = tuple(table.columns)
    for at, (id, label) in enumerate(table.labels.items()):
        column, left = table.columns[id], placed.columns[id]
        for level, text in enumerate(label[:-1]):
            shared = _shared_to(table, ids, at, level + 1)
            if shared:
                width = sum(table.columns[other].span for other in ids[at:shared])
                yield Box(placed.header + level, left, 1, width, "header", text, None, table.id)
        top = len(label) - 1
        rows = placed.label_rows - top
        yield Box(placed.header + top, left, rows, column.span, "header", label[-1], column, table.id)
        if table.has_letters:
            yield Box(placed.header + placed.label_rows, left, 1, column.span, "letter", column.letter, None, table.id)


def _shared_to(table: Table, ids: tuple[str, ...], at: int, parts: int) -> int:
    """Return the index behind the columns that share these outer parts of a label with column ``at``.

    0 where the column before it shares them as well.
    """

    def outer(index: int) -> tuple[str, ...]:
        label = table.labels[ids[index]]
        return label[:parts] if len(label) > parts else ()

    if at and outer(at - 1) == outer(at):
        return 0
    return next((index for index in range(at, len(ids)) if outer(index) != outer(at)), len(ids))


@lru_cache(maxsize=64)
def blank_layout(form: Form) -> Layout:
    """Return the layout of a blank form. Raises FormError where two cells would cover each other."""
    return lay_out(form, count_rows(form, begin_rows(form, Answers(dict.fromkeys(form.fields), {}))))

"""What a person has open at LibreOffice, and the few things hands do there: look, insert, delete, type, merge, split.

A person's eye knows no addresses: everything is found by what stands there, so that it can be done after any change.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl.utils import get_column_letter, range_boundaries

from office.libreoffice import XLSX, Document, LibreOffice

Place = tuple[int, int]
"""Row and column, from 0."""
Value = float | str | None


class CannotBeDone(Exception):
    """What the change needs is not there any more, or LibreOffice does not let it be done."""


@dataclass(frozen=True)
class Sketch:
    """What a person knows of the sheet worked on: each answer as its cell shows it, by field; the rows of its table.

    ``head``: field id → value; ``rows``: column id → value, row by row; ``labels``: of the head's fields and of the
    table's columns, as they are printed; ``typed``: rows that the person may type; ``columns``: where the table's
    columns stood; ``group``: the column whose cells are merged over the rows of a group, if any.
    """

    head: dict[str, Value]
    rows: list[dict[str, Value]]
    labels: dict[str, str]
    typed: list[dict[str, Value]]
    columns: dict[str, int]
    group: str = ""


@dataclass
class Desk:
    """What the person has open: the workbook, the sheet worked on; and what becomes of it.

    ``sketch``: what stood on the sheet when it was opened; ``other``: another unit's workbook; ``file`` and ``filter``:
    as what it is saved; ``steps``: what is done to the package then.

    What the person did, for whom it is read back: ``put``: values that a field holds because they were put there
    (``[1].basis``: of a row of the table); ``added``: rows typed; ``strays``: words that belong to no field;
    ``foreign``: whether another unit's sheet stands here, too.
    """

    office: LibreOffice
    document: Document
    sheet: str
    sketch: Sketch
    other: Path
    other_sketch: Sketch
    file: str = "报回.xlsx"
    filter: str = XLSX
    steps: list[Callable[[bytes], bytes]] = field(default_factory=list)
    put: list[tuple[str, Value]] = field(default_factory=list)
    added: list[dict[str, Value]] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    foreign: bool = False
    closing: list[Document] = field(default_factory=list)
    _seen: dict[Place, Value] | None = None

    # --- looking

    def seen(self) -> dict[Place, Value]:
        """What stands on the sheet now."""
        if self._seen is None:
            self._seen = self.document.look_over(self.sheet)
        return self._seen

    def places(self, value: Value) -> list[Place]:
        return [at for at, there in sorted(self.seen().items()) if same(there, value)]

    def place(self, value: Value) -> Place:
        """Where a value stands: the first of its places."""
        found = self.places(value) if value is not None else []
        if not found:
            raise CannotBeDone(f"{value!r} is not on the sheet")
        return found[0]

    def answer(self, id: str) -> Place:
        return self.place(self.sketch.head[id])

    def label(self, id: str) -> Place:
        return self.place(self.sketch.labels[id])

    def row(self, index: int) -> int:
        """The row in which an original row of the table stands now."""
        texts = [value for id, value in self.sketch.rows[index].items() if id not in self.choices()]
        found = [at[0] for text in texts if text is not None for at in self.places(text)]
        if not found:
            raise CannotBeDone(f"row {index} of the table is not there")
        return max(set(found), key=lambda row: (found.count(row), -row))

    def column(self, id: str) -> int:
        """The column in which a column of the table stands now: by its words; of equal ones by its neighbour."""
        found = [at[1] for row in self.sketch.rows if row[id] is not None for at in self.places(row[id])]
        if not found:
            raise CannotBeDone(f"the column {id} is not there")
        if id not in self.choices():
            return max(set(found), key=lambda column: (found.count(column), -column))
        stood = self.sketch.columns
        for beside in sorted(self.own, key=lambda other: abs(stood[other] - stood[id])):
            with suppress(CannotBeDone):
                expected = self.column(beside) + stood[id] - stood[beside]
                return min(set(found), key=lambda column: abs(column - expected))
        return max(set(found), key=lambda column: (found.count(column), -column))

    def choices(self) -> set[str]:
        """The columns whose words stand in many rows."""
        return {id for id in self.columns if len({row[id] for row in self.sketch.rows}) < len(self.sketch.rows)}

    @property
    def columns(self) -> list[str]:
        return list(self.sketch.rows[0])

    @property
    def own(self) -> list[str]:
        """The columns that a person types into, whose words are each row's own; from left to right."""
        return [id for id in self.columns if id not in self.choices()]

    def edges(self) -> tuple[int, int, int, int]:
        """The first row and column of the form and its last: what is printed."""
        rows = [self.row(index) for index in self.indexes()]
        columns = [self.column(id) for id in self.columns]
        tops = [at for id in self.sketch.labels for at in self.places(self.sketch.labels[id])]
        tops += [at for at, value in self.seen().items() if isinstance(value, str) and "识别码" in value]
        first = min([*rows, *(row for row, _ in tops)]), min([*columns, *(column for _, column in tops)])
        return *first, max(rows), max(columns)

    def indexes(self) -> list[int]:
        """The original rows of the table that are still there."""
        there = []
        for index in range(len(self.sketch.rows)):
            with suppress(CannotBeDone):
                self.row(index)
                there.append(index)
        if not there:
            raise CannotBeDone("the table is not there")
        return there

    def used(self) -> tuple[int, int, int, int]:
        left, top, right, bottom = range_boundaries(self.document.used(self.sheet))
        return top - 1, left - 1, bottom - 1, right - 1

    def merge_at(self, at: Place) -> str | None:
        found = self.document.merges(self.sheet, span(0, 0, *at))
        return next((each for each in found if covers(each, at)), None)

    # --- doing

    def done(self) -> None:
        """Look anew."""
        self._seen = None

    def unlock(self) -> None:
        if self.document.protected(self.sheet):
            self.document.unprotect(self.sheet)

    def insert_rows(self, row: int, count: int = 1) -> None:
        self.unlock()
        self.document.insert_cells(self.sheet, f"A{row + 1}:A{row + count}", "ROWS")
        self.done()

    def delete_rows(self, row: int, count: int = 1) -> None:
        self.unlock()
        self.document.delete_cells(self.sheet, f"A{row + 1}:A{row + count}", "ROWS")
        self.done()

    def insert_columns(self, column: int, count: int = 1) -> None:
        self.unlock()
        self.document.insert_cells(self.sheet, span(0, column, 0, column + count - 1), "COLUMNS")
        self.done()

    def delete_columns(self, column: int, count: int = 1) -> None:
        self.unlock()
        self.document.delete_cells(self.sheet, span(0, column, 0, column + count - 1), "COLUMNS")
        self.done()

    def write(self, at: Place, *values: Value) -> None:
        self.unlock()
        self.document.write(self.sheet, cell(*at), [[value if value is not None else "" for value in values]])
        self.done()

    def stray(self, at: Place, text: str) -> None:
        """Type something that belongs to no field."""
        self.write(at, text)
        self.strays.append(text)

    def type_row(self, row: int, values: dict[str, Value]) -> None:
        """Type a row of the table: each value where its column stands."""
        for id, value in values.items():
            if value is not None and id != self.sketch.group:
                self.write((row, self.column(id)), value)
        self.added.append({**values, **self.group_at(row)})

    def group_at(self, row: int) -> dict[str, Value]:
        """The group in which a row stands: the word of the merged cell beside it; none where it stands beside none."""
        if not self.sketch.group:
            return {}
        column = self.column(self.sketch.group)
        area = self.merge_at((row, column))
        word = self.seen().get(bounds(area)[:2] if area else (row, column))
        return {self.sketch.group: word} if word is not None else {}

    def turn_to(self, document: Document, sheet: str) -> None:
        """Work on in another workbook; the one before stays as it was."""
        self.closing.append(self.document)
        self.document, self.sheet = document, sheet
        self.done()

    def split(self, wanted: Callable[[str], bool], within: str | None = None) -> None:
        self.unlock()
        found = [each for each in self.document.merges(self.sheet, within) if wanted(each)]
        if not found:
            raise CannotBeDone("nothing is merged there")
        for each in found:
            self.document.merge(self.sheet, each, on=False)
        self.done()

    def split_in(self, area: str) -> None:
        """Split what is merged in an area, as must be done before its cells can be moved."""
        _, _, bottom, right = bounds(area)
        for each in self.document.merges(self.sheet, span(0, 0, bottom, right)):
            if meets(each, area):
                self.document.merge(self.sheet, each, on=False)

    def merge(self, first: Place, last: Place) -> None:
        """Merge as Excel does: what stands in the first cell stays, the rest is thrown away."""
        self.unlock()
        if first[0] > last[0] or first[1] > last[1] or first == last:
            raise CannotBeDone("these cells do not stand in this order any more")
        kept = self.seen().get(first)
        area = span(*first, *last)
        self.split_in(area)
        rows, columns = last[0] - first[0] + 1, last[1] - first[1] + 1
        block: list[list[float | str]] = [[""] * columns for _ in range(rows)]
        block[0][0] = "" if kept is None else kept
        self.document.write(self.sheet, cell(*first), block)
        self.document.merge(self.sheet, area)
        self.done()


def same(there: Value, value: Value) -> bool:
    if isinstance(there, str) or isinstance(value, str):
        return str(there).strip() == str(value).strip() if isinstance(there, str) and isinstance(value, str) else False
    return there is not None and value is not None and abs(there - value) < 1e-9


def cell(row: int, column: int) -> str:
    return f"{get_column_letter(column + 1)}{row + 1}"


def span(row: int, column: int, last_row: int, last_column: int) -> str:
    return f"{cell(row, column)}:{cell(last_row, last_column)}"


def bounds(area: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = range_boundaries(area)
    return top - 1, left - 1, bottom - 1, right - 1


def covers(area: str, at: Place) -> bool:
    top, left, bottom, right = bounds(area)
    return top <= at[0] <= bottom and left <= at[1] <= right


def meets(area: str, other: str) -> bool:
    top, left, bottom, right = bounds(area)
    top_, left_, bottom_, right_ = bounds(other)
    return top <= bottom_ and top_ <= bottom and left <= right_ and left_ <= right

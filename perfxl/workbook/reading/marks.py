"""The hidden marks of a returned sheet: column ids in the mark row, row ids and row keys in the mark column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from perfxl.form.form import Form
from perfxl.workbook.ooxml.cells import Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.reading.rows import KEY
from perfxl.workbook.reading.words import Anchor


class KeyColumn(NamedTuple):
    """A column of row keys. ``column``: where it stands; ``keys``: the row key in each row."""

    column: int
    keys: Mapping[int, str]


@dataclass(frozen=True)
class SheetMarks:
    """The mark row and the mark column as they were found, with rows and columns counted from 0.

    ``mark_row``: -1 where there is none; ``columns``: the column of each column id; ``row_ids``: the row of each row
    id; ``keys``: the row key in each row; ``strays``: by row, a column that holds what looks like a row key and is none
    of row keys, with it; ``sums``: the row of the mark of each row of sums; ``beside``: the row keys of further tables
    in one row.
    """

    mark_row: int
    mark_column: int
    columns: Mapping[str, int]
    row_ids: Mapping[str, int]
    keys: Mapping[int, str]
    strays: Mapping[int, tuple[int, str]]
    sums: Mapping[str, int]
    beside: tuple[KeyColumn, ...] = ()

    def keys_of(self, rank: int) -> KeyColumn:
        """Return the row keys of the tables with this rank among those side by side."""
        if rank == 0:
            return KeyColumn(self.mark_column, self.keys)
        return self.beside[rank - 1] if rank <= len(self.beside) else KeyColumn(-1, {})

    @property
    def key_columns(self) -> tuple[int, ...]:
        """The columns of row keys, that of the marks first."""
        return (self.mark_column, *(further.column for further in self.beside))

    def denies(self, anchor: Anchor, place: Place) -> bool:
        """Return True if the marks say that another row or column of the form stands at this place."""
        ids = {row: id for id, row in self.row_ids.items()}
        columns = {column: id for id, column in self.columns.items()}
        return (
            ids.get(place[0], anchor.row_id) != anchor.row_id
            or place[0] in self.keys
            or columns.get(place[1], anchor.column_id) != anchor.column_id
        )


_LONGEST_MARK = 8  # characters: no mark is longer


@lru_cache(maxsize=4096)
def _mark_kind(text: str) -> str:
    """Return the kind of a mark: ``key`` for a row key, the letter of another mark, empty for none.

    ``c``: of a column, ``r``: of a row of the head, ``s``: of a row of sums, ``k``: of a column of row keys.
    """
    if re.fullmatch(r"[crsk]\d+", text):
        return text[0]
    return "key" if KEY.fullmatch(text) else ""


def find_marks(sheet: Worksheet, form: Form) -> SheetMarks:
    """Find the marks of a sheet.

    The mark row is the one with the most column ids; without any there is none. The mark column is the one with the
    most row ids and row keys; without any it is the column where a blank form has it. The columns of further row keys
    have a mark of their own, else they are those with the most of the other keys. An id that stands twice is ignored.
    """
    marks: dict[str, dict[Place, str]] = {"c": {}, "r": {}, "s": {}, "k": {}, "key": {}}
    for at, text in sheet.texts.items():
        if len(text) <= _LONGEST_MARK and (kind := _mark_kind(text)):
            marks[kind][at] = text
    column_ids, row_ids, keys = marks["c"], marks["r"], marks["key"]
    mark_row = Counter(row for row, _ in column_ids).most_common(1)[0][0] if column_ids else -1
    most = max(map(len, form.side_by_side.values()), default=1)
    marked = {column: int(text[1:]) for (row, column), text in marks["k"].items() if row == mark_row}
    columns = Counter(column for _, column in [*row_ids, *keys] if column not in marked)
    if most > 1 and row_ids:
        columns = Counter(column for _, column in row_ids)
    blank_column = 0 if form.sheet.key == "before" else form.sheet.column + len(form.sheet.columns)
    mark_column = columns.most_common(1)[0][0] if columns else blank_column
    beside = _columns_beside(keys, mark_column, marked, most - 1)
    own = {mark_column, *beside}
    return SheetMarks(
        mark_row=mark_row,
        mark_column=mark_column,
        columns=_unique((text, column) for (row, column), text in column_ids.items() if row == mark_row),
        row_ids=_unique((text, row) for (row, column), text in row_ids.items() if column == mark_column),
        keys={row: text for (row, column), text in keys.items() if column == mark_column},
        strays={row: (column, text) for (row, column), text in keys.items() if column not in own},
        sums=_unique((text, row) for (row, column), text in marks["s"].items() if column in own),
        beside=tuple(
            KeyColumn(column, {row: text for (row, at), text in keys.items() if at == column}) for column in beside
        ),
    )


def _columns_beside(
    keys: Mapping[Place, str], mark_column: int, marked: Mapping[int, int], count: int
) -> tuple[int, ...]:
    """Return the columns of the row keys of further tables in one row, from left to right.

    ``marked``: the numbers of those that have a mark; ``count``: how many the form has.
    """
    if not count:
        return ()
    by_number = {number: column for column, number in marked.items()}
    if len(by_number) == len(marked) and by_number.keys() == set(range(1, count + 1)):
        return tuple(by_number[number] for number in range(1, count + 1))
    others = Counter(column for _, column in keys if column != mark_column)
    found = sorted(column for column, times in others.most_common(count) if times > 1)
    return tuple(found) if len(found) == count else (-1,) * count


def _unique(ids: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the ids that stand in one place only."""
    listed = list(ids)
    times = Counter(text for text, _ in listed)
    return {text: at for text, at in listed if times[text] == 1}

"""What is to be said about how a sheet was read: each function looks for one thing that people do to sheets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from perfxl.submission import Doubt, Unplaced
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.grid import Merge, is_within
from perfxl.workbook.reading.answer import ReadAnswer, is_uncalculated
from perfxl.workbook.reading.leftover import find_leftover
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.rows import TableRow
from perfxl.workbook.reading.slides import find_slid_lines, find_slides
from perfxl.workbook.sheet.identity import is_own_key


@dataclass(frozen=True, eq=False)
class ReadSheet:
    """A sheet read: the head's answers, those of each table's rows, and where the rows' values went in the record."""

    located: LocatedSheet
    head: Mapping[str, ReadAnswer]
    rows: Mapping[str, Sequence[Mapping[str, ReadAnswer]]]
    paths: Mapping[tuple[str, int, str], str]

    @cached_property
    def answers(self) -> dict[str, ReadAnswer]:
        """Every answer by its path in the record; rows that hold nothing have none."""
        found = dict(self.head)
        for (table, index, column), path in self.paths.items():
            if (answer := self.rows[table][index].get(column)) is not None:
                found[path] = answer
        return found

    def all(self) -> Iterator[ReadAnswer]:
        """Every answer that was read, those of rows that hold nothing too."""
        yield from self.head.values()
        for rows in self.rows.values():
            for row in rows:
                yield from row.values()

    def row_paths(self, table: str, index: int) -> tuple[str, ...]:
        """The paths of a row's answers, in the order of the columns; none where it holds nothing."""
        columns = self.located.form.tables[table].columns
        return tuple(path for id in columns if (path := self.paths.get((table, index, id))))


def find_doubts(read: ReadSheet) -> tuple[tuple[Doubt, ...], tuple[Unplaced, ...]]:
    """All that is to be said about the reading of a sheet; and what on it belongs to no field."""
    left = find_leftover(read.located, [answer.at for answer in read.all()])
    found = (
        *read.located.doubts,
        *_lost(read.located),
        *_unsure(read),
        *_beside(read),
        *_formulas(read),
        *_never_calculated(read.located),
        *_slid(read),
        *_lines(read),
        *_merged(read),
        *_row_keys(read),
        *_hidden(read),
    )
    if left:
        facts = {"count": len(left), "cells": [each.cell for each in left], "texts": [each.text for each in left]}
        found = (*found, Doubt("unplaced", (), facts))
    return found, left


def _lost(located: LocatedSheet) -> Iterator[Doubt]:
    if located.recognised.lost:
        yield Doubt(
            "lost_marks",
            (),
            {"lost": list(located.recognised.lost), "baseline": "hidden_sheet" not in located.recognised.lost},
        )


_UNSURE = ("uncalculated", "several", "misplaced", "error_value")


def _unsure(read: ReadSheet) -> Iterator[Doubt]:
    """The answers that are there and not known."""
    found: dict[tuple[str, str], list[str]] = {}
    for path, answer in read.answers.items():
        if answer.understood.problem in _UNSURE:
            found.setdefault((answer.understood.problem, str(answer.raw.value or "")), []).append(path)
    for (kind, value), paths in found.items():
        yield Doubt(kind, tuple(paths), {"found": value}, unsure=True)


def _beside(read: ReadSheet) -> Iterator[Doubt]:
    """Answers that stand beside their cell, where a merge was split."""
    if paths := tuple(path for path, answer in read.answers.items() if "beside" in answer.understood.how):
        yield Doubt("beside", paths)


def _formulas(read: ReadSheet) -> Iterator[Doubt]:
    """Answers that are formulas; those that reach into other workbooks."""
    cells = read.located.sheet.cells
    found: dict[str, list[str]] = {}
    for path, answer in read.answers.items():
        cell = cells.get(answer.at)
        if cell is not None and cell.formula is not None and answer.understood.problem not in _UNSURE:
            found.setdefault("outside_formula" if "[" in cell.formula else "formula", []).append(path)
    for kind, paths in found.items():
        yield Doubt(kind, tuple(paths), {"count": len(paths)})


def _never_calculated(located: LocatedSheet) -> Iterator[Doubt]:
    """That what the sheet works out by itself was not worked out by the program that saved it."""
    if any(map(is_uncalculated, [cell for cell in located.sheet.cells.values() if cell.formula is not None])):
        yield Doubt("not_calculated")


def _slid(read: ReadSheet) -> Iterator[Doubt]:
    for table, indices, columns, way in find_slides(read.located):
        paths = [read.paths[table, at, id] for at in indices for id in columns if (table, at, id) in read.paths]
        if paths:
            yield Doubt("slid", tuple(paths), {"way": way}, unsure=True)


def _lines(read: ReadSheet) -> Iterator[Doubt]:
    """The lines of the head in which something slid; without locks, those filled in part, where it may have."""
    if not read.located.sheet.open:
        yield from (Doubt("slid", tuple(ids), {"way": way}, unsure=True) for way, ids in find_slid_lines(read.located))
        return
    lines: dict[int, list[str]] = {}
    for id, answer in read.head.items():
        lines.setdefault(answer.at[0], []).append(id)
    asked = read.located.form.fields
    for ids in lines.values():
        blank = [id for id in ids if read.head[id].raw.value in (None, "")]
        typed = [id for id in ids if id not in blank and not asked[id].given]
        if typed and any(asked[id].required for id in blank):
            yield Doubt("slid", tuple(typed), {"way": "unknown"}, unsure=True)


def _merged(read: ReadSheet) -> Iterator[Doubt]:
    """Answers that were merged with another: only the first cell of a merge shows what it holds."""
    at = {answer.at: path for path, answer in read.answers.items()}
    for merge in read.located.sheet.merges:
        if _covers(merge, at):
            inside = [place for place in at if is_within(place, merge)]
            covered = (read.answers[at[place]] for place in inside if place != merge[:2])
            if any(answer.raw.value in (None, "") for answer in covered):
                yield Doubt("merged", tuple(dict.fromkeys(_together(read, merge, inside, at))), {}, unsure=True)


def _together(read: ReadSheet, merge: Merge, inside: Sequence[Place], at: Mapping[Place, str]) -> Iterator[str]:
    """The answers that a merge put together; across the rows of a table all of these rows: they may be one."""
    yield from (at[place] for place in inside)
    for table, found in read.located.tables.items() if merge.row < merge.last_row else ():
        for index, row in enumerate(found.rows):
            if merge.row <= row.row <= merge.last_row:
                yield from read.row_paths(table, index)


_LARGE = 400  # rows or columns of a merge that are looked at one by one: no form has more


def _covers(merge: Merge, places: Container[Place]) -> bool:
    """Whether one of the cells stands in a merge, and not as its first."""
    first, left, last, right = merge
    for row in range(first, min(last, first + _LARGE) + 1):
        for column in range(left + (row == first), min(right, left + _LARGE) + 1):
            if (row, column) in places:
                return True
    return False


class _KeyedRow(NamedTuple):
    """A row of a table as it was read, with its table and its place in it."""

    table: str
    at: int
    row: TableRow

    def paths(self, read: ReadSheet) -> tuple[str, ...]:
        """The paths of its answers; none where it holds nothing."""
        return read.row_paths(self.table, self.at)


def _row_keys(read: ReadSheet) -> Iterator[Doubt]:
    """Row keys that are another sheet's, stand twice, or are gone; rows that were put together."""
    tables = read.located.tables.items()
    rows = [_KeyedRow(table, at, row) for table, found in tables for at, row in enumerate(found.rows)]
    keyed = [found for found in rows if found.row.key]
    yield from _foreign_keys(read, keyed)
    yield from _doubled_keys(read, keyed)
    yield from _deleted_keys(keyed)
    yield from _joined_rows(read, rows)


def _foreign_keys(read: ReadSheet, keyed: Sequence[_KeyedRow]) -> Iterator[Doubt]:
    printed = read.located.recognised.printed
    foreign = [found for found in keyed if printed and not is_own_key(found.row.key, printed)]
    if foreign:
        paths = tuple(path for found in foreign for path in found.paths(read))
        yield Doubt("foreign_rows", paths, {"count": len(foreign), "all": len(foreign) == len(keyed)})


def _doubled_keys(read: ReadSheet, keyed: Sequence[_KeyedRow]) -> Iterator[Doubt]:
    times = Counter(found.row.key for found in keyed)
    twice = [found for found in keyed if times[found.row.key] > 1]
    if twice and (paths := tuple(path for found in twice for path in found.paths(read)[:1])):
        yield Doubt("doubled_rows", paths, {"keys": sorted({found.row.key for found in twice})})


def _deleted_keys(keyed: Sequence[_KeyedRow]) -> Iterator[Doubt]:
    numbers = {int(found.row.key[:2]) for found in keyed}
    if gone := sorted(set(range(1, max(numbers, default=0))) - numbers):
        yield Doubt("deleted_rows", (), {"count": len(gone), "numbers": [f"{number:02d}" for number in gone]})


def _joined_rows(read: ReadSheet, rows: Sequence[_KeyedRow]) -> Iterator[Doubt]:
    for found in rows:
        if found.row.more and (paths := found.paths(read)):
            known = (path for path in paths if path in read.answers)
            joined = tuple(path for path in known if "joined" in read.answers[path].understood.how)
            yield Doubt("joined_rows", joined or paths, {"rows": [below + 1 for below in found.row.more]})


def _hidden(read: ReadSheet) -> Iterator[Doubt]:
    """Answers in hidden rows; a form sheet that is hidden."""
    sheet = read.located.sheet
    if sheet.entry.state != "visible":
        yield Doubt("hidden_sheet")
    hidden = sheet.hidden_rows - {read.located.marks.mark_row}
    if hidden:
        filled: dict[Place, str] = {
            answer.at: path for path, answer in read.answers.items() if answer.raw.value not in (None, "")
        }
        if paths := tuple(path for at, path in filled.items() if at[0] in hidden):
            yield Doubt("hidden_rows", paths, {"rows": sorted({at[0] + 1 for at in filled if at[0] in hidden})})

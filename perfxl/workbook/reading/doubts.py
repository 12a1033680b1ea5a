"""Doubts about how a sheet was read: each function looks for one thing that people do to sheets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from perfxl.submission import Doubt, Unplaced
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.sheet_reader import Merge, is_within
from perfxl.workbook.reading.answer import ReadAnswer, is_uncalculated
from perfxl.workbook.reading.formatting import Shown
from perfxl.workbook.reading.leftover import find_leftover
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.rows import TableRow
from perfxl.workbook.reading.slides import find_slid_lines, find_slides
from perfxl.workbook.sheet.identity import is_own_key, key_number


@dataclass(frozen=True, eq=False)
class ReadSheet:
    """A form sheet whose answers have been read.

    ``head``: the answers of the head by field; ``rows``: for each table, the answers of each row by column; ``paths``:
    the path in the record of each answer of a table, by table, index of the row and column. ``calculated``: the cells
    of calculated answers.
    """

    located: LocatedSheet
    head: Mapping[str, ReadAnswer]
    rows: Mapping[str, Sequence[Mapping[str, ReadAnswer]]]
    paths: Mapping[tuple[str, int, str], str]
    calculated: frozenset[Place] = frozenset()

    @cached_property
    def answers(self) -> dict[str, ReadAnswer]:
        """Every answer by its path in the record; rows that hold nothing have none."""
        answers = dict(self.head)
        for (table, index, column), path in self.paths.items():
            if (answer := self.rows[table][index].get(column)) is not None:
                answers[path] = answer
        return answers

    def all(self) -> Iterator[ReadAnswer]:
        """Yield every answer that was read, including those of rows that hold nothing."""
        yield from self.head.values()
        for rows in self.rows.values():
            for row in rows:
                yield from row.values()

    def row_paths(self, table: str, index: int) -> tuple[str, ...]:
        """Return the paths of a row's answers, in the order of the columns; none where the row holds nothing."""
        columns = self.located.form.tables[table].columns
        return tuple(path for id in columns if (path := self.paths.get((table, index, id))))


def find_doubts(read: ReadSheet) -> tuple[tuple[Doubt, ...], tuple[Unplaced, ...]]:
    """Return all doubts about the reading of a sheet, and the contents of cells that belong to no field."""
    left = find_leftover(read.located, [at for answer in read.all() for at in answer.places])
    doubts = (
        *read.located.doubts,
        *_lost_marks(read.located),
        *_unknown_answers(read),
        *_formatted_answers(read),
        *_ticked_texts(read),
        *_answers_beside(read),
        *_formulas(read),
        *_uncalculated_formulas(read.located),
        *_slid_cells(read),
        *_slid_lines(read),
        *_merged_answers(read),
        *_row_keys(read),
        *_hidden_answers(read),
    )
    if left:
        facts = {"count": len(left), "cells": [item.cell for item in left], "texts": [item.text for item in left]}
        doubts = (*doubts, Doubt("unplaced", (), facts))
    return doubts, left


def _lost_marks(located: LocatedSheet) -> Iterator[Doubt]:
    """Report the identity marks that did not come back."""
    if located.recognised.lost:
        yield Doubt(
            "lost_marks",
            (),
            {"lost": list(located.recognised.lost), "baseline": "hidden_sheet" not in located.recognised.lost},
        )


_UNSURE = ("uncalculated", "several", "misplaced", "error_value", "picture")
"""The problems of an answer that is there and whose value is not known."""


def _unknown_answers(read: ReadSheet) -> Iterator[Doubt]:
    """Report the answers that are there and whose value is not known; one doubt for each problem and value."""
    by_problem: dict[tuple[str, str], list[str]] = {}
    for path, answer in read.answers.items():
        if answer.understood.problem in _UNSURE:
            by_problem.setdefault((answer.understood.problem, str(answer.raw.value or "")), []).append(path)
    for (kind, value), paths in by_problem.items():
        yield Doubt(kind, tuple(paths), {"found": value}, unsure=True)


def _formatted_answers(read: ReadSheet) -> Iterator[Doubt]:
    """Report answers of which parts are struck out or raised, with both readings; those struck out whole together."""
    by_text: dict[Shown, list[str]] = {}
    whole: list[str] = []
    for path, answer in read.answers.items():
        if answer.shown and answer.shown.doubt:
            (by_text.setdefault(answer.shown, []) if answer.shown.other else whole).append(path)
    if whole:
        yield Doubt("struck_out", tuple(whole), {"pieces": [], "readings": []}, unsure=True)
    for shown, paths in by_text.items():
        facts = {"pieces": list(shown.pieces), "readings": [shown.text, shown.other]}
        yield Doubt(shown.doubt, tuple(paths), facts, unsure=True)


def _ticked_texts(read: ReadSheet) -> Iterator[Doubt]:
    """Report answers that are to be texts and are TRUE or FALSE, as a cell with a check box holds."""
    by_value: dict[bool, list[str]] = {}
    for path, answer in read.answers.items():
        raw, (value, _, problem) = answer.raw.value, answer.understood
        text = isinstance(value, (str, list))  # a calculated answer is what it comes to, whatever stands there
        if isinstance(raw, bool) and text and not problem and str(raw).upper() in value:  # a word of a list is 是 or 否
            by_value.setdefault(raw, []).append(path)
    for value, paths in by_value.items():
        yield Doubt("check_box", tuple(paths), {"ticked": value}, unsure=True)


def _answers_beside(read: ReadSheet) -> Iterator[Doubt]:
    """Report answers that stand beside their cell, where a merge was split."""
    if paths := tuple(path for path, answer in read.answers.items() if "beside" in answer.understood.how):
        yield Doubt("beside", paths)


def _formulas(read: ReadSheet) -> Iterator[Doubt]:
    """Report answers that are formulas; those that refer to other workbooks in a doubt of their own."""
    formulas = read.located.sheet.formulas
    by_kind: dict[str, list[str]] = {}
    for path, answer in read.answers.items():
        at = next((at for at in answer.places if at in formulas and at not in read.calculated), None)
        if at and answer.understood.problem not in _UNSURE:
            by_kind.setdefault("outside_formula" if "[" in formulas[at] else "formula", []).append(path)
    for kind, paths in by_kind.items():
        yield Doubt(kind, tuple(paths), {"count": len(paths)})


def _uncalculated_formulas(located: LocatedSheet) -> Iterator[Doubt]:
    """Report that the program that saved the sheet did not calculate all of its formulas."""
    if any(is_uncalculated(located.sheet.cells[at]) for at in located.sheet.formulas):
        yield Doubt("not_calculated")


def _slid_cells(read: ReadSheet) -> Iterator[Doubt]:
    """Report the answers of tables that may have slid into the wrong cells."""
    for table, indices, columns, way in find_slides(read.located):
        asked = read.located.cells_form.tables[table].columns
        ids = dict.fromkeys(asked[id].whole.id for id in columns)
        paths = [read.paths[table, at, id] for at in indices for id in ids if (table, at, id) in read.paths]
        if paths:
            yield Doubt("slid", tuple(paths), {"way": way}, unsure=True)


def _slid_lines(read: ReadSheet) -> Iterator[Doubt]:
    """Report the lines of the head in which something slid; without locks, those filled in part, where it may have."""
    if not read.located.sheet.open:
        asked = read.located.cells_form.fields
        for way, cells in find_slid_lines(read.located):
            yield Doubt("slid", tuple(dict.fromkeys(asked[id].whole.id for id in cells)), {"way": way}, unsure=True)
        return
    lines: dict[int, list[str]] = {}
    for id, answer in read.head.items():
        lines.setdefault(answer.at[0], []).append(id)
    fields = read.located.form.fields
    for ids in lines.values():
        blank = [id for id in ids if read.head[id].raw.value in (None, "")]
        typed = [id for id in ids if id not in blank and fields[id].open and fields[id].default is None]
        if typed and any(fields[id].required for id in blank):
            yield Doubt("slid", tuple(typed), {"way": "unknown"}, unsure=True)


def _merged_answers(read: ReadSheet) -> Iterator[Doubt]:
    """Report answers that were merged with another: only the first cell of a merge shows what it holds.

    A program that keeps what stands under a merge leaves a value there that nobody sees.
    """
    at = {place: path for path, answer in read.answers.items() for place in answer.places}
    for merge in read.located.sheet.merges:
        if _covers(merge, at):
            inside = [place for place in at if is_within(place, merge)]
            shown = read.located.sheet.value(merge.row, merge.column)
            covered = (read.located.sheet.value(*place) for place in inside if place != merge[:2])
            if any(value in (None, "") or value != shown for value in covered):
                yield Doubt("merged", tuple(dict.fromkeys(at[place] for place in inside)), {}, unsure=True)


_LARGE = 400  # rows or columns of a merge that are looked at one by one: no form has more


def _covers(merge: Merge, places: Container[Place]) -> bool:
    """Return True if one of the cells stands in a merge and is not its first cell."""
    first, left, last, right = merge
    for row in range(first, min(last, first + _LARGE) + 1):
        for column in range(left + (row == first), min(right, left + _LARGE) + 1):
            if (row, column) in places:
                return True
    return False


class _KeyedRow(NamedTuple):
    """A row of a table as it was read. ``at``: its index among the rows of the table."""

    table: str
    at: int
    row: TableRow

    def paths(self, read: ReadSheet) -> tuple[str, ...]:
        """Return the paths of the row's answers; none where it holds nothing."""
        return read.row_paths(self.table, self.at)


def _row_keys(read: ReadSheet) -> Iterator[Doubt]:
    """Report row keys that belong to another sheet, stand twice, or are gone; and rows that were put together."""
    tables = read.located.tables.items()
    rows = [_KeyedRow(table, at, row) for table, located in tables for at, row in enumerate(located.rows)]
    keyed = [keyed_row for keyed_row in rows if keyed_row.row.key]
    yield from _foreign_keys(read, keyed)
    yield from _doubled_keys(read, keyed)
    yield from _deleted_keys(read, keyed)
    yield from _joined_rows(read, rows)


def _foreign_keys(read: ReadSheet, keyed: Sequence[_KeyedRow]) -> Iterator[Doubt]:
    printed = read.located.recognised.printed
    foreign = [keyed_row for keyed_row in keyed if printed and not is_own_key(keyed_row.row.key, printed)]
    if foreign:
        paths = tuple(path for keyed_row in foreign for path in keyed_row.paths(read))
        yield Doubt("foreign_rows", paths, {"count": len(foreign), "all": len(foreign) == len(keyed)})


def _doubled_keys(read: ReadSheet, keyed: Sequence[_KeyedRow]) -> Iterator[Doubt]:
    times = Counter(keyed_row.row.key for keyed_row in keyed)
    twice = [keyed_row for keyed_row in keyed if times[keyed_row.row.key] > 1]
    if twice and (paths := tuple(path for keyed_row in twice for path in keyed_row.paths(read)[:1])):
        yield Doubt("doubled_rows", paths, {"keys": sorted({keyed_row.row.key for keyed_row in twice})})


def _deleted_keys(read: ReadSheet, keyed: Sequence[_KeyedRow]) -> Iterator[Doubt]:
    printed = read.located.recognised.printed
    keys = {keyed_row.row.key for keyed_row in keyed}
    numbers = {key_number(key) for key in keys}
    # a key of another sheet may stand for one of this sheet's, and says nothing of how many there were
    last = max((key_number(key) for key in keys if not printed or is_own_key(key, printed)), default=0)
    if gone := sorted(_numbers_before(read, last) - numbers):
        yield Doubt("deleted_rows", (), {"count": len(gone), "numbers": [f"{number:02d}" for number in gone]})


def _numbers_before(read: ReadSheet, last: int) -> set[int]:
    """Return the numbers of row keys that a sheet was made with, up to one of them; a table taken over has gaps."""
    tables, numbers = read.located.form.tables, set(range(1, last))
    for given in read.located.recognised.given_rows:
        if given.table in tables and tables[given.table].inherited and given.rows:
            first = 1 if given.table == next(iter(tables)) else min(given.rows)
            numbers -= set(range(first, max(given.rows))) - set(given.rows)
    known = {given.table for given in read.located.recognised.given_rows}
    if any(table.inherited and id not in known for id, table in tables.items()):
        return set()  # the hidden sheet, which says what the gaps are, did not come back
    return numbers


def _joined_rows(read: ReadSheet, rows: Sequence[_KeyedRow]) -> Iterator[Doubt]:
    for joined_row in rows:
        if joined_row.row.more and (paths := joined_row.paths(read)):
            known = (path for path in paths if path in read.answers)
            joined = tuple(path for path in known if "joined" in read.answers[path].understood.how)
            yield Doubt("joined_rows", joined or paths, {"rows": [below + 1 for below in joined_row.row.more]})


def _hidden_answers(read: ReadSheet) -> Iterator[Doubt]:
    """Report answers in hidden rows, and a form sheet that is hidden itself."""
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

"""The calculated answers of a returned sheet: they are calculated anew from the others, and compared with the sheet.

A formula that stands there and shows nothing is no other value: the program that saved the sheet has not calculated
it, or an answer is spelled in a way that people understand and formulas do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from perfxl.form import calculation
from perfxl.form.answers import Answers
from perfxl.form.calculation import Miscalculation
from perfxl.form.expression import Values
from perfxl.form.expression.python import is_blank
from perfxl.form.form import Form
from perfxl.form.plain_parts import answers_with_parts, is_plain
from perfxl.form.table_rows import group_names
from perfxl.form.types.base import AnswerType, Raw, Understood
from perfxl.form.types.number import decimal, is_number, whole_or_float
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.reading.answer import ReadAnswer, is_uncalculated
from perfxl.workbook.reading.issue_values import read_issue_values
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.shown_sums import read_sums

Rows = Mapping[str, Sequence[Mapping[str, ReadAnswer]]]


class Differing(NamedTuple):
    """A cell that shows something else than its answer comes to; ``row``: its index, -1 in the head."""

    table: str
    row: int
    column: str
    at: Place
    found: Miscalculation


class Recalculated(NamedTuple):
    """The answers of a sheet with those that are calculated.

    ``head``, ``rows``: the answers as read, calculated ones understood as what they come to; ``cells``: the calculated
    cells; ``differing``: those that show something else.
    """

    answers: Answers
    head: Mapping[str, ReadAnswer]
    rows: Rows
    cells: frozenset[Place] = frozenset()
    differing: tuple[Differing, ...] = ()


def recalculate(located: LocatedSheet, answers: Answers, head: Mapping[str, ReadAnswer], rows: Rows) -> Recalculated:
    """Calculate the answers of a sheet anew. ``answers``: as they were understood; ``head``, ``rows``: as read."""
    form = located.form
    if not calculation.in_order(form):
        return Recalculated(answers, head, rows)
    issued = located.recognised.given
    said = dict(read_issue_values(located))
    after = calculation.calculate(form, answers, issued, said)
    values = calculation.values_of(after, said)
    decides = Values({**said, **answers.head, **issued}.get)
    spelled = _spelled(form, head, rows)
    new_head, new_rows = dict(head), {table: [dict(row) for row in read] for table, read in rows.items()}
    cells: set[Place] = set()
    differing: list[Differing] = []
    for answer in calculation.in_order(form):
        id, table = answer.field.id, answer.table
        for index, read in enumerate(new_rows.get(table, ())) if table else ((-1, new_head),):
            row = answers.rows[table][index] if table else None
            if id not in read or not calculation.is_calculated(answer, decides._replace(row=row)):
                continue
            here = values._replace(row=after.rows[table][index]) if table else values
            ours = here.row[id] if here.row is not None else after.head[id]
            cells.add(read[id].at)
            shown = _Shown(located, read[id].at)
            exact = partial(calculation.exact_value_of, answer, here)
            found = _judge(shown, answer.field.type, ours, exact, answer.calculation.tolerance)
            if found and not (shown.live and (table, id) in spelled):
                differing.append(Differing(table, index, id, read[id].at, found))
            read[id] = ReadAnswer(read[id].at, read[id].raw, Understood(ours))
    return Recalculated(after, new_head, new_rows, frozenset(cells), tuple(differing))


class _Shown:
    """What a calculated cell shows. ``live``: a formula stands in it; ``blank``: it shows nothing."""

    def __init__(self, located: LocatedSheet, at: Place) -> None:
        cell = located.sheet.cells.get(at)
        self.raw = located.sheet.raw(*at)
        self.live = cell is not None and cell.formula is not None
        uncalculated = cell is not None and is_uncalculated(cell)
        self.blank = uncalculated or is_blank(self.raw.value)


def _judge(
    shown: _Shown, asked: AnswerType, ours: Any, exact: Callable[[], Any], tolerance: float = 0
) -> Miscalculation | None:
    """Return what is wrong with a calculated cell, its path still to be filled in; None where nothing is.

    ``ours``: what it comes to; ``exact``: returns the same before it was rounded; ``tolerance``: how far another number
    may be from it.
    """
    if shown.blank and (shown.live or ours is None):
        return None
    value = calculation.in_words(asked, ours)
    if shown.raw.error:
        return Miscalculation("", str(shown.raw.value), value, "error")
    if shown.blank:
        return Miscalculation("", "", value, "gone")
    found = _understand(asked, shown.raw, shown.live)
    if calculation.is_same(asked, found, ours, ours, tolerance) or (
        ours is not None and calculation.is_same(asked, found, ours, exact())
    ):
        return None
    return Miscalculation("", calculation.in_words(asked, found), value)


def _understand(asked: AnswerType, raw: Raw, live: bool) -> Any:
    """Return the value that a cell shows; the formula of a percentage always gives a fraction."""
    if live and asked.value_type == "percent" and is_number(raw.value):
        return whole_or_float(decimal(raw.value) * 100)
    return asked.read(raw).value


def _spelled(form: Form, head: Mapping[str, ReadAnswer], rows: Rows) -> frozenset[calculation.Place]:
    """Return the calculated answers that depend on answers spelled otherwise than formulas understand."""
    whole = [("", head), *((table, row) for table, read in rows.items() for row in read)]
    parted = answers_with_parts(form)
    found: set[calculation.Place] = set()
    for table, read in whole:
        found |= {(table, id) for id, answer in read.items() if answer.understood.how}
        if named := [id for of, id in parted if of == table and id in read]:
            values = {id: answer.understood.value for id, answer in read.items()}
            found |= {(table, id) for id in named if not is_plain(form, (table, id), values)}
    for answer in calculation.in_order(form):
        if not found.isdisjoint(calculation.named(answer.calculation.value)):
            found.add((answer.table, answer.field.id))
    return frozenset(found)


def place_differing(
    form: Form, differing: Sequence[Differing], paths: Mapping[tuple[str, int, str], str]
) -> Iterator[tuple[Miscalculation, Place]]:
    """Yield each cell that shows something else, with the path of its answer.

    A row that is not in the record gets the next number behind those that are. ``paths``: the paths of the record's
    values in tables.
    """
    rows: dict[str, set[int]] = {}
    for table, index, _ in paths:
        rows.setdefault(table, set()).add(index)
    for one in differing:
        path = paths.get((one.table, one.row, one.column)) if one.table else one.column
        if path is None:
            used = rows.setdefault(one.table, set())
            used.add(one.row)
            path = form.tables[one.table].address(one.column, len(used) - 1)
        yield one.found._replace(field=path), one.at


class ShownSum(NamedTuple):
    """A sum on the sheet: its path, its cell, and what is wrong with it, if anything."""

    path: str
    at: Place
    wrong: Miscalculation | None


def judge_sums(located: LocatedSheet, answers: Answers) -> Iterator[ShownSum]:
    """Yield the sums that stand on a sheet, compared with those of its answers."""
    for read in read_sums(located, answers):
        table = located.form.tables[read.sums.table]
        groups = group_names(table, table.groups) if table.groups and read.sums.group else ()
        number = f"[{groups.index(read.sums.group)}]" if read.sums.group in groups else ""
        path = f"{table.id}.sums{number}.{read.column}"
        wrong = _judge(_Shown(located, read.at), table.columns[read.column].type, read.value, lambda: None)
        yield ShownSum(path, read.at, wrong._replace(field=path) if wrong else None)

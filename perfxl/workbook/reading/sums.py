"""The rows of sums on a returned sheet: they hold no answers, and what they show is compared with what was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from perfxl.form.answers import Answers
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.layout import blank_layout
from perfxl.form.table_rows import SumsRow, sum_up
from perfxl.form.types.base import Raw
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.reading.marks import SheetMarks
from perfxl.workbook.reading.words import Words
from perfxl.workbook.sheet.names import sums_marks

if TYPE_CHECKING:
    from perfxl.workbook.reading.locate import LocatedSheet


class ReadSum(NamedTuple):
    """A sum on a returned sheet.

    ``sums``: its row as the form has it; ``raw``: what stands there; ``value``: the sum of the answers that were read,
    None where there is no number among them.
    """

    sums: SumsRow
    column: str
    at: Place
    raw: Raw
    value: float | None


@lru_cache(maxsize=64)
def sums_by_mark(form: Form) -> Mapping[str, SumsRow]:
    """Return the rows of sums of a form by their marks, from top to bottom."""
    layout = blank_layout(form)  # however many rows the groups have, their order is the same
    rows = {sums.row: sums for table in layout.tables.values() for sums in table.sums}
    return {mark: rows[row] for row, mark in sums_marks(layout).items()}


def find_sums(words: Words, form: Form, table: str, bounds: tuple[int, int], marks: SheetMarks) -> dict[int, SumsRow]:
    """Return the rows of sums of a table: by their marks, and where these are lost, by their labels.

    ``bounds``: the table's header row, and the row where something else begins, which may be that of its totals.
    """
    wanted = {mark: sums for mark, sums in sums_by_mark(form).items() if sums.table == table}
    found = {marks.sums[mark]: sums for mark, sums in wanted.items() if mark in marks.sums}
    lost: dict[str, list[SumsRow]] = {}
    for mark, sums in wanted.items():
        if mark not in marks.sums:
            lost.setdefault(squeeze(sums.sums.label), []).append(sums)
    for label, missing in lost.items():
        places = words.get(label, ())
        rows = [row for row, _ in places if bounds[0] < row <= bounds[1] and row not in (*marks.keys, *found)]
        found |= dict(zip(rows, missing, strict=False)) if len(rows) == len(missing) else {}
    return found


def read_sums(located: LocatedSheet, answers: Answers) -> Iterator[ReadSum]:
    """Yield the sums that stand on a sheet, each with the sum of the answers that were read."""
    for id, table in located.tables.items():
        for row, sums in table.sums.items():
            for column in sums.sums.columns:
                if column in table.columns:
                    at = row, table.columns[column]
                    value = sum_up(located.form.tables[id], sums, column, answers)
                    yield ReadSum(sums, column, at, located.sheet.raw(*at), value)


def shown_sum(read: ReadSum, form: Form) -> Any:
    """Return a sum as the sheet shows it, understood like an answer of its column."""
    return form.tables[read.sums.table].columns[read.column].type.read(read.raw).value

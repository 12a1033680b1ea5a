"""The sums that a returned sheet shows, beside the sums of the answers that were read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from perfxl.form.answers import Answers
from perfxl.form.form import Form
from perfxl.form.table_rows import SumsRow, sum_up
from perfxl.form.types.base import Raw
from perfxl.workbook.ooxml.formula import Place
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

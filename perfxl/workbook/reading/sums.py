"""The rows of sums on a returned sheet, which hold no answers: found by their marks, or by their labels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.layout import blank_layout
from perfxl.form.table_rows import SumsRow
from perfxl.workbook.reading.marks import SheetMarks
from perfxl.workbook.reading.words import Words
from perfxl.workbook.sheet.names import sums_marks


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

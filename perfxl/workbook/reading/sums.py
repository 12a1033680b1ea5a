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
    rows = {(sums.row, table.key_column): sums for table in layout.tables.values() for sums in table.sums}
    return {mark: rows[cell] for cell, mark in sums_marks(layout).items()}


def find_sums(
    words: Words, form: Form, table: str, bounds: tuple[int, int], marks: SheetMarks, columns: Mapping[str, int]
) -> dict[int, SumsRow]:
    """Return the rows of sums of a table: by their marks, and where these are lost, by their labels.

    Beside another table they are where their labels stand, since half of a row may move and leave its mark behind.
    ``bounds``: the table's header row, and the row where something else begins, which may be that of its totals;
    ``columns``: the sheet's column of each of its columns.
    """
    wanted = {mark: sums for mark, sums in sums_by_mark(form).items() if sums.table == table}
    beside = table in form.side_by_side
    across = range(min(columns.values(), default=0), max(columns.values(), default=-1) + 1)
    by_label: dict[str, list[str]] = {}
    for mark, sums in wanted.items():
        by_label.setdefault(squeeze(sums.sums.label), []).append(mark)
    found = {marks.sums[mark]: sums for mark, sums in wanted.items() if mark in marks.sums}
    for label, same in by_label.items():
        places = [(row, at) for row, at in words.get(label, ()) if bounds[0] < row <= bounds[1]]
        if beside:
            rows = [row for row, at in places if at in across]
            if len(rows) == len(same):
                found = {row: sums for row, sums in found.items() if squeeze(sums.sums.label) != label}
                found |= {row: wanted[mark] for row, mark in zip(rows, same, strict=True)}
            continue
        lost = [mark for mark in same if mark not in marks.sums]
        rows = [row for row, _ in places if row not in (*marks.keys, *found)]
        found |= {row: wanted[mark] for row, mark in zip(rows, lost, strict=True)} if len(rows) == len(lost) else {}
    return found

"""Merges that a person made in a column of a table, so that one entry serves several rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from perfxl.form.form import Table
from perfxl.form.types.text import Text
from perfxl.workbook.ooxml.cells import Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.sheet_reader import Merge
from perfxl.workbook.reading.rows import TableRow


def find_shared_cells(
    sheet: Worksheet, table: Table, columns: Mapping[str, int], rows: Sequence[TableRow]
) -> dict[Place, Place]:
    """Return the blank cells beneath merges whose first cell serves their rows, too, each with that first cell.

    ``columns``: the sheet's column of each field. The column by which the rows are grouped is read by its own rules.
    """
    tall = [merge for merge in sheet.merges if merge.row < merge.last_row]
    by = table.groups.by if table.groups else ""
    if all(merge.column == columns.get(by) for merge in tall):  # nearly always
        return {}
    numbers = [row.row for row in rows]
    shareable = {columns[id] for id in _shareable_columns(table) if id in columns}
    answers = set(columns.values())
    shared: dict[Place, Place] = {}
    for merge in tall:
        if merge.column in shareable and merge.row in numbers and answers.isdisjoint(_other_columns(merge)):
            shared.update((at, (merge.row, merge.column)) for at in _blank_cells(sheet, merge, numbers))
    return shared


def _shareable_columns(table: Table) -> Iterator[str]:
    """Yield the columns of which several rows may share an entry: the choices and the texts.

    A text beside a choice, or in the first column, is the name of its row, which no other row has.
    """
    named = False
    for id, field in table.columns.items():
        if field.type.drop_down() or (named and isinstance(field.type, Text)):
            yield id
        named = not field.type.drop_down()


def _other_columns(merge: Merge) -> range:
    return range(merge.column + 1, merge.last_column + 1)


def _blank_cells(sheet: Worksheet, merge: Merge, rows: Sequence[int]) -> Iterator[Place]:
    """Yield the blank cells of these rows beneath the first cell of a merge."""
    for row in rows:
        if merge.row < row <= merge.last_row and sheet.value(row, merge.column) in (None, ""):
            yield row, merge.column

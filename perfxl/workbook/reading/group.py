"""The group of a table's row. Its label stands once for all rows of the group, and is easily lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from perfxl.form import taxonomy
from perfxl.form.form import Form, Groups
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.sheet_reader import Merge
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.rows import TableRow


@dataclass(frozen=True)
class Group:
    """The group of a row.

    ``place``: the cell with the group's label; ``parent``: the group to which the row's class belongs, believed instead
    of the label if not empty; ``sure``: False where neither can be relied on.
    """

    place: Place
    parent: str = ""
    sure: bool = True


def read_group(located: LocatedSheet, table: str, groups: Groups, index: int, spans: Sequence[Merge]) -> Group:
    """Return the group of a row.

    A label that stands in the row, or in the merge over it, is believed. Where the merge is gone, the nearest label
    above is believed if the class in the row agrees with it, or if the class says nothing and the rows are complete and
    in order; otherwise the class is believed, or the sums below the row, which end its group. ``index``: the row's
    index among the table's rows as they were found; ``spans``: the merges in the label's column.
    """
    rows, column = located.tables[table].rows, located.tables[table].columns[groups.by]
    row = rows[index].row
    sheet = located.sheet
    for merge in spans:
        if merge.row <= row <= merge.last_row and sheet.value(merge.row, column) is not None:
            return Group((merge.row, column))
    if sheet.value(row, column) is not None:
        return Group((row, column))
    above = next((at for at in range(index - 1, -1, -1) if sheet.value(rows[at].row, column) is not None), None)
    covered = any(merge.row <= row <= merge.last_row for merge in spans)
    parent = _class_group(located, table, groups, row) or _group_above_sums(located, table, row)
    if above is not None and not covered:
        place = rows[above].row, column
        if parent:
            agrees = _written_group(located, table, groups, place) == parent
        else:
            agrees = _are_in_order(rows[above : index + 1])
        if agrees:
            return Group(place)
    return Group((row, column), parent, bool(parent))


def _group_above_sums(located: LocatedSheet, table: str, row: int) -> str:
    """Return the group whose sums are the next below a row; empty where there are none."""
    below = {at: sums.group for at, sums in located.tables[table].sums.items() if sums.group and at > row}
    return below[min(below)] if below else ""


def _written_group(located: LocatedSheet, table: str, groups: Groups, place: Place) -> object:
    """Return the group that a cell names."""
    return located.form.tables[table].columns[groups.by].type.read(located.sheet.raw(*place)).value


def _are_in_order(rows: Sequence[TableRow]) -> bool:
    """Return True if the rows follow each other as they were issued and none is missing, by their keys."""
    if not all(row.key for row in rows):
        return False
    numbers = [int(row.key[:2]) for row in rows]
    return numbers == list(range(numbers[0], numbers[0] + len(rows)))


def _class_group(located: LocatedSheet, table: str, groups: Groups, row: int) -> str:
    """Return the group to which the class in a row belongs; empty where the class is not there or in several groups."""
    column = located.tables[table].columns.get(groups.begin_column)
    if column is None:
        return ""
    field = located.form.tables[table].columns[groups.begin_column]
    place = located.tables[table].shared.get((row, column), (row, column))
    value = field.type.read(located.sheet.raw(*place)).value
    return _groups_by_class(located.form).get(value, "") if isinstance(value, str) else ""


@lru_cache(maxsize=64)
def _groups_by_class(form: Form) -> Mapping[str, str]:
    """Return the group of each class that belongs to one group only."""
    pairs = taxonomy.load(form.taxonomy).pairs
    times = [below for _, below in pairs]
    return {below: above for above, below in pairs if times.count(below) == 1}

"""The group that a table's row belongs to: its label stands once, for all rows of the group, and is lost easily."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from perfxl.form import taxonomy
from perfxl.form.form import Form, Groups
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.grid import Merge
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.rows import TableRow


@dataclass(frozen=True)
class Group:
    """Where a row's group is written; ``parent``: the group that its class belongs to, believed instead of the cell.

    ``sure`` is false where neither can be relied on.
    """

    place: Place
    parent: str = ""
    sure: bool = True


def read_group(located: LocatedSheet, table: str, groups: Groups, index: int, spans: Sequence[Merge]) -> Group:
    """The group of a row, ``index`` counting the table's rows as found; ``spans``: the merges in the label's column.

    The label is believed that stands in the row or in the merge over it. Where the merge is gone, the nearest one above
    if the class below agrees, or has nothing to say and the rows are complete and in order; else the class.
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
    parent = _parent(located, table, groups, row)
    if above is not None and not covered:
        place = rows[above].row, column
        agrees = (
            _written_group(located, table, groups, place) == parent if parent else _in_order(rows[above : index + 1])
        )
        if agrees:
            return Group(place)
    return Group((row, column), parent, bool(parent))


def _written_group(located: LocatedSheet, table: str, groups: Groups, place: Place) -> object:
    """The group that stands in a cell."""
    return located.form.tables[table].columns[groups.by].kind.read(located.sheet.raw(*place)).value


def _in_order(rows: Sequence[TableRow]) -> bool:
    """Whether these rows are one below the other as they went out, none missing."""
    if not all(row.key for row in rows):
        return False
    numbers = [int(row.key[:2]) for row in rows]
    return numbers == list(range(numbers[0], numbers[0] + len(rows)))


def _parent(located: LocatedSheet, table: str, groups: Groups, row: int) -> str:
    column = located.tables[table].columns.get(groups.begin_column)
    if column is None:
        return ""
    asked = located.form.tables[table].columns[groups.begin_column]
    value = asked.kind.read(located.sheet.raw(row, column)).value
    return _parents(located.form).get(value, "") if isinstance(value, str) else ""


@lru_cache(maxsize=64)
def _parents(form: Form) -> Mapping[str, str]:
    """The group of each class that belongs to one only."""
    pairs = taxonomy.load(form.taxonomy).pairs
    times = [below for _, below in pairs]
    return {below: above for above, below in pairs if times.count(below) == 1}

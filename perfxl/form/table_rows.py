"""The rows of a table on the sheet: those for answers, the spare ones, and those that show sums.

Groups stand in the order of the list from which their column chooses. A sum counts the rows of answers alone: that of a
table counts no sums of its groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from perfxl.form import taxonomy
from perfxl.form.answers import Answers
from perfxl.form.form import Field, Form, Groups, Sums, Table
from perfxl.form.types.choice import Choice
from perfxl.form.types.number import decimal, is_number, whole_or_float


@dataclass(frozen=True)
class Slot:
    """One row of a table on the sheet.

    ``group``: its group, empty without groups; ``spare``: it is a spare row; ``sums``: it shows the sums of its group.
    ``calculated``: the columns that are calculated in this row, of those that are calculated in some rows only;
    ``suggested``: likewise the columns for which words are offered here.
    """

    group: str = ""
    spare: bool = False
    sums: bool = False
    calculated: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()


@dataclass(frozen=True)
class SumsRow:
    """A row of the sheet that shows sums.

    ``row``: counted from 0; ``first``, ``last``: the rows that it sums up; ``group``: the group that these are, empty
    where they are the whole table.
    """

    table: str
    row: int
    first: int
    last: int
    sums: Sums
    group: str = ""

    @property
    def id(self) -> str:
        """The beginning of the ids of its cells: ``works.sums``, or ``works.sums[民生]`` for a group."""
        return f"{self.table}.sums[{self.group}]" if self.group else f"{self.table}.sums"


def order_slots(table: Table, answers: Answers) -> Iterator[tuple[Slot, int | None]]:
    """Yield each slot of a table with the index of the answers' row that stands in it, or None."""
    rows = answers.rows.get(table.id, ())
    if not table.groups:
        wanted = max(table.minimum, len(rows))
        further = 0 if table.inherited else table.spare
        for index in range(max(wanted, min(wanted + further, table.maximum)) or 1):
            yield Slot(spare=index >= wanted), index if index < len(rows) else None
        return
    # the groups in their list's order, then any others that occur in the answers
    row_groups = [str(row[table.groups.by] or "") for row in rows]
    names = group_names(table, table.groups)
    spare = dict(zip(names, spare_rows(table.groups, len(names)), strict=True))
    for group in dict.fromkeys((*names, *row_groups)):
        indexes = [index for index, row_group in enumerate(row_groups) if row_group == group]
        yield from ((Slot(group), index) for index in indexes)
        if group in spare and not table.inherited:
            yield from [(Slot(group), None)] * (table.groups.rows - len(indexes))
            yield from [(Slot(group, spare=True), None)] * spare[group]
        if table.groups.subtotal and group in spare:
            yield Slot(group, sums=True), None


def number_rows(pattern: str, numbers: Iterable[Any], others: Iterable[Any] = ()) -> Iterator[str]:
    """Yield the number of each row: its own, or else the next free one.

    ``pattern``: ``AWARD-0000``; ``others``: further numbers that are not free.
    """
    own = [number if isinstance(number, str) and number else "" for number in numbers]
    width = len(pattern) - len(pattern.rstrip("0"))
    taken, count = {*own, *others}, 0
    for number in own:
        while not number:
            count += 1
            free = f"{pattern[:-width]}{count:0{width}}"
            number = "" if free in taken else free
        yield number


def group_names(table: Table, groups: Groups) -> tuple[str, ...]:
    """Return the groups of a table in their order, as the record has them."""
    kind = table.columns[groups.by].type
    return kind.entries if isinstance(kind, Choice) else kind.drop_down()


def group_label(column: Field, group: str) -> str:
    """Return the words of a group on the sheet; ``column``: the one of the groups."""
    return str(column.type.show(group) or group)


def spare_rows(groups: Groups, count: int) -> tuple[int, ...]:
    """Return the number of spare rows of each of ``count`` groups; 1 where the form does not say."""
    return (*groups.spare[:count], *[1] * (count - len(groups.spare)))


def begin_rows(form: Form, answers: Answers) -> Answers:
    """Return the answers with the rows that a blank form starts with, in each grouped table that has no rows."""
    rows = dict(answers.rows)
    for table in form.tables.values():
        if table.groups and table.groups.begin and not rows.get(table.id):
            rows[table.id] = tuple(_first_rows(form, table, table.groups))
    return replace(answers, rows=rows)


def _first_rows(form: Form, table: Table, groups: Groups) -> Iterator[Mapping[str, Any]]:
    """Yield the rows that a grouped table of a blank form starts with."""
    above = {below: level1 for level1, below in taxonomy.load(form.taxonomy).pairs}
    for value in groups.begin:
        yield {**dict.fromkeys(table.columns), **table.defaults, groups.by: above[value], groups.begin_column: value}


def group_sums(table: Table, first: int, slots: tuple[Slot, ...]) -> Iterator[SumsRow]:
    """Yield the rows that show the sums of a table's groups; ``first``: the row of the first slot."""
    begin = first
    for row, slot in enumerate(slots, start=first):
        if slot.sums and table.groups and table.groups.subtotal:
            yield SumsRow(table.id, row, begin, row - 1, table.groups.subtotal, slot.group)
            begin = row + 1


def sum_up(table: Table, sums_row: SumsRow, column: str, answers: Answers) -> float | None:
    """Return the sum of a column's numbers; None where there is none."""
    by = table.groups.by if table.groups and sums_row.group else ""
    rows = answers.rows.get(table.id, ())
    values = [row.get(column) for row in rows if not by or row.get(by) == sums_row.group]
    numbers = [decimal(value) for value in values if is_number(value)]
    return whole_or_float(sum(numbers, Decimal())) if numbers else None

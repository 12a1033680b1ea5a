"""The sums that a registry states, compared with those of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from perfxl.errors import RegistryMistake
from perfxl.form.types.money import IN_YUAN, Money
from perfxl.messages import number
from perfxl.rounds.registry.table import RegistryCell, RegistryRow, RegistryTable
from perfxl.rounds.registry.values import RegistryValues, at
from perfxl.rounds.registry.words import GIVEN

_HALF_CENT = Decimal("0.005")


def is_ten_thousand(first: Decimal, second: Decimal) -> bool:
    """Return True if one amount is about ten thousand times the other, as where 元 and 万元 are confused."""
    if not first or not second:
        return False
    return any(Decimal("0.99") < ratio / 10**4 < Decimal("1.01") for ratio in (first / second, second / first))


def check_sums(table: RegistryTable, amounts: Mapping[int, Mapping[str, Any]], values: RegistryValues) -> None:
    """Compare the totals and subtotals of a list, and the total that a sentence states, with the rows that they sum.

    ``amounts``: the values of each row by field, by the row's number.
    """
    records = [row for row in table.rows if row.role == "record"]
    if any(row.number not in amounts for row in records):
        return
    for column in table.columns:
        if not column.startswith(GIVEN) or not values.is_money(column) or column in values.unread:
            continue
        id = column.removeprefix(GIVEN)
        by_row = {row.number: Decimal(str(amounts[row.number].get(id, 0))) for row in records}
        for row, summed in _sums(table):
            total = sum((by_row[at_row] for at_row in summed), Decimal(0))
            compare(table, row.cells.get(column), column, total, values)
        if column == values.amount:
            for cell in table.stated:
                stated = values.read_amount(table, cell, column)
                total = sum(by_row.values(), Decimal(0))
                if stated is not None and is_ten_thousand(stated, total):
                    compare(table, cell, column, total, values)


def _sums(table: RegistryTable) -> Iterator[tuple[RegistryRow, list[int]]]:
    """Yield each row with a sum, and the numbers of the rows that it sums.

    A subtotal sums the rows above it, or those below where the list begins with one.
    """
    records = [row.number for row in table.rows if row.role == "record"]
    subtotals = [row for row in table.rows if row.role == "subtotal"]
    at_top = bool(subtotals) and bool(records) and subtotals[0].number < records[0]
    bounds = [0, *(row.number for row in subtotals), records[-1] + 1 if records else 0]
    for position, row in enumerate(subtotals):
        first, last = (bounds[position + 1], bounds[position + 2]) if at_top else bounds[position : position + 2]
        yield row, [record for record in records if first < record < last]
    for row in table.rows:
        if row.role == "total":
            yield row, records


def compare(
    table: RegistryTable, cell: RegistryCell | None, column: str, total: Decimal, values: RegistryValues
) -> None:
    """Compare a stated sum with the one that was calculated; add a mistake where they differ."""
    kind = values.kinds[column]
    stated = values.read_amount(table, cell, column) if cell is not None else None
    if cell is None or stated is None or not isinstance(kind, Money) or kind.in_yuan is None:
        return
    unit = cell.money or values.money_unit or kind.label
    factor = kind.in_yuan / IN_YUAN[unit]
    stated, total = stated * factor, total * factor  # as the list has them
    if abs(stated - total) <= _HALF_CENT:
        return
    facts = {**at(table.sheet, cell), "heading": cell.heading, "unit": unit}
    facts = {**facts, "stated": number(stated), "total": number(total)}
    if is_ten_thousand(stated, total):
        values.mistakes.append(RegistryMistake(what="ten_thousand", **facts))
    else:
        values.mistakes.append(RegistryMistake(what="total_differs", **facts, difference=number(total - stated)))

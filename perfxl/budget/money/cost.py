"""Which indicators state what a project costs, for the rules MN-03 to MN-09."""

from decimal import Decimal

from perfxl.budget.indicator import COSTS, Indicator, indicators
from perfxl.rules.numbers import are_close, plain_number
from perfxl.rules.subject import Subject

PERSONS = ("人", "名", "位")
"""The units of people, which count the same."""
_WAN = Decimal(10000)


def total(subject: Subject, budget: Decimal | None) -> Indicator | None:
    """The cost indicator to be compared with the budget; None where that is not sure."""
    rows = [row for row in indicators(subject) if _states_amount(row)]
    if budget is None or not budget or not rows or not subject.readable("budget.total"):
        return None
    if len(rows) == 1:
        return None if is_part(subject, rows[0]) or _is_share(subject, rows[0], budget) else rows[0]
    if are_close(sum(map(amount, rows), Decimal(0)), budget) or any(are_close(amount(row), budget) for row in rows):
        return None
    named = [row for row in rows if is_total(subject, row)]
    return named[0] if len(named) == 1 and not _is_share(subject, named[0], budget) else None


def amount(row: Indicator) -> Decimal:
    """What it states, in 万元."""
    assert row.value is not None
    return (row.value.amount or Decimal(0)) / _WAN


def magnitude(row: Indicator, budget: Decimal) -> int:
    """1 where it is 10⁴ times the budget, -1 for a 10⁴th of it, else 0."""
    found = amount(row)
    if are_close(found / _WAN, budget):
        return 1
    # 0.24 against 2400 differs by less than the last shown digit: the digits themselves must agree
    return -1 if abs(found * _WAN - budget) <= Decimal("0.005") and not are_close(found, budget) else 0


def ceiling(budget: Decimal) -> str:
    """The budget as a total cost is written."""
    return f"≤{plain_number(budget)}万元"


def _states_amount(row: Indicator) -> bool:
    return row.belongs(*COSTS) and is_amount(row)


def is_amount(row: Indicator) -> bool:
    """Does it state an amount of money, not one for each of something?"""
    return row.value is not None and row.value.dimension == "money" and row.value.amount is not None


def all_in(subject: Subject, budget: Decimal) -> tuple[Indicator, ...]:
    """The cost indicators that state the budget itself."""
    return tuple(
        row
        for row in indicators(subject)
        if _states_amount(row) and not is_part(subject, row) and are_close(amount(row), budget)
    )


def is_total(subject: Subject, row: Indicator) -> bool:
    """Does its name say that it is the total?"""
    return any(word in row.text("level3") for word in subject.words("total_of_cost"))


def is_part(subject: Subject, row: Indicator) -> bool:
    """Does it say that it is a part of the cost, or the price of one of several?"""
    return not is_total(subject, row) and any(
        word in row.text(column) for word in subject.words("part_of_cost") for column in ("level3", "description")
    )


def _is_share(subject: Subject, row: Indicator, budget: Decimal) -> bool:
    """Is it the amount for each of a quantity: 5万元 for each of 3台, of a budget of 15万元?"""
    numbers = (each.value.number for each in indicators(subject) if each.belongs("数量") and each.value)
    return any(number is not None and are_close(amount(row) * number, budget) for number in numbers)

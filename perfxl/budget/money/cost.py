"""Selection of the indicators that state what a project costs, for the rules MN-03 to MN-09.

All amounts are in 万元 (10,000 yuan), the unit of the budget.
"""

from decimal import Decimal

from perfxl.budget.indicator import COSTS, Indicator, indicators
from perfxl.rules.numbers import are_close, plain_number
from perfxl.rules.subject import Subject

PERSONS = ("人", "名", "位")
"""The units in which people are counted; they are equivalent."""
_WAN = Decimal(10000)


def total(subject: Subject, budget: Decimal | None) -> Indicator | None:
    """Return the cost indicator to be compared with the budget, or None where that is not certain.

    A single cost indicator is taken unless it is a part of the cost or a price per item. Of several, the one called
    a total is taken, unless one of them, or their sum, is the budget already.
    """
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
    """Return the amount that an indicator states, in 万元; the indicator must have a value."""
    assert row.value is not None
    return (row.value.amount or Decimal(0)) / _WAN


def magnitude(row: Indicator, budget: Decimal) -> int:
    """Return 1 if the indicator states 10,000 times the budget, -1 if it states a 10,000th of it, else 0."""
    stated = amount(row)
    if are_close(stated / _WAN, budget):
        return 1
    # Compared after scaling up: 0.2405 is close to 0.24 by the tolerance, but is no 10,000th of 2400.
    return -1 if abs(stated * _WAN - budget) <= Decimal("0.005") and not are_close(stated, budget) else 0


def ceiling(budget: Decimal) -> str:
    """Return the budget written as the value of a total cost: ≤6.52万元."""
    return f"≤{plain_number(budget)}万元"


def _states_amount(row: Indicator) -> bool:
    """Return True if the indicator is a cost and states an amount of money."""
    return row.belongs(*COSTS) and is_amount(row)


def is_amount(row: Indicator) -> bool:
    """Return True if the indicator states an amount of money, not a rate such as 200元/人."""
    return row.value is not None and row.value.dimension == "money" and row.value.amount is not None


def all_in(subject: Subject, budget: Decimal) -> tuple[Indicator, ...]:
    """Return the cost indicators that state the whole budget."""
    return tuple(
        row
        for row in indicators(subject)
        if _states_amount(row) and not is_part(subject, row) and are_close(amount(row), budget)
    )


def is_total(subject: Subject, row: Indicator) -> bool:
    """Return True if the indicator's name says that it is the total."""
    return any(word in row.text("level3") for word in subject.words("total_of_cost"))


def is_part(subject: Subject, row: Indicator) -> bool:
    """Return True if the indicator says that it is a part of the cost, or the price of one item among several."""
    return not is_total(subject, row) and any(
        word in row.text(column) for word in subject.words("part_of_cost") for column in ("level3", "description")
    )


def _is_share(subject: Subject, row: Indicator, budget: Decimal) -> bool:
    """Return True if the amount is a price per item of some quantity: 5万元, with 3台 (sets) and a budget of 15万元."""
    numbers = (other.value.number for other in indicators(subject) if other.belongs("数量") and other.value)
    return any(number is not None and are_close(amount(row) * number, budget) for number in numbers)

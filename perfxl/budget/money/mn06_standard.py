"""MN-06: the amount that each person gets is a standard that somebody has set, in whole 元.

A stated rate must itself be whole. Where no rate is stated, the only amount is divided by the only number of people
who get the money, and the result must be whole. An amount in 万元 has been rounded, so any whole rate whose total
rounds to it is accepted. Money paid by grades or as it falls due has no single standard and is not checked.
"""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.indicator import COSTS, Indicator, indicators
from perfxl.budget.money import cost
from perfxl.rules.numbers import excess_digits
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find rates per person, stated or derived, that are no whole number of 元."""
    stated = [row for row in indicators(subject) if row.value and row.value.dimension.startswith("money_per_head")]
    for row in stated:
        assert row.value is not None
        if row.value.amount and excess_digits(row.value.amount) and _is_paid_to_people(subject, row):
            yield Hit((row.path("target"),), {"derived": False, "found": row.text("target")})
    if not stated:
        yield from _derived_rate(subject)


def _derived_rate(subject: Subject) -> Iterator[Hit]:
    """Yield a hit if the budget, divided by the only number of people, gives no whole number of 元 each."""
    budget = subject.number("budget.total")
    quantities = [row for row in indicators(subject) if row.belongs("数量")]
    amounts = [row for row in indicators(subject) if row.belongs(*COSTS)]
    if budget is None or len(quantities) != 1 or len(amounts) != 1 or amounts != [*cost.all_in(subject, budget)]:
        return
    people = _people(subject, quantities[0])
    if not people or _is_graded(subject):
        return
    total = cost.amount(amounts[0]) * 10000
    if abs(round(total / people) * people - total) > _rounding_error(amounts[0]):
        facts = {
            "derived": True,
            "amount": amounts[0].text("target"),
            "people": quantities[0].text("target"),
            "average": float(round(total / people, 2)),
        }
        yield Hit((amounts[0].path("target"), quantities[0].path("target")), facts)


def _people(subject: Subject, row: Indicator) -> Decimal | None:
    """Return the number of people who get money, or None if the indicator does not state one."""
    value = row.value
    if value is None or value.number is None or value.operator not in ("", "="):
        return None
    # A number of people is whole, and not absurdly large.
    sound = 0 < value.number < 10**9 and not excess_digits(value.number)
    return value.number if sound and value.unit in cost.PERSONS and _is_paid_to_people(subject, row) else None


def _is_paid_to_people(subject: Subject, row: Indicator) -> bool:
    """Return True if the indicator's name or description speaks of money that is paid to people."""
    return any(word in row.text(column) for word in subject.words("paid_to_people") for column in _TEXTS)


def _is_graded(subject: Subject) -> bool:
    """Return True if any text of the project says that money is paid by grades or as it falls due."""
    return any(word in text for _, text in subject.texts for word in subject.words("graded"))


def _rounding_error(row: Indicator) -> Decimal:
    """Return the largest difference in 元 between the amount as written and the exact one."""
    assert row.value is not None
    return Decimal(50) if row.value.unit == "万元" else Decimal("0.5")


_TEXTS = ("level3", "description")

RULE = Rule(
    code="MN-06",
    severity="warning",
    check=check,
    needs=("indicators.target", "budget.total"),
    bad={"budget.total": 6.54, "budget.fiscal": 6.54, "indicators[5].target": "200.5元/人"},
    good={"indicators[5].target": "0.02万元/人"},
    together=True,
)

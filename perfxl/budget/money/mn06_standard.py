"""MN-06: what each person gets is a standard somebody has set, in whole 元.

A rate is looked at as it stands. Where there is none, the only amount divided by the only number of people who get
the money must be one; an amount in 万元 is rounded, so that whatever rounds to it will do. Money paid by grades or
as it falls due has no one standard and is left alone.
"""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.indicator import COSTS, Indicator, indicators
from perfxl.budget.money import cost
from perfxl.rules.numbers import excess_digits
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    stated = [row for row in indicators(subject) if row.value and row.value.dimension.startswith("money_per_head")]
    for row in stated:
        assert row.value is not None
        if row.value.amount and excess_digits(row.value.amount) and _speaks(subject, row):
            yield Hit((row.path("target"),), {"derived": False, "found": row.text("target")})
    if not stated:
        yield from _derived(subject)


def _derived(subject: Subject) -> Iterator[Hit]:
    budget = subject.number("budget.total")
    quantities = [row for row in indicators(subject) if row.belongs("数量")]
    amounts = [row for row in indicators(subject) if row.belongs(*COSTS)]
    if budget is None or len(quantities) != 1 or len(amounts) != 1 or amounts != [*cost.all_in(subject, budget)]:
        return
    people = _people(subject, quantities[0])
    if not people or _graded(subject):
        return
    total = cost.amount(amounts[0]) * 10000
    if abs(round(total / people) * people - total) > _rounded(amounts[0]):
        facts = {
            "derived": True,
            "amount": amounts[0].text("target"),
            "people": quantities[0].text("target"),
            "average": float(round(total / people, 2)),
        }
        yield Hit((amounts[0].path("target"), quantities[0].path("target")), facts)


def _people(subject: Subject, row: Indicator) -> Decimal | None:
    """How many people get money; None where the row does not say so."""
    value = row.value
    if value is None or value.number is None or value.operator not in ("", "="):
        return None
    # a whole number of a size that people come in
    sound = 0 < value.number < 10**9 and not excess_digits(value.number)
    return value.number if sound and value.unit in cost.PERSONS and _speaks(subject, row) else None


def _speaks(subject: Subject, row: Indicator) -> bool:
    """Does it speak of money that people get?"""
    return any(word in row.text(column) for word in subject.words("paid_to_people") for column in _TEXTS)


def _graded(subject: Subject) -> bool:
    return any(word in text for _, text in subject.texts for word in subject.words("graded"))


def _rounded(row: Indicator) -> Decimal:
    """By how many 元 the amount may differ from what was rounded to it."""
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

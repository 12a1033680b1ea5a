"""MN-05: total amounts are given in the table's own unit of money, 万元 (10,000 yuan), to be comparable at a glance.

Not reported: rates and prices (200元/人, 单价), small amounts, amounts that 万元 cannot show in two decimals, and
amounts in 亿元 (100 million yuan).
"""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.indicator import COSTS, Indicator, indicators
from perfxl.budget.money import cost
from perfxl.form.types.money import IN_YUAN, Money
from perfxl.rules.numbers import are_close, excess_digits, plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find amounts in a smaller unit of money that could be given in 万元."""
    kind = subject.form.fields["budget.total"].type
    unit = kind.label if isinstance(kind, Money) else "万元"
    if unit != "万元":
        return
    rows = [row for row in indicators(subject) if cost.is_amount(row) and _should_be_in_wan(subject, row)]
    if rows:
        facts = {
            "unit": unit,
            "found": [row.text("target") for row in rows],
            "count": len(rows),
        }
        yield Hit(tuple(row.path("target") for row in rows), facts, _converted(subject, rows[0]))


def _should_be_in_wan(subject: Subject, row: Indicator) -> bool:
    """Return True if the amount is in a smaller unit although 万元 would do."""
    assert row.value is not None
    amount = cost.amount(row)
    return (
        IN_YUAN[row.value.unit] < IN_YUAN["万元"]
        and amount >= subject.limit("least_in_wan")
        and not excess_digits(amount, 2)
        and not cost.is_part(subject, row)
    )


def _converted(subject: Subject, row: Indicator) -> str:
    """Return the value rewritten in 万元; where it is the budget, with the ≤ that MN-07 asks for."""
    assert row.value is not None
    budget = subject.number("budget.total") or Decimal(0)
    if row.belongs(*COSTS) and are_close(cost.amount(row), budget):
        return cost.ceiling(budget)
    return f"{row.value.operator}{plain_number(cost.amount(row))}万元"


_TOTAL = {"indicators[5].level3": "补贴发放总额", "indicators[5].description": "全年误工补贴发放总额"}

RULE = Rule(
    code="MN-05",
    severity="hint",
    check=check,
    needs=("indicators.target", "budget.total"),
    bad={**_TOTAL, "indicators[5].target": "≤65200元"},
    good={**_TOTAL, "indicators[5].target": "≤6.52万元"},
)

"""MN-03: the cost indicator that states the project's total agrees with its budget.

The two stand on one sheet and are approved as one amount. Of several amounts the one called a total
is compared; amounts that add up to the budget are its parts. An amount that is wrong by a factor of 10,000 is
reported by MN-09.
"""

from collections.abc import Iterator

from perfxl.budget.money import cost
from perfxl.rules.numbers import are_close
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find a total cost that differs from the project's budget."""
    budget = subject.number("budget.total")
    row = cost.total(subject, budget)
    if row is None or budget is None or cost.magnitude(row, budget):
        return
    amount = cost.amount(row)
    if not are_close(amount, budget):
        facts = {
            "name": row.text("level3"),
            "found": row.text("target"),
            "amount": float(amount),
            "total": float(budget),
            "difference": float(amount - budget),
        }
        suggestion = cost.ceiling(budget) if cost.is_total(subject, row) else None
        yield Hit((row.path("target"), "budget.total"), facts, suggestion)


RULE = Rule(
    code="MN-03",
    severity="error",
    check=check,
    needs=("indicators.target", "budget.total"),
    bad={"indicators[5].level3": "补贴发放总额", "indicators[5].target": "≤6.92万元"},
    good={"indicators[5].level3": "补贴发放总额", "indicators[5].target": "65200元"},
)

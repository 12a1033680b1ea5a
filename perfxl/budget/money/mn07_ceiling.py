"""MN-07: a total cost is an upper limit, written with ≤: the aim is to stay within it, not to use it up or exceed it.

An amount that differs from the budget is reported by MN-03 or MN-09; what they propose has the ≤ already.
"""

from collections.abc import Iterator

from perfxl.budget.money import cost
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find indicators that state the budget without an operator, or with ≥ or >."""
    budget = subject.number("budget.total")
    if not budget:
        return
    for row in cost.all_in(subject, budget):
        assert row.value is not None
        if row.value.operator in ("", "≥", ">"):
            facts = {"found": row.text("target"), "operator": row.value.operator}
            yield Hit((row.path("target"),), facts, cost.ceiling(budget))


_TOTAL = {"indicators[5].level3": "补贴发放总额", "indicators[5].description": "全年误工补贴发放总额"}

RULE = Rule(
    code="MN-07",
    severity="hint",
    check=check,
    needs=("indicators.target", "budget.total"),
    bad={**_TOTAL, "indicators[5].target": "6.52万元"},
    good={**_TOTAL, "indicators[5].target": "不超过6.52万元"},
)

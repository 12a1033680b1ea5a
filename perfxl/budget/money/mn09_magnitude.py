"""MN-09: a total cost is 10,000 times the budget, or a 10,000th of it: 元 and 万元 (10,000 yuan) were mixed up."""

from collections.abc import Iterator

from perfxl.budget.money import cost
from perfxl.rules.numbers import plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find a total cost that differs from the budget by a factor of 10,000."""
    for row, path, figure, _ in cost.claims(subject):
        if times := cost.magnitude(row, figure):
            facts = {
                "name": row.text("level3"),
                "found": row.text("target"),
                "figure": path.partition(".")[2],
                "total": float(figure),
                "yuan": plain_number(figure * 10000),
                "larger": times > 0,
            }
            yield Hit((row.path("target"), path), facts, cost.ceiling(figure))


RULE = Rule(
    code="MN-09",
    severity="error",
    check=check,
    needs=("indicators.target", "budget.total"),
    bad={"indicators[5].level3": "补贴发放总额", "indicators[5].target": "65200万元"},
    good={"indicators[5].level3": "补贴发放总额", "indicators[5].target": "65200元"},
)

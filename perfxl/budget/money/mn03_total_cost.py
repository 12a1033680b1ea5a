"""MN-03: the cost indicators agree with the budget, or with the source of money that they name.

The two stand on one sheet and are approved as one amount. Of several amounts the one called a total is compared;
without one, amounts of parts add up to the budget: more than it is wrong, less may be incomplete. An indicator that
names fiscal or other money (财政资金, 自筹) states that part of the budget. An amount that is wrong by a factor of
10,000 is reported by MN-09.
"""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.money import cost
from perfxl.rules.numbers import TOLERANCE, are_close
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find costs that differ from the project's budget."""
    budget = subject.number("budget.total")
    claims = cost.claims(subject)
    yield from (hit for claim in claims if (hit := _differing(subject, claim)))
    if budget and not any(claim.path == "budget.total" for claim in claims) and subject.readable("budget.total"):
        yield from _incomplete(subject, budget)


def _differing(subject: Subject, claim: cost.Claim) -> Hit | None:
    """Return the finding on an indicator that states another amount than the figure it names."""
    row, amount = claim.row, cost.amount(claim.row)
    less = amount < claim.figure
    if are_close(amount, claim.figure) or cost.magnitude(row, claim.figure):
        return None
    source = cost.source_named(subject, row)
    if source and less and not claim.whole:
        return None  # a part of that money
    facts = {
        "count": 1,
        "name": row.text("level3"),
        "found": row.text("target"),
        "amount": float(amount),
        "figure": claim.path.partition(".")[2],
        "total": float(claim.figure),
        "difference": float(amount - claim.figure),
    }
    certain = claim.whole or not (less or source)
    named = claim.whole and (bool(source) or cost.is_total(subject, row))
    return Hit(
        (row.path("target"), claim.path),
        facts,
        cost.ceiling(claim.figure) if named else None,
        None if certain else "warning",
    )


def _incomplete(subject: Subject, budget: Decimal) -> Iterator[Hit]:
    """Yield the finding on several parts that do not add up to the budget."""
    rows = cost.parts(subject)
    total = sum(map(cost.amount, rows), Decimal(0))
    if len(rows) < 2 or abs(total - budget) <= TOLERANCE * len(rows):
        return
    if any(are_close(cost.amount(row), budget) for row in cost.amounts(subject)):
        return
    less = total < budget
    if less and (cost.has_open_costs(subject) or any(cost.source_named(subject, row) for row in cost.amounts(subject))):
        return  # the rest may be there
    facts = {"count": len(rows), "amount": float(total), "total": float(budget), "difference": float(total - budget)}
    fields = (*(row.path("target") for row in rows), "budget.total")
    yield Hit(fields, {"figure": "total", "name": "", "found": "", **facts}, None, "warning" if less else None)


RULE = Rule(
    code="MN-03",
    severity="error",
    check=check,
    needs=("indicators.target", "budget.total"),
    bad={"indicators[5].level3": "补贴发放总额", "indicators[5].target": "≤6.92万元"},
    good={"indicators[5].level3": "补贴发放总额", "indicators[5].target": "65200元"},
)

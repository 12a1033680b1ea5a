"""MO-14, SE-13, SE-17: what a cost indicator states agrees with the money that was spent."""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.stages.checks import EVALUATION, MONITORING
from perfxl.budget.stages.progress import rows
from perfxl.form.types.money import IN_YUAN
from perfxl.rules.numbers import are_close, plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check_cost(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where the total cost that was reached differs from the money spent.

    It is the total cost where the approved value is the project's whole budget.
    """
    budget, spent = subject.number("budget.total"), subject.number("spent.total")
    for row in rows(subject):
        if budget is None or spent is None or row.target.dimension != "money" or not row.less or row.number is None:
            continue
        unit = IN_YUAN[row.target.unit] / IN_YUAN["万元"]
        aim, actual = Decimal(row.target.number or 0) * unit, _exact(row.number) * unit
        if are_close(aim, budget) and not are_close(actual, spent):
            facts = {
                "found": row.text("actual"),
                "amount": plain_number(actual),
                "spent": plain_number(spent),
                "difference": plain_number(abs(actual - spent)),
            }
            yield Hit((row.path("actual"),), facts)


def check_nothing(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where a cost of nothing has full points: the project may not have been done."""
    for row in rows(subject):
        cost = row.target.dimension.startswith("money") and row.less
        score, points = subject.number(row.path("score")), subject.number(row.path("points"))
        if cost and row.number == 0 and row.aim and score is not None and score == points:
            yield Hit((row.path("actual"),), {"found": row.text("actual"), "points": float(points or 0)})


def _exact(number: object) -> Decimal:
    numerator, denominator = number.as_integer_ratio()  # type: ignore[attr-defined]
    return Decimal(numerator) / Decimal(denominator)


_NOT_ALL = {"target": "6.52万元", "actual": "3万元"}

RULES = (
    Rule(
        code="MO-14",
        severity="warning",
        check=check_cost,
        beside=("spent.total",),
        needs=MONITORING,
        bad={"indicators[5]": {**_NOT_ALL, "expected": "6.52万元"}},
    ),
    Rule(
        code="SE-13",
        severity="warning",
        check=check_cost,
        beside=("spent.total",),
        needs=EVALUATION,
        bad={"indicators[5]": _NOT_ALL},
    ),
    Rule(
        code="SE-17", severity="warning", check=check_nothing, needs=EVALUATION, bad={"indicators[5].actual": "0元/人"}
    ),
)

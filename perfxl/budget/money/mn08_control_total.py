"""MN-08: the budgets of a unit's projects add up to its control total, where that is given.

Reported once for a unit. While workbooks come back some may still be missing, so a smaller sum is no mistake there.
Nothing is added up where an amount is no number (MN-01 reports it) or a project was sent twice (ID-05 reports it).
"""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.unit.unit_records import control_of, projects_of
from perfxl.form.answers import get
from perfxl.rules.numbers import are_close, to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Record, Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find a unit whose project budgets do not add up to its control total."""
    control = control_of(subject.unit)
    if not subject.leads or control is None:
        return
    budgets = [to_number(get(project, "budget.total")) for project in projects_of(subject.unit)]
    if None in budgets or _has_repeated_number(projects_of(subject.unit)):
        return
    total = sum((budget for budget in budgets if budget is not None), Decimal(0))
    if are_close(total, control) or (subject.seen and total < control):
        return
    facts = {
        "count": len(budgets),
        "sum": float(total),
        "control": float(control),
        "difference": float(total - control),
    }
    yield Hit(("unit",), facts)


def _has_repeated_number(projects: tuple[Record, ...]) -> bool:
    """Return True if two projects have the same number."""
    numbers = [str(project.get("number")) for project in projects]
    return len(set(numbers)) < len(numbers)


RULE = Rule(
    code="MN-08",
    severity="error",
    check=check,
    of_unit=True,
    needs=("budget.total",),
    bad={"unit.control": Decimal("8.00")},
    good={"unit.control": Decimal("6.52")},
)

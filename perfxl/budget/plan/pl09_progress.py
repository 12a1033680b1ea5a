"""PL-09: a unit's spending, weighted by budget, keeps pace with the year: 25 % by 3月底, 83.3 % by 10月底.

3月底 and 10月底 are the ends of March and October. Reported once for all projects of the unit, and only from a certain
number of projects on: a few can be looked at one by one.
"""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.unit.unit_records import projects_of
from perfxl.form.answers import get
from perfxl.rules.numbers import to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Record, Subject

_PACE = {"march": 3, "june": 6, "october": 10}
"""The month of each value of the plan that is compared."""
_ROUNDED = Decimal("0.1")  # 83.3 stands for ten twelfths


def check(subject: Subject) -> Iterator[Hit]:
    """Find a unit whose projects together plan to spend later than the year passes."""
    if not subject.leads:
        return
    known = [weighted for project in projects_of(subject.unit) if (weighted := _budget_and_plan(project))]
    budget = sum((amount for amount, _ in known), Decimal(0))
    if len(known) < subject.limit("progress_projects") or not budget:
        return
    spent = [sum((amount * plan[at] for amount, plan in known), Decimal(0)) / budget for at in range(len(_PACE))]
    late = [(month, done) for month, done in zip(_PACE.values(), spent, strict=True) if done + _ROUNDED < _due(month)]
    if late:
        facts = {
            "months": [month for month, _ in late],
            "spent": [float(round(done, 1)) for _, done in late],
            "due": [float(round(_due(month), 1)) for month, _ in late],
            "count": len(known),
        }
        yield Hit(("unit",), facts)


def _due(month: int) -> Decimal:
    """Return the share of the year that has passed by the end of a month, in percent."""
    return Decimal(100 * month) / 12


def _budget_and_plan(project: Record) -> tuple[Decimal, list[Decimal]] | None:
    """Return a project's budget in 万元 (10,000 yuan) and its plan in percent, for the months of ``_PACE``.

    None is returned where either is missing or out of range.
    """
    budget = to_number(get(project, "budget.total"))
    plan = [points for month in _PACE if (points := to_number(get(project, f"plan.{month}"))) is not None]
    sound = budget is not None and 0 < budget < 10**9 and len(plan) == len(_PACE) and all(0 <= p <= 100 for p in plan)
    return (budget, plan) if budget is not None and sound else None


_NEIGHBOURS = [
    {"number": 2, "name": "防汛物资储备经费", "code": "99019924P00731210116H"},
    {"number": 3, "name": "秸秆禁烧巡查经费", "code": "99019924P007312101175"},
    {"number": 4, "name": "敬老院取暖经费", "code": "99019924P00731210118Q"},
    {"number": 5, "name": "农田水渠清淤经费", "code": "99019924P00731210119C"},
]
_EVENLY = {"plan.march": 50, "plan.june": 75, "plan.october": 100}

RULE = Rule(
    code="PL-09",
    severity="hint",
    check=check,
    of_unit=True,
    needs=("budget.total", "plan.march", "plan.june", "plan.october"),
    bad={"unit.projects": _NEIGHBOURS},
    good={"unit.projects": [{**project, **_EVENLY} for project in _NEIGHBOURS]},
)

"""The numbers of some projects in a stage: how many stand how, their money, their mean score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from perfxl.budget.stages.lights import Light
from perfxl.budget.stages.results import EvaluatedProject, MonitoredProject
from perfxl.budget.stages.words import rounded


class MonitoringTally(NamedTuple):
    """The numbers of some projects in monitoring.

    ``lights``: the projects by their worst light, None for those without any; ``with_money``: by that and the money's;
    ``money``: by the money's alone; ``rows``: the indicators by their light; ``needed``, ``missing``: the reasons that
    are asked for, and those of them that are not there; ``budget_reported``: the money of the projects reported.
    """

    projects: int
    reported: int
    lights: Counter[Light | None]
    with_money: Counter[Light | None]
    money: Counter[Light | None]
    rows: Counter[Light | None]
    needed: int
    missing: int
    budget: Decimal
    budget_reported: Decimal
    spent: Decimal

    @property
    def rate(self) -> Decimal | None:
        """The part of the money that was spent, in percent."""
        return percent(self.spent, self.budget)

    @property
    def rate_reported(self) -> Decimal | None:
        """The same of the projects that were reported."""
        return percent(self.spent, self.budget_reported)


class EvaluationTally(NamedTuple):
    """The numbers of some projects in self-evaluation.

    ``grades``: the projects by their grade, None for those without; ``mean``, ``weighted``: of those with a grade, the
    latter by their money; ``adjusted``, ``spent``: of all; ``lowest``, ``highest``: the places of these projects.
    """

    projects: int
    reported: int
    grades: Counter[str | None]
    mean: Decimal | None
    weighted: Decimal | None
    adjusted: Decimal
    spent: Decimal
    lowest: int | None
    highest: int | None

    @property
    def rate(self) -> Decimal | None:
        """The part of the money that was spent, in percent."""
        return percent(self.spent, self.adjusted)


def tally_monitoring(projects: Iterable[MonitoredProject]) -> MonitoringTally:
    """Return the numbers of some projects in monitoring."""
    listed = list(projects)
    rows = [row for project in listed for row in project.rows]
    reported = [project for project in listed if project.reported]
    return MonitoringTally(
        projects=len(listed),
        reported=len(reported),
        lights=Counter(project.light for project in listed),
        with_money=Counter(project.light_with_money for project in listed),
        money=Counter(project.money for project in listed),
        rows=Counter(row.light for row in rows),
        needed=sum(row.needs_reason for row in rows),
        missing=sum(row.needs_reason and not row.reason for row in rows),
        budget=_sum(project.budget for project in listed),
        budget_reported=_sum(project.budget for project in reported),
        spent=_sum(project.spent for project in listed),
    )


def tally_evaluation(projects: Iterable[EvaluatedProject]) -> EvaluationTally:
    """Return the numbers of some projects in self-evaluation."""
    listed = list(projects)
    totals = {at: one.score.total for at, one in enumerate(listed) if one.score.grade and one.score.total is not None}
    money = {at: listed[at].adjusted or Decimal(0) for at in totals}
    weights = _sum(money.values())
    earned = _sum(total * money[at] for at, total in totals.items())
    return EvaluationTally(
        projects=len(listed),
        reported=sum(project.reported for project in listed),
        grades=Counter(project.score.grade for project in listed),
        mean=rounded(Fraction(_sum(totals.values())) / len(totals)) if totals else None,
        weighted=rounded(Fraction(earned) / Fraction(weights)) if weights else None,
        adjusted=_sum(project.adjusted for project in listed),
        spent=_sum(project.spent for project in listed),
        lowest=min(totals, key=lambda at: totals[at], default=None),
        highest=max(totals, key=lambda at: totals[at], default=None),
    )


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return a part of a whole in percent, rounded half up to two decimals; None where the whole is nothing."""
    return rounded(Fraction(part) / Fraction(whole) * 100) if whole else None


def _sum(numbers: Iterable[Decimal | None]) -> Decimal:
    return sum((number for number in numbers if number is not None), Decimal(0))

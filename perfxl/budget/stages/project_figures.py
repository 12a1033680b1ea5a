"""The figures of a unit's projects as their self-evaluations have them, and what they come to together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from perfxl.budget.stages.points import CENT
from perfxl.budget.unit.linked_projects import number_of
from perfxl.form.answers import get
from perfxl.form.calculation import calculate_record
from perfxl.form.installed import load
from perfxl.rules.numbers import to_number

ROOT = "self_evaluations"
"""Under this the self-evaluations of projects stand in a records file."""

FIGURES = ("budget", "adjusted", "spent", "score")
"""The numbers of a project that go into those of its department."""


class ProjectFigures(NamedTuple):
    """A project with the money and the score of its self-evaluation.

    ``score``, ``grade``: None and "" while something is not filled in, or its points are not 100.
    """

    number: Any
    name: str
    budget: Decimal | None
    adjusted: Decimal | None
    spent: Decimal | None
    score: Decimal | None
    grade: str = ""


def figures_of(record: Mapping[str, Any]) -> ProjectFigures:
    """Return the figures of a self-evaluation; what it calculates is calculated anew."""
    full, _ = calculate_record(load("project-self-evaluation"), record)
    budget, adjusted, spent = (to_number(get(full, f"{name}.total")) for name in ("budget", "adjusted", "spent"))
    grade = str(full.get("grade") or "")
    score = to_number(full.get("score")) if grade else None
    return ProjectFigures(full.get("number"), str(full.get("name") or ""), budget, adjusted, spent, score, grade)


def figures_in(row: Mapping[str, Any]) -> ProjectFigures:
    """Return a project as a row of its department's self-evaluation has it."""
    budget, adjusted, spent, score = (to_number(row.get(name)) for name in FIGURES)
    name, grade = (str(row.get(key) or "") for key in ("name", "grade"))
    return ProjectFigures(row.get("number"), name, budget, adjusted, spent, score, grade)


def weighted_mean(projects: Iterable[ProjectFigures]) -> Decimal | None:
    """Return the mean score, weighted by the year's budget, rounded half up; None while one of them has no score.

    Projects without any budget count alike.
    """
    found = list(projects)
    scores = [project.score for project in found if project.score is not None]
    if not scores or len(scores) < len(found):
        return None
    weights = [max(project.adjusted or Decimal(0), Decimal(0)) for project in found]
    if not sum(weights):
        weights = [Decimal(1)] * len(found)
    total = sum((score * weight for score, weight in zip(scores, weights, strict=True)), Decimal(0))
    return (total / sum(weights)).quantize(CENT, ROUND_HALF_UP)


def by_number(projects: Sequence[ProjectFigures]) -> dict[Any, ProjectFigures]:
    """Return projects by their numbers."""
    return {project.number: project for project in projects}


def linked_to(named: Sequence[str], projects: Sequence[ProjectFigures]) -> list[ProjectFigures]:
    """Return the projects that a part names, each once, in its order."""
    rows = [{"number": project.number, "name": project.name} for project in projects]
    numbers = dict.fromkeys(number_of(text, rows) for text in named)
    known = by_number(projects)
    return [known[number] for number in numbers if number is not None]

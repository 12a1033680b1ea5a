"""The lights of monitoring: how far a value, or the money, has come for the months that have passed.

``by-kind`` judges counts and other flows by these months, percentages and years by the whole target, costs and dates by
whether they were kept, words by themselves. ``prorate-all`` judges every number by the months.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from perfxl.budget.stages.progress import Row

Light = Literal["red", "yellow", "green", "blue"]

LIGHTS: tuple[Light, ...] = ("red", "yellow", "green", "blue")
"""The lights, the worst first."""


@dataclass(frozen=True)
class LightRule:
    """How lights are given: ``how`` by-kind or prorate-all; the limits in percent; ``share``: of the year so far."""

    how: str
    yellow: Fraction
    green: Fraction
    blue: Fraction
    share: Fraction


def progress_of(row: Row, rule: LightRule) -> Fraction | None:
    """Return how far a number has come, in percent of what is due; None where there is no number to compare."""
    if row.number is None or not row.aim:
        return None
    prorated = rule.how == "prorate-all" or row.is_flow
    return row.number / (row.aim * (rule.share if prorated else 1)) * 100


def light_of(row: Row, rule: LightRule) -> Light | None:
    """Return the light of a row; None for what is blank, cannot be read or cannot be."""
    if row.state == "word":
        return {"met": "green", "partly": "yellow", "missed": "red"}[str(row.word)]  # type: ignore[return-value]
    if row.state == "date":
        return "red" if row.late else "green"
    if row.state != "number":
        return None
    if row.less and rule.how == "by-kind":
        return "green" if row.is_met else "red"
    progress = progress_of(row, rule)
    if progress is None:
        return "green" if row.is_met else "red"
    return _by_limits(progress, rule)


def money_light(spent: Fraction | None, budget: Fraction | None, rule: LightRule) -> Light | None:
    """Return the light of the money, which is never blue; None where it is not known, or there is no budget."""
    if spent is None or not budget:
        return None
    light = _by_limits(spent / (budget * rule.share) * 100, rule)
    return "green" if light == "blue" else light


def worst(lights: Iterable[Light | None]) -> Light | None:
    """Return the worst of some lights; None where there is none."""
    found = set(lights)
    return next((light for light in LIGHTS if light in found), None)


def _by_limits(progress: Fraction, rule: LightRule) -> Light:
    if progress < rule.yellow:
        return "red"
    if progress < rule.green:
        return "yellow"
    return "green" if progress < rule.blue else "blue"

"""PL-07: the spending plan agrees with the time at which a 时效 (timeliness) indicator says that money is paid.

Only indicators about paying are compared: the time at which a road is finished does not tell when it is paid for.
Where two of them name different times, it is enough that the plan agrees with one. An indicator that says no more
than 及时 (in time) is left to PL-06.
"""

from collections.abc import Iterator

from perfxl.budget.plan import schedule
from perfxl.budget.plan.schedule import Timing
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find plans that agree with none of the times at which the project's indicators say that money is paid."""
    plan = schedule.spending(subject)
    payments = [timing for timing in schedule.timings(subject) if timing.pays and timing.bounds]
    if plan is None or not payments:
        return
    tolerance = float(subject.limit("plan_tolerance"))
    wrong = [_disagreeing(timing, plan, tolerance) for timing in payments]
    if not all(wrong):
        return
    facts = {
        "time": payments[0].text,
        "expected": [_middle(bounds) for bounds in payments[0].bounds or ()],
        "found": [*plan],
    }
    yield Hit((payments[0].path, *wrong[0]), facts)


def _disagreeing(timing: Timing, plan: tuple[float, ...], tolerance: float) -> tuple[str, ...]:
    """Return the paths of the plan's values that do not agree with a time of payment."""
    fits = schedule.allows(timing.bounds or (), plan, tolerance)
    paths = tuple(path for path, fit in zip(schedule.PATHS, fits, strict=True) if not fit)
    if not paths and timing.steady and abs(plan[1] - plan[2]) > tolerance:
        return ("plan.october",)
    return paths


def _middle(bounds: tuple[float, float]) -> float | None:
    """Return the middle of a value's bounds, or None where any value is allowed."""
    low, high = bounds
    return None if (low, high) == (0, 100) else (low + high) / 2


RULE = Rule(
    code="PL-07",
    severity="warning",
    check=check,
    needs=("plan.march", "plan.june", "plan.october", "plan.december", "indicators.target"),
    bad={"indicators[4].target": "每两月发放"},
    good={"indicators[4].target": "按统一安排发放"},
    together=True,
)

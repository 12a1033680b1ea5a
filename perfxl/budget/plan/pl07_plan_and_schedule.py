"""PL-07: the spending plan agrees with the time at which a 时效 indicator says that money is paid.

Asked of indicators about paying alone: when a road is finished does not say when it is paid for. Where two name
different times, the plan need agree with one only. What is merely 及时 is PL-06's.
"""

from collections.abc import Iterator

from perfxl.budget.plan import schedule
from perfxl.budget.plan.schedule import Timing
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    plan = schedule.spending(subject)
    told = [timing for timing in schedule.timings(subject) if timing.pays and timing.bounds]
    if plan is None or not told:
        return
    tolerance = float(subject.limit("plan_tolerance"))
    wrong = [_wrong(timing, plan, tolerance) for timing in told]
    if not all(wrong):
        return
    facts = {
        "time": told[0].text,
        "expected": [_middle(each) for each in told[0].bounds or ()],
        "found": [*plan],
    }
    yield Hit((told[0].path, *wrong[0]), facts)


def _wrong(timing: Timing, plan: tuple[float, ...], tolerance: float) -> tuple[str, ...]:
    """The values of the plan that do not agree."""
    fits = schedule.allows(timing.bounds or (), plan, tolerance)
    found = tuple(path for path, fit in zip(schedule.PATHS, fits, strict=True) if not fit)
    if not found and timing.steady and abs(plan[1] - plan[2]) > tolerance:
        return ("plan.october",)
    return found


def _middle(bounds: tuple[float, float]) -> float | None:
    """What a value is about; None for any."""
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

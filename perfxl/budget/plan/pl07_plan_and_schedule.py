"""PL-07: the spending plan agrees with the time at which a 时效 (timeliness) indicator says that money is paid.

Only indicators about paying are compared: the time at which a road is finished does not tell when it is paid for.
Where two of them name different times, it is enough that the plan agrees with one. An indicator that says no more
than 及时 (in time) is left to PL-06.
"""

from collections.abc import Iterator

from perfxl.budget.plan import schedule
from perfxl.budget.plan.schedule import PaymentTime
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find plans that agree with none of the times at which the project's indicators say that money is paid."""
    plan = schedule.spending(subject)
    named = [timing for timing in schedule.timings(subject) if timing.pays and timing.time != schedule.NO_TIME]
    if plan is None or not named:
        return
    tolerance = float(subject.limit("plan_tolerance"))
    wrong = [_disagreeing(timing.time, plan, tolerance) for timing in named]
    if not all(wrong):
        return
    time = named[0].time
    too_many = not _outside(time, plan, tolerance)
    facts = {
        "time": named[0].text,
        "expected": [] if too_many else [*time.expected],
        "payments": len(schedule.payments(plan, tolerance)) if too_many else 0,
        "found": [*plan],
    }
    yield Hit((named[0].path, *wrong[0]), facts)


def _disagreeing(time: PaymentTime, plan: tuple[float, ...], tolerance: float) -> tuple[str, ...]:
    """Return the paths of the plan's values that do not agree with a time of payment."""
    outside = _outside(time, plan, tolerance)
    if outside or not time.payments:
        return outside
    paid = schedule.payments(plan, tolerance)
    return paid if len(paid) > time.payments else ()


def _outside(time: PaymentTime, plan: tuple[float, ...], tolerance: float) -> tuple[str, ...]:
    """Return the paths of the plan's values that lie outside the bounds of a time."""
    if time.bounds is None:
        return ()
    fits = schedule.allows(time.bounds, plan, tolerance)
    paths = tuple(path for path, fit in zip(schedule.PATHS, fits, strict=True) if not fit)
    still = abs(plan[1] - plan[2]) <= tolerance
    return paths or (("plan.october",) if (time.steady and not still) or (time.growing and still) else ())


RULE = Rule(
    code="PL-07",
    severity="warning",
    check=check,
    needs=("plan.march", "plan.june", "plan.october", "plan.december", "indicators.target"),
    bad={"indicators[4].target": "每两月发放"},
    good={"indicators[4].target": "按统一安排发放"},
    together=True,
)

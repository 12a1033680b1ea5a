"""PL-06: some money is spent before 10月底 (the end of October), unless the project says that it pays at year's end.

A 时效 (timeliness) indicator that names another time, and so contradicts the plan, is reported by PL-07.
"""

from collections.abc import Iterator

from perfxl.budget.plan import schedule
from perfxl.budget.texts.citation import documents
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find plans that spend nothing up to the end of October although no text of the project gives the reason."""
    plan = schedule.spending(subject)
    if plan is None or any(plan[:3]):
        return
    timings = schedule.timings(subject)
    payment_times = [timing for timing in timings if timing.time.bounds and timing.pays]
    if payment_times or _is_late_by_its_texts(subject, timings) or any(documents(one.text) for one in timings):
        return  # a document in the place of a time is reported by BS-09
    yield Hit(("plan.october",), {"time": timings[0].text if timings else ""})


def _is_late_by_its_texts(subject: Subject, timings: tuple[schedule.Timing, ...]) -> bool:
    """Return True if a 时效 indicator, the purpose or a goal says that the work is done in the last months.

    The purpose and the goals count only where they rule out any spending by 6月底 (the end of June): 年底前 (before
    the year's end) is a mere phrase there.
    """
    year = subject.unit.year
    goals = [schedule.read(text, year).bounds for path, text in subject.texts if path in ("purpose", "goals")]
    late_goals = [bounds for bounds in goals if bounds and bounds[1] == (0, 0)]
    indicated = [timing.time.bounds for timing in timings]
    return any(bounds is not None and bounds[2][0] == 0 for bounds in (*indicated, *late_goals))


_NOTHING = {"plan.march": 0, "plan.june": 0, "plan.october": 0}

RULE = Rule(
    code="PL-06",
    severity="warning",
    check=check,
    needs=("plan.march", "plan.june", "plan.october", "plan.december"),
    bad={
        **_NOTHING,
        "goals": [
            "为38个村的326名村民小组长足额发放误工补贴，补贴发放准确率达到100%。",
            "补贴及时发放到位，村民小组长满意度达到95%以上。",
        ],
        "indicators[4].target": "名单公示结束后10日内发放",
    },
    good={**_NOTHING, "indicators[4].target": "第四季度发放"},
)

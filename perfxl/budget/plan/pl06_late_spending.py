"""PL-06: something is spent before 10月底, unless the project itself says that it is paid at the end of the year.

A 时效 indicator that names another time and so contradicts the plan is PL-07's.
"""

from collections.abc import Iterator

from perfxl.budget.plan import schedule
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    plan = schedule.spending(subject)
    if plan is None or any(plan[:3]):
        return
    timings = schedule.timings(subject)
    told = [timing.bounds for timing in timings if timing.bounds and timing.pays]
    if told or _late(subject, timings):
        return
    yield Hit(("plan.october",), {"time": timings[0].text if timings else ""})


def _late(subject: Subject, timings: tuple[schedule.Timing, ...]) -> bool:
    """Does it say anywhere that it is done in the last months? In a goal, 年底前 is but a way of speaking."""
    year = subject.unit.year
    goals = [schedule.bounds(text, year) for path, text in subject.texts if path in ("purpose", "goals")]
    said = [each for each in goals if each and each[1] == (0, 0)]
    told = [timing.bounds for timing in timings]
    return any(each is not None and each[2][0] == 0 for each in (*told, *said))


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

"""IN-14: a share lies between 0 and 100 %; a growth may exceed it.

A task may be done to more than 100 % (完成率 120%), which is to be confirmed.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.rules.numbers import plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find percentages outside 0 to 100 %, apart from growth and the like."""
    for row in indicators(subject):
        value = row.value
        if value is None or value.unit != "%" or value.number is None or 0 <= value.number <= 100:
            continue
        about = row.text("level3") + row.text("description") + row.text("target")
        if not any(word in about for word in subject.words("beyond_hundred")):
            more = value.number > 100 and row.text("level3").endswith(subject.words("task_rates"))
            facts = {"name": row.text("level3"), "found": plain_number(value.number)}
            yield Hit((row.path("target"),), facts, severity="warning" if more else None)


RULE = Rule(
    code="IN-14",
    severity="error",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[3].target": "≥980%"},
    good={"indicators[3].target": "≥120%", "indicators[3].level3": "补贴标准增长率"},
)

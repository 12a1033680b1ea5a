"""IN-29: a value says something: 控制在预算内 (within the budget) or 按计划完成 (done as planned) fits any project.

Reported is a cost, a time or a quantity whose value consists only of such words. 及时 (in time) and the like, for which
the time may be known, are left to IN-13.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.texts.likeness import bare
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import word_pattern

_CLASSES = ("成本", "经济成本", "时效", "数量")


def check(subject: Subject) -> Iterator[Hit]:
    """Find values of costs, times and quantities that say nothing."""
    for row in indicators(subject):
        if is_empty(subject, row):
            class_ = next(name for name in _CLASSES if row.belongs(name))
            yield Hit((row.path("target"),), {"class_": class_, "found": row.text("target").rstrip("。")})


def is_empty(subject: Subject, row: Indicator) -> bool:
    """Return True if the value is a cost, a time or a quantity in words that fit any project."""
    if row.value is None or row.value.kind != "qualitative" or not row.belongs(*_CLASSES):
        return False
    text = bare(row.text("target"))
    return bool(text) and not word_pattern(subject.words("empty_words")).sub("", text)


RULE = Rule(
    code="IN-29",
    severity="warning",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[5].target": "控制在预算内"},
    good={"indicators[5].target": "按省定标准的95%执行"},
)

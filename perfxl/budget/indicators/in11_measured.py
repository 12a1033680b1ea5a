"""IN-11: most values are measured: a number, a date or a period, not words. The county sets how many.

A benefit may be in words: such a value does not count. A table with fewer values than required classes is not finished
yet (IN-03, IN-06) and is not judged.
"""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.indicator import indicators, taxonomy_of
from perfxl.budget.indicator_value import Value
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_BENEFITS = ("经济效益", "社会效益", "生态效益", "可持续影响")
_DEFINITE = late_pattern(
    r"\d|百分之|[一二三四五六七八九十两半]个?(?:[年月季周天日]|小时|工作日)|当[天日月年]|[年月季]底|年[内末终]"
)
"""A figure, a time or a period in a text."""


def check(subject: Subject) -> Iterator[Hit]:
    """Find a project with too small a share of measured values."""
    rows = [(row, row.value) for row in indicators(subject) if row.value]
    if not rows or ((tree := taxonomy_of(subject)) and len(rows) < len(tree.required)):
        return
    words = [row for row, value in rows if not measured(value) and not row.belongs(*_BENEFITS)]
    count = sum(measured(value) for _, value in rows)
    total, limit = count + len(words), subject.limit("measured_share")
    if count * 100 < limit * total:
        share = round(Decimal(count * 100) / total)
        facts = {"total": total, "measured": count, "share": share, "limit": float(limit)}
        yield Hit(tuple(row.path("target") for row in words), facts)


def measured(value: Value) -> bool:
    """Return True if a result can be compared with the value; it cannot with 及时 (in time)."""
    if value.kind == "qualitative" or value.schedule == "timely":
        return bool(_DEFINITE.search(value.raw))
    return True


RULE = Rule(
    code="IN-11",
    severity="warning",
    check=check,
    needs=("indicators.target",),
    bad={
        "indicators[2].target": "准确",
        "indicators[3].target": "合格",
        "indicators[5].target": "按县里标准执行",
        "indicators[6].target": "正常到岗",
    },
    good={"indicators[2].target": "准确", "indicators[3].target": "合格", "indicators[6].target": "正常到岗"},
    together=True,
)

"""IN-11: most values are measured: a number, a date or a period, not words. The county sets how many.

A table with fewer values than required classes is not finished yet (IN-03, IN-06) and is not judged.
"""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.indicator import indicators, taxonomy_of
from perfxl.budget.indicator_value import Value
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find a project with too small a share of measured values."""
    rows = [(row, row.value) for row in indicators(subject) if row.value]
    if not rows or ((tree := taxonomy_of(subject)) and len(rows) < len(tree.required)):
        return
    words = [row for row, value in rows if not measured(value)]
    total, count, limit = len(rows), len(rows) - len(words), subject.limit("measured_share")
    if count * 100 < limit * total:
        share = round(Decimal(count * 100) / total)
        facts = {"total": total, "measured": count, "share": share, "limit": float(limit)}
        yield Hit(tuple(row.path("target") for row in words), facts)


def measured(value: Value) -> bool:
    """Return True if a result can be compared with the value; it cannot with 及时 (in time)."""
    return value.kind in ("number", "date") or (value.kind == "schedule" and value.schedule != "timely")


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

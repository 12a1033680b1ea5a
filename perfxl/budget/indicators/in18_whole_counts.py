"""IN-18: persons, vehicles, villages and the like are counted in whole numbers."""

from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators
from perfxl.rules.numbers import excess_digits
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find counts with a fraction, apart from averages."""
    for row in indicators(subject):
        value = row.value
        if value is None or value.kind != "number" or value.dimension != "count" or value.number is None:
            continue
        # 1.5万人 (15,000 persons) is a whole number
        scale = {"万": 4, "亿": 8}.get((value.unit or "")[:1], 0)
        if value.unit and excess_digits(value.number, scale) and not _is_average(subject, row):
            yield Hit((row.path("target"),), {"found": row.text("target"), "unit": value.unit})


def _is_average(subject: Subject, row: Indicator) -> bool:
    """Return True if the value is so many per head or per time, which need not be whole.

    For example 人均1.5课时 (1.5 lessons a head) or 0.5人次/月 (0.5 visits a month).
    """
    about = row.text("level3") + row.text("description") + row.text("target")
    return "/" in (row.value.unit if row.value else "") or any(word in about for word in subject.words("averages"))


RULE = Rule(
    code="IN-18",
    severity="error",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[1].target": "38.5个"},
    good={"indicators[1].target": "1.5万个"},
)

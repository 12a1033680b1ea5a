"""IN-15: a satisfaction is a lower bound, between 80 % and 99 %: 100 % cannot be kept, and less is no goal."""

from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators
from perfxl.rules.numbers import plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    for row in indicators(subject):
        if row.belongs("服务对象满意度") and (problem := _problem(row)):
            assert row.value is not None
            share = row.value.number
            suggestion = f"≥{plain_number(share)}%" if problem == "operator" and share is not None else None
            yield Hit((row.path("target"),), {"problem": problem, "found": row.text("target")}, suggestion)


def _problem(row: Indicator) -> str:
    """What is wrong with it, in one word; a number that is no share is IN-17's, one beyond 100 % is IN-14's."""
    value = row.value
    if value is None:
        return ""
    if value.kind != "number":
        return "words"
    if value.unit != "%" or value.number is None or not 0 <= value.number <= 100:
        return ""
    if value.number >= 100:
        return "high"
    return "low" if value.number < 80 else "" if value.operator in ("≥", ">") else "operator"


RULE = Rule(
    code="IN-15",
    severity="warning",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[7].target": "95%"},
    good={"indicators[7].target": "≥80%"},
)

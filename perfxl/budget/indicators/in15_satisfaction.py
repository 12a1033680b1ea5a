"""IN-15: a satisfaction is a lower bound (≥) between 80 % and 99 %.

100 % cannot be kept, and less than 80 % is no goal.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators
from perfxl.rules.numbers import plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find values of a satisfaction that are in words, without ≥, with another sign, too high or too low."""
    for row in indicators(subject):
        if row.belongs("服务对象满意度") and (problem := _problem(row)):
            assert row.value is not None
            share = row.value.number
            suggestion = f"≥{plain_number(share)}%" if problem in ("operator", "sign") and share is not None else None
            yield Hit((row.path("target"),), {"problem": problem, "found": row.text("target")}, suggestion)


def _problem(row: Indicator) -> str:
    """Return "words", "high", "low", "sign" or "operator"; "" where the value is right or left to another rule.

    A number that is no share is left to IN-17, one beyond 100 % to IN-14.
    """
    value = row.value
    if value is None:
        return ""
    if value.kind != "number":
        return "words"
    if value.unit != "%" or value.number is None or not 0 <= value.number <= 100:
        return ""
    if value.number >= 100:
        return "high"
    if value.number < 80:
        return "low"
    if value.operator in ("≤", "<"):
        return "sign"
    return "" if value.operator in ("≥", ">") else "operator"


RULE = Rule(
    code="IN-15",
    severity="warning",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[7].target": "95%"},
    good={"indicators[7].target": "≥80%"},
)

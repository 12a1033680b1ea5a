"""IN-17: the unit of a value fits its class.

A quantity is counted or measured, a cost is money, a satisfaction is a share. Only units that a class can never have
are reported: a duration may be a quantity (培训天数, days of training), and a share may be a cost.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from perfxl.budget.indicator import Indicator, indicators
from perfxl.rules.numbers import are_close, plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_NEVER: Mapping[str, tuple[str, ...]] = {
    "数量": ("money", "ratio", "date"),
    "成本": ("count", "length", "area", "duration", "date", "none"),
    "经济成本": ("count", "length", "area", "duration", "date", "none"),
    "时效": ("money", "length", "area"),
    "服务对象满意度": ("money", "count", "length", "area", "duration", "date", "none"),
}


def check(subject: Subject) -> Iterator[Hit]:
    """Find values whose unit does not fit the class of the indicator."""
    for row in indicators(subject):
        if class_ := unfit(row):
            unit, date = row.value.unit if row.value else "", _dimension(row) == "date"
            facts = {"class_": class_, "found": row.text("target"), "unit": unit, "date": date}
            yield Hit((row.path("target"),), facts, _suggestion(subject, row, class_))


def unfit(row: Indicator) -> str:
    """Return the class of an indicator if it can never have the unit of its value, else ""."""
    class_ = next((name for name in _NEVER if row.belongs(name)), "")
    dimension = _dimension(row)
    never = _NEVER.get(class_, ())
    return class_ if dimension and any(dimension.startswith(word) for word in never) else ""


def _dimension(row: Indicator) -> str:
    """Return the dimension of a value, "date", or "none" for a number without a unit; "" where it is not judged."""
    value = row.value
    if value is None or value.kind not in ("number", "date"):
        return ""
    if value.kind == "date":
        # 3月 may be three months, 2023.5 a number
        if re.fullmatch(r"[0-9.]+", value.raw.strip()):
            return "none"
        return "duration" if re.fullmatch(r"--[0-9]{2}", value.period) else "date"
    if not value.unit:
        return "none"
    return value.dimension or ""


def _suggestion(subject: Subject, row: Indicator, class_: str) -> str | None:
    """Return the meaning of a number without a unit that can only be one thing: the budget, or a satisfaction."""
    number = row.value.number if row.value and not row.value.unit else None
    budget = subject.number("budget.total")
    if number is None:
        return None
    if class_.endswith("成本") and budget is not None and are_close(number, budget):
        return f"≤{plain_number(budget)}万元"
    return f"≥{plain_number(number)}%" if class_ == "服务对象满意度" and Decimal(80) <= number < Decimal(100) else None


RULE = Rule(
    code="IN-17",
    severity="error",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[1].target": "≥95%"},
    good={"indicators[1].target": "3天"},
)

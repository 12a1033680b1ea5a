"""IN-17: the unit of a value fits its class.

A quantity is counted or measured, a cost is money, a satisfaction is a share. Units that a class can never have must be
put right: 人 (persons) under 成本 (cost). What published tables have, though the class asks for another unit, is only
to be confirmed: money or a share under 数量 (quantity), a rate of payment under 成本. A quantity that is a rate by its
own name (疫苗接种率, rate of vaccination) is a hint. A duration may be a quantity (培训天数, days of training), a
saving (成本节约率) a cost, and complaints a satisfaction.

Rows of the same kind are one finding. An indicator that belongs to another class by its name is left to IN-21.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.indicators.home_class import home_class
from perfxl.finding import Severity
from perfxl.form.characters import squeeze
from perfxl.rules.numbers import are_close, plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_NEVER: Mapping[str, tuple[str, ...]] = {
    "数量": ("date",),
    "成本": ("count", "length", "area", "duration", "date", "none"),
    "经济成本": ("count", "length", "area", "duration", "date", "none"),
    "时效": ("money", "length", "area"),
    "服务对象满意度": ("money", "count", "length", "area", "duration", "date", "none"),
}
_HARDLY: Mapping[str, tuple[str, ...]] = {"数量": ("money", "ratio"), "成本": ("ratio",), "经济成本": ("ratio",)}
"""Kinds of units that published tables have in these classes."""


def check(subject: Subject) -> Iterator[Hit]:
    """Find values whose unit does not fit the class of the indicator, those of one kind together."""
    alike: dict[tuple[str, str, Severity], list[Indicator]] = {}
    for row in indicators(subject):
        if (severity := _severity(subject, row)) is None:
            continue
        if suggestion := _suggestion(subject, row, _class(row)):
            yield _hit([row], severity, suggestion)
        else:
            alike.setdefault((_class(row), _kind(row), severity), []).append(row)
    yield from (_hit(rows, severity) for (_, _, severity), rows in alike.items())


def _hit(rows: list[Indicator], severity: Severity, suggestion: str | None = None) -> Hit:
    """Return the hit of some rows of one kind."""
    first = rows[0]
    facts = {
        "class_": _class(first),
        "found": first.text("target"),
        "unit": first.value.unit if first.value else "",
        "date": _kind(first) == "date",
        "ratio": _kind(first) == "ratio",
        "severity": severity,
        "count": len(rows),
    }
    return Hit(tuple(row.path("target") for row in rows), facts, suggestion, None if severity == "error" else severity)


def _severity(subject: Subject, row: Indicator) -> Severity | None:
    """Return how grave it is that a value has its unit; None where the unit may stand in the class."""
    name = squeeze(row.text("level3"))
    if cannot_be(row):
        counted = row.belongs("服务对象满意度") and _kind(row) == "count"
        return None if counted and any(word in name for word in subject.words("complaints")) else "error"
    if not _has(row, _HARDLY) or home_class(subject, row):
        return None
    if row.belongs("数量"):
        rate = _kind(row) == "ratio" and name.endswith(subject.words("rate_names"))
        return "hint" if rate else "warning"
    return None if any(word in name for word in subject.words("cost_rates")) else "warning"


def cannot_be(row: Indicator) -> bool:
    """Return True if the class of an indicator can never have the unit of its value."""
    return _has(row, _NEVER)


def misfits(subject: Subject, row: Indicator) -> bool:
    """Return True if this rule has more than a hint on a value."""
    return _severity(subject, row) in ("error", "warning")


def _has(row: Indicator, kinds: Mapping[str, tuple[str, ...]]) -> bool:
    """Return True if the value of an indicator is of one of these kinds for its class."""
    return bool(kind := _kind(row)) and kind in kinds.get(_class(row), ())


def _class(row: Indicator) -> str:
    """Return the class of an indicator as the tables above name it, "" for a class that may have any unit."""
    return row.kind if row.kind in _NEVER else ""


def _kind(row: Indicator) -> str:
    """Return the kind of a value: its dimension, "money" for money per head or unit, "date", or "none" for no unit.

    "" where it is not judged.
    """
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
    return "money" if value.dimension.startswith("money") else value.dimension


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
    bad={"indicators[5].target": "326人"},
    good={"indicators[1].target": "3天"},
)

"""MN-04: a unit cost times its quantity (times 12 for a monthly cost) equals the budget.

Checked only where there is one unit cost (200元/人) and one quantity in that unit (326人); otherwise it is not certain
which of them belong together. Nothing is reported where either is an inequality, or where the project covers only
part of the year.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.indicator import COSTS, Indicator, indicators
from perfxl.budget.money.cost import PERSONS
from perfxl.form.characters import squeeze
from perfxl.rules.numbers import are_close, plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_INEQUALITIES = ("≤", "≥", "<", ">")
_SPAN = re.compile(r"(\d{1,2})月?份?[至到\-—–~～]+(\d{1,2})月")
_MONTHS = re.compile(r"([\d一二两三四五六七八九十]{1,3})个月")
_SEASON = re.compile(r"[上下]半年|半年|[一二三四1-4]季度|[\d一二三四五六七八九十]月份?(?:起|开始|以后|之后)")


def check(subject: Subject) -> Iterator[Hit]:
    """Find a unit cost whose product with its quantity differs from the budget."""
    budget = subject.number("budget.total")
    costs = [row for row in indicators(subject) if row.belongs(*COSTS) and _costed_unit(row)]
    if budget is None or len(costs) != 1:
        return
    cost, months = costs[0], _months(costs[0])
    quantities = [row for row in indicators(subject) if row.belongs("数量") and _counts(row, _costed_unit(cost))]
    if any(row.value and row.value.operator in _INEQUALITIES for row in (cost, *quantities)):
        return  # a limit on the price or on the quantity makes no equation
    if months == 12 and _part_of_year(subject, cost):
        return
    products = [_product(cost, quantity, months) for quantity in quantities]
    if len(quantities) != 1 or not months or are_close(products[0] / 10000, budget):
        return
    facts = {
        "cost": cost.text("target"),
        "quantity": quantities[0].text("target"),
        "months": months,
        "product": plain_number(products[0]),
        "product_wan": float(products[0] / 10000),
        "total": float(budget),
        "difference": float(abs(products[0] / 10000 - budget)),
    }
    yield Hit((cost.path("target"), quantities[0].path("target"), "budget.total"), facts)


def _costed_unit(row: Indicator) -> str:
    """Return the unit that a unit cost is for: 人 (person) for 200元/人; empty if the value is no unit cost."""
    value = row.value
    if value is None or value.amount is None or "/" not in (value.unit or ""):
        return ""
    return str(value.unit).split("/")[1]


def _months(row: Indicator) -> int:
    """Return 12 for a monthly cost, 1 for a yearly one or one paid once, 0 for any other period."""
    assert row.value is not None
    periods = str(row.value.unit).split("/")[2:]
    return {(): 1, ("月",): 12, ("年",): 1}.get(tuple(periods), 0)


def _counts(row: Indicator, costed: str) -> bool:
    """Return True if the indicator's value is a number in the unit that a unit cost is for."""
    value = row.value
    if value is None or value.kind != "number" or value.number is None:
        return False
    return value.unit == costed or {value.unit, costed} <= set(PERSONS)


def _part_of_year(subject: Subject, cost: Indicator) -> bool:
    """Return True if the purpose, the goals or the cost name only some months: 7至12月, 下半年 (second half), 6个月."""
    about = [text for path, text in subject.texts if path in ("purpose", "goals")]
    text = squeeze(" ".join((*about, cost.text("level3"), cost.text("description"))))
    return (
        bool(_SEASON.search(text))
        or any((int(first), int(last)) != (1, 12) for first, last in _SPAN.findall(text))
        or any(months not in ("12", "十二") for months in _MONTHS.findall(text))
    )


def _product(cost: Indicator, quantity: Indicator, months: int) -> Decimal:
    """Return unit cost times quantity times months, in 元."""
    assert cost.value is not None
    assert quantity.value is not None
    return (cost.value.amount or Decimal(0)) * (quantity.value.number or Decimal(0)) * months


RULE = Rule(
    code="MN-04",
    severity="error",
    check=check,
    needs=("indicators.target", "budget.total"),
    bad={"indicators[5].target": "220元/人"},
    good={"indicators[5].target": "200元/人/年", "indicators[1].target": "40个"},
    together=True,
)

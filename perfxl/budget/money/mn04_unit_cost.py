"""MN-04: a cost for each, times how many of them, times 12 for a monthly one, is the budget.

Judged where there is one cost for each and one quantity of that unit; else it is not sure which
belong together. An inequality on either side makes it none to judge, and so does a part of the year.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.indicator import COSTS, Indicator, indicators
from perfxl.budget.money.cost import PERSONS
from perfxl.rules.numbers import are_close, plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze

_UNEQUAL = ("≤", "≥", "<", ">")
_SPAN = re.compile(r"(\d{1,2})月?份?[至到\-—–~～]+(\d{1,2})月")
_MONTHS = re.compile(r"([\d一二两三四五六七八九十]{1,3})个月")
_SEASON = re.compile(r"[上下]半年|半年|[一二三四1-4]季度|[\d一二三四五六七八九十]月份?(?:起|开始|以后|之后)")


def check(subject: Subject) -> Iterator[Hit]:
    budget = subject.number("budget.total")
    costs = [row for row in indicators(subject) if row.belongs(*COSTS) and _per(row)]
    if budget is None or len(costs) != 1:
        return
    cost, months = costs[0], _months(costs[0])
    quantities = [row for row in indicators(subject) if row.belongs("数量") and _counts(row, _per(cost))]
    if any(row.value and row.value.operator in _UNEQUAL for row in (cost, *quantities)):
        return  # at most so much for at least so many is no equation
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


def _per(row: Indicator) -> str:
    """What a cost is for: 人 for 200元/人; empty where it is no cost for each."""
    value = row.value
    if value is None or value.amount is None or "/" not in (value.unit or ""):
        return ""
    return str(value.unit).split("/")[1]


def _months(row: Indicator) -> int:
    """12 for a monthly cost, 1 for a yearly one or one paid once, 0 for any other period."""
    assert row.value is not None
    periods = str(row.value.unit).split("/")[2:]
    return {(): 1, ("月",): 12, ("年",): 1}.get(tuple(periods), 0)


def _counts(row: Indicator, per: str) -> bool:
    unit = row.value.unit if row.value and row.value.kind == "number" and row.value.number is not None else None
    return unit is not None and (unit == per or {unit, per} <= set(PERSONS))


def _part_of_year(subject: Subject, cost: Indicator) -> bool:
    """Do the purpose, the goals or the cost itself speak of some months only: 7至12月, 下半年, 6个月?"""
    about = [text for path, text in subject.texts if path in ("purpose", "goals")]
    text = squeeze(" ".join((*about, cost.text("level3"), cost.text("description"))))
    return (
        bool(_SEASON.search(text))
        or any((int(first), int(last)) != (1, 12) for first, last in _SPAN.findall(text))
        or any(months not in ("12", "十二") for months in _MONTHS.findall(text))
    )


def _product(cost: Indicator, quantity: Indicator, months: int) -> Decimal:
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

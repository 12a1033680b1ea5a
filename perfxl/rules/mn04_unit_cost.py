"""MN-04: a cost for each, times how many of them, times 12 for a monthly one, is the budget.

Judged where there is one cost for each and one quantity of that unit; else it is not sure which
belong together.
"""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.rules.base import Hit, Row, Rule, Subject, close, plain
from perfxl.rules.cost import COSTS

_PERSONS = ("人", "名", "位")


def check(subject: Subject) -> Iterator[Hit]:
    budget = subject.number("budget.total")
    costs = [row for row in subject.rows if row.belongs(*COSTS) and _per(row)]
    if budget is None or len(costs) != 1:
        return
    cost, months = costs[0], _months(costs[0])
    quantities = [row for row in subject.rows if row.belongs("数量") and _counts(row, _per(cost))]
    products = [_product(cost, quantity, months) for quantity in quantities]
    if len(quantities) != 1 or not months or close(products[0] / 10000, budget):
        return
    facts = {
        "cost": cost.text("target"),
        "quantity": quantities[0].text("target"),
        "months": months,
        "product": plain(products[0]),
        "product_wan": float(products[0] / 10000),
        "total": float(budget),
        "difference": float(abs(products[0] / 10000 - budget)),
    }
    yield Hit((cost.path("target"), quantities[0].path("target"), "budget.total"), facts)


def _per(row: Row) -> str:
    """What a cost is for: 人 for 200元/人; empty where it is no cost for each."""
    value = row.value
    if value is None or value.amount is None or "/" not in (value.unit or ""):
        return ""
    return str(value.unit).split("/")[1]


def _months(row: Row) -> int:
    """12 for a monthly cost, 1 for a yearly one or one paid once, 0 for any other period."""
    assert row.value is not None
    periods = str(row.value.unit).split("/")[2:]
    return {(): 1, ("月",): 12, ("年",): 1}.get(tuple(periods), 0)


def _counts(row: Row, per: str) -> bool:
    unit = row.value.unit if row.value and row.value.kind == "number" and row.value.number is not None else None
    return unit is not None and (unit == per or {unit, per} <= set(_PERSONS))


def _product(cost: Row, quantity: Row, months: int) -> Decimal:
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
)

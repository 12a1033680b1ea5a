"""MN-04: a unit cost times its quantity (times 12 for a monthly cost) equals the budget.

A unit cost (200元/人) belongs to the quantities in its unit (326人); with several, the budget must fit one of the
combinations. A ceiling (≤10万元/公里) is an upper bound, and so is a quantity's sign. Other costs stated as amounts are
added. Nothing is reported where a cost is stated in classes, where the number of months, days or times is not known,
where the project pays only a share of the cost, or where it clearly does more than the unit cost is for.
"""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from math import prod

from perfxl.budget.indicator import COSTS, indicators
from perfxl.budget.money import cost, rates
from perfxl.budget.money.rates import Product, Rate
from perfxl.budget.texts.likeness import pairs
from perfxl.rules.numbers import TOLERANCE, excess_digits, plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import has_any

_WAN = Decimal(10000)
_TOLERANCE = TOLERANCE * _WAN
_MOST_WAYS = 64
"""Ways of combining unit costs with quantities that are tried; beyond, it is not known what belongs together."""
_MOST_PARTS = 6
_MAIN = Decimal("0.5")
"""The share of the budget from which on a unit cost is what the project is about."""

_CLEARLY = 2
"""How much more the names of one way must have in common than those of the next, in pairs of characters."""

Way = tuple[Product, ...]
"""One way of multiplying the unit costs: a product of each."""


def check(subject: Subject) -> Iterator[Hit]:
    """Find a unit cost whose product with its quantity differs from the budget."""
    budget = subject.number("budget.total")
    found = rates.rates(subject)
    if not budget or budget < 0 or not found or not subject.readable("budget.total") or _is_open(subject, found):
        return
    products = [rates.products(subject, rate) for rate in found]
    if not all(products):
        yield from _without_quantity(subject, found)
    elif prod(map(len, products)) <= _MOST_WAYS:
        others = _other_costs(subject, budget)
        if not (_is_graded(products, budget) or _is_said_elsewhere(subject, found, others, budget)):
            yield from _differing(subject, _ways(products), others, budget)


def _is_open(subject: Subject, found: tuple[Rate, ...]) -> bool:
    """Return True if some cost is stated in classes or in words, or if the project pays only a share of the cost."""
    rated = {rate.row.index for rate in found}
    costs = [row for row in indicators(subject) if row.belongs(*COSTS)]
    in_words = any(row.index not in rated and row.value and row.value.kind != "number" for row in costs)
    return in_words or has_any(rates.about(subject), subject.words("shared_cost"))


def _ways(products: list[tuple[Product, ...]]) -> list[Way]:
    """Return the ways in which each unit cost has a quantity of its own; every way where the quantities are too few.

    Where the names tell which quantity belongs to which of several unit costs, this is the only way.
    """
    if len(products) > 1:
        products = [tuple(one for one in some if len(one.rows) == 1) for some in products]
    every = list(itertools.product(*products))
    ways = sorted(filter(_is_apart, every), key=_alike, reverse=True)
    if len(products) > 1 and ways and (len(ways) == 1 or _alike(ways[0]) - _alike(ways[1]) >= _CLEARLY):
        return ways[:1]
    return ways or every


def _is_apart(way: Way) -> bool:
    """Return True if each unit cost has a quantity of its own."""
    return len({tuple(row.index for row in one.rows) for one in way}) == len(way)


def _is_graded(products: list[tuple[Product, ...]], budget: Decimal) -> bool:
    """Return True if some of one quantity may get one unit cost and some another, and the budget lies between these."""
    if any(map(_is_apart, itertools.product(*products))):
        return False
    least = min(one.least for some in products for one in some)
    most = sum(max(one.most for one in some) for some in products)
    return least - _TOLERANCE <= budget * _WAN <= most + _TOLERANCE


def _other_costs(subject: Subject, budget: Decimal) -> tuple[Decimal, ...]:
    """Return the amounts in 元 of the parts of the cost that are no product."""
    rows = [row for row in cost.parts(subject) if abs(cost.amount(row) - budget) > TOLERANCE]
    return tuple(cost.amount(row) * _WAN for row in rows)[:_MOST_PARTS]


def _is_said_elsewhere(subject: Subject, found: tuple[Rate, ...], others: tuple[Decimal, ...], budget: Decimal) -> bool:
    """Return True if a quantity in some text makes the budget: the indicator's is reported by other checks."""
    if len(found) != 1:
        return False
    amounts = {budget * _WAN - more for more in _sums(others)}
    said = rates.said_amounts(subject, found[0])
    return any(abs(one - amount) <= _TOLERANCE for one in said for amount in amounts)


def _sums(amounts: tuple[Decimal, ...]) -> Iterator[Decimal]:
    """Yield what some of the amounts add up to, from none of them to all."""
    for size in range(len(amounts) + 1):
        yield from (sum(some, Decimal(0)) for some in itertools.combinations(amounts, size))


def _differing(subject: Subject, ways: list[Way], others: tuple[Decimal, ...], budget: Decimal) -> Iterator[Hit]:
    """Yield the finding on products of which no combination makes the budget."""
    yuan = budget * _WAN
    beside = [_beside(way, others, yuan) for way in ways]
    if not all(beside):
        return
    way = min(ways, key=lambda way: (-_alike(way), abs(_total(way) - yuan)))
    product = _total(way) + sum(others, Decimal(0))
    if all(side > 0 for side in beside):
        if yuan < product or _is_a_part(subject, ways, _total(way), budget):
            return  # the product is in another cost; or the budget is for more than it
    elif others:
        product = _total(way)
    paths = dict.fromkeys(row.path("target") for one in way for row in (*one.rows,))
    facts = {
        "kind": _kind(way, yuan - product),
        "terms": [one.text for one in way],
        "others": float(sum(others, Decimal(0)) / _WAN) if product != _total(way) else 0.0,
        "product": plain_number(product),
        "product_wan": float(product / _WAN),
        "total": float(budget),
        "difference": float(abs(product - yuan) / _WAN),
    }
    certain = len(ways) == 1 and len(way) == 1 and _is_certain(subject, way[0], others, budget)
    fields = (*dict.fromkeys(one.rate.row.path("target") for one in way), *paths, "budget.total")
    yield Hit(fields, facts, None, None if certain else "warning")


def _is_a_part(subject: Subject, ways: list[Way], product: Decimal, budget: Decimal) -> bool:
    """Return True if the budget is for more than the unit cost: other things are counted too, or these in classes."""
    whole = bool(cost.all_in(subject, budget))
    if whole and any(len(one.rows) > 1 for way in ways for one in way):
        return True
    return _does_more(subject, ways) and (whole or product < budget * _WAN * _MAIN)


def _kind(way: Way, difference: Decimal) -> str:
    """Return the word for a budget above a ceiling, or for one that is more or less than the product."""
    if difference < 0:
        return "less"
    return "ceiling" if any(one.rate.operator in ("≤", "<") for one in way) else "more"


def _beside(way: Way, others: tuple[Decimal, ...], yuan: Decimal) -> int:
    """Return 0 if the budget lies within the bounds of the products, with or without other costs; 1 above, -1 below."""
    least, most = sum(one.least for one in way), sum(one.most for one in way)
    if any(abs(_total(way) - part) <= _TOLERANCE for part in others):
        return 0  # it is stated as an amount too; what the amounts add up to is for MN-03
    sides = [
        1 if yuan > most + more + _TOLERANCE else -1 if yuan < least + more - _TOLERANCE else 0
        for more in _sums(others)
    ]
    return 0 if 0 in sides else sides[0]


def _total(way: Way) -> Decimal:
    return sum((one.amount for one in way), Decimal(0))


def _alike(way: Way) -> float:
    """Return how much the names of the unit costs have in common with those of their quantities."""
    return sum(
        len(pairs(one.rate.row.text("level3")) & pairs(row.text("level3"))) / len(one.rows)
        for one in way
        for row in one.rows
    )


def _does_more(subject: Subject, ways: list[Way]) -> bool:
    """Return True if the project states other quantities than those of its unit costs."""
    rated = {row.index for way in ways for one in way for row in one.rows}
    return any(row.belongs("数量") and row.value and row.index not in rated for row in indicators(subject))


def _is_certain(subject: Subject, one: Product, others: tuple[Decimal, ...], budget: Decimal) -> bool:
    """Return True if nobody can defend the difference.

    Not certain are a difference of less than 1万元 to a round budget, and a budget above the product where there are
    other quantities, or for a number of months that is not said.
    """
    yuan = budget * _WAN
    if not one.sure or (not excess_digits(budget) and abs(yuan - one.amount) < _WAN / 2):
        return False
    if yuan < one.least:
        months = "月" in one.rate.times and any(
            abs(one.amount * part / 12 - yuan) <= _TOLERANCE for part in range(2, 12)
        )
        return not months
    return not others and not _does_more(subject, [(one,)])


def _without_quantity(subject: Subject, found: tuple[Rate, ...]) -> Iterator[Hit]:
    """Yield a hint on the only cost where no quantity of its items is stated anywhere: 1600元/亩, but no 亩."""
    costs = [row for row in indicators(subject) if row.belongs(*COSTS) and row.value]
    if len(found) != 1 or len(costs) != 1 or rates.counting(subject, found[0]):
        return
    rate = found[0]
    if rates.is_countable(subject, rate) and not any(rates.said_amounts(subject, rate)):
        facts = {"kind": "quantity", "terms": [rate.row.text("target")], "item": rate.objects[0]}
        yield Hit((rate.row.path("target"),), facts, None, "hint")


RULE = Rule(
    code="MN-04",
    severity="error",
    check=check,
    needs=("indicators.target", "budget.total"),
    bad={"indicators[5].target": "220元/人"},
    good={"indicators[5].target": "200元/人/年", "indicators[1].target": "40个"},
    together=True,
)

"""Selection of the indicators that state what a project costs, for the rules MN-03 to MN-09.

All amounts are in 万元 (10,000 yuan), the unit of the budget.
"""

from decimal import Decimal
from typing import NamedTuple

from perfxl.budget.indicator import COSTS, Indicator, indicators
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.numbers import are_close, plain_number
from perfxl.rules.subject import Subject
from perfxl.rules.words import word_pattern

PERSONS = ("人", "名", "位")
"""The units in which people are counted; they are equivalent."""
_WAN = Decimal(10000)
_PRICE = late_pattern(r"每(?!年|个?年度)|单[个价次项]|[人户亩村生校床台车]均")
_ASIDE = late_pattern(r"[(（][^()（）]*[)）]|[一-鿿]{0,6}[〔【\[][^〕】\]]*[〕】\]](?:第?\d+号)?|(?:19|20)\d\d年?度?")
_MOSTLY = 0.6
"""The share of the project's name from which on an indicator's name is that of the project."""


class Claim(NamedTuple):
    """A cost indicator that states one figure of the budget.

    ``path``: the path of that figure (``budget.total``, ``budget.fiscal``, ``budget.other``), ``figure``: its amount;
    ``whole``: True if it must be equal, False if the indicator may be a part of it.
    """

    row: Indicator
    path: str
    figure: Decimal
    whole: bool


def claims(subject: Subject) -> tuple[Claim, ...]:
    """Return the cost indicators to be compared with the budget or with one of its two sources.

    What an indicator names is what it states: 财政资金 (fiscal money) is not the total where there is other money. Of
    the others a single one is taken; of several the one that is named a total, unless another one states the year's
    budget already.
    """
    return subject.once(_claims)


def _claims(subject: Subject) -> tuple[Claim, ...]:
    rows, budget = amounts(subject), subject.number("budget.total")
    if budget is None or not budget or not rows or not subject.readable("budget.total"):
        return ()
    sources = {row.index: claim for row in rows if (claim := _source(subject, row, budget))}
    rest = [row for row in rows if row.index not in sources and not source_named(subject, row)]
    found = [claim for claim in sources.values() if claim.figure]
    total = _total(subject, rest, budget)
    if total is None:
        return tuple(found)
    return (*found, Claim(total, "budget.total", budget, is_own(subject, total) or is_total(subject, total)))


def _total(subject: Subject, rows: list[Indicator], budget: Decimal) -> Indicator | None:
    """Return the indicator that states the project's total, None where that is not certain."""
    if len(rows) == 1:
        row = rows[0]
        alone = is_own(subject, row) or not has_open_costs(subject)
        return row if alone and not is_part(subject, row) and not _is_share(subject, row, budget) else None
    if are_close(sum(map(amount, rows), Decimal(0)), budget):
        return None
    named = [row for row in rows if is_total(subject, row) and is_own(subject, row) and not is_part(subject, row)]
    if len(named) != 1 or _is_share(subject, named[0], budget):
        return None
    others = (row for row in rows if row is not named[0] and are_close(amount(row), budget))
    return None if any(is_own(subject, row) for row in others) else named[0]


def parts(subject: Subject) -> tuple[Indicator, ...]:
    """Return the cost indicators that state amounts of parts of the project: training, equipment."""
    return tuple(
        row
        for row in amounts(subject)
        if not (
            is_part(subject, row) or source_named(subject, row) or (is_total(subject, row) and is_own(subject, row))
        )
    )


def has_open_costs(subject: Subject) -> bool:
    """Return True if some cost is stated otherwise than by an amount: a price per item, or in words."""
    costs = (row for row in indicators(subject) if row.belongs(*COSTS) and row.value)
    return any(
        is_part(subject, row) if is_amount(row) else row.value is not None and row.value.dimension != "ratio"
        for row in costs
    )


def amounts(subject: Subject) -> tuple[Indicator, ...]:
    """Return the cost indicators that state an amount of money."""
    return subject.once(_amounts)


def _amounts(subject: Subject) -> tuple[Indicator, ...]:
    return tuple(row for row in indicators(subject) if _states_amount(row))


def source_named(subject: Subject, row: Indicator) -> str:
    """Return the source of money that an indicator names: fiscal, part, other; empty where it names none.

    ``part``: a part of the fiscal money, such as 省级补助 (of the province). A word of the project's own name tells
    nothing.
    """
    name, project = squeeze(row.text("level3")), squeeze(str(subject.get("name") or ""))
    for source in ("part_of_fiscal", "other_money", "fiscal_money"):
        if any(found[0] not in project for found in word_pattern(subject.words(source)).finditer(name)):
            return source.removesuffix("_money").removesuffix("_of_fiscal")
    return ""


def _source(subject: Subject, row: Indicator, budget: Decimal) -> Claim | None:
    """Return what an indicator claims of one source of the budget, None where it names none or that is not known."""
    source = source_named(subject, row)
    fiscal, other = subject.number("budget.fiscal"), subject.number("budget.other")
    if not source or is_part(subject, row):
        return None
    if source == "other":
        return Claim(row, "budget.other", other, "其他资金" in row.text("level3")) if other else None
    if source == "fiscal":
        several = sum(source_named(subject, more) == "fiscal" for more in amounts(subject)) > 1
        return Claim(row, "budget.fiscal", fiscal, not several) if fiscal else None
    return Claim(row, "budget.total", budget, False) if amount(row) > budget else None


def amount(row: Indicator) -> Decimal:
    """Return the amount that an indicator states, in 万元; the indicator must have a value."""
    assert row.value is not None
    return (row.value.amount or Decimal(0)) / _WAN


def magnitude(row: Indicator, budget: Decimal) -> int:
    """Return 1 if the indicator states 10,000 times the budget, -1 if it states a 10,000th of it, else 0."""
    stated = amount(row)
    if are_close(stated / _WAN, budget):
        return 1
    # Compared after scaling up: 0.2405 is close to 0.24 by the tolerance, but is no 10,000th of 2400.
    return -1 if abs(stated * _WAN - budget) <= Decimal("0.005") and not are_close(stated, budget) else 0


def ceiling(budget: Decimal) -> str:
    """Return the budget written as the value of a total cost: ≤6.52万元."""
    return f"≤{plain_number(budget)}万元"


def _states_amount(row: Indicator) -> bool:
    """Return True if the indicator is a cost and states an amount of money."""
    return row.belongs(*COSTS) and is_amount(row)


def is_amount(row: Indicator) -> bool:
    """Return True if the indicator states an amount of money, not a rate such as 200元/人."""
    return row.value is not None and row.value.dimension == "money" and row.value.amount is not None


def all_in(subject: Subject, budget: Decimal) -> tuple[Indicator, ...]:
    """Return the cost indicators that state the whole budget."""
    return tuple(
        row
        for row in indicators(subject)
        if _states_amount(row) and not is_part(subject, row) and are_close(amount(row), budget)
    )


def is_total(subject: Subject, row: Indicator) -> bool:
    """Return True if the indicator's name says that it is the total."""
    return any(word in row.text("level3") for word in subject.words("total_of_cost"))


def is_own(subject: Subject, row: Indicator) -> bool:
    """Return True if the name says only that it is the cost of this project: 项目成本, or the project's name.

    The end of that name is enough beside a word for the total: 优待金总额 of 义务兵家庭优待金.
    """
    return subject.once(_is_own, squeeze(row.text("level3")))


def _is_own(subject: Subject, name: str) -> bool:
    core = _core(name, subject.words("cost_words"))
    project = _core(_ASIDE.sub("", squeeze(str(subject.get("name") or ""))), subject.words("cost_words"))
    if not core or (core in project and len(core) >= len(project) * _MOSTLY):
        return True
    return len(core) > 1 and project.endswith(core) and any(word in name for word in subject.words("total_of_cost"))


def _core(name: str, words: tuple[str, ...]) -> str:
    """Return a name without the words that every cost has, such as 总, 经费 and 支出."""
    return word_pattern(words).sub("", name)


def is_part(subject: Subject, row: Indicator) -> bool:
    """Return True if the indicator says that it is a part of the cost, or the price of one item among several.

    A price per item (每户补助总额) is no total, whatever else its name says.
    """
    name = row.text("level3")
    if _PRICE.search(name):
        return True
    words = word_pattern(subject.words("part_of_cost"))
    return bool(words.search(f"{name} {row.text('description')}")) and not is_total(subject, row)


def _is_share(subject: Subject, row: Indicator, budget: Decimal) -> bool:
    """Return True if the amount is a price per item of some quantity: 5万元, with 3台 (sets) and a budget of 15万元."""
    numbers = (other.value.number for other in indicators(subject) if other.belongs("数量") and other.value)
    return any(number is not None and are_close(amount(row) * number, budget) for number in numbers)

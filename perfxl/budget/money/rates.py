"""Costs per item (200元/人, 10元/人/月, ≤10万元/公里) and the quantities that they are multiplied by, for MN-04.

A product has bounds: ≤10万元/公里 is a ceiling, ≥300人 are at least so many.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from perfxl.budget.indicator import COSTS, Indicator, indicators
from perfxl.budget.indicator_value import Value, parse
from perfxl.budget.money.cost import is_total
from perfxl.budget.quantity import PEOPLE, base, in_base
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.numbers import plain_number
from perfxl.rules.subject import Subject
from perfxl.rules.words import alternatives

_SIGNS = late_pattern(r"[/·*.、每\s]+")
_CLASSIFIERS = ("个", "所", "家", "处", "座", "支", "张", "项", "条")
_TIMES = {"年": "年", "月": "月", "天": "天", "日": "天", "学期": "学期", "季度": "季度", "半年": "半年"}
_COUNTS = ("次", "场", "期", "批", "课时", "小时")
_OF_YEAR = {"年": 1, "学期": 2, "季度": 4, "半年": 2}
_NAMED = late_pattern(
    r"(?:每一?个?|单)(?P<each>平方米|公里|人次|[人名位户亩村台辆套场次期座处所张吨头株件米生班校])"
    r"|(?P<mean>[人户亩村生校])均"
)
_NAMED_TIME = late_pattern(r"每人?个?(月|天|日|学期|季度)|(月)均")
_MONTHS = late_pattern(r"(\d{1,2}|[一二两三四五六七八九十]{1,2})个月")
_SPAN = late_pattern(r"(\d{1,2})月?份?[至到\-—–~～]+(\d{1,2})月")
_SEASON = late_pattern(
    r"[上下]半年|半年|[一二三四1-4]季度|[\d一二三四五六七八九十]月份?(?:起|开始|以后|之后)|[春秋]季学期"
)
_DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2, "十一": 11, "十二": 12}


@dataclass(frozen=True)
class Rate:
    """A cost per item: ``amount`` in 元 for each of ``objects`` (人) and ``times`` (月).

    ``said``: its value names the items; else they are known from the indicator's name only; ``name``: of one of several
    in a cell, 县道 of “县道1万元/公里，乡道0.5万元/公里”.
    """

    row: Indicator
    amount: Decimal
    operator: str
    objects: tuple[str, ...]
    times: tuple[str, ...]
    said: bool
    name: str = ""


class Product(NamedTuple):
    """A rate times one quantity: the amount in 元 with the least and the most it can be, and the arithmetic in words.

    ``rows``: the indicators of the quantity. ``sure``: nothing in it was assumed; a number with ≥ may be larger.
    """

    rate: Rate
    least: Decimal
    amount: Decimal
    most: Decimal
    text: str
    rows: tuple[Indicator, ...]
    sure: bool


_ENDLESS = Decimal("Infinity")
_GRADE = late_pattern(r"(?P<name>[\u4e00-\u9fff]{2,10}?)(?:每[人户亩]|为|按)?(?P<rate>[≤＜<]?\d+(?:\.\d+)?万?元/.+)")


def rates(subject: Subject) -> tuple[Rate, ...]:
    """Return the costs per item that the cost indicators state."""
    return subject.once(_read_rates)


def _read_rates(subject: Subject) -> tuple[Rate, ...]:
    costs = (row for row in indicators(subject) if row.belongs(*COSTS))
    return tuple(rate for row in costs for rate in (*_graded(subject, row), _rate(subject, row, row.value)) if rate)


def _graded(subject: Subject, row: Indicator) -> Iterator[Rate]:
    """Yield the rates of a cell that names several; none where one of them is no rate, or has no name."""
    pieces = [_GRADE.fullmatch(squeeze(piece)) for piece in re.split("[，,；;、]", row.text("target"))]
    if len(pieces) < 2:
        return
    found = [_rate(subject, row, parse(piece["rate"])) for piece in pieces if piece]
    if len(found) == len(pieces) and all(rate and rate.said for rate in found):
        yield from (
            replace(rate, name=piece["name"]) for rate, piece in zip(found, pieces, strict=True) if rate and piece
        )


def _rate(subject: Subject, row: Indicator, value: Value | None) -> Rate | None:
    if value is None or value.amount is None:
        return None
    units = [part for part in _SIGNS.split(value.unit.partition("/")[2]) if part]
    times = [_TIMES[unit] for unit in units if unit in _TIMES]
    objects = [unit for unit in units if unit not in _TIMES]
    said = bool(objects)
    if not objects and is_total(subject, row):
        return None
    if not objects:
        objects, named = _named_objects(*(squeeze(row.text(column)) for column in ("level3", "description")))
        times = times or named
    if not objects and not times:
        return None
    if len(objects) > 1:  # 元/人/次: the last is how often
        times += [unit for unit in objects[1:] if unit in _COUNTS]
        objects = [objects[0], *(unit for unit in objects[1:] if unit not in _COUNTS)]
    return Rate(row, value.amount, value.operator, tuple(objects), tuple(times), said)


def _named_objects(*texts: str) -> tuple[list[str], list[str]]:
    """Return the item and the time that a text speaks of: 每人每月补贴标准 (for each person a month)."""
    for text in texts:
        if match := _NAMED.search(text):
            time = _NAMED_TIME.search(text)
            return [match["each"] or match["mean"]], [_TIMES[time[1] or time[2]]] if time else []
    return [], []


def products(subject: Subject, rate: Rate) -> tuple[Product, ...]:
    """Return the products of a rate with each quantity of its items that an indicator states, and with their sum."""
    factors = _factors(subject, rate)
    if len(rate.objects) != 1 or factors is None:
        return ()
    rows = counting(subject, rate)
    if rate.name:  # one quantity is of that name, or nothing is known
        rows = tuple(row for row in rows if rate.name in squeeze(row.text("level3")))
        rows = rows if len(rows) == 1 else ()
    found = [_product(rate, factors, (row,)) for row in rows]
    if len(rows) > 1:
        found.append(_product(rate, factors, rows))
    return tuple(found)


def said_amounts(subject: Subject, rate: Rate) -> Iterator[Decimal]:
    """Yield the amounts in 元 of a rate with each quantity of its items that any text names, such as 1354名."""
    factors = _factors(subject, rate)
    if len(rate.objects) != 1 or factors is None:
        return
    unit, factor = base(rate.objects[0])
    words = (*PEOPLE, "个人") if unit == "人" else (rate.objects[0], unit, "个" + rate.objects[0])
    said = re.findall(rf"(\d+(?:\.\d+)?)(万)?({alternatives(words)})", squeeze(_texts(subject)))
    numbers = {
        Decimal(number) * (10000 if ten else 1) * (factor if word == rate.objects[0] else 1)
        for number, ten, word in said
    }
    numbers |= {_quantity(row) for row in counting(subject, rate)}
    often = {factors[0], *((Decimal(1),) if "学期" in rate.times else ())}
    yield from (rate.amount * number / factor * times for number in numbers for times in often)


def is_countable(subject: Subject, rate: Rate) -> bool:
    """Return True if the items of a rate, and how often it is paid, are known, so that only a quantity is missing."""
    return rate.said and len(rate.objects) == 1 and _factors(subject, rate) is not None


def counting(subject: Subject, rate: Rate) -> tuple[Indicator, ...]:
    """Return the quantity indicators that count the items of a rate."""
    if len(rate.objects) != 1:
        return ()
    return tuple(row for row in indicators(subject) if row.belongs("数量") and _counts(row, rate.objects[0]))


def _counts(row: Indicator, item: str) -> bool:
    """Return True if an indicator counts an item: 人 by 名, 公里 by 米, 村 by 个村 or by 个 where its name says 村."""
    value = row.value
    if value is None or value.kind != "number" or not value.number:
        return False
    unit = value.unit.partition("/")[0] if value.unit.endswith("/年") else value.unit
    counted_in = base(item)[0]
    if base(unit)[0] == counted_in or unit == item:
        return True
    if unit[:1] in _CLASSIFIERS and item in unit[1:]:
        return True
    counted = unit in _CLASSIFIERS and item not in _CLASSIFIERS and counted_in != "人" and item not in _COUNTS
    return counted and item in row.text("level3") + row.text("description")


def _quantity(row: Indicator) -> Decimal:
    """Return an indicator's number in the unit in which others are counted: 米 for 公里."""
    assert row.value is not None
    return in_base(row.value.number or Decimal(0), row.value.unit.removesuffix("/年"))


def _product(rate: Rate, factors: tuple[Decimal, str, bool], rows: tuple[Indicator, ...]) -> Product:
    """Return the product of a rate with the quantities of some indicators, and with how often it is paid."""
    often, times, sure = factors
    amount = rate.amount * sum(map(_quantity, rows), Decimal(0)) * often / base(rate.objects[0])[1]
    signs = {rate.operator, *(row.value.operator for row in rows if row.value)}
    least = Decimal(0) if signs & {"≤", "<"} else amount
    most = _ENDLESS if rate.operator in ("≥", ">") else amount
    quantities = "＋".join(row.text("target") for row in rows)
    told = (
        f"{plain_number(rate.amount)}元/{'/'.join((*rate.objects, *rate.times))}"
        if rate.name
        else rate.row.text("target")
    )
    text = told + "×" + (f"（{quantities}）" if len(rows) > 1 else quantities) + times
    return Product(rate, least, amount, most, text, rows, sure and rate.said and not signs & {"≥", ">"})


def _factors(subject: Subject, rate: Rate) -> tuple[Decimal, str, bool] | None:
    """Return how often a rate is paid in the year, in words, and True if it is said; None where it is not known."""
    number, text, sure = Decimal(1), "", True
    for time in rate.times:
        if time == "年":
            continue
        often = _how_often(subject, time)
        if often is None:
            return None
        number *= often[0]
        text += f"×{plain_number(often[0])}{'个' if time in ('月', '学期', '季度', '半年') else ''}{time}"
        sure = sure and often[1]
    return number, text, sure


def _how_often(subject: Subject, time: str) -> tuple[Decimal, bool] | None:
    """Return the number of months, days or times of the project, and True if it is certain; None where it is open."""
    if time == "月":
        return _months(subject)
    if time in _OF_YEAR:
        return None if _SEASON.search(about(subject)) else (Decimal(_OF_YEAR[time]), time != "学期")
    units = ("天", "日", "个工作日", "工作日") if time == "天" else (time,)
    rows = [
        row.value.number
        for row in indicators(subject)
        if row.belongs("数量", "时效") and row.value and row.value.unit in units and row.value.number
    ]
    said = re.findall(rf"(\d+)(?:{alternatives(units)})", _texts(subject))
    numbers = {*rows, *map(Decimal, said)}
    return (numbers.pop(), len(rows) == 1) if len(numbers) == 1 else None


def _months(subject: Subject) -> tuple[Decimal, bool] | None:
    """Return the months for which the project pays; 12 where no text names a part of the year."""
    texts = about(subject)
    spans = [1 + int(last) - int(first) for first, last in _SPAN.findall(texts)]
    named = [_DIGITS[word] if word in _DIGITS else int(word) for word in _MONTHS.findall(texts) if _known(word)]
    counted = [
        int(row.value.number)
        for row in indicators(subject)
        if row.belongs("数量") and row.value and row.value.number and row.value.unit in ("月", "个月")
    ]
    found = {number for number in (*spans, *named, *counted) if 0 < number <= 12}
    if _SEASON.search(texts) or len(found) > 1:
        return None
    return Decimal(found.pop() if found else 12), True


def _known(word: str) -> bool:
    return word in _DIGITS or word.isdecimal()


def about(subject: Subject) -> str:
    """Return the texts that tell for which part of the year money is paid: purpose, goals, costs, times."""
    return subject.once(_read_about)


def _read_about(subject: Subject) -> str:
    plans = [text for path, text in subject.texts if path in ("purpose", "goals")]
    costs = (row for row in indicators(subject) if row.belongs(*COSTS))
    cells = (row.text(column) for row in costs for column in ("level3", "description", "basis"))
    return squeeze(" ".join((str(subject.get("name") or ""), *plans, *cells)))


def _texts(subject: Subject) -> str:
    """Return all texts of the project, any of which may name a quantity."""
    return subject.once(_read_texts)


def _read_texts(subject: Subject) -> str:
    return squeeze(" ".join((str(subject.get("name") or ""), *(text for _, text in subject.texts))))

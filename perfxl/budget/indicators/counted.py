"""Quantities in running text and the things that they count, matched with the indicators of these things; for IN-24.

A quantity in a text (新建农村公路18公里, 1500名教师) belongs to an indicator in the same unit whose name speaks of the
same thing. Where several do, or none, it belongs to none.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.quantity import base, in_base
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.subject import Subject
from perfxl.rules.words import word_pattern

_UNITS = (
    "万平方米|平方公里|平方米|万立方米|立方米|公里|千米|延长米|延米|米|万亩|亩|公顷|万吨|吨|公斤|万人次|人次|户次|车次|场次|班次|课时"
    "|万人|万户|名|人|位|户|次|场|期|台|套|辆|座|处|所|间|条|件|份|册|块|盏|株|头|只|口|眼|家|支|张|栋|幅|批|篇|个"
)
_QUANTITY = late_pattern(rf"(?<![\d.第×*/—~～-])(?P<number>\d+(?:\.\d+)?)(?P<unit>{_UNITS})(?P<behind>[^\d]{{0,12}})")
_NOT_WHOLE = late_pattern(
    r"(?:其中|新增|另有?|各|近|约|余|原有?|现有|上年|去年|[较比])\D{0,6}$|(?:每|平均|人均|户均)\D{0,10}$"
)
_NOT_EXACT = late_pattern(r"^(?:[以之]?[上下内]|及以|左右|[余多](?!种)|起|[/×*—~～至-]|级|规模|制|中(?![小心央])|跑道)")
_BEFORE = 14
_MOST_SUMMED = 12


class Quantity(NamedTuple):
    """A quantity in a text: as written, its number in the unit ``unit``, and the words around it."""

    text: str
    number: Decimal
    unit: str
    around: str


def quantities(clause: str) -> tuple[Quantity, ...]:
    """Return the quantities in a clause that stand for a whole; not 其中12名 (among them), 每人2次, 50人以上."""
    return tuple(quantity for quantity, whole in _quantities(clause) if whole)


@lru_cache(maxsize=2048)
def _quantities(text: str) -> tuple[tuple[Quantity, bool], ...]:
    """Return the quantities in a text, each with True if it stands for a whole."""
    found = []
    start = 0
    for match in _QUANTITY.finditer(text):
        before = text[max(start, match.start() - _BEFORE) : match.start()]
        start = match.end("unit")
        whole = not _NOT_WHOLE.search(before) and not _NOT_EXACT.search(match["behind"])
        unit = base(match["unit"])[0]
        number = in_base(Decimal(match["number"]), match["unit"])
        found.append((Quantity(match["number"] + match["unit"], number, unit, f"{before} {match['behind']}"), whole))
    return tuple(found)


def indicator_of(subject: Subject, quantity: Quantity) -> tuple[Indicator, bool] | None:
    """Return the indicator of the thing that a quantity counts, and True if it alone has that unit; None if none has.

    The thing is known by the name of the indicator, of several by the name that has most in common with the text.
    """
    rows = [row for row in subject.once(_measured) if unit_and_number(row)[0] == quantity.unit]
    words = subject.words("measure_words")
    alike = sorted(
        ((len(_pairs(quantity.around, words) & _named(row, words)), row.index, row) for row in rows), reverse=True
    )
    if not alike or not alike[0][0] or (len(alike) > 1 and alike[1][0] == alike[0][0]):
        return None
    return alike[0][2], len(rows) == 1


def _measured(subject: Subject) -> tuple[Indicator, ...]:
    return tuple(row for row in indicators(subject) if row.belongs("数量") and unit_and_number(row)[0])


def unit_and_number(row: Indicator) -> tuple[str, Decimal]:
    """Return the unit and the number of an indicator's value, in the unit in which it is counted; "" for none."""
    value = row.value
    if value is None or value.kind != "number" or value.number is None or not value.dimension:
        return "", Decimal(0)
    unit = value.unit.removesuffix("/年")
    return base(unit)[0], in_base(value.number, unit)


def _named(row: Indicator, words: tuple[str, ...]) -> frozenset[str]:
    return _pairs(row.text("level3"), words)


@lru_cache(maxsize=2048)
def _pairs(text: str, words: tuple[str, ...]) -> frozenset[str]:
    """Return the pairs of neighbouring characters of the things in a text, without the words of measuring."""
    parts = re.split(r"[^\u4e00-\u9fff]", word_pattern(words).sub(" ", squeeze(text)))
    return frozenset(part[at : at + 2] for part in parts for at in range(len(part) - 1))


def is_explained(subject: Subject, quantity: Quantity) -> bool:
    """Return True if a quantity is another one of the project's: an indicator's, a sum or product, or in its texts."""
    return quantity.number in subject.once(_explained).get(quantity.unit, frozenset())


def _explained(subject: Subject) -> dict[str, frozenset[Decimal]]:
    """Return the numbers of each unit that the indicators state, or that their numbers make."""
    stated: dict[str, list[Decimal]] = {}
    for row in subject.once(_measured):
        unit, number = unit_and_number(row)
        stated.setdefault(unit, []).append(number)
    texts = (row.text(column) for row in indicators(subject) for column in ("level3", "description", "basis"))
    said: dict[str, set[Decimal]] = {}
    for text in texts:
        for quantity, _ in _quantities(squeeze(text)):
            said.setdefault(quantity.unit, set()).add(quantity.number)
    every = [number for numbers in stated.values() for number in numbers][:_MOST_SUMMED]
    products = {one * other for one, other in combinations(every, 2)}
    return {unit: frozenset({*sums(stated.get(unit, [])), *said.get(unit, ()), *products}) for unit in {*stated, *said}}


def sums(numbers: list[Decimal]) -> Iterator[Decimal]:
    """Yield the numbers and what two, three or all of them add up to."""
    few = numbers[:_MOST_SUMMED]
    for size in (1, 2, 3):
        yield from map(sum, combinations(few, size))
    yield sum(numbers, Decimal(0))

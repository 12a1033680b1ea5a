"""IN-24: a number in a goal is the indicator's: of two different promises one cannot be kept.

Compared is only what surely is the same: the indicator's whole name just before the number (准确率达到100%), the one
satisfaction of the project, and a count before the thing that an indicator counts (326名村民小组长, 村民小组长人数).
Nothing is said where several indicators may be meant, where the goals state the indicator's number anywhere, or where
the value has a finding of its own (IN-14, IN-15, IN-18).
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.indicator_value import Value, parse
from perfxl.budget.texts.likeness import clauses
from perfxl.rules.numbers import excess_digits
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze

_AMOUNT = r"(\d+(?:\.\d+)?(?:%|‰|万元|元(?:/人)?(?:/月)?|万?平方米|公里|米|亩|年|个月|天))"
_LINK = r"(?:达到|达|为|是|在|不低于|不少于|不超过|不高于|控制在|保持|至|到|[≥≤=>])*"
_SATISFACTION = re.compile(rf"满意[度率](?:均|都)?{_LINK}{_AMOUNT}")
_COUNT = re.compile(r"(?<![\d.])(\d+[个名位户辆台套处座条所间人])([\u4e00-\u9fff]{2,12})")
_MEASURE = r"(?:总|的)?(?:人数|个数|户数|数量|总数|[辆台套处座条所间]数|数)$"
_ANY = re.compile(r"\d+(?:\.\d+)?")
_PART = re.compile(r"(?:其中|新增|每|另有?|各)\D{0,4}$")
_NAME = 4
"""Shorter names stand inside others: 合格率."""


def check(subject: Subject) -> Iterator[Hit]:
    goals = [squeeze(text) for path, text in subject.texts if path == "goals"]
    stated = {number for goal in goals for number in map(_number, _ANY.findall(goal))}
    said: set[int] = set()
    for row, text in (pair for goal in goals for clause in clauses(goal) for pair in _pairs(subject, clause)):
        if row.index not in said and _differs(row, parse(text)) and row.value and row.value.number not in stated:
            said.add(row.index)
            facts = {"name": row.text("level3"), "goal": text, "found": row.text("target")}
            yield Hit(("goals", row.path("target")), facts)


def _number(text: str) -> Decimal | None:
    """A number as an indicator value has it, so that 95.0 is 95."""
    return parse(text).number


def _pairs(subject: Subject, clause: str) -> Iterator[tuple[Indicator, str]]:
    """The indicators whose numbers a clause states, and what it states."""
    for row in indicators(subject):
        name = squeeze(row.text("level3"))
        if len(name) >= _NAME and name in clause and (found := _named(name).search(clause)):
            yield row, found[1]
    satisfactions = [row for row in indicators(subject) if row.belongs("服务对象满意度")]
    if len(satisfactions) == 1:
        yield from ((satisfactions[0], found[1]) for found in _SATISFACTION.finditer(clause))
    for found in _COUNT.finditer(clause):
        rows = [] if _PART.search(clause[: found.start()]) else _counting(subject, found[2])
        if len(rows) == 1:
            yield rows[0], found[1]


def _counting(subject: Subject, thing: str) -> list[Indicator]:
    """The indicators that count this very thing, by the longest of its beginnings that any of them counts."""
    for length in range(len(thing), 1, -1):
        counted = _counted(thing[:length])
        texts = (
            (row, squeeze(row.text(column))) for row in indicators(subject) for column in ("level3", "description")
        )
        if found := {row.index: row for row, text in texts if counted.search(text)}:
            return list(found.values())
    return []


def _differs(row: Indicator, stated: Value) -> bool:
    """Are they two numbers of one unit? False where the value is none that could be compared."""
    value = row.value
    if value is None or value.kind != "number" or value.number is None or stated.number is None:
        return False
    wrong = (value.dimension == "count" and excess_digits(value.number)) or (value.unit == "%" and value.number > 100)
    full = row.belongs("服务对象满意度") and value.number == 100
    return not wrong and not full and _unit(value) == _unit(stated) and value.number != stated.number


def _unit(value: Value) -> str:
    """人, 名 and 位 are one; 个村 is 个."""
    unit = value.unit if value.dimension != "count" or value.unit[:1] in "万亿" else value.unit[:1]
    return "人" if unit in ("名", "位") else unit


@lru_cache(maxsize=2048)
def _named(name: str) -> re.Pattern[str]:
    return re.compile(re.escape(name) + _LINK + _AMOUNT)


@lru_cache(maxsize=4096)
def _counted(thing: str) -> re.Pattern[str]:
    return re.compile(f"(?:^|的){re.escape(thing)}{_MEASURE}")


RULE = Rule(
    code="IN-24",
    severity="error",
    check=check,
    needs=("goals", "indicators.target"),
    bad={"goals": ["为38个村的336名村民小组长足额发放误工补贴，补贴发放准确率达到100%。"]},
    good={"goals": ["为326名村民小组长足额发放误工补贴，其中12名村民小组长为新任。"]},
    together=True,
)

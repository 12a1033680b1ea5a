"""IN-20: a fact of the unit, such as the number of its villages, is one number in all of its projects.

Compared is only what surely is that fact: a value whose indicator counts it (…村数) and speaks of all of them
(所辖村, 全镇行政村), and a number that a text states of all of them (全镇45个行政村). Which facts, is the county's
list. Where projects differ, the number that most of them state is taken for the right one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.unit.unit_records import label, subjects
from perfxl.form.form import Form
from perfxl.rules.numbers import plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import alternatives, squeeze


@dataclass(frozen=True)
class _Stated:
    path: str
    fact: str
    number: Decimal


@dataclass(frozen=True)
class _Patterns:
    """``names``: synonym → fact; ``all_of``: all of a fact; ``counted``: its count at the end; ``said``: in a text."""

    names: Mapping[str, str]
    all_of: re.Pattern[str]
    counted: re.Pattern[str]
    said: re.Pattern[str]


def check(subject: Subject) -> Iterator[Hit]:
    agreed = subject.unit.once(_agreed, subject.form)
    found: dict[str, list[_Stated]] = {}
    for each in _own(subject) if agreed else ():
        if each.fact in agreed and each.number != agreed[each.fact][0]:
            found.setdefault(each.fact, []).append(each)
    for fact, several in found.items():
        expected, (number, name) = agreed[fact]
        facts = {
            "fact": fact,
            "found": plain_number(several[0].number),
            "expected": plain_number(expected),
            "number": number,
        }
        fields = tuple(dict.fromkeys(each.path for each in several))
        yield Hit(fields, {**facts, "other": name, "count": len(fields)})


def _agreed(unit: Unit, form: Form) -> Mapping[str, tuple[Decimal, tuple[int, str]]]:
    """By fact the number that most state, and the first project that states it."""
    found: dict[str, list[tuple[Decimal, tuple[int, str]]]] = {}
    for each, all_stated in unit.once(_by_project, form):
        for stated in all_stated:
            found.setdefault(stated.fact, []).append((stated.number, label(each)))
    agreed = {}
    for fact, several in found.items():
        number = Counter(each for each, _ in several).most_common(1)[0][0]
        agreed[fact] = number, next(who for each, who in several if each == number)
    return agreed


def _by_project(unit: Unit, form: Form) -> list[tuple[Subject, tuple[_Stated, ...]]]:
    return [(each, tuple(_stated(each))) for each in unit.once(subjects, form)]


def _own(subject: Subject) -> Iterable[_Stated]:
    """What the project states, which mostly was looked for already."""
    for each, stated in subject.unit.once(_by_project, subject.form):
        if each.record is subject.record:
            return stated
    return _stated(subject)


def _stated(subject: Subject) -> Iterator[_Stated]:
    patterns = _patterns(subject.words("unit_facts"), subject.words("whole_unit"))
    for row in indicators(subject):
        if (fact := _counted(row, patterns)) and row.value and row.value.number is not None:
            yield _Stated(row.path("target"), fact, row.value.number)
    for path, text in _texts(subject):
        if any(word in text for word in subject.words("whole_unit")):
            for match in patterns.said.finditer(squeeze(text)):
                yield _Stated(path, patterns.names[match["fact"]], Decimal(match["number"]))


def _texts(subject: Subject) -> Iterator[tuple[str, str]]:
    """Where such a number is stated; of every project, so that ``subject.texts``, which has all, would take long."""
    goals = (("goals", each) for each in _list(subject.get("goals")))
    for path, text in (("purpose", subject.get("purpose")), *goals):
        if isinstance(text, str):
            yield path, text
    for row in indicators(subject):
        yield from ((row.path(column), row.text(column)) for column in ("description", "basis"))


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()


def _counted(row: Indicator, patterns: _Patterns) -> str:
    """The fact whose whole number is the row's value; empty where it is none."""
    value = row.value
    if value is None or value.dimension != "count" or value.operator not in ("", "=") or not row.belongs("数量"):
        return ""
    name, description = squeeze(row.text("level3")), squeeze(row.text("description"))
    counted = patterns.counted.search(name) or patterns.counted.search(description)
    whole = patterns.all_of.search(name) or patterns.all_of.search(description)
    facts = {patterns.names[match["fact"]] for match in (counted, whole) if match}
    return facts.pop() if counted and whole and len(facts) == 1 else ""


@lru_cache(maxsize=8)
def _patterns(facts: tuple[str, ...], whole: tuple[str, ...]) -> _Patterns:
    names = {name: fact.split("/")[0] for fact in facts for name in fact.split("/")}
    # 村级, 村民 and the like are no villages
    fact = f"(?P<fact>{alternatives(names)})(?![级民委支两医居])"
    all_of = f"(?:{alternatives(whole)})(?:内|的|各|共|有|所有|全部)*"
    return _Patterns(
        names=names,
        all_of=re.compile(all_of + fact),
        counted=re.compile(fact + "(?:总数|总人数|个数|人数|户数|数量|数)$"),
        said=re.compile(all_of + "(?P<number>[0-9]{1,9})[个名位人户](?:的)?" + fact),
    )


_NEIGHBOURS = [
    {"number": 2, "name": "防汛物资储备", "code": None, "purpose": "储备全镇36个行政村的防汛物资。"},
    {"number": 3, "name": "桥梁检修", "code": None, "purpose": "检修全镇36个行政村的桥梁。"},
]
_OTHERS = [{**each, "goals": [f"完成{each['name']}。"], "indicators": []} for each in _NEIGHBOURS]

RULE = Rule(
    code="IN-20",
    severity="warning",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[1].description": "全镇行政村中发放误工补贴的行政村个数", "unit.projects": _OTHERS},
    good={"indicators[1].description": "设有村民小组的行政村个数", "unit.projects": _OTHERS},
)

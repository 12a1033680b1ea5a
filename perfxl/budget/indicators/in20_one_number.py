"""IN-20: a fact of the unit, such as the number of its villages, is one number in all of its projects.

Only two kinds of number are compared, because they certainly are that fact: the value of an indicator that counts it
(…村数, number of villages) and speaks of all of them (所辖村, 全镇行政村), and a number that a text states of all of
them (全镇45个行政村, the 45 villages of the township). The county's word list says which facts are compared. Where
projects differ, the number that most of them state is taken as the right one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.unit.unit_records import label, subjects
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.numbers import plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import alternatives, has_any


@dataclass(frozen=True)
class _StatedNumber:
    """A number that a project states for a fact, with the path of the cell."""

    path: str
    fact: str
    number: Decimal


@dataclass(frozen=True)
class _Patterns:
    """Patterns of the facts.

    ``names``: synonym → fact; ``all_of``: a mention of all of them; ``counted``: an indicator name that ends in their
    count; ``said``: their number in a running text.
    """

    names: Mapping[str, str]
    all_of: re.Pattern[str]
    counted: re.Pattern[str]
    said: re.Pattern[str]


def check(subject: Subject) -> Iterator[Hit]:
    """Find numbers of a fact that differ from the number that most projects of the unit state."""
    agreed = subject.unit.once(_agreed_numbers, subject.form)
    differing: dict[str, list[_StatedNumber]] = {}
    for stated in _numbers_of(subject) if agreed else ():
        if stated.fact in agreed and stated.number != agreed[stated.fact][0]:
            differing.setdefault(stated.fact, []).append(stated)
    for fact, several in differing.items():
        expected, (number, name) = agreed[fact]
        facts = {
            "fact": fact,
            "found": plain_number(several[0].number),
            "expected": plain_number(expected),
            "number": number,
        }
        fields = tuple(dict.fromkeys(stated.path for stated in several))
        yield Hit(fields, {**facts, "other": name, "count": len(fields)})


def _agreed_numbers(unit: Unit, form: Form) -> Mapping[str, tuple[Decimal, tuple[int, str]]]:
    """Return by fact the number that is stated most often, and number and name of the first project that states it."""
    stated_by_fact: dict[str, list[tuple[Decimal, tuple[int, str]]]] = {}
    for project, all_stated in unit.once(_numbers_by_project, form):
        for stated in all_stated:
            stated_by_fact.setdefault(stated.fact, []).append((stated.number, label(project)))
    agreed = {}
    for fact, several in stated_by_fact.items():
        best = Counter(number for number, _ in several).most_common(1)[0][0]
        agreed[fact] = best, next(project_label for number, project_label in several if number == best)
    return agreed


def _numbers_by_project(unit: Unit, form: Form) -> list[tuple[Subject, tuple[_StatedNumber, ...]]]:
    return [(project, tuple(_read_numbers(project))) for project in unit.once(subjects, form)]


def _numbers_of(subject: Subject) -> Iterable[_StatedNumber]:
    """Return the numbers that a project states; mostly they were read already, with those of the unit."""
    for project, all_stated in subject.unit.once(_numbers_by_project, subject.form):
        if project.record is subject.record:
            return all_stated
    return _read_numbers(subject)


def _read_numbers(subject: Subject) -> Iterator[_StatedNumber]:
    patterns = _patterns(subject.words("unit_facts"), subject.words("whole_unit"))
    for row in indicators(subject):
        if (fact := _counted_fact(row, patterns)) and row.value and row.value.number is not None:
            yield _StatedNumber(row.path("target"), fact, row.value.number)
    for path, text in _texts(subject):
        if has_any(text, subject.words("whole_unit")):
            for match in patterns.said.finditer(squeeze(text)):
                yield _StatedNumber(path, patterns.names[match["fact"]], Decimal(match["number"]))


def _texts(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the texts in which such a number is stated, with their paths.

    They are read for every project; ``subject.texts``, which has all texts, would take too long.
    """
    goals = (("goals", goal) for goal in _as_list(subject.get("goals")))
    for path, text in (("purpose", subject.get("purpose")), *goals):
        if isinstance(text, str):
            yield path, text
    for row in indicators(subject):
        yield from ((row.path(column), row.text(column)) for column in ("description", "basis"))


def _as_list(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()


def _counted_fact(row: Indicator, patterns: _Patterns) -> str:
    """Return the fact of which the value of an indicator is the whole number; "" where it is none."""
    value = row.value
    if value is None or value.dimension != "count" or value.operator not in ("", "=") or not row.belongs("数量"):
        return ""
    name, description = squeeze(row.text("level3")), squeeze(row.text("description"))
    counted = patterns.counted.search(name) or patterns.counted.search(description)
    whole = (patterns.all_of.search(name) or patterns.all_of.search(description)) if counted else None
    facts = {patterns.names[match["fact"]] for match in (counted, whole) if match}
    return facts.pop() if counted and whole and len(facts) == 1 else ""


@lru_cache(maxsize=8)
def _patterns(facts: tuple[str, ...], whole: tuple[str, ...]) -> _Patterns:
    names = {name: fact.split("/")[0] for fact in facts for name in fact.split("/")}
    # in 村级 (village-level), 村民 (villager) and the like, 村 is no village counted
    fact = f"(?P<fact>{alternatives(names)})(?![级民委支两医居])"
    all_of = f"(?:{alternatives(whole)})(?:内|的|各|共|有|所有|全部)*"
    return _Patterns(
        names=names,
        all_of=late_pattern(all_of + fact),
        counted=late_pattern(fact + "(?:总数|总人数|个数|人数|户数|数量|数)$"),
        said=late_pattern(all_of + "(?P<number>[0-9]{1,9})[个名位人户](?:的)?" + fact),
    )


_NEIGHBOURS = [
    {"number": 2, "name": "防汛物资储备", "code": None, "purpose": "储备全镇36个行政村的防汛物资。"},
    {"number": 3, "name": "桥梁检修", "code": None, "purpose": "检修全镇36个行政村的桥梁。"},
]
_OTHERS = [{**project, "goals": [f"完成{project['name']}。"], "indicators": []} for project in _NEIGHBOURS]

RULE = Rule(
    code="IN-20",
    severity="warning",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[1].description": "全镇行政村中发放误工补贴的行政村个数", "unit.projects": _OTHERS},
    good={"indicators[1].description": "设有村民小组的行政村个数", "unit.projects": _OTHERS},
    compares=True,
)

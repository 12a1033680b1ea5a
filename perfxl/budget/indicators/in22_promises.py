"""IN-22: each promise of a goal is measured by an indicator; without one nobody looks at it again.

A promise is a clause of a goal. Reported is a definite one: a thing with its number (新建老年食堂3处), a definite act
(改造办公用房) or a rate by name (维稳安定率), of which the names, descriptions and values of the indicators do not
speak. A clause that only says something in general (保障保洁工作正常开展) and shares no pair of characters with the
indicators is a hint, unless it stands in a goal that shares no word with the project at all. Clauses that only lead up
to a promise (通过…, by means of …) are none, nor what breaks one down (其中…, or in brackets); where all goals are of
another project, it is left to IN-27.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from perfxl.budget.indicator import indicators
from perfxl.budget.indicators.figures import COUNTED, Counted, is_other_rate
from perfxl.budget.indicators.in27_goal_of_project import alien_goals
from perfxl.budget.money.cost import PERSONS
from perfxl.budget.texts.likeness import bare, clauses, pairs, without
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import has_any

_COLUMNS = ("level3", "description", "target")
_FEWEST_CHARACTERS = 4
"""A clause with fewer characters of content is no promise."""
_RATE = late_pattern(r"([\u4e00-\u9fff]{2})率")
_ASIDE = late_pattern(r"[(（][^()（）]*[)）]")
_MOST_NAMED, _MOST_CHARACTERS = 3, 36
_HEAD = 3
"""The last characters of a thing, which say what it is: 食堂 in 社区老年食堂."""


class _Measured(NamedTuple):
    """What the indicators say: their characters, the pairs of neighbouring ones, all texts, and the values."""

    characters: frozenset[str]
    pairs: frozenset[str]
    text: str
    values: frozenset[tuple[Decimal, str]]


def check(subject: Subject) -> Iterator[Hit]:
    """Find promises of the goals that no indicator measures; the definite ones, else the general ones."""
    rows = indicators(subject)
    if not rows or not all(subject.sure(row.path(column)) for row in rows for column in _COLUMNS):
        return
    measured = _measured(subject)
    goals, alien = [text for path, text in subject.texts if path == "goals"], alien_goals(subject)
    if goals and alien.issuperset(goals):
        return
    promises = [
        clause
        for goal in goals
        for clause in clauses(_ASIDE.sub("", goal))
        if not clause.startswith(("其中", *subject.words("lead_ins")))
    ]
    definite = [clause for clause in promises if _is_unmeasured(subject, clause, measured, alien)]
    general = [clause for clause in promises if not definite and _is_unheard(subject, clause, measured)]
    if found := definite or general:
        facts = {"promise": found[0], "count": len(found), "promises": found, "named": _named(found)}
        yield Hit(("goals",), facts, severity=None if definite else "hint")


def _measured(subject: Subject) -> _Measured:
    """Return what the indicators of a project say."""
    texts = [row.text(column) for row in indicators(subject) for column in _COLUMNS]
    values = [row.value for row in indicators(subject) if row.value and row.value.kind == "number"]
    return _Measured(
        frozenset().union(*texts),
        frozenset().union(*map(pairs, texts)),
        " ".join(texts),
        frozenset((value.number, _unit(value.unit)) for value in values if value.number is not None),
    )


def _named(found: Sequence[str]) -> list[str]:
    """Return the promises that a sentence names: up to three, as long as they are short together."""
    named = [found[0]]
    for promise in found[1:_MOST_NAMED]:
        if sum(map(len, named)) + len(promise) > _MOST_CHARACTERS:
            break
        named.append(promise)
    return named


def _is_unmeasured(subject: Subject, clause: str, measured: _Measured, alien: Iterable[str]) -> bool:
    """Return True if a clause is a definite promise, or another project's, of which the indicators do not speak."""
    if any(clause in squeeze(goal) for goal in alien):
        return _is_unheard(subject, clause, measured)
    has_figure = any(map(str.isdecimal, clause))
    if has_figure and (counted := [Counted(*match.groups()) for match in COUNTED.finditer(clause)]):
        return not any(_is_counted(subject, one, measured) for one in counted)
    known = ("满意率", *subject.words("other_rates"))
    rates = [match for match in _RATE.finditer(clause) if not is_other_rate(match[0], known)] if "率" in clause else []
    if any(rate[1] not in measured.text for rate in rates):
        return True
    return has_any(clause, subject.words("definite_acts")) and _is_unheard(subject, clause, measured)


def _is_counted(subject: Subject, one: Counted, measured: _Measured) -> bool:
    """Return True if the indicators speak of a thing that is counted, or have its number."""
    if (Decimal(one.number), _unit(one.unit)) in measured.values:
        return True
    hollow = (*subject.words("hollow_words"), *subject.words("promise_words"))
    acts = (*subject.words("definite_acts"), *subject.words("task_words"))
    before, after = without(one.before, acts), without(one.after, acts)
    heads = [(bare(before)[-2:], bare(before)[-2:])] if bare(before) else []
    # of 326名村民小组长发放误工补贴 (benefits for 326 group leaders) any part may be what is measured
    whole = after if after != one.after else bare(after)[-_HEAD:]
    # without what fits everything, where something is left: 务站 of 服务站
    parts = [*heads, (whole, one.after)]
    content = [rest if len(bare(rest := without(text, hollow))) > 1 else said for text, said in parts]
    wanted = frozenset().union(*map(pairs, content))
    return not wanted or not wanted.isdisjoint(measured.pairs)


def _unit(unit: str) -> str:
    """Return the first character of a unit, by which it is compared; people are counted in 人, 名 and 位."""
    return "人" if unit[:1] in PERSONS else unit[:1]


def _is_unheard(subject: Subject, clause: str, measured: _Measured) -> bool:
    """Return True if a clause has content of which the indicators do not speak."""
    content = without(clause, subject.words("promise_words"))
    characters = set(bare(content))
    if len(bare(content)) < _FEWEST_CHARACTERS or len(characters & measured.characters) * 3 >= len(characters):
        return False
    return pairs(content).isdisjoint(measured.pairs)


RULE = Rule(
    code="IN-22",
    severity="warning",
    check=check,
    needs=("goals", "indicators.level3"),
    bad={"goals": ["为326名村民小组长发放误工补贴，改造老旧办公用房，满意度达到95%以上。"]},
    good={"goals": ["根据上级部署，为326名村民小组长发放误工补贴，确保村组工作正常开展。"]},
    together=True,
)

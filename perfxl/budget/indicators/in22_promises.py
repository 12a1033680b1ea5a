"""IN-22: each promise of a goal is measured by an indicator; without one nobody looks at it again.

A promise is a clause of a goal that has content besides words that fit everything. It is reported if the indicators
have none of its pairs of neighbouring characters, and less than a third of its characters. Clauses that only lead up to
a promise (通过…, by means of …) are none.
"""

from collections.abc import Iterator
from typing import NamedTuple

from perfxl.budget.indicator import indicators
from perfxl.budget.texts.likeness import bare, clauses, pairs, without
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_COLUMNS = ("level3", "description", "target")
_FEWEST_CHARACTERS = 4
"""A clause with fewer characters of content is no promise."""


class _Measured(NamedTuple):
    """The characters in the texts of the indicators, and the pairs of neighbouring ones."""

    characters: frozenset[str]
    pairs: frozenset[str]


def check(subject: Subject) -> Iterator[Hit]:
    """Find promises of the goals that no indicator measures."""
    if not indicators(subject):
        return
    texts = [row.text(column) for row in indicators(subject) for column in _COLUMNS]
    measured = _Measured(frozenset().union(*texts), frozenset().union(*map(pairs, texts)))
    goals = [text for path, text in subject.texts if path == "goals"]
    promises = [clause for goal in goals for clause in clauses(goal) if _is_unmeasured(subject, clause, measured)]
    if promises:
        yield Hit(("goals",), {"promise": promises[0], "count": len(promises), "promises": promises})


def _is_unmeasured(subject: Subject, clause: str, measured: _Measured) -> bool:
    """Return True if a clause is a promise of which the indicators do not speak."""
    if clause.startswith(subject.words("lead_ins")):
        return False
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

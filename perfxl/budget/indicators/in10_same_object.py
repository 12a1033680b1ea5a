"""IN-10: name and description of an indicator speak of one thing; else one of them was left from another indicator.

Found is only what shares no character besides words that fit everything (工作, 情况), where each says something of its
own (受益人口 does not) and one at least occurs nowhere else in the project; of a satisfaction also with what, and who
is satisfied, the people (群众, 居民, 村民) or others; 服务对象 is anyone. Times are told in too many ways to be judged.
"""

import re
from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.texts.likeness import bare, pairs, without
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze

_SATISFIED = re.compile(r"(?P<who>.*?)(?:对(?![象口方])(?P<what>.*))?满意")


def check(subject: Subject) -> Iterator[Hit]:
    for row in indicators(subject):
        name, description = squeeze(row.text("level3")), squeeze(row.text("description"))
        if name and description and (problem := _problem(subject, row, name, description)):
            facts = {"problem": problem[0], "name": problem[1], "description": problem[2]}
            yield Hit((row.path("description"), row.path("level3")), facts)


def _problem(subject: Subject, row: Indicator, name: str, description: str) -> tuple[str, str, str] | None:
    """Of what they differ (object, who, what), in the words of each."""
    if row.belongs("服务对象满意度") and (found := _of_satisfaction(subject, row, name, description)):
        return found
    if row.belongs("时效") or re.search(r"\d", description) or not _differ(subject, name, description):
        return None
    if not (_says(subject, name) and _says(subject, description)) or _both_own(subject, row, name, description):
        return None
    return "object", row.text("level3"), row.text("description")


def _of_satisfaction(subject: Subject, row: Indicator, name: str, description: str) -> tuple[str, str, str] | None:
    one, other = _SATISFIED.match(name), _SATISFIED.match(description)
    if not one or not other:
        return None
    who, by = ((each["who"] or "").removesuffix("的") for each in (one, other))
    if _differ(subject, who, by) and _other_people(subject, who, by):
        return "who", who, by
    what, about = ((each["what"] or "").removesuffix("的") for each in (one, other))
    if _differ(subject, what, about) and not _both_own(subject, row, what, about):
        return "what", what, about
    return None


def _differ(subject: Subject, one: str, other: str) -> bool:
    """Do they share nothing, though each says something?"""
    hollow = subject.words("hollow_words")
    first, second = bare(without(one, hollow)), bare(without(other, hollow))
    return len(first) > 1 and len(second) > 1 and not set(first) & set(second)


def _says(subject: Subject, text: str) -> bool:
    """Is there anything in it that not every indicator might say?"""
    return len(bare(without(text, (*subject.words("hollow_words"), *subject.words("general_words"))))) > 1


def _both_own(subject: Subject, row: Indicator, name: str, description: str) -> bool:
    """Do both occur elsewhere in the project? The parts of a whole need not share its name: 广场改造, 地面翻新."""
    others = (
        each.text(column) for each in indicators(subject) if each is not row for column in ("level3", "description")
    )
    texts = [subject.get("name"), *(text for path, text in subject.texts if path in ("purpose", "goals")), *others]
    own = frozenset().union(*(pairs(text) for text in texts if isinstance(text, str)))
    hollow = subject.words("hollow_words")
    return all(pairs(without(each, hollow)) & own for each in (name, description))


def _other_people(subject: Subject, one: str, other: str) -> bool:
    """Is one the people, the other somebody else? 患者 and 就诊人员 may be the same."""
    if any(word in one or word in other for word in subject.words("anyone")):
        return False
    people = subject.words("the_people")
    return any(word in one for word in people) != any(word in other for word in people)


RULE = Rule(
    code="IN-10",
    severity="warning",
    check=check,
    needs=("indicators.level3", "indicators.description"),
    bad={"indicators[3].description": "机井维修后正常出水的眼数"},
    good={"indicators[3].description": "经审查合格的名单"},
    together=True,
)

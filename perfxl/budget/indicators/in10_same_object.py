"""IN-10: name and description of an indicator speak of one thing; otherwise one was left from another indicator.

Reported is only a pair that shares no character, apart from words that fit everything (工作 work, 情况 situation),
where each says something specific (受益人口, beneficiaries, does not) and at least one occurs nowhere else in the
project. A short description (应征报名, enlisting) only goes on where the name ends, and is not judged;
nor is a list of parts (蒸箱、消毒柜等), nor, under a broad name (保供能力, ability to supply), what the project speaks
of elsewhere.

Two effects on people by name (自觉性, 幸福感) are two things, whatever else the texts share.

For a satisfaction also reported: satisfied with different things, and satisfied people of different groups (学生
pupils, 教师 teachers). The public (群众) may be any of those served, but neither staff nor firms; 服务对象 (those
served) may be anyone. Times and costs are worded in too many ways to be judged: 总成本 (total cost) may be 各项费用合计
(the sum of expenses).
"""

import re
from collections.abc import Iterator

from perfxl.budget.indicator import COSTS, Indicator, indicators
from perfxl.budget.texts.likeness import bare, pairs, without
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_SATISFIED = "满意"
_LONG, _VERY_LONG = 5, 8
"""The fewest characters of a description that is judged, and of one that shares a character with the name.

Words that fit everything do not count.
"""
_WITH = late_pattern("对(?![象口方])")


def check(subject: Subject) -> Iterator[Hit]:
    """Find indicators whose name and description speak of different things."""
    for row in indicators(subject):
        name, description = squeeze(row.text("level3")), squeeze(row.text("description"))
        if name and description and (problem := _problem(subject, row, name, description)):
            facts = {"problem": problem[0], "name": problem[1], "description": problem[2]}
            yield Hit((row.path("description"), row.path("level3")), facts)


def _problem(subject: Subject, row: Indicator, name: str, description: str) -> tuple[str, str, str] | None:
    """Return in what they differ ("object", "who" or "what") and the words of each; None where they agree."""
    if row.belongs("服务对象满意度") and (problem := _satisfaction_problem(subject, row, name, description)):
        return problem
    if row.belongs("时效", *COSTS):
        return None
    if _name_other_effects(subject, name, description):
        return "object", row.text("level3"), row.text("description")
    if re.search(r"\d|等$", description):
        return None
    if not _differ(subject, name, description):
        left = _was_left(subject, row, name, description)
        return ("object", row.text("level3"), row.text("description")) if left else None
    if not (_is_specific(subject, name, 2) and _is_specific(subject, description, _LONG)):
        return None
    if _both_occur_elsewhere(subject, row, name, description):
        return None
    broad = name.endswith(subject.words("broad_endings"))
    if broad and any(pairs(description) & pairs(text) for text in _texts_elsewhere(subject, row)):
        return None
    return "object", row.text("level3"), row.text("description")


def _satisfaction_problem(subject: Subject, row: Indicator, name: str, description: str) -> tuple[str, str, str] | None:
    """Compare who is satisfied, and with what; return as ``_problem`` does."""
    if _SATISFIED not in name or _SATISFIED not in description:
        return None
    (who, what), (by, about) = (_satisfied(text, subject.words("before_people")) for text in (name, description))
    if _differ(subject, who, by) and _are_other_people(subject, who, by):
        return "who", who, by
    if _differ(subject, what, about) and not _both_occur_elsewhere(subject, row, what, about):
        return "what", what, about
    return None


def _satisfied(text: str, verbs: tuple[str, ...]) -> tuple[str, str]:
    """Return who is satisfied, and with what ("" where it is not said), in a text that speaks of satisfaction.

    ``verbs``: those that stand before the people, and are left out: 提高办事群众… (raise the … of visitors).
    """
    first, last = text.find(_SATISFIED), text.rfind(_SATISFIED)
    link = _WITH.search(text, 0, last)
    if link is None or link.start() > first:
        who, what = text[:first], ""
    else:
        who, what = text[: link.start()], text[link.end() : last]
    while verb := next((verb for verb in verbs if who.startswith(verb) and len(who) > len(verb) + 1), ""):
        who = who.removeprefix(verb)
    return who.removesuffix("的"), what.removesuffix("的")


def _name_other_effects(subject: Subject, name: str, description: str) -> bool:
    """Return True if both texts name effects on people, and not one in common."""
    effects = subject.words("effects")
    first, second = ({word for word in effects if word in text} for text in (name, description))
    return bool(first) and bool(second) and first.isdisjoint(second)


def _differ(subject: Subject, one: str, other: str) -> bool:
    """Return True if both texts say something and share no character; words that fit everything do not count."""
    hollow = subject.words("hollow_words")
    first, second = bare(without(one, hollow)), bare(without(other, hollow))
    return len(first) > 1 and len(second) > 1 and not set(first) & set(second)


def _is_specific(subject: Subject, text: str, fewest: int) -> bool:
    """Return True if a text has so many characters that not every indicator might have."""
    return len(bare(without(text, (*subject.words("hollow_words"), *subject.words("general_words"))))) >= fewest


def _was_left(subject: Subject, row: Indicator, name: str, description: str) -> bool:
    """Return True for a long description that shares one character with the name, and no pair with the project at all.

    公益电影放映 (film shows) under 公厕管护合格率 (rate of well kept toilets) was left from another project.
    """
    common = (*subject.words("hollow_words"), *subject.words("general_words"))
    one, other = without(name, common), without(description, common)
    shared = set(bare(one)) & set(bare(other))
    if len(bare(one)) < 2 or len(bare(other)) < _VERY_LONG or len(shared) > 1:
        return False
    texts = [name, *_texts_elsewhere(subject, row)]
    return all(pairs(other).isdisjoint(pairs(text)) for text in texts)


def _texts_elsewhere(subject: Subject, row: Indicator) -> list[str]:
    """Return the texts of a project that say of what it is, without those of one of its indicators."""
    other_rows = [other for other in indicators(subject) if other is not row]
    texts = [
        subject.get("name"),
        *(text for path, text in subject.texts if path in ("purpose", "goals")),
        *(other.text(column) for other in other_rows for column in ("level3", "description")),
    ]
    return [text for text in texts if isinstance(text, str)]


def _both_occur_elsewhere(subject: Subject, row: Indicator, name: str, description: str) -> bool:
    """Return True if pairs of characters of both texts occur elsewhere in the project.

    The parts of a whole need not share its name: 广场改造 (rebuilding of the square), 地面翻新 (new paving).
    """
    elsewhere = [pairs(text) for text in _texts_elsewhere(subject, row)]
    hollow = subject.words("hollow_words")
    wanted = [pairs(without(text, hollow)) for text in (name, description)]
    return all(any(not found.isdisjoint(there) for there in elsewhere) for found in wanted)


def _are_other_people(subject: Subject, one: str, other: str) -> bool:
    """Return True if two texts mean different groups of people.

    Groups that are not known are not compared; the public is any group but staff and firms.
    """
    if any(word in one or word in other for word in subject.words("anyone")):
        return False
    groups = [frozenset(group.split("/")) for group in subject.words("people")]
    first, second = ({group for group in groups if any(word in text for word in group)} for text in (one, other))
    public, apart = subject.words("the_people"), subject.words("not_the_people")
    for text, against in ((one, other), (other, one)):
        if any(word in text for word in public):
            return not any(word in against for word in public) and any(word in against for word in apart)
    return bool(first) and bool(second) and first.isdisjoint(second)


RULE = Rule(
    code="IN-10",
    severity="warning",
    check=check,
    needs=("indicators.level3", "indicators.description"),
    bad={"indicators[3].description": "机井维修后正常出水的眼数"},
    good={"indicators[3].description": "经审查合格的名单"},
    together=True,
)

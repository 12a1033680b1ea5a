"""IN-27: the goals speak of this project: they share a pair of characters with its name or its purpose.

A name that says nothing specific (日常工作经费, money for daily work) is not looked for; words that fit everything
(工作, work) do not count. Goals that promise something definite and share nothing with the indicators either were
almost surely copied from another project, and are to be put right or explained.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.budget.texts.likeness import bare, pairs, without
from perfxl.budget.unit import topic
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import word_pattern

_FIGURES = late_pattern(r"[0-9.]+%?")
_FEWEST_CHARACTERS = 5


def check(subject: Subject) -> Iterator[Hit]:
    """Find goals that speak neither of the project's subject nor of its purpose."""
    name, policy = str(subject.get("name") or ""), subject.unit.policy
    texts = [text for path, text in subject.texts if path == "goals"]
    own, goals = topic.pairs(name, policy), "".join(texts)
    if not goals or not own or any(pair in goals for pair in own):
        return
    hollow = subject.words("promise_words")
    if pairs(without(goals, hollow)) & pairs(without(str(subject.get("purpose") or ""), hollow)):
        return
    is_alien = alien_goals(subject).issuperset(texts)
    facts = {"topic": topic.topics(name, policy)[0], "alien": is_alien}
    yield Hit(("goals",), facts, severity="warning" if is_alien else None)


def alien_goals(subject: Subject) -> frozenset[str]:
    """Return the goals that promise something definite and share no word with the project.

    Words that fit everything do not count.
    """
    return subject.once(_alien_goals)


def _alien_goals(subject: Subject) -> frozenset[str]:
    """Return the goals that share no word with the name, the purpose and the indicators."""
    general = tuple(subject.words("promise_words") + subject.words("hollow_words") + subject.words("general_words"))
    acts = (*subject.words("definite_acts"), *subject.words("task_words"))
    goals = [text for path, text in subject.texts if path == "goals" and word_pattern(acts).search(text)]
    found = {goal: _FIGURES.sub(" ", without(goal, general)) for goal in goals}
    found = {goal: rest for goal, rest in found.items() if len(bare(rest)) >= _FEWEST_CHARACTERS}
    heads = [pairs(str(subject.get(path) or "")) for path in ("name", "purpose")]
    found = {goal: rest for goal, rest in found.items() if all(map(pairs(rest).isdisjoint, heads))}
    rows = [row.text(column) for row in indicators(subject) if found for column in ("level3", "description", "target")]
    return frozenset(
        goal for goal, rest in found.items() if rows and all(pairs(rest).isdisjoint(pairs(row)) for row in rows)
    )


RULE = Rule(
    code="IN-27",
    severity="hint",
    check=check,
    needs=("goals", "name"),
    bad={"goals": ["年终考核中到岗比例达到95%以上。"]},
    good={"goals": ["年度考核中履职到岗比例达到95%以上。"]},
)

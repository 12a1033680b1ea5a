"""IN-27: the goals speak of this project: they share a pair of characters with its name or its purpose.

A name that says nothing specific (日常工作经费, money for daily work) is not looked for; words that fit everything
(工作, work) do not count.
"""

from collections.abc import Iterator

from perfxl.budget.texts.likeness import pairs, without
from perfxl.budget.unit import topic
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find goals that speak neither of the project's subject nor of its purpose."""
    name, policy = str(subject.get("name") or ""), subject.unit.policy
    goals = "".join(text for path, text in subject.texts if path == "goals")
    own = topic.pairs(name, policy)
    if not goals or not own or any(pair in goals for pair in own):
        return
    hollow = subject.words("promise_words")
    if not pairs(without(goals, hollow)) & pairs(without(str(subject.get("purpose") or ""), hollow)):
        yield Hit(("goals",), {"topic": topic.topics(name, policy)[0]})


RULE = Rule(
    code="IN-27",
    severity="hint",
    check=check,
    needs=("goals", "name"),
    bad={"goals": ["年终考核中到岗比例达到95%以上。"]},
    good={"goals": ["年度考核中履职到岗比例达到95%以上。"]},
)

"""MN-12: a project is a task of its own; what keeps an office running belongs to its basic expenditure.

One such word may stand in any project, so several different ones are asked for. What speaks of others' running (that
of villages is a project by rule) does not count.
"""

from collections.abc import Iterator

from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import word_pattern


def check(subject: Subject) -> Iterator[Hit]:
    words, others = word_pattern(subject.words("running_costs")), subject.words("running_of_others")
    found: dict[str, str] = {}  # word → where it stands first
    for path, text in subject.texts:
        if path.endswith(("purpose", "goals", ".level3", ".description")) and not any(name in text for name in others):
            for word in words.findall(text):
                found.setdefault(word, path)
    if found and len(found) >= subject.limit("running_cost_words"):
        yield Hit(tuple(dict.fromkeys(found.values())), {"words": [*found]})


RULE = Rule(
    code="MN-12",
    severity="hint",
    check=check,
    needs=("purpose", "indicators.level3"),
    bad={"purpose": "用于日常工作开支，保障机关正常运转。"},
    good={"purpose": "用于村民小组长日常工作补贴，保障各村正常运转。"},
)

"""MN-12: a project is a task of its own; what keeps an office running belongs to its basic expenditure.

One such word may stand in any project, so several different ones are asked for. What speaks of others' running (that
of villages is a project by rule) does not count.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from perfxl.rules.base import Hit, Rule, Subject


def check(subject: Subject) -> Iterator[Hit]:
    words, others = _any_of(subject.words("running_costs")), subject.words("running_of_others")
    found: dict[str, str] = {}  # word → where it stands first
    for path, text in subject.texts:
        if path.endswith(("purpose", "goals", ".level3", ".description")) and not any(name in text for name in others):
            for word in words.findall(text):
                found.setdefault(word, path)
    if found and len(found) >= subject.limit("running_cost_words"):
        yield Hit(tuple(dict.fromkeys(found.values())), {"words": [*found]})


@lru_cache(maxsize=8)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest)) or "(?!)")


RULE = Rule(
    code="MN-12",
    severity="hint",
    check=check,
    needs=("purpose", "indicators.level3"),
    bad={"purpose": "用于日常工作开支，保障机关正常运转。"},
    good={"purpose": "用于村民小组长日常工作补贴，保障各村正常运转。"},
)

"""MN-12: a project is a separate task; the cost of keeping an office running belongs to its basic expenditure.

One word about running costs may occur in any project, so several different ones must occur before anything is
reported. Texts about the running costs of others do not count (those of villages are a project by rule).
"""

from collections.abc import Iterator

from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import word_pattern


def check(subject: Subject) -> Iterator[Hit]:
    """Find projects whose texts use several different words for an office's running costs."""
    words, others = word_pattern(subject.words("running_costs")), subject.words("running_of_others")
    first_paths: dict[str, str] = {}  # word → where it stands first
    for path, text in subject.texts:
        found = words.findall(text) if path.endswith(("purpose", "goals", ".level3", ".description")) else []
        if found and not any(name in text for name in others):
            for word in found:
                first_paths.setdefault(word, path)
    if first_paths and len(first_paths) >= subject.limit("running_cost_words"):
        yield Hit(tuple(dict.fromkeys(first_paths.values())), {"words": [*first_paths]})


RULE = Rule(
    code="MN-12",
    severity="hint",
    check=check,
    needs=("purpose", "indicators.level3"),
    bad={"purpose": "用于日常工作开支，保障机关正常运转。"},
    good={"purpose": "用于村民小组长日常工作补贴，保障各村正常运转。"},
)

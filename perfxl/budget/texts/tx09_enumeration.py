"""TX-09: the items of an enumeration are separated by 、, clauses by ，: 居住环境、生态环境.

Reported only where it is certain: three or more short words with ， between them, two phrases with the same ending
after one verb, or the last item before 等 (and so on) of a list that has 、 already. Clauses with a verb of their own
keep their ，.
"""

import re
from collections.abc import Iterator

from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import word_pattern

_HAN = r"[\u4e00-\u9fff]"
_SHORT = late_pattern(rf"(?:^|(?<=[：、，。；的]))({_HAN}{{1,2}}(?:[，,]{_HAN}{{1,2}}){{2,19}})(?=[。；等]|$)")
_PARALLEL = late_pattern(rf"({_HAN}{{2}}({_HAN}{{2}}))[，,]({_HAN}{{1,4}}\2)(?=[。；，,]|$)")
_BEFORE_ETC = late_pattern(rf"{_HAN}{{1,6}}、({_HAN}{{2,6}})[，,]({_HAN}{{2,6}})等")


def check(subject: Subject) -> Iterator[Hit]:
    """Find enumerations whose items are separated by ， instead of 、."""
    verbs = word_pattern(subject.words("clause_words"))
    paths_of_lists: dict[tuple[str, str], list[str]] = {}
    for path, text in subject.texts:
        if "，" in text or "," in text:
            for before in _enumerations(text, verbs):
                paths_of_lists.setdefault((before, re.sub("[，,]", "、", before)), []).append(path)
    for (before, after), paths in paths_of_lists.items():
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"found": before, "after": after, "count": len(fields)})


def _enumerations(text: str, verbs: "re.Pattern[str]") -> Iterator[str]:
    """Yield the enumerations in a text that have ， between their items; ``verbs`` tells a clause from an item."""
    for match in _SHORT.finditer(text):
        if not verbs.search(match[1]):
            yield match[1]
    for match in _PARALLEL.finditer(text):
        if not verbs.search(match[3]):
            yield f"{match[1]}，{match[3]}"
    for match in _BEFORE_ETC.finditer(text) if "、" in text and "等" in text else ():
        if not verbs.search(match[2]):
            yield f"{match[1]}，{match[2]}"


RULE = Rule(
    code="TX-09",
    severity="hint",
    check=check,
    bad={"purpose": "用于发放村民小组长误工补贴，改善组内居住环境，生态环境。"},
    good={"purpose": "用于发放误工补贴，稳定村组队伍，提升服务水平，强化队伍。"},
)

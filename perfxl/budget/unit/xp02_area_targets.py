"""XP-02: an indicator of an area says what is to be reached (清运覆盖率≥95%); a name alone cannot be checked.

Said once for the whole table. A number is a value, and so are the words of a county's list (零, 全覆盖).
"""

from collections.abc import Iterator

from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_COLUMN = "areas.parts.indicators"


def check(subject: Subject) -> Iterator[Hit]:
    words = subject.words("target_words")
    found: dict[str, list[str]] = {}
    count = 0
    for path, text in subject.texts:
        if path.endswith(".indicators"):
            count += 1
            if not any(character.isdigit() for character in text) and not any(word in text for word in words):
                found.setdefault(path, []).append(text.strip())
    if found:
        without = [text for texts in found.values() for text in texts]
        yield Hit(tuple(found), {"first": without[0], "missing": len(without), "count": count})


RULE = Rule(
    code="XP-02",
    severity="hint",
    check=check,
    needs=(_COLUMN,),
    bad={"areas[0].parts[0].indicators": ["年度考核覆盖率", "村民小组长待遇落实率100%"]},
    good={"areas[0].parts[0].indicators": ["违规发放零发生", "村组队伍培训全覆盖", "培训达到２次"]},
)

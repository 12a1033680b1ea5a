"""XP-02: an indicator of an area gives the value to be reached (清运覆盖率≥95%); a name alone cannot be checked.

Reported once for the whole table. A number is a value, and so are the words of a county's list (零 for none, 全覆盖 for
full coverage).
"""

from collections.abc import Iterator

from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_COLUMN = "areas.parts.indicators"


def check(subject: Subject) -> Iterator[Hit]:
    """Find indicators of areas that give no value to be reached."""
    words = subject.words("target_words")
    missing: dict[str, list[str]] = {}
    count = 0
    for path, text in subject.texts:
        if path.endswith(".indicators"):
            count += 1
            if not any(character.isdigit() for character in text) and not any(word in text for word in words):
                missing.setdefault(path, []).append(text.strip())
    if missing:
        without = [text for texts in missing.values() for text in texts]
        yield Hit(tuple(missing), {"first": without[0], "missing": len(without), "count": count})


RULE = Rule(
    code="XP-02",
    severity="hint",
    check=check,
    needs=(_COLUMN,),
    bad={"areas[0].parts[0].indicators": ["年度考核覆盖率", "村民小组长待遇落实率100%"]},
    good={"areas[0].parts[0].indicators": ["违规发放零发生", "村组队伍培训全覆盖", "培训达到２次"]},
)

"""TX-06: a unit speaks of its own area: a 镇 (town) of 全镇 (the whole town), not of 全县 (county) or 全乡 (township).

The latter were copied from other units. A basis and a title in 《》 may name any level. Phrases that are right at any
level, such as 全县统一标准 (the standard of the whole county), are on a list.
"""

import re
from collections.abc import Iterator, Mapping

from perfxl.budget.texts.citation import TITLE
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import word_pattern

_COMPOUNDS = re.compile("乡镇|城镇|村镇|集镇|城乡|市场|市政|市容|社区|园区|开发区|景区|灌区|林区|库区|新区")
_LEVEL = re.compile(r"街道|[县区旗市镇乡]")
_LISTS = {"镇": "words_of_town", "乡": "words_of_township", "街道": "words_of_street", "县": "words_of_county"}


def check(subject: Subject) -> Iterator[Hit]:
    """Find words for the area of another administrative level than the unit's own."""
    level, foreign = subject.unit.once(_foreign_words)
    if not foreign:
        return
    paths_of_words: dict[str, list[str]] = {}
    for path, text in subject.texts:
        if not path.endswith(".basis"):
            for word in _occurring_words(text, tuple(foreign), subject.words("level_allowed")):
                paths_of_words.setdefault(word, []).append(path)
    for word, paths in paths_of_words.items():
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"level": level, "word": word, "own": foreign[word], "count": len(fields)})


def _occurring_words(text: str, foreign: tuple[str, ...], allowed: tuple[str, ...]) -> list[str]:
    """Return the foreign words that a text has outside titles and allowed phrases, each once."""
    plain = word_pattern(allowed).sub(" ", TITLE.sub(" ", squeeze(text)))
    return list(dict.fromkeys(word_pattern(foreign).findall(plain)))


def _foreign_words(unit: Unit) -> tuple[str, Mapping[str, str]]:
    """Return the unit's level, and the words of other levels, each with the unit's own word for it (全乡: 全镇)."""
    level = level_of(unit.name)
    if level not in ("镇", "乡", "街道"):  # an office of the county may speak of any of its townships
        return level, {}
    others = [word for other, name in _LISTS.items() if other != level for word in unit.policy.words[name]]
    own = set(unit.policy.words[_LISTS[level]])
    return level, {word: word[0] + level if word[0] + level in own else level for word in others if word not in own}


def level_of(name: str) -> str:
    """Return a unit's level, the last one that its name has: 清溪县柳河镇人民政府本级 → 镇; empty if it has none."""
    levels = _LEVEL.findall(_COMPOUNDS.sub("", squeeze(name)))
    return levels[-1] if levels else ""


RULE = Rule(
    code="TX-06",
    severity="warning",
    check=check,
    bad={"purpose": "用于发放全乡村民小组长履职期间的误工补贴，稳定村组工作队伍。"},
    good={"purpose": "按全县统一标准发放误工补贴，稳定本乡镇村组工作队伍。"},
)

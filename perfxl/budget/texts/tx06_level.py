"""TX-06: a unit speaks of its own area: a 镇 (town) of 全镇 (the town), a bureau of a county of 全县 (the county).

A word for another area was copied, or a higher level wrote it. The unit's level is read from its name (``unit_name``);
where the name does not tell it, nothing is reported. Not reported either: a basis, a title in 《》, a text in “”, the
name of a document; an area above the unit where the text compares with it or follows it (按全县统一标准, by the
county's standard); a town, county or district below the unit that the project's own texts name.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from perfxl.budget.texts.citation import TITLE
from perfxl.budget.unit_name import TOWNS, unit_name
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.policy import Policy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import word_pattern

_LISTS = {
    "镇": "words_of_town",
    "乡": "words_of_township",
    "街道": "words_of_street",
    "县": "words_of_county",
    "区": "words_of_district",
    "旗": "words_of_banner",
    "市": "words_of_city",
    "省": "words_of_province",
}
_RIGHT_FOR = {"县": "省", "区": "省", "旗": "省区", "市": "省"}  # 全区 in a banner is the autonomous region
_ABOVE = {**dict.fromkeys(TOWNS, "县区旗市省"), "县": "市", "区": "市", "旗": "市", "市": ""}
_QUOTED = late_pattern(
    r"《[^《》]*》|“[^“”]{1,30}”|关于[^，。；《》]{2,40}?的(?:通知|意见|方案|办法|决定|规划|请示|批复|函|报告)"
)
_NO_NAMES = late_pattern(  # words with the same characters that name no town, county or district
    "乡镇|城镇|村镇|集镇|小镇|城乡|家乡|返乡|下乡|乡[村亲情土风]|镇[村级域直]|县[域级城区直内外]|[区市]县|区[域直级内]"
    "|(?:社|地|山|城|辖|小|灾|片|校|院|厂|街|老)区|行政区|[全我本各该每]+(?:镇|乡|街道|县|区|旗)"
)


class _ForeignWords(NamedTuple):
    """The unit's level, and the words of other areas: each with its area, and with the unit's own word for it."""

    level: str
    areas: Mapping[str, str]
    own: Mapping[str, str]


def check(subject: Subject) -> Iterator[Hit]:
    """Find words for another area than the unit's own."""
    foreign = subject.unit.once(_foreign_words)
    if not foreign.areas:
        return
    pattern = word_pattern(tuple(foreign.areas))
    paths_of_words: dict[str, list[str]] = {}
    for path, text in subject.texts:
        if not path.endswith(".basis") and pattern.search(squeezed := squeeze(text)):
            for word in _occurring_words(subject, squeezed, foreign):
                paths_of_words.setdefault(word, []).append(path)
    for word, paths in paths_of_words.items():
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"level": foreign.level, "word": word, "own": foreign.own[word], "count": len(fields)})


def _occurring_words(subject: Subject, text: str, foreign: _ForeignWords) -> list[str]:
    """Return the foreign words that a text has outside quotations and allowed phrases, each once."""
    plain = word_pattern(subject.words("level_allowed")).sub(" ", _QUOTED.sub(" ", TITLE.sub(" ", text)))
    found = []
    for match in word_pattern(tuple(foreign.areas)).finditer(plain):
        area = foreign.areas[match[0]]
        if area in _ABOVE[foreign.level]:
            right = _follows_it(subject, plain[: match.start()], plain[match.end() :])
        else:
            right = foreign.level not in TOWNS and match[0][0] == "全" and area in subject.once(_named_areas)
        if not right:
            found.append(match[0])
    return list(dict.fromkeys(found))


def _follows_it(subject: Subject, before: str, behind: str) -> bool:
    """Return True if a text compares with an area above the unit, or does what is set there."""
    return before.endswith(subject.words("level_before")) or behind.startswith(subject.words("level_behind"))


def _named_areas(subject: Subject) -> frozenset[str]:
    """Return the kinds of places that the project's own texts name: 镇 where one of them says 柳溪镇."""
    texts = [
        str(subject.record.get("name") or ""),
        *(text for path, text in subject.texts if not path.endswith(".basis")),
    ]
    rest = _NO_NAMES.sub(" ", squeeze("，".join(texts)))
    return frozenset(area for area in _LISTS if re.search(f"[\u4e00-\u9fff]{area}", rest))


def _foreign_words(unit: Unit) -> _ForeignWords:
    """Return the words of other areas than the unit's own."""
    name = unit_name(unit.name)
    if not name.level:
        return _ForeignWords("", {}, {})
    right = _RIGHT_FOR.get(name.level, "") + ("市" if name.branch else "")
    right += "区" if "自治区" in unit.name else ""
    own = unit.policy.words[_LISTS[name.level]]
    areas = {
        word: area
        for area in _LISTS
        if area != name.level and area not in right
        for word in _words_of(area, unit.policy)
        if word not in own
    }
    return _ForeignWords(name.level, areas, {word: _own_word(word, name.level, own) for word in areas})


def _words_of(area: str, policy: Policy) -> tuple[str, ...]:
    return policy.words[_LISTS[area]]


def _own_word(word: str, level: str, own: tuple[str, ...]) -> str:
    """Return the unit's own word for a word of another area: 全乡 → 全镇, 市直 → 县直; the level where it has none."""
    return next((mine for mine in (word[0] + level, level + word[-1]) if mine in own), level)


RULE = Rule(
    code="TX-06",
    severity="warning",
    check=check,
    bad={"purpose": "用于发放全乡村民小组长履职期间的误工补贴，稳定村组工作队伍。"},
    good={"purpose": "按全县统一标准发放误工补贴，稳定本乡镇村组工作队伍。"},
)

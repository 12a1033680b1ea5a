"""TX-05: no word is typed twice and none is missing: 意见意见, a text ending with 以及 (and), 一是 without 二是.

一是 and 二是 (firstly, secondly) begin the points of an enumeration. Two or more characters that are typed twice are
reported, not 人人 or 一步一步; words that may well be doubled are on a list.

One character typed twice (发放放) is reported where it cannot be two words: at the end of a clause, unless the pair is
a word (天天), and elsewhere behind a word of a list, unless the next word begins with it (检查查处). A county's list
gives slips that are always wrong, and the unit's own name without the word for its level is one too.
"""

import re
from collections.abc import Iterator

from perfxl.budget.texts.doubled import doubled_at_end, doubled_in_word, doubled_words, has_pair
from perfxl.budget.unit_name import unit_name
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import word_pattern

_BEGIN = late_pattern(r"^\s*[，。；、：,;:]")
_ORDINALS = "一二三四五六七八九"
_POINT = late_pattern(f"(?:^|(?<=[，。；：、,;:\\s]))([{_ORDINALS}])是")


def check(subject: Subject) -> Iterator[Hit]:
    """Find doubled words, cut-off beginnings and endings, and points left out of an enumeration."""
    slips: dict[tuple[str, str], list[str]] = {}
    name = squeeze(subject.get("name")) if isinstance(subject.get("name"), str) else ""
    for path, text in subject.texts:
        for slip in _slips(subject, squeeze(text), name):
            slips.setdefault(slip, []).append(path)
    for (problem, word), paths in slips.items():
        fields = tuple(dict.fromkeys(paths))
        right = subject.unit.once(_known_slips).get(word, "")
        yield Hit(fields, {"problem": problem, "found": word, "right": right, "count": len(fields)})


def _slips(subject: Subject, text: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield each slip in a text: its kind, as the messages know it, and the words in which it occurs."""
    for doubled in _doubled(subject, text):
        yield "doubled", doubled
    if text.endswith(endings := subject.words("unfinished_endings")):
        ending = next(word for word in endings if text.endswith(word))
        yield "unfinished", text[-len(ending) - 6 :]
    if begin := _BEGIN.match(text):
        yield "headless", text[: begin.end() + 6]
    yield from _added_characters(subject, text, name)
    yield from _missing_points(text)
    for wrong in subject.unit.once(_slip_pattern).findall(text):
        yield "wrong", wrong


def _doubled(subject: Subject, text: str) -> Iterator[str]:
    """Yield the words and characters that a text has twice in a row, but for those that are allowed."""
    allowed = subject.words("doubled_allowed")
    for doubled, around in doubled_words(text):
        if not any(exception in around for exception in allowed):
            yield doubled
    pairs = list(filter(text.__contains__, subject.words("doubled_characters")))
    if has_pair(text):
        pairs += doubled_at_end(text, subject.unit.once(_right_pairs))
        pairs += doubled_in_word(text, subject.words("doubled_endings"), subject.words("doubled_begins"))
    if pairs and not any(exception in text for exception in allowed):
        yield from dict.fromkeys(pairs)


def _slip_pattern(unit: Unit) -> "re.Pattern[str]":
    return word_pattern(tuple(unit.once(_known_slips)))


def _right_pairs(unit: Unit) -> frozenset[str]:
    """Return the pairs of one character that are words, and those that are looked for anywhere."""
    return frozenset((*unit.policy.words["doubled_right"], *unit.policy.words["doubled_characters"]))


def _known_slips(unit: Unit) -> dict[str, str]:
    """Return the words that are always wrong, each with the right one: those of the county, and the unit's own name."""
    known = dict(pair.partition("=")[::2] for pair in unit.policy.words["known_slips"])
    name = unit_name(unit.name)
    if name.place and name.town and name.department.startswith("人民政府"):  # 清溪县柳溪人民政府
        known |= {f"{place}人民政府": f"{place}{name.level}人民政府" for place in [name.above + name.place]}
    return known


def _added_characters(subject: Subject, text: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield each character that slipped in between the project's own name and 项目 (project): 防汛经费想项目."""
    at = text.find(name) if len(name) >= 3 else -1
    while at >= 0:
        end = at + len(name)
        link, behind = text[end : end + 1], text[end + 1 : end + 3]
        if behind == "项目" and "\u4e00" <= link <= "\u9fff" and link not in subject.words("name_links"):
            yield "added", text[end - 2 : end + 3]
        at = text.find(name, end)


def _missing_points(text: str) -> Iterator[tuple[str, str]]:
    """Yield the first point that an enumeration leaves out: 一是 without 二是, or one between others."""
    points = [_ORDINALS.index(ordinal) + 1 for ordinal in _POINT.findall(text)] if "是" in text else []
    if not points:
        return
    missing = next((n for n in range(1, max(points) + 1) if n not in points), 2 if points == [1] else 0)
    if missing:
        present = _ORDINALS[points[0] - 1 if missing > points[0] else max(points) - 1]
        yield "point", f"{present}是…{_ORDINALS[missing - 1]}是"


RULE = Rule(
    code="TX-05",
    severity="hint",
    check=check,
    bad={"purpose": "用于发放村民小组长履职期间的误工误工补贴，稳定村组工作队伍。"},
    good={"purpose": "用于一步一步发放人人有份的误工补贴，稳定村组工作队伍。"},
)

"""TX-05: no word stands twice, none is missing: 意见意见, a text that ends with 以及, 一是 without 二是.

A pair of characters typed twice is looked for, not 人人 or 一步一步; what may well be doubled is on a list.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze

_TWICE = re.compile(r"([\u4e00-\u9fff]{2,12})\1")
_BEGIN = re.compile(r"^\s*[，。；、：,;:]")
_ORDINALS = "一二三四五六七八九"
_POINT = re.compile(f"(?:^|(?<=[，。；：、,;:\\s]))([{_ORDINALS}])是")


def check(subject: Subject) -> Iterator[Hit]:
    found: dict[tuple[str, str], list[str]] = {}
    name = squeeze(subject.get("name")) if isinstance(subject.get("name"), str) else ""
    for path, text in subject.texts:
        for slip in _slips(subject, squeeze(text), name):
            found.setdefault(slip, []).append(path)
    for (problem, word), paths in found.items():
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"problem": problem, "found": word, "count": len(fields)})


def _slips(subject: Subject, text: str, name: str) -> Iterator[tuple[str, str]]:
    """What is wrong in a text: the kind of slip, and where it stands."""
    allowed = subject.words("doubled_allowed")
    for twice, around in _doubled(text):
        if not any(word in around for word in allowed):
            yield "doubled", twice
    for word in subject.words("doubled_characters"):
        if word in text and not any(each in text for each in allowed):
            yield "doubled", word
    if ending := next((word for word in subject.words("unfinished_endings") if text.endswith(word)), ""):
        yield "unfinished", text[-len(ending) - 6 :]
    if begin := _BEGIN.match(text):
        yield "headless", text[: begin.end() + 6]
    yield from _added(subject, text, name)
    yield from _point(text)


@lru_cache(maxsize=8192)
def _doubled(text: str) -> tuple[tuple[str, str], ...]:
    """What stands twice in a text, with what stands around it."""
    found = (twice for twice in _TWICE.finditer(text) if len(set(twice[1])) > 1)
    return tuple((twice[0], text[max(0, twice.start() - 4) : twice.end() + 4]) for twice in found)


def _added(subject: Subject, text: str, name: str) -> Iterator[tuple[str, str]]:
    """A character that slipped in between the project's own name and 项目: 防汛经费想项目."""
    at = text.find(name) if len(name) >= 3 else -1
    while at >= 0:
        end = at + len(name)
        link, behind = text[end : end + 1], text[end + 1 : end + 3]
        if behind == "项目" and "\u4e00" <= link <= "\u9fff" and link not in subject.words("name_links"):
            yield "added", text[end - 2 : end + 3]
        at = text.find(name, end)


def _point(text: str) -> Iterator[tuple[str, str]]:
    """一是 without 二是, or a point left out between others."""
    points = [_ORDINALS.index(each) + 1 for each in _POINT.findall(text)]
    if not points:
        return
    missing = next((n for n in range(1, max(points) + 1) if n not in points), 2 if points == [1] else 0)
    if missing:
        there = _ORDINALS[points[0] - 1 if missing > points[0] else max(points) - 1]
        yield "point", f"{there}是…{_ORDINALS[missing - 1]}是"


RULE = Rule(
    code="TX-05",
    severity="hint",
    check=check,
    bad={"purpose": "用于发放村民小组长履职期间的误工误工补贴，稳定村组工作队伍。"},
    good={"purpose": "用于一步一步发放人人有份的误工补贴，稳定村组工作队伍。"},
)

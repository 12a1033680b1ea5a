"""Several texts in one cell: numbered lines, or names joined by a separator."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from perfxl.form.fields.base import Kind, Raw, Understood, Validation, ValueType
from perfxl.form.fields.spelling import CHINESE_DIGITS, numeral, text_or_none, trim_text, unreadable, verbatim

_SIGNS = "①-⑳⑴-⒇⒈-⒛❶-❿"
_FIRSTS = "①⑴⒈❶"
_CHINESE = f"[{CHINESE_DIGITS}]{{1,3}}"
_NUMBERED = re.compile(
    r"(?:(?P<plain>[0-9０-９]{1,2})\s*[.．、]"
    r"|[（(]\s*(?P<bracket>[0-9０-９]{1,2})\s*[)）]|(?P<half>[0-9０-９]{1,2})\s*[)）]"
    rf"|(?P<sign>[{_SIGNS}])[.．、]?|(?P<chinese>{_CHINESE})、(?!{_CHINESE}[、级类])|[（(](?P<enclosed>{_CHINESE})[)）]"
    r"|(?P<bullet>[•●■◆▪▲►➢]))"
)
_DIGIT = re.compile(r"[0-9０-９]")
_YEAR = re.compile(r"[0-9０-９]{4}年")
_LINE = re.compile("[\n\v\x85\u2028\u2029]")  # Word's line break within a paragraph is a \v
# the next number in the middle of a line: 1.甲；2.乙
_INLINE = {
    "plain": re.compile(r"(?<=[；;。！？!?\s])(?P<number>[0-9０-９]{1,2})\s*[.．、](?![0-9０-９])"),
    "bracket": re.compile(r"(?<=[；;。！？!?\s])[（(]\s*(?P<number>[0-9０-９]{1,2})\s*[)）]"),
    "sign": re.compile(rf"(?<=[；;。！？!?\s])(?P<number>[{_SIGNS}])[.．、]?"),
}


@dataclass(frozen=True)
class _Line:
    """A line and, where it begins with a numbering, its manner, its number and what follows.

    ``doubtful``: a digit follows, so that 1.5公里 may be no numbering at all.
    """

    text: str
    manner: str = ""
    number: int = 0
    rest: str = ""
    doubtful: bool = False


def _count(sign: str) -> int:
    """What a numbering counts: 2 for 2, ２, ②, 二; 0 for a bullet."""
    first = max((each for each in _FIRSTS if each <= sign), default="")
    if first and re.fullmatch(f"[{_SIGNS}]", sign):
        return ord(sign) - ord(first) + 1
    return int(sign) if _DIGIT.match(sign) else int(numeral(sign) or 0)


def _line(text: str) -> _Line:
    bare = trim_text(text)
    found = _NUMBERED.match(bare)
    if not found:
        return _Line(text)
    manner = found.lastgroup or ""
    rest = bare[found.end() :]
    dot = bare[found.end() - 1] in ".．"
    # 1.2024年完成… is a numbering: nobody means 1.2024 years.
    doubtful = manner == "plain" and dot and bool(_DIGIT.match(rest)) and not _YEAR.match(rest)
    return _Line(text, manner, _count(found[manner]), rest, doubtful)


def _split_numbered(text: str) -> list[str] | None:
    """The items of numbered lines; None where no line is numbered. Lines without number belong to the item above."""
    lines = [_line(line) for line in _LINE.split(text)]
    sure = next((line.manner for line in lines if line.manner and not line.doubtful), "")
    if not sure:
        return None
    items: list[list[str]] = []
    numbers: list[int] = []
    for line in lines:
        # （1） under 1. is part of the item: only the manner of the first numbering counts.
        starts = line.manner == sure and (not line.doubtful or line.number == len(items) + 1)
        if starts or not items:
            if starts or trim_text(line.text):
                items.append([line.rest if starts else line.text])
                numbers.append(line.number if starts else 0)
        else:
            items[-1].append(line.text)
    texts = [trim_text("\n".join(lines_)) for lines_ in items]
    return [item for item in _split_parts(texts, numbers, sure) if item]


def _split_parts(items: list[str], numbers: list[int], manner: str) -> list[str]:
    """The items, and those that stand in one line with another: only where all numbers then count 1, 2, 3 …."""
    pattern = _INLINE.get(manner)
    if pattern is None or not any(pattern.search(item) for item in items):
        return items
    parts: list[str] = []
    for item, number in zip(items, numbers, strict=True):
        if number != len(parts) + 1:
            return items
        start = 0
        for found in pattern.finditer(item):
            if _count(found["number"]) == len(parts) + 2:
                parts.append(trim_text(item[start : found.start()]))
                start = found.end()
        parts.append(trim_text(item[start:]))
    return parts if all(parts) else items


@dataclass(frozen=True)
class Items(Kind):
    """A list of texts: goals (numbered lines), or names joined by ``separator``.

    The value is a list of texts without white space around them. With a separator also ；; end an
    item, 、 only where neither stands in the cell, as in published documents, and a 。 at the end is dropped.
    ``max_items`` is told and left to the rules; ``max_length`` counts the whole cell.
    """

    name: ClassVar[str] = "items"
    free_text: ClassVar[bool] = True
    value_type: ClassVar[ValueType] = "items"
    max_items: int | None = None
    max_length: int = 1000
    separator: str | None = None

    def read(self, raw: Raw) -> Understood:
        whole = verbatim(raw)
        if whole.value is None or whole.problem:
            return whole
        text: str = whole.value
        items = self.split(text)
        if len(items) == 1 and (problem := verbatim(Raw(items[0])).problem):  # 1.#REF!
            return unreadable(raw, problem)
        how = list(whole.how)
        bare = trim_text(text)
        if bare != text and "trimmed" not in how:
            how.append("trimmed")
        if self.show(items) != bare:
            how.append("numbering")
        return Understood(items, tuple(how))

    def split(self, text: str) -> list[str]:
        """The items of a text, in a cell or in a published document.

        A text of nothing but signs (1. or ；) is one item: what was typed is kept.
        """
        return self._split(text) or [trim_text(text)]

    def _split(self, text: str) -> list[str]:
        if self.separator is None:
            numbered = _split_numbered(text)
            return [line for each in _LINE.split(text) if (line := trim_text(each))] if numbered is None else numbered
        text = _LINE.sub("\n", text)
        ends = [self.separator, "；", ";", "\n"]
        if not any(end in trim_text(text) for end in ends):
            ends = ["、"] if not _line(text).manner else []
        pieces = re.split("|".join(map(re.escape, ends)), text) if ends else [text]
        pieces = [piece for piece in pieces if trim_text(piece)]
        lines = [_line(piece) for piece in pieces]
        # 1.完成率；2.满意率: a numbering only where every name has its turn.
        if all(line.manner and not line.doubtful and line.number == n for n, line in enumerate(lines, 1)):
            pieces = [line.rest for line in lines]
        return [item for piece in pieces if (item := trim_text(trim_text(piece).rstrip("；;。 \t\n\u3000")))]

    def show(self, value: Any) -> str | None:
        if isinstance(value, str) or not isinstance(value, Sequence):
            return text_or_none(value)
        items = [str(item) for item in value]
        if self.separator is None:
            lines = "\n".join(self._numbering(n, item) for n, item in enumerate(items, 1))
            if items and _INLINE["plain"].search(items[-1]) and self.split(lines) != items:
                lines = "\n".join(f"{n}) {item}" for n, item in enumerate(items, 1))  # never parted in a line
            return lines or None
        joined = self.separator.join(items)
        if len(items) == 1 and "、" in joined and self.split(joined) != items:
            joined += self.separator  # says that the name ends here, so that its 、 is not taken for an end
        if items and self.split(joined) != items:  # the names look numbered themselves: number them, in another manner
            joined = self.separator.join(f"（{n}）{item}" for n, item in enumerate(items, 1))
        return joined or None

    @staticmethod
    def _numbering(number: int, item: str) -> str:
        """1.… ; 1、… before a digit, since 1.5公里 would be a number."""
        return f"{number}{'、' if _DIGIT.match(item) and not _YEAR.match(item) else '.'}{item}"

    def validation(self) -> Validation:
        return Validation("text_length", maximum=self.max_length)

    def schema(self) -> Mapping[str, Any]:
        most = {} if self.max_items is None else {"maxItems": self.max_items}
        return {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, **most}

    def facts(self) -> Mapping[str, Any]:
        return {"max_items": self.max_items, "max_length": self.max_length, "separator": self.separator}

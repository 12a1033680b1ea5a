"""A list of texts in one cell: numbered lines, or names joined by a separator."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from perfxl.form.characters import trim_text
from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import AnswerLimits, AnswerType, Raw, Understood, Validation, ValueType
from perfxl.form.types.number import text_or_none
from perfxl.form.types.spelling import CHINESE_DIGITS, numeral, unreadable, verbatim

_SIGNS = "①-⑳⑴-⒇⒈-⒛❶-❿"
_FIRSTS = "①⑴⒈❶"
_CHINESE = f"[{CHINESE_DIGITS}]{{1,3}}"
_NUMBERED = late_pattern(
    r"(?:(?P<plain>[0-9０-９]{1,2})\s*[.．、]"
    r"|[（(]\s*(?P<bracket>[0-9０-９]{1,2})\s*[)）]|(?P<half>[0-9０-９]{1,2})\s*[)）]"
    rf"|(?P<sign>[{_SIGNS}])[.．、]?|(?P<chinese>{_CHINESE})、(?!{_CHINESE}[、级类])|[（(](?P<enclosed>{_CHINESE})[)）]"
    r"|(?P<bullet>[•●■◆▪▲►➢]))"
)
_DIGIT = late_pattern(r"[0-9０-９]")
_YEAR = late_pattern(r"[0-9０-９]{4}年")
_LINE = late_pattern("[\n\v\x85\u2028\u2029]")  # Word's line break within a paragraph is a \v
# a further number in the middle of a line: 1.甲；2.乙
_INLINE = {
    "plain": re.compile(r"(?<=[；;。！？!?\s])(?P<number>[0-9０-９]{1,2})\s*[.．、](?![0-9０-９])"),
    "bracket": re.compile(r"(?<=[；;。！？!?\s])[（(]\s*(?P<number>[0-9０-９]{1,2})\s*[)）]"),
    "sign": re.compile(rf"(?<=[；;。！？!?\s])(?P<number>[{_SIGNS}])[.．、]?"),
}


@dataclass(frozen=True)
class _Line:
    """A line of text and the numbering at its beginning, if any.

    ``manner``: the group of ``_NUMBERED`` that matched (``plain`` for 1., ``bracket`` for （1） …), empty without a
    numbering; ``number``: the number; ``rest``: the text after the numbering. ``doubtful``: a digit follows, so that
    the number may be no numbering at all (1.5公里 is 1.5 km).
    """

    text: str
    manner: str = ""
    number: int = 0
    rest: str = ""
    doubtful: bool = False


def _count(sign: str) -> int:
    """Return the number that a numbering stands for: 2 for 2, ２, ②, 二; 0 for a bullet."""
    # the code point of the sign 1 in the same series, such as ① for ②
    first = max((candidate for candidate in _FIRSTS if candidate <= sign), default="")
    if first and re.fullmatch(f"[{_SIGNS}]", sign):
        return ord(sign) - ord(first) + 1
    return int(sign) if _DIGIT.match(sign) else int(numeral(sign) or 0)


def _parse_line(text: str) -> _Line:
    """Separate the numbering at the beginning of a line from its text."""
    bare = trim_text(text)
    match = _NUMBERED.match(bare)
    if not match:
        return _Line(text)
    manner = match.lastgroup or ""
    rest = bare[match.end() :]
    dot = bare[match.end() - 1] in ".．"
    # 1.2024年完成… (1. complete in 2024) is a numbering: nobody means 1.2024 years.
    doubtful = manner == "plain" and dot and bool(_DIGIT.match(rest)) and not _YEAR.match(rest)
    return _Line(text, manner, _count(match[manner]), rest, doubtful)


def _split_numbered(text: str) -> list[str] | None:
    """Return the items of numbered lines, or None where no line is surely numbered.

    A line without a number belongs to the item above it.
    """
    lines = [_parse_line(line) for line in _LINE.split(text)]
    manner = next((line.manner for line in lines if line.manner and not line.doubtful), "")
    if not manner:
        return None
    items: list[list[str]] = []
    numbers: list[int] = []
    for line in lines:
        # （1） under 1. is part of the item: only the manner of the first numbering counts.
        starts = line.manner == manner and (not line.doubtful or line.number == len(items) + 1)
        if starts or not items:
            if starts or trim_text(line.text):
                items.append([line.rest if starts else line.text])
                numbers.append(line.number if starts else 0)
        else:
            items[-1].append(line.text)
    texts = [trim_text("\n".join(item_lines)) for item_lines in items]
    return [item for item in _split_inline(texts, numbers, manner) if item]


def _split_lines(text: str) -> list[str]:
    """Return the items of numbered lines or, where no line is numbered, the lines that are not blank."""
    numbered = _split_numbered(text)
    if numbered is not None:
        return numbered
    return [bare for line in _LINE.split(text) if (bare := trim_text(line))]


def _split_inline(items: list[str], numbers: list[int], manner: str) -> list[str]:
    """Split items that hold further numbers in the same line (1.甲；2.乙).

    This is done only where all numbers then count 1, 2, 3 …; otherwise the items are returned unchanged.
    """
    pattern = _INLINE.get(manner)
    if pattern is None or not any(pattern.search(item) for item in items):
        return items
    parts: list[str] = []
    for item, number in zip(items, numbers, strict=True):
        if number != len(parts) + 1:
            return items
        start = 0
        for match in pattern.finditer(item):
            if _count(match["number"]) == len(parts) + 2:
                parts.append(trim_text(item[start : match.start()]))
                start = match.end()
        parts.append(trim_text(item[start:]))
    return parts if all(parts) else items


@dataclass(frozen=True)
class Items(AnswerType):
    """A list of texts: numbered lines such as goals, or names joined by ``separator``.

    The value is a list of texts without white space around them. With a separator, ； and ; also end an item; 、 does
    so only where no other end of an item stands in the cell, as in published documents; and a 。 at the end is dropped.
    ``max_items`` is stated to the people who fill the form and judged on return; ``max_length`` counts the
    characters of the whole cell.
    """

    name: ClassVar[str] = "items"
    free_text: ClassVar[bool] = True
    value_type: ClassVar[ValueType] = "items"
    max_items: int | None = None
    max_length: int = 1000
    separator: str | None = None

    def read(self, raw: Raw) -> Understood:
        """Split the text of a cell into its items."""
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
            how.append("trimmed" if text.strip() != text else "invisible")
        if self.show(items) != bare:
            how.append("numbering")
        return Understood(items, tuple(how))

    def split(self, text: str) -> list[str]:
        """Return the items of a text, from a cell or from a published document.

        A text of nothing but signs (1. or ；) is one item, so that it is not lost.
        """
        return self._split(text) or [trim_text(text)]

    def _split(self, text: str) -> list[str]:
        """Return the items of a text; an empty list for a text of nothing but signs."""
        if self.separator is None:
            return _split_lines(text)
        return self._split_names(text, self.separator)

    @staticmethod
    def _split_names(text: str, separator: str) -> list[str]:
        """Split names joined by a separator; see the class for the other signs that end a name."""
        text = _LINE.sub("\n", text)
        ends = [separator, "；", ";", "\n"]
        if not any(end in trim_text(text) for end in ends):
            ends = ["、"] if not _parse_line(text).manner else []
        pieces = re.split("|".join(map(re.escape, ends)), text) if ends else [text]
        pieces = [piece for piece in pieces if trim_text(piece)]
        lines = [_parse_line(piece) for piece in pieces]
        # 1.完成率；2.满意率: these are numbers of items only where all names have one and they count 1, 2, 3 ….
        if all(line.manner and not line.doubtful and line.number == n for n, line in enumerate(lines, 1)):
            pieces = [line.rest for line in lines]
        return [item for piece in pieces if (item := trim_text(trim_text(piece).rstrip("；;。 \t\n\u3000")))]

    def show(self, value: Any) -> str | None:
        """Return the items as the text of one cell: numbered lines, or joined by the separator.

        The manner of numbering is chosen so that ``read`` finds the same items again.
        """
        if isinstance(value, str) or not isinstance(value, Sequence):
            return text_or_none(value)
        items = [str(item) for item in value]
        if self.separator is None:
            lines = "\n".join(self._number_item(n, item) for n, item in enumerate(items, 1))
            if items and _INLINE["plain"].search(items[-1]) and self.split(lines) != items:
                # items numbered 1) 2) 3) are never split within a line
                lines = "\n".join(f"{n}) {item}" for n, item in enumerate(items, 1))
            return lines or None
        joined = self.separator.join(items)
        if len(items) == 1 and "、" in joined and self.split(joined) != items:
            joined += self.separator  # a separator at the end shows that 、 is part of the name
        if items and self.split(joined) != items:  # the names look numbered themselves: number them in another manner
            joined = self.separator.join(f"（{n}）{item}" for n, item in enumerate(items, 1))
        return joined or None

    @staticmethod
    def _number_item(number: int, item: str) -> str:
        """Return an item with its number: 1.…, but 1、… before a digit, since 1.5公里 would be read as 1.5 km.

        A year (2024年) is a digit of no such doubt.
        """
        return f"{number}{'、' if _DIGIT.match(item) and not _YEAR.match(item) else '.'}{item}"

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        return Validation("text_length", maximum=self.max_length)

    def limits(self) -> AnswerLimits:
        """Return the limits of the items: their number, and the length of the whole cell."""
        return replace(super().limits(), max_items=self.max_items)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        most = {} if self.max_items is None else {"maxItems": self.max_items}
        return {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, **most}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        return {"max_items": self.max_items, "max_length": self.max_length, "separator": self.separator}

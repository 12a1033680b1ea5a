"""Several texts in one cell: numbered lines, or names joined by a separator."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from perfxl.form.fields.base import Kind, Raw, Understood, Validation
from perfxl.form.fields.spelling import text_or_none, verbatim

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_NUMBERED = re.compile(
    r"\s*(?:(?P<plain>[0-9０-９]{1,2})\s*[.．、]"
    r"|[（(]\s*(?P<bracket>[0-9０-９]{1,2})\s*[)）]|(?P<half>[0-9０-９]{1,2})\s*[)）]"
    rf"|(?P<circled>[{_CIRCLED}])[.．、]?)"
)
_DIGIT = re.compile(r"[0-9０-９]")
_YEAR = re.compile(r"[0-9０-９]{4}年")


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


def _line(text: str) -> _Line:
    found = _NUMBERED.match(text)
    if not found:
        return _Line(text)
    manner = found.lastgroup or ""
    number = _CIRCLED.index(found[manner]) + 1 if manner == "circled" else int(found[manner])
    rest = text[found.end():]
    dot = text[found.end() - 1] in ".．"
    # 1.2024年完成… is a numbering: nobody means 1.2024 years.
    doubtful = manner == "plain" and dot and bool(_DIGIT.match(rest)) and not _YEAR.match(rest)
    return _Line(text, manner, number, rest, doubtful)


def _numbered(text: str) -> list[str] | None:
    """The items of numbered lines; None where no line is numbered. Lines without number belong to the item above."""
    lines = [_line(line) for line in text.split("\n")]
    sure = next((line.manner for line in lines if line.manner and not line.doubtful), "")
    if not sure:
        return None
    items: list[list[str]] = []
    for line in lines:
        # （1） under 1. is part of the item: only the manner of the first numbering counts.
        starts = line.manner == sure and (not line.doubtful or line.number == len(items) + 1)
        if starts or not items:
            if starts or line.text.strip():
                items.append([line.rest if starts else line.text])
        else:
            items[-1].append(line.text)
    return [item for lines_ in items if (item := "\n".join(lines_).strip())]


@dataclass(frozen=True)
class Items(Kind):
    """A list of texts: goals (numbered lines), or indicator names joined by ``separator``.

    The value is a list of texts without white space around them. With a separator also ；; end an
    item, 、 only where neither stands in the cell (domain.md: seed), and a 。 at the end is dropped.
    ``max_items`` is told and left to the rules; ``max_length`` counts the whole cell.
    """

    name: ClassVar[str] = "items"
    max_items: int | None = None
    max_length: int = 1000
    separator: str | None = None

    def read(self, raw: Raw) -> Understood:
        whole = verbatim(raw)
        if whole.value is None or whole.problem:
            return whole
        text: str = whole.value
        items = self.split(text)
        how = list(whole.how)
        if text.strip() != text:
            how.append("trimmed")
        if self.show(items) != text.strip():
            how.append("numbering")
        return Understood(items, tuple(how))

    def split(self, text: str) -> list[str]:
        """The items of a text, in a cell or in a published document.

        A text of nothing but signs (1. or ；) is one item: what was typed is kept.
        """
        return self._split(text) or [text.strip()]

    def _split(self, text: str) -> list[str]:
        if self.separator is None:
            numbered = _numbered(text)
            return [line.strip() for line in text.split("\n") if line.strip()] if numbered is None else numbered
        ends = [self.separator, "；", ";", "\n"]
        if not any(end in text.strip() for end in ends):
            ends = ["、"] if not _line(text).manner else []
        pieces = re.split("|".join(map(re.escape, ends)), text) if ends else [text]
        pieces = [piece for piece in pieces if piece.strip()]
        lines = [_line(piece) for piece in pieces]
        # 1.完成率；2.满意率: a numbering only where every name has its turn.
        if all(line.manner and not line.doubtful and line.number == n for n, line in enumerate(lines, 1)):
            pieces = [line.rest for line in lines]
        return [item for piece in pieces if (item := piece.strip().rstrip("；;。 \t\n\u3000"))]

    def show(self, value: Any) -> str | None:
        if isinstance(value, str) or not isinstance(value, Sequence):
            return text_or_none(value)
        items = [str(item) for item in value]
        if self.separator is None:
            return "\n".join(self._numbering(n, item) for n, item in enumerate(items, 1)) or None
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

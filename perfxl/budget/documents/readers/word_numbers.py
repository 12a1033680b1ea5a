"""The numbers that Word counts itself, written out: 1. 2. 3.; 一、 二、; （一）.

A paragraph of a list holds no number, only the name of its list and its level (ECMA-376 part 1, 17.9). The styles of
numbers are those that such documents have; of others (bullets, letters) nothing is written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perfxl.form.types.spelling import in_numerals

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHINESE = {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographDigital",
            "taiwaneseCounting", "taiwaneseCountingThousand", "ideographTraditional"}  # fmt: skip
_DECIMAL = {"decimal", "decimalFullWidth", "decimalZero", "decimalHalfWidth"}


@dataclass(frozen=True)
class _ListLevel:
    """A level of a list: the kind of its numbers, the text around them (``%1、``), the first number."""

    kind: str
    text: str
    start: int


@dataclass
class ParagraphNumbers:
    """The lists of a document, and how far each has been counted."""

    levels: dict[tuple[str, int], _ListLevel] = field(default_factory=dict)
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def of(cls, document: Any) -> ParagraphNumbers:
        """Return the lists of a document that python-docx has opened."""
        numbers = cls()
        part = next(
            (rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")), None
        )
        if part is not None:
            numbers._add_lists(part.element)
        for style in document.styles.element.iterchildren(f"{_W}style"):
            if found := _list_of(style):
                numbers.styles[style.get(f"{_W}styleId", "")] = found
        return numbers

    def _add_lists(self, root: Element) -> None:
        """Take the levels of all lists."""
        abstract = {element.get(f"{_W}abstractNumId"): element for element in root.iterchildren(f"{_W}abstractNum")}
        for number in root.iterchildren(f"{_W}num"):
            name = number.get(f"{_W}numId", "")
            target = number.find(f"{_W}abstractNumId")
            base = abstract.get(target.get(f"{_W}val")) if target is not None else None
            self.roots[name] = (
                name if number.find(f"{_W}lvlOverride") is not None else str(_value(number, "abstractNumId"))
            )
            for level in base.iterchildren(f"{_W}lvl") if base is not None else ():
                self._add_level(name, level)
            for override in number.iterchildren(f"{_W}lvlOverride"):
                if (inner := override.find(f"{_W}lvl")) is not None:
                    self._add_level(name, inner)

    def _add_level(self, name: str, level: Element) -> None:
        """Take one level of a list."""
        start = _value(level, "start")
        self.levels[name, int(level.get(f"{_W}ilvl", "0"))] = _ListLevel(
            _value(level, "numFmt"), _value(level, "lvlText"), int(start) if start.isdigit() else 1
        )

    def number_of(self, paragraph: Element) -> str:
        """Return the number in front of a paragraph with the signs around it, empty for none; it is counted."""
        style = _value(paragraph.find(f"{_W}pPr"), "pStyle")
        name, at = _list_of(paragraph) or self.styles.get(style, ("", 0))
        level = self.levels.get((name, at))
        if level is None or name == "0" or not any(str(text).strip() for text in paragraph.itertext(f"{_W}t")):
            return ""
        counts = self.counts[self.roots[name]]
        counts[at] = counts.get(at, level.start - 1) + 1
        for deeper in [other for other in counts if other > at]:
            del counts[deeper]
        if level.kind not in _CHINESE | _DECIMAL:
            return ""
        return re.sub(r"%(\d)", lambda match: self._written(name, int(match[1]) - 1, counts), level.text)

    def _written(self, name: str, at: int, counts: dict[int, int]) -> str:
        """Return the number of one level as the list writes it."""
        level = self.levels.get((name, at))
        count = counts.get(at, level.start if level else 1)
        return in_numerals(count) if level and level.kind in _CHINESE else str(count)


def _list_of(element: Element) -> tuple[str, int] | None:
    """Return the list and level that a paragraph or style names itself, or None."""
    properties = element.find(f"{_W}pPr/{_W}numPr")
    if properties is None or not (name := _value(properties, "numId")):
        return None
    level = _value(properties, "ilvl")
    return name, int(level) if level.isdigit() else 0


def _value(element: Element | None, name: str) -> str:
    """Return the value of a child, or an empty text."""
    child = element.find(f"{_W}{name}") if element is not None else None
    return child.get(f"{_W}val", "") if child is not None else ""

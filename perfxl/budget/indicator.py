"""An indicator of a project as the checks see it: its cells, its class in the taxonomy's own words, its value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from perfxl.budget.indicator_value import Value, parse
from perfxl.form import taxonomy
from perfxl.form.taxonomy import Taxonomy
from perfxl.rules.numbers import blank
from perfxl.rules.subject import Record, Subject
from perfxl.rules.words import squeeze

TABLE = "indicators"
COSTS = ("成本", "经济成本")
"""The classes that state money: a 社会成本 is none of the project's."""

STILL_UNFILLED = 'OR(ISERROR({cell}),{blank},ISNUMBER(FIND("|"&TRIM({cell})&"|","|无|没有|/|//|-|--|—|——|略|同上|*|")))'
"""The Excel condition of a cell that is blank, holds an error, or one of the placeholders that ship."""


@dataclass(frozen=True)
class Indicator:
    """One indicator: its place, its cells, its level-2 class in the taxonomy's own words, its value."""

    index: int
    cells: Record
    pair: tuple[str, str] | None
    value: Value | None

    def path(self, column: str) -> str:
        """The path of one of its cells."""
        return f"indicators[{self.index}].{column}"

    def text(self, column: str) -> str:
        """What one of its cells holds, empty where it holds no text."""
        value = self.cells.get(column)
        return value.strip() if isinstance(value, str) else ""

    def belongs(self, *classes: str) -> bool:
        """Is its level 2 one of these, named without 指标 (数量, 成本 …)?"""
        return self.pair is not None and self.pair[1].removesuffix("指标") in classes


def indicators(subject: Subject) -> tuple[Indicator, ...]:
    """The indicators that hold more than their levels 1 and 2, which a blank has already."""
    return subject.once(_read_indicators)


def _read_indicators(subject: Subject) -> tuple[Indicator, ...]:
    table = subject.record.get(TABLE)
    if TABLE not in subject.form.tables or not isinstance(table, (list, tuple)):
        return ()
    return tuple(
        _read_indicator(subject, index, cells)
        for index, cells in enumerate(table)
        if isinstance(cells, Mapping) and any(not blank(cells[key]) for key in cells if key not in ("level1", "level2"))
    )


def _read_indicator(subject: Subject, index: int, cells: Record) -> Indicator:
    if subject.seen is not None and subject.seen.unsure:
        cells = {key: cells[key] if subject.sure(f"{TABLE}[{index}].{key}") else None for key in cells}
    level1, level2, target = cells.get("level1"), cells.get("level2"), cells.get("target")
    pair = None
    if (tree := taxonomy_of(subject)) and isinstance(level1, str) and isinstance(level2, str):
        pair = tree.canonical(level1, level2)
    filled = isinstance(target, str) and target.strip() and not is_placeholder(subject, target)
    return Indicator(index, cells, pair, parse(target) if isinstance(target, str) and filled else None)


def taxonomy_of(subject: Subject) -> Taxonomy | None:
    """The taxonomy of the form's indicators."""
    return taxonomy.load(subject.form.taxonomy) if subject.form.taxonomy else None


def is_placeholder(subject: Subject, text: Any) -> bool:
    """Whether a text is nothing but what people write where they have nothing to write: 无, /, —, 同上."""
    return isinstance(text, str) and bool(_placeholders(subject.words("placeholders")).fullmatch(squeeze(text)))


@lru_cache(maxsize=8)
def _placeholders(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, words)) or '(?!)'})+[。.]?")

"""An indicator of a project as the checks see it.

It has the cells of its row, its class as the taxonomy names it, and the meaning of its value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from perfxl.budget.indicator_value import Value, parse
from perfxl.form import taxonomy
from perfxl.form.characters import squeeze
from perfxl.form.taxonomy import Taxonomy
from perfxl.rules.numbers import blank
from perfxl.rules.subject import Record, Subject
from perfxl.rules.words import alternatives

TABLE = "indicators"
COSTS = ("成本", "经济成本")
"""The classes that state money of the project: 成本 (cost) and 经济成本 (economic cost).

社会成本 (social cost) is not among them: it is no cost of the project itself.
"""

STILL_UNFILLED = 'OR(ISERROR({cell}),{blank},ISNUMBER(FIND("|"&TRIM({cell})&"|","|无|没有|/|//|-|--|—|——|略|同上|*|")))'
"""The Excel condition that is true of a cell that is blank, or holds an error or a placeholder of perfxl's own list."""


@dataclass(frozen=True)
class Indicator:
    """One indicator of a project.

    ``index``: its row in the table, from 0; ``cells``: its answers by column; ``texts``: those that are texts, without
    white space around them; ``pair``: its levels 1 and 2 as the taxonomy names them, None where they are no pair of it;
    ``kind``: the latter without 指标 (indicator), else ""; ``value``: the meaning of its target, None where the target
    is blank or a placeholder.
    """

    index: int
    cells: Record
    texts: Mapping[str, str]
    pair: tuple[str, str] | None
    kind: str
    value: Value | None

    def path(self, column: str) -> str:
        """Return the path of one of its cells."""
        return f"indicators[{self.index}].{column}"

    def text(self, column: str) -> str:
        """Return the text of one of its cells, stripped; "" where the cell holds no text."""
        return self.texts.get(column, "")

    def belongs(self, *classes: str) -> bool:
        """Return True if its level 2 is one of these, named without 指标 (indicator): 数量, 成本 …."""
        return self.kind in classes


def indicators(subject: Subject) -> tuple[Indicator, ...]:
    """Return the indicators that hold more than levels 1 and 2, which a blank form has already."""
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
    """Return a row as an indicator; answers that are not sure are taken as blank."""
    if subject.seen is not None and subject.seen.unsure:
        cells = {key: cells[key] if subject.sure(f"{TABLE}[{index}].{key}") else None for key in cells}
    level1, level2, target = cells.get("level1"), cells.get("level2"), cells.get("target")
    pair = value = None
    if (tree := taxonomy_of(subject)) and isinstance(level1, str) and isinstance(level2, str):
        pair = tree.canonical(level1, level2)
    if isinstance(target, str) and not blank(target) and not is_placeholder(subject, target):
        value = parse(target)
    texts = {column: text.strip() for column, text in cells.items() if isinstance(text, str)}
    return Indicator(index, cells, texts, pair, pair[1].removesuffix("指标") if pair else "", value)


def taxonomy_of(subject: Subject) -> Taxonomy | None:
    """Return the taxonomy of the form's indicators, None where the form names none."""
    return taxonomy.load(subject.form.taxonomy) if subject.form.taxonomy else None


def is_placeholder(subject: Subject, text: Any) -> bool:
    """Return True if a text is only a placeholder for nothing: 无 (none), /, —, 同上 (as above)."""
    return isinstance(text, str) and bool(_placeholders(subject.words("placeholders")).fullmatch(squeeze(text)))


@lru_cache(maxsize=8)
def _placeholders(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?:{alternatives(words)})++[。.]?")

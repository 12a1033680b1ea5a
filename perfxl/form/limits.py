"""The limits of an answer that are more than a constant of its type: conditions, patterns, what is told apart.

A constant bound that refuses (``maximum: 500``) is an option of the answer's type, which says it in all its words. What
depends on other answers or on the day, has a severity of its own, or is no bound at all, is a ``FieldLimit``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from perfxl.form.expression import Expression
from perfxl.form.pattern import Pattern

LimitName = Literal[
    "minimum", "maximum", "min_length", "max_length", "min_items", "max_items", "pattern", "constraint", "unique",
    "required", "relevant",
]  # fmt: skip
LimitSeverity = Literal["error", "warning", "hint"]
UniqueWithin = Literal["table", "unit", "batch"]

Sentence = tuple[str | Expression, ...]
"""A sentence in pieces: texts, and the expressions whose values stand between them."""


@dataclass(frozen=True, eq=False)
class FieldLimit:
    """One limit of an answer.

    ``condition``: of a bound or a constraint, what must hold; of ``required`` and ``relevant``, where the answer is
    asked for, None for everywhere. ``value``: the bound as it is written, for the sentences. ``message``: the author's
    own sentence, empty for perfxl's words. ``bounds_type``: the type of the answer has this bound already, so that only
    the sentence is new. ``line``: the line in the definition.
    """

    name: LimitName
    severity: LimitSeverity = "error"
    message: Sentence = ()
    condition: Expression | None = None
    value: Expression | None = None
    pattern: Pattern | None = None
    within: UniqueWithin = "table"
    items: int = 0
    bounds_type: bool = False
    line: int = 0


def limit_of(limits: Iterable[FieldLimit], name: LimitName) -> FieldLimit | None:
    """Return the limit of this name; None where there is none."""
    return next((limit for limit in limits if limit.name == name), None)


def without_words(row: Mapping[str, Any], also: Mapping[str, tuple[str, ...]]) -> Mapping[str, Any]:
    """Return values in which a word that may stand in the place of a number (``also``) is a blank."""
    if not also:
        return row
    words = {id: None for id, words in also.items() if isinstance(row.get(id), str) and row[id] in words}
    return {**row, **words} if words else row

"""The words and numbers of the summary of the stages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from perfxl import messages
from perfxl.budget.stages.words import rounded
from perfxl.summary import SummaryColumn, ValueKind

Columns = Mapping[str, tuple[ValueKind, float]]
"""The columns of a table by their keys, each with what stands in it and its width."""


def columns_of(table: str, columns: Columns, lang: str, facts: Mapping[str, object]) -> tuple[SummaryColumn, ...]:
    """Return the columns of a table with their headings in a language."""
    return tuple(
        SummaryColumn(say(f"{table}.columns.{key}", lang, facts), kind, width) for key, (kind, width) in columns.items()
    )


def say(key: str, lang: str, facts: Mapping[str, object] | None = None) -> str:
    """Return a text of the summary."""
    return messages.say(f"summary.{key}", facts or {}, lang)


def shown(number: Decimal | None) -> str:
    """Return a number with two decimals; an empty text for none."""
    return "" if number is None else f"{rounded(Fraction(number)):f}"

"""What is wrong with an answer that is chosen from a list: no entry of it, or not one below the entry above."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple

from perfxl.form.choice_list import ChoiceList, SourceColumn
from perfxl.form.form import Field
from perfxl.form.types.choice import TOLD, Choice
from perfxl.form.types.choices import Choices
from perfxl.rules.subject import Subject

_COMPARED = 40
"""The characters of a text that are compared with the entries of a list; entries are short."""

_MANY = 300
"""The entries up to which those like a text are looked for, which takes long; of more only one that contains it."""


class WrongEntry(NamedTuple):
    """What stands where an entry should. ``found``: as the cell shows it; ``near``: the entry probably meant.

    ``above``: the entry above, below which it does not belong; ``allowed``: the entries that do, where there are few.
    """

    found: str
    near: str | None = None
    above: str = ""
    allowed: tuple[str, ...] = ()


def wrong_entries(subject: Subject, path: str, asked: Field, kind: Choice, value: Any) -> Iterator[WrongEntry]:
    """Yield what is wrong with an answer, entry by entry; ``kind``: its type."""
    if kind.listed.source:
        known = subject.once(_column_texts, kind.listed.source)
        yield from (WrongEntry(text) for text in _pieces(kind, value) if text not in known)
        return
    for entry in _pieces(kind, value):
        if entry not in kind.known:
            yield WrongEntry(entry, _nearest(kind.listed, kind.level, entry[:_COMPARED]))
        elif wrong := _misplaced(subject, path, asked, kind, entry):
            yield wrong


def _pieces(kind: Choice, value: Any) -> tuple[str, ...]:
    """Return the entries of an answer, and what stands in their place."""
    if isinstance(value, (list, tuple)):
        return tuple(map(str, value))
    if isinstance(kind, Choices) and isinstance(value, str):
        chosen = kind.split(value)
        return (*chosen.entries, *chosen.others)
    return (value if isinstance(value, str) else str(kind.show(value) or ""),)


def _misplaced(subject: Subject, path: str, asked: Field, kind: Choice, entry: str) -> WrongEntry | None:
    """Return an entry that is not below the entries chosen above it; None where these say nothing."""
    if not asked.within or not path.endswith(asked.id):
        return None
    row = path.removesuffix(asked.id)
    above = tuple(subject.get(row + one.id) for one in subject.form.aboves(asked))
    allowed = kind.listed.below(above) if all(isinstance(one, str) for one in above) else ()
    if not allowed or entry in allowed:
        return None
    told = kind.listed.show_all(allowed) if len(allowed) <= TOLD else ()
    return WrongEntry(kind.listed.show(entry), None, kind.listed.show(above[-1]), told)


def _column_texts(subject: Subject, source: SourceColumn) -> frozenset[str]:
    """Return the answers of a column as texts."""
    column = subject.form.tables[source.table].columns[source.column].type
    rows = (row[source.column] for row in subject.table_rows(source.table))
    return frozenset(str(column.show(value)) for _, value in rows if value is not None)


@lru_cache(maxsize=4096)
def _nearest(listed: ChoiceList, level: int, text: str) -> str | None:
    """Return the entry that was probably meant, as it is shown; None where none resembles the text."""
    if not text.strip():
        return None
    shown = listed.show_all(listed.entries(level))
    if len(shown) > _MANY:
        return min((entry for entry in shown if text in entry or entry in text), key=len, default=None)
    return next(iter(get_close_matches(text, shown, n=1)), None)

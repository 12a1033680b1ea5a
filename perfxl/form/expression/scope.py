"""The names that an expression may use: answers, their columns, and what is known of them besides their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perfxl.form.types.base import AnswerType, ValueType

if TYPE_CHECKING:
    from perfxl.form.code_scheme import CodeScheme

Type = ValueType
"""The type of a node.

``percent``, ``date`` and ``time`` are numbers whose cells hold something else: a fraction, a date serial, or a fraction
of a day. Dates are counted in days, times in minutes.
"""

Place = tuple[str, str]
"""An answer, as the pair (table, path); the table is empty for an answer of the head."""


@dataclass(frozen=True, eq=False)
class LookupList:
    """A list with columns, in which the entry that was chosen is looked up: ``country | lookup("per_diem")``.

    ``name``: its name in the form; ``columns``: the type of each column; ``rows``: entry → column → value, as a record
    holds values (percent in points, dates in ISO notation, None for a blank).
    """

    name: str
    columns: Mapping[str, Type]
    rows: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class JoinedEntries:
    """An answer with several entries of a list, which stand in one cell as one text.

    ``entries``: all entries of the list. ``separator``: the sign between the entries that were chosen; empty where all
    entries are listed behind a box, as in ``☑train ☐plane``. ``ticked``, ``unticked``: the boxes. ``shown``: what
    stands in the cell for an entry, where that is not the entry itself. ``apart``: each entry is ticked in a cell of
    its own, that of ``ways.1`` for the first one.
    """

    entries: tuple[str, ...]
    separator: str = "；"
    ticked: str = "☑"
    unticked: str = "☐"
    shown: Mapping[str, str] = field(default_factory=dict, hash=False)
    apart: bool = False


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use, with their types.

    ``answers``: the head's answers by id; ``tables``: the columns of each table. ``begun``: for each table the columns
    of which one must be filled for a row to count. ``row``: the table whose rows the expression is about, empty for
    none. ``schemes``: the code scheme of each head field that holds a code. ``open``: any other name is accepted as a
    number of the head.

    By place, the pair (table, path) with an empty table for the head: ``lists``: the list in which an answer's entry is
    looked up; ``joined``: the entries of an answer that may have several; ``parts``: the type of an answer that has
    parts, such as ``target.number``; ``calculated``: the answers that the workbook calculates, whose cells are never
    misspelled; ``shown``: what its cell shows for a value, where that is not the value itself. ``today``: the day of
    filling in may be used, as in limits.
    """

    answers: Mapping[str, Type] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    begun: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    row: str = ""
    schemes: Mapping[str, CodeScheme] = field(default_factory=dict)
    open: bool = False
    lists: Mapping[Place, LookupList] = field(default_factory=dict)
    joined: Mapping[Place, JoinedEntries] = field(default_factory=dict)
    parts: Mapping[Place, AnswerType] = field(default_factory=dict)
    calculated: frozenset[Place] = frozenset()
    today: bool = False
    shown: Mapping[Place, Mapping[str, str]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that may stand without a prefix: the columns of ``row``, the head's answers, the tables."""
        return (*self.tables.get(self.row, ()), *self.answers, *self.tables)


ANY = Scope(open=True)
"""The scope of an expression without a form: every name is a number of the head."""

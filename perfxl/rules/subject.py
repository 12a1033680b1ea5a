"""What a check looks at: a record, the unit it belongs to, and what else stood on its sheet."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, TypeVar, cast

from perfxl.form.answers import get as dig
from perfxl.form.answers import without_rows
from perfxl.form.expression import Values
from perfxl.form.form import Field, Form
from perfxl.rules.numbers import to_number
from perfxl.rules.policy import Policy
from perfxl.rules.policy import default_policy as default_policy
from perfxl.submission import Doubt

Record = Mapping[str, Any]
Work = TypeVar("Work")


class _Memory:
    """Keeps what was worked out once over something that does not change."""

    _kept: dict[Any, Any]

    def once(self, work: Callable[..., Work], *also: Hashable) -> Work:
        """``work(self, *also)``, done the first time only."""
        key = (work, *also)
        if key not in self._kept:
            self._kept[key] = work(self, *also)
        return cast("Work", self._kept[key])


@dataclass(frozen=True, eq=False)
class Unit(_Memory):
    """Everything known of one unit in the same call: rules across records look here.

    ``records``: all its records by the roots of their forms, the one under review too; ``known``: what else a records
    file says of the unit, such as figures that were issued with it; ``policy`` how its county checks. Build one Unit
    for all subjects of a unit: what a rule works out over the records is kept with it.
    """

    year: int | None
    code: str
    name: str
    records: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    policy: Policy = field(default_factory=default_policy)
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)


@dataclass(frozen=True)
class Seen:
    """What stood on a returned sheet besides the answers; absent for a record out of a file."""

    title: str | None = None
    unit: str | None = None  # the line that names the unit
    headers: Mapping[str, str] = field(default_factory=dict)  # "measures.level1" → the label found, left to right
    issued: Mapping[str, Any] = field(default_factory=dict)  # path → the value the form went out with
    problems: Mapping[str, str] = field(default_factory=dict)  # path → why the answer could not be understood
    how: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # path → words of HOW: tolerances needed
    doubts: tuple[Doubt, ...] = ()  # what is to be said about the reading itself

    @cached_property
    def unsure(self) -> frozenset[str]:
        """The paths of answers that are not known, or may belong elsewhere; a column's is that of all its rows."""
        return frozenset(path for doubt in self.doubts if doubt.unsure for path in doubt.fields)

    @cached_property
    def unsure_tables(self) -> frozenset[str]:
        """The tables of which a whole column is not known: nothing is said of such a table as a whole."""
        return frozenset(path.partition(".")[0] for path in self.unsure if "[" not in path)


@dataclass(frozen=True, eq=False)
class Subject(_Memory):
    """One record and all that a rule may ask about it."""

    form: Form
    record: Record
    unit: Unit
    seen: Seen | None = None
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def siblings(self) -> tuple[Record, ...]:
        """All records of the unit that are of this form's kind, this one among them."""
        return self.unit.records.get(self.form.root, ())

    def get(self, path: str) -> Any:
        """The record's value at a path; None for nothing there. ``unit.…`` and ``year`` are the unit's."""
        match path:
            case "year":
                return self.unit.year
            case "unit.code":
                return self.unit.code
            case "unit.name":
                return self.unit.name
        return dig(self.record, path) if self.sure(path) else None

    def number(self, path: str) -> Decimal | None:
        """The number at a path; None for a blank and for what is no number."""
        return to_number(self.get(path))

    def words(self, name: str) -> tuple[str, ...]:
        """A word list, as the county has it."""
        return self.unit.policy.words[name]

    def limit(self, name: str) -> Decimal:
        """A limit, as the county has it."""
        return self.unit.policy.limits[name]

    @property
    def leads(self) -> bool:
        """Is it the first of the unit's records? What is said of all of them together is said of it, once."""
        return self.siblings[:1] == (self.record,) and self.siblings[0] is self.record

    def readable(self, path: str) -> bool:
        """False where the sheet's answer could not be understood: its own finding says so."""
        return self.seen is None or path not in self.seen.problems

    def sure(self, path: str) -> bool:
        """False for an answer that is not known, or may belong elsewhere: for checks nothing is there, nor is it blank.

        Nor is a table sure of which a whole column is not known.
        """
        if self.seen is None or not self.seen.unsure:
            return True
        return self.seen.unsure.isdisjoint((path, without_rows(path))) and path not in self.seen.unsure_tables

    @cached_property
    def cells(self) -> tuple[tuple[str, Field, Any], ...]:
        """Every answer of the form that is sure: its path, what was asked, what is there; in the form's order."""
        head = ((id, asked, dig(self.record, id)) for id, asked in self.form.fields.items())
        return tuple(each for each in (*head, *_cells(self.form, self.record)) if self.sure(each[0]))

    @cached_property
    def values(self) -> Values:
        """Where expressions find the record's values."""
        rows = {
            table: [{id: _read(value) for id, (_, value) in row.items()} for row in self.table_rows(table)]
            for table in self.form.tables
        }
        return Values(lambda path: _read(self.get(path)), lambda table: rows[table], self.unit.policy)

    def table_rows(self, table: str) -> list[dict[str, tuple[str, Any]]]:
        """A table's rows as the sheet has them, each column with its path and what is there."""
        found = self.form.tables[table]
        return [
            {id: (path := found.address(id, *place), self.get(path)) for id in found.columns}
            for place in _leaves(self.record, found.lists)
        ]

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Every free text a unit typed, with its path, in the form's order; several items share one path."""
        return tuple(
            text
            for path, asked, value in self.cells
            if value is not None and not asked.given and asked.kind.free_text
            for text in _spread(path, value)
            if text[1].strip()
        )


def _read(value: Any) -> Any:
    """An answer as an expression takes it: a float that is none (NaN, infinite) as its text, which none reads."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _cells(form: Form, record: Record) -> Iterator[tuple[str, Field, Any]]:
    for lists, columns in _addresses(form):
        seen: set[str] = set()
        for place in _leaves(record, lists):
            for address, asked in columns:
                path = address.format(*place)
                if path not in seen:  # the outer levels of nested lists repeat
                    seen.add(path)
                    yield path, asked, dig(record, path)


@lru_cache(maxsize=64)
def _addresses(form: Form) -> tuple[tuple[tuple[str, ...], tuple[tuple[str, Field], ...]], ...]:
    """Each table's lists and columns, these with places for the numbers of the rows: ``areas[{0}].parts[{1}].goal``."""
    places = tuple(f"{{{at}}}" for at in range(10))
    return tuple(
        (table.lists, tuple((table.address(name, *places), asked) for name, asked in table.columns.items()))
        for table in form.tables.values()
    )


def _leaves(value: Any, lists: tuple[str, ...]) -> Iterator[tuple[int, ...]]:
    if not lists:
        yield ()
    elif isinstance(value, Mapping) and isinstance(items := value.get(lists[0]), (list, tuple)):
        for index, item in enumerate(items):
            yield from ((index, *rest) for rest in _leaves(item, lists[1:]))


def _spread(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, (list, tuple)):
        yield from ((path, item) for item in value if isinstance(item, str))

"""The subject of a check: a record, the unit it belongs to, and the rest of its sheet."""

from __future__ import annotations

import datetime
import math
import operator
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, TypeVar, cast

from perfxl.form.answers import get as dig
from perfxl.form.answers import without_rows
from perfxl.form.calculation import Miscalculation
from perfxl.form.characters import is_blank_text, visible_text
from perfxl.form.expression import Values
from perfxl.form.form import Field, Form
from perfxl.form.limits import without_words
from perfxl.rules.numbers import to_number
from perfxl.rules.policy import Policy
from perfxl.rules.policy import default_policy as default_policy
from perfxl.submission import Doubt

Record = Mapping[str, Any]
Others = Mapping[str, tuple[tuple[str, Record], ...]]
"""The records of other units by the roots of their forms, each with its unit's name."""
Work = TypeVar("Work")
Content = TypeVar("Content")


class _Memory:
    """A base class of unchanging objects that keeps the results of work done on them."""

    _kept: dict[Any, Any]

    def once(self, work: Callable[..., Work], *also: Hashable) -> Work:
        """Return ``work(self, *also)``, which is calculated at the first call only."""
        key = (work, *also)
        if key not in self._kept:
            self._kept[key] = work(self, *also)
        return cast("Work", self._kept[key])


@dataclass(frozen=True, eq=False)
class Unit(_Memory):
    """A unit (a department or township) with all its records of the same call; rules across records look here.

    ``records``: all its records by the roots of their forms, including the one under review; ``known``: further facts
    that a records file gives of the unit, such as figures that were issued with it; ``policy``: the way in which its
    county checks; ``others``: the records of other units that are checked in the same run, each with its unit's name.
    Create one Unit for all subjects of a unit: results that a rule calculates over all records are kept
    in it.
    """

    year: int | None
    code: str
    name: str
    records: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    policy: Policy = field(default_factory=default_policy)
    others: Others = field(default_factory=dict)
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)


@dataclass(frozen=True)
class Seen:
    """The content of a returned sheet besides the answers; absent for a record that comes from a records file.

    ``unit``: the line that names the unit; ``headers``: the heading found over each column (``measures.level1``), left
    to right; ``issued``: the values that the form went out with, by path; ``problems``: the reasons why answers could
    not be understood, by path; ``how``: the tolerances that were needed, words of ``HOW``, by path; ``doubts``: the
    doubts about the reading of the sheet; ``said``: the issue values as they stand on the sheet; ``beside``: the names
    of the files that came with it, None where that is not known; ``untouched``: last year's texts that still stand as
    they went out, by path.
    """

    title: str | None = None
    unit: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    issued: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    how: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    beside: frozenset[str] | None = None
    untouched: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def unsure(self) -> frozenset[str]:
        """The paths of answers that are not known or may belong elsewhere; a column's path stands for all its rows."""
        return frozenset(path for doubt in self.doubts if doubt.unsure for path in doubt.fields)

    @cached_property
    def unsure_tables(self) -> frozenset[str]:
        """The tables in which a whole column is not known; no check judges such a table as a whole."""
        return frozenset(path.partition(".")[0] for path in self.unsure if "[" not in path)


@dataclass(frozen=True, eq=False)
class Subject(_Memory):
    """One record, with everything that a rule may need to know about it.

    ``record``: its answers as they are shown (see ``as_shown``), so that no rule misses a word for what cannot be seen;
    ``sent``: the same verbatim, None where nothing differs; ``miscalculated``: where it had, or its sheet shows,
    something else than is calculated.
    """

    form: Form
    record: Record
    unit: Unit
    seen: Seen | None = None
    sent: Record | None = None
    miscalculated: tuple[Miscalculation, ...] = ()
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def siblings(self) -> tuple[Record, ...]:
        """All records of the unit under the root of this form, including this one."""
        return self.unit.records.get(self.form.root, ())

    def get(self, path: str) -> Any:
        """Return the record's value at a path; None where there is none or it is not sure.

        ``unit.code``, ``unit.name`` and ``year`` are read from the unit, other issue values from the sheet or the file.
        """
        match path:
            case "year":
                return self.unit.year
            case "unit.code":
                return self.unit.code
            case "unit.name":
                return self.unit.name
        if path in self.form.issue:
            return (self.seen.said if self.seen else self.unit.known).get(path)
        return dig(self.record, path) if self.sure(path) else None

    def number(self, path: str) -> Decimal | None:
        """Return the number at a path; None for a blank and for any other value."""
        return to_number(self.get(path))

    def words(self, name: str) -> tuple[str, ...]:
        """Return a word list of the county's policy."""
        return self.unit.policy.words[name]

    def limit(self, name: str) -> Decimal:
        """Return a limit of the county's policy."""
        return self.unit.policy.limits[name]

    @property
    def leads(self) -> bool:
        """True for the first of the unit's records; a finding on all of them together is made on it, once."""
        return self.siblings[:1] == (self.record,) and self.siblings[0] is self.record

    def readable(self, path: str) -> bool:
        """Return False where the sheet's answer could not be understood; a finding of its own reports that."""
        return self.seen is None or path not in self.seen.problems

    def sure(self, path: str) -> bool:
        """Return False for an answer that is not known or may belong elsewhere.

        Checks see no value there, and must not take it for a blank either. A table is not sure either if a whole
        column of it is not known.
        """
        if self.seen is None or not self.seen.unsure:
            return True
        return self.seen.unsure.isdisjoint((path, without_rows(path))) and path not in self.seen.unsure_tables

    @cached_property
    def cells(self) -> tuple[tuple[str, Field, Any], ...]:
        """Every sure answer of the record as path, field and value, in the form's order."""
        head = ((id, asked, dig(self.record, id)) for id, asked in self.form.fields.items())
        return tuple(cell for cell in (*head, *_table_cells(self)) if self.sure(cell[0]))

    @cached_property
    def values(self) -> Values:
        """The record's values in the shape that expressions are evaluated with."""
        also = self.form.also
        rows = {
            table: [
                without_words({id: _finite(value) for id, (_, value) in row.items()}, also[table])
                for row in self.table_rows(table)
            ]
            for table in self.form.tables
        }
        words = also[""]

        def head(path: str) -> Any:
            value = _finite(self.get(path))
            return None if path in words and value in words[path] else value

        policy = self.unit.policy
        return Values(head, lambda table: rows[table], policy, today=policy.today or datetime.date.today())

    def table_rows(self, table: str) -> list[dict[str, tuple[str, Any]]]:
        """Return a table's rows as on the sheet; each row maps the columns to their path and value."""
        return self.once(_table_rows, table)

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Every free text that the unit typed, with its path, in the form's order.

        The items of one answer share its path; texts that show nothing are left out.
        """
        return tuple(
            text
            for path, asked, value in self.cells
            if value is not None and asked.open and asked.type.free_text
            for text in _texts_in(path, value)
            if not is_blank_text(text[1])
        )

    @cached_property
    def verbatim(self) -> Subject:
        """This subject with its answers exactly as they were typed."""
        return self if self.sent is None else Subject(self.form, self.sent, self.unit, self.seen)


def as_shown(content: Content, levels: int = 20) -> Content:
    """Return the content of a records file with its texts as they are shown; the same object where nothing differs.

    ``levels``: how deep to look; no form asks anything deeper, while a file may hold what no form asks.
    """
    if isinstance(content, str):
        return visible_text(content)  # type: ignore[return-value]
    if isinstance(content, (dict, Mapping)) and levels:
        values = ((key, value, as_shown(value, levels - 1)) for key, value in content.items())
        changed = {key: shown for key, value, shown in values if shown is not value}
        return {**content, **changed} if changed else content  # type: ignore[return-value]
    if isinstance(content, (list, tuple)) and levels:
        items = [as_shown(item, levels - 1) for item in content]
        return content if all(map(operator.is_, items, content)) else items  # type: ignore[return-value]
    return content


def _finite(value: Any) -> Any:
    """Return an answer for an expression; NaN and infinity become texts, so that no expression calculates with them."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _table_rows(subject: Subject, table: str) -> list[dict[str, tuple[str, Any]]]:
    """Return the rows of a table; see ``Subject.table_rows``."""
    lists, columns = _addresses(subject.form)[table]
    rows: list[dict[str, tuple[str, Any]]] = []
    for indices, items in _row_items(subject.record, lists):
        row: dict[str, tuple[str, Any]] = {}
        for id, (address, level, rest) in columns.items():
            path = address.format(*indices)
            value = dig(items[level], rest) if rest else items[level]
            row[id] = path, value if subject.sure(path) else None
        rows.append(row)
    return rows


def _table_cells(subject: Subject) -> Iterator[tuple[str, Field, Any]]:
    """Yield every answer of the form's tables as path, field and value, None where it is not sure."""
    for table in subject.form.tables.values():
        seen: set[str] = set()
        for row in subject.table_rows(table.id):
            for id, (path, value) in row.items():
                if path not in seen:  # the outer levels of nested lists repeat
                    seen.add(path)
                    yield path, table.columns[id], value


@lru_cache(maxsize=64)
def _addresses(form: Form) -> dict[str, tuple[tuple[str, ...], dict[str, tuple[str, int, str]]]]:
    """Return the lists of every table, and its columns, each with a path template, and where its value lies.

    The templates have places for the row numbers: ``areas[{0}].parts[{1}].goal``. A value lies at a path in the item
    of a level, of which level 0 is the record.
    """
    places = tuple(f"{{{at}}}" for at in range(10))
    return {
        table.id: (table.lists, {id: (table.address(id, *places), *table.places[id]) for id in table.columns})
        for table in form.tables.values()
    }


def _row_items(value: Any, lists: tuple[str, ...]) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...]]]:
    """Yield the indices of every row in nested lists, one for each list, and the items from the record down.

    For ``areas[0].parts[2]`` these are (0, 2) and the record, the area, the part.
    """
    if not lists:
        yield (), (value,)
    elif isinstance(value, Mapping) and isinstance(listed := value.get(lists[0]), (list, tuple)):
        for index, item in enumerate(listed):
            yield from (((index, *more), (value, *below)) for more, below in _row_items(item, lists[1:]))


def _texts_in(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the text of an answer, or the texts of a list, each with the path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, (list, tuple)):
        yield from ((path, item) for item in value if isinstance(item, str))

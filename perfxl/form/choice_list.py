"""A list of entries to choose from: on one level or several, with what is shown and with further columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from perfxl.form.late_pattern import late_pattern

_DAY = late_pattern(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")

Value = str | float | None
"""What stands in a further column of a list: a text, a number, or nothing."""

Path = tuple[str, ...]
"""An entry with those above it, outermost first; also a piece of such a path from the outermost on."""


class SourceColumn(NamedTuple):
    """A column of a form's table, by the ids of both, whose answers are the entries of a list."""

    table: str
    column: str


@dataclass(frozen=True, eq=False)
class ChoiceList:
    """The entries of a list.

    ``name``: as the form names it, empty for a list that stands in one answer; ``rows``: each entry of the last level
    with those above it, those of one path together; ``levels``: the names of the levels, outermost first. ``shown``:
    what a cell shows for an entry, where that is not the entry itself; ``synonyms``: for each level, other names of its
    entries. ``columns``: further columns by their heading, each with a value for every row; ``source``: the column
    whose answers are the entries, None for a list that has its own. ``spelled``: its entries stand in the form's
    definition, so that what it shows is one of the form's texts.
    """

    name: str
    rows: tuple[Path, ...] = ()
    levels: tuple[str, ...] = ("1",)
    shown: Mapping[str, str] = field(default_factory=dict)
    synonyms: tuple[Mapping[str, str], ...] = ()
    columns: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    source: SourceColumn | None = None
    spelled: bool = False

    def entries(self, level: int = 0) -> tuple[str, ...]:
        """Return the entries of a level (from 0), in order, without repetition."""
        return self._entries[level] if level < len(self._entries) else ()

    def other_names(self, level: int) -> Mapping[str, str]:
        """Return the other names of the entries of a level: name → entry."""
        return self.synonyms[level] if level < len(self.synonyms) else {}

    def below(self, above: Path) -> tuple[str, ...]:
        """Return the entries below a path; none where there is no such path."""
        return self._below.get(above, ())

    def paths(self, depth: int) -> tuple[Path, ...]:
        """Return the paths of ``depth`` entries, in order."""
        return tuple(dict.fromkeys(row[:depth] for row in self.rows))

    def show(self, entry: str) -> str:
        """Return what a cell shows for an entry."""
        return self.shown.get(entry, entry)

    def show_all(self, entries: Iterable[str]) -> tuple[str, ...]:
        """Return what cells show for some entries."""
        return tuple(self.shown.get(entry, entry) for entry in entries)

    def column_type(self, heading: str) -> Literal["number", "date", "text"]:
        """Return the type of a further column, which all of its values have."""
        values = [value for value in self.columns[heading] if value is not None]
        if values and all(isinstance(value, float) for value in values):
            return "number"
        return "date" if values and all(_DAY.fullmatch(str(value)) for value in values) else "text"

    @cached_property
    def _entries(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(dict.fromkeys(row[level] for row in self.rows)) for level in range(len(self.levels)))

    @cached_property
    def _below(self) -> Mapping[Path, tuple[str, ...]]:
        below: dict[Path, dict[str, None]] = {}
        for row in self.rows:
            for level in range(len(row)):
                below.setdefault(row[:level], {})[row[level]] = None
        return {path: tuple(entries) for path, entries in below.items()}


@dataclass(frozen=True, eq=False)
class ChoiceLevel:
    """A level of a list (from 0), for which an answer asks."""

    listed: ChoiceList
    level: int = 0


MOST_LEVELS = 4
"""The most levels of a list: the formula of a deeper drop-down list would be too long for Excel."""


def order_paths(rows: Iterable[Path]) -> tuple[int, ...]:
    """Return the order, as indexes, in which the rows of each path stand together, paths by their first row."""
    listed = list(rows)
    first: dict[Path, int] = {}
    for at, row in enumerate(listed):
        for depth in range(1, len(row) + 1):
            first.setdefault(row[:depth], at)
    return tuple(
        sorted(
            range(len(listed)),
            key=lambda at: (*(first[listed[at][:depth]] for depth in range(1, len(listed[at]) + 1)), at),
        )
    )

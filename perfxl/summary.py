"""A summary: the sheets of a stage with what came of them, the units below each other, tables of texts and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple

TableValue = str | int | Decimal | None
"""A value of a table; what is None is left blank, zero is shown."""

ValueKind = Literal["text", "count", "money", "rate", "points", "word"]
"""``rate``: in percent; ``word``: a short text that stands in the middle of its column."""


class StageSheet(NamedTuple):
    """A project's sheet of a stage, or its record: whose it is, and what came of it.

    ``stage``: the stage's name; ``label``: the form's; ``result``: what the stage makes of it; ``draft``: None where
    nothing tells.
    """

    stage: str
    label: str
    year: int | None
    unit: str
    unit_name: str
    number: int
    name: str
    draft: int | None
    file: str
    sheet: str
    result: Any

    @property
    def project(self) -> str:
        """The number and the name of the project."""
        return f"{self.number}.{self.name}" if self.number else self.name


class UnitLine(NamedTuple):
    """A line of a table of units.

    ``level``: ``unit`` for the sheets of one unit, ``group`` for one with all below it, ``total`` for all; ``depth``:
    the number of groups above; ``units``: whose sheets are summed up, in their order.
    """

    level: Literal["unit", "group", "total"]
    name: str
    depth: int
    units: tuple[str, ...]


class SummaryColumn(NamedTuple):
    """A column of a table; ``width`` in digits."""

    heading: str
    kind: ValueKind
    width: float


class SummaryRow(NamedTuple):
    """A row of a table; ``level``: that of a line of units, or ``row`` where it sums nothing up."""

    values: tuple[TableValue, ...]
    level: Literal["unit", "group", "total", "row"] = "row"
    depth: int = 0


class SummaryTable(NamedTuple):
    """A table of a summary: its short name, its title, the lines of what is said above it.

    ``marks``: the severity with which a value of the first column of words stands out, by the value.
    """

    name: str
    title: str
    notes: tuple[str, ...]
    columns: tuple[SummaryColumn, ...]
    rows: tuple[SummaryRow, ...]
    marks: Mapping[str, Literal["error", "warning"]] = {}


class AskedUnit(NamedTuple):
    """A unit that is asked to fill in forms; ``parent``: the code of the unit above it, empty for none."""

    code: str
    name: str
    parent: str


class AskedProject(NamedTuple):
    """A project that is asked for; ``given``: the values that it is sent out with, by their paths."""

    unit: str
    number: int
    code: str
    name: str
    given: Mapping[str, Any]

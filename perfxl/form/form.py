"""A form: what is asked, how it is drawn, which rules it has of its own. Loaded from ``templates/<name>/form.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from perfxl.errors import FormError
from perfxl.form import code_scheme
from perfxl.form.expression import Expression, Scope
from perfxl.form.fields.base import Kind

Align = Literal["left", "center", "right"]
Style = Literal["label", "plain", "note", "heading"]
Severity = Literal["error", "warning", "hint", "fix"]

MAX_ROWS = 99
"""Rows of all tables of a sheet together: a row key has two digits."""


@dataclass(frozen=True)
class Prompt:
    """What a selected input shows: a bubble of a title (at most 32 characters) and a text (at most 255)."""

    title: str
    text: str


@dataclass(frozen=True)
class Field:
    """One answer: in the head of the form, or one column of a table.

    ``id`` is the path in the record (in a table: from the row on); ``label`` the visible words, outermost
    first where they repeat. ``given`` answers go out filled and locked; ``yearly`` ones are not carried over
    from last year's. ``within``: the column whose entry decides which entries a choice has.
    """

    id: str
    kind: Kind
    label: tuple[str, ...] = ()
    given: bool = False
    required: bool = False
    yearly: bool = False
    prompt: Prompt | None = None
    within: str = ""
    span: int = 1
    repeat: Literal["shown", "hidden"] = "shown"
    align: Align = "left"


@dataclass(frozen=True)
class Groups:
    """A table whose rows stand in fixed groups: the values of the column ``by`` in the taxonomy's order.

    ``begin``: the rows a blank starts with, as values of the column ``begin_column`` within ``by``;
    ``spare``: the spare rows that end each group.
    """

    by: str
    begin_column: str
    begin: tuple[str, ...]
    spare: tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """A table of rows that repeat. ``each`` is the path of its lists (``areas[].parts[]``)."""

    id: str
    columns: Mapping[str, Field]
    each: str
    minimum: int = 1
    spare: int = 0
    maximum: int = 60
    groups: Groups | None = None
    side: str = ""
    label: str = ""

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The names of the nested lists, outermost first."""
        return tuple(part.removesuffix("[]") for part in self.each.split("."))

    @cached_property
    def begun(self) -> tuple[str, ...]:
        """The columns of which one is filled in a row that was begun: a list's word may stand there beforehand."""
        return tuple(id for id, asked in self.columns.items() if not asked.kind.drop_down()) or tuple(self.columns)

    def path(self, column: str) -> str:
        """The column's path from the record on, without brackets (``measures.target``)."""
        return column if column.split(".")[0] == self.lists[0] else f"{'.'.join(self.lists)}.{column}"

    def address(self, column: str, *rows: int | str) -> str:
        """Where a column's value lies in these rows of the nested lists: ``measures[3].target``."""
        path = self.path(column).split(".")
        return ".".join(
            f"{part}[{rows[i]}]" if self.lists[i : i + 1] == (part,) and i < len(rows) else part
            for i, part in enumerate(path)
        )

    @cached_property
    def places(self) -> Mapping[str, tuple[int, str]]:
        """Where each column's value lies: how many lists deep, and its path from that list's item on."""
        return {column: self._place(self.path(column).split(".")) for column in self.columns}

    def _place(self, parts: list[str]) -> tuple[int, str]:
        depth = 0
        while depth < min(len(self.lists), len(parts)) and parts[depth] == self.lists[depth]:
            depth += 1
        return depth, ".".join(parts[depth:])


@dataclass(frozen=True)
class Piece:
    """One cell of a layout row as drawn: what it holds, how many columns and rows it covers."""

    role: Literal["title", "text", "mark", "field"]
    text: str = ""
    field: str = ""
    span: int = 1
    rows: int = 1
    style: Style = "label"
    align: Align | None = None


@dataclass(frozen=True)
class LayoutRow:
    """One row of the layout, or the place of a table. ``height`` in points, ``line`` of the definition."""

    pieces: tuple[Piece, ...] = ()
    table: str = ""
    height: float = 30.0
    line: int = 0


@dataclass(frozen=True)
class SheetSetup:
    """How the sheet is set up: widths in digits of the Normal font, the layout's first cell, the side of the marks.

    ``panel``: widths of the gap and of the panel beside the print area, empty for none. ``header_height``,
    ``row_height``: of a table's header and of its rows, in points.
    """

    name: str
    columns: tuple[float, ...]
    row: int
    column: int
    key: Literal["before", "after"]
    key_width: float
    key_label: str
    landscape: bool
    panel: tuple[float, ...]
    header_height: float
    row_height: float


@dataclass(frozen=True)
class RuleWords:
    """The words of a form's own check: its name, what is wrong, what to do.

    ``message`` and ``advice`` are sentences in pieces: texts, and the expressions whose values stand between them.
    """

    title: str
    message: tuple[str | Expression, ...]
    advice: tuple[str | Expression, ...] = ()


@dataclass(frozen=True)
class FormRule:
    """A check in one line: what must hold, which answers it concerns, what its sentence needs.

    ``each``: the table of whose rows that were begun it must hold, ``on`` then being columns; empty for the head's
    answers. ``words``: its sentence, where no set of checks has one for its code. ``line``: where it stands in the
    definition, 0 for one that a rule makes of a form.
    """

    code: str
    severity: Severity
    assert_: Expression
    on: tuple[str, ...]
    facts: Mapping[str, Expression] = field(default_factory=dict)
    bad: Mapping[str, Any] = field(default_factory=dict)
    good: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0
    each: str = ""
    words: RuleWords | None = None


def scope_of(fields: Mapping[str, Field], tables: Mapping[str, Table], row: str = "") -> Scope:
    """The names that the rules of a form with these answers may use; ``row``: the table of whose rows they speak."""
    return Scope(
        answers={id: asked.kind.value_type for id, asked in fields.items()},
        tables={
            id: {name: column.kind.value_type for name, column in table.columns.items()} for id, table in tables.items()
        },
        begun={id: table.begun for id, table in tables.items()},
        row=row,
        schemes={
            id: code_scheme.load(name) for id, asked in fields.items() if (name := getattr(asked.kind, "scheme", ""))
        },
    )


@dataclass(frozen=True, eq=False)
class Form:
    """One form definition, whole and checked. ``file``: where it was read from, as messages name it.

    ``record``: where its records stand in a records file: ``projects[]``, one of a unit's several, or ``department``,
    the unit's only one. ``key``: the field that numbers a unit's records, empty for none; those called ``code`` and
    ``name`` name one, where the form has them.
    ``checks``: the sets of checks that it is judged by, beside what every form is asked and its own lines.
    """

    name: str
    version: str
    label: str
    record: str
    title: str
    sheet: SheetSetup
    taxonomy: str
    fields: Mapping[str, Field]
    tables: Mapping[str, Table]
    layout: tuple[LayoutRow, ...]
    rules: tuple[FormRule, ...] = ()
    help: tuple[str, ...] = ()
    file: str = ""
    key: str = ""
    checks: tuple[str, ...] = ()

    @cached_property
    def root(self) -> str:
        """The top of a records file under which its records stand: ``projects``."""
        return self.record.removesuffix("[]")

    @cached_property
    def many(self) -> bool:
        """Whether a unit may have several of its records."""
        return self.record.endswith("[]")

    def mistake(self, what: str, line: int, **facts: object) -> FormError:
        """The error to raise about a line of the definition: ``what`` is the kind of mistake."""
        return FormError(file=self.file, line=line, what=what, **facts)

    def records(self, records: Mapping[str, Any]) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """The form's records in the content of a records file, each with its place: ``projects[3]``."""
        held = records.get(self.root)
        if self.many:
            return tuple((f"{self.root}[{at}]", record) for at, record in enumerate(held or ()))
        return ((self.root, held),) if held else ()

    def number(self, record: Mapping[str, Any]) -> int:
        """The record's number among the unit's; 0 where it has none that counts."""
        number = record.get(self.key) if self.many else None
        if isinstance(number, int) or (isinstance(number, float) and number.is_integer()):
            return max(0, int(number))
        return 0

    def code(self, record: Mapping[str, Any]) -> str:
        """The code of one of several records; empty where it has none."""
        return str(record.get("code") or "") if self.many else ""

    @cached_property
    def shown(self) -> frozenset[str]:
        """The head's fields that stand on the sheet; other given ones are only known."""
        return frozenset(piece.field for row in self.layout for piece in row.pieces if piece.field)

    @property
    def asked(self) -> Iterator[Field]:
        """Every answer it asks for: the head's, then each table's columns."""
        yield from self.fields.values()
        for table in self.tables.values():
            yield from table.columns.values()

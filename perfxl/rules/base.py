"""What a rule is, what it looks at and what it says."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal, localcontext
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from typing import Any, TypeVar, cast

from perfxl.finding import Severity
from perfxl.form.answers import get as dig
from perfxl.form.answers import rowless
from perfxl.form.expression import Values
from perfxl.form.expression.python import is_blank
from perfxl.form.fields.indicator_value import Value, parse
from perfxl.form.form import Field, Form, FormRule
from perfxl.form.taxonomy import Taxonomy
from perfxl.form.taxonomy import load as load_taxonomy
from perfxl.rules.policy import Policy
from perfxl.rules.policy import default as default_policy
from perfxl.submission import Doubt

Record = Mapping[str, Any]
Work = TypeVar("Work")

TOLERANCE = Decimal("0.005")
"""Two amounts in 万元 that differ by no more are the same amount."""

TEXTS = ("text", "paragraph", "items", "indicator_value")
"""The kinds of answer that hold free text; a ``choice`` is a word of a list and not judged as text."""

STILL_UNFILLED = 'OR(ISERROR({cell}),{blank},ISNUMBER(FIND("|"&TRIM({cell})&"|","|无|没有|/|//|-|--|—|——|略|同上|*|")))'
"""The Excel condition of a cell that is blank, holds an error, or one of the placeholders that ship."""


@dataclass(frozen=True, eq=False)
class Unit:
    """Everything known of one unit in the same call: rules across projects look here.

    ``projects`` holds the record under review too; ``department`` is the unit's own form, None where it is not at
    hand; ``control`` its control total in 万元; ``policy`` how its county checks. Build one Unit for all subjects of
    a unit: what a rule works out over the projects is kept with it.
    """

    year: int | None
    code: str
    name: str
    projects: tuple[Record, ...] = ()
    department: Record | None = None
    control: Decimal | None = None
    policy: Policy = field(default_factory=default_policy)
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, work: Callable[..., Work], *also: Hashable) -> Work:
        """``work(unit, *also)``, done the first time only."""
        key = (work, *also)
        if key not in self._kept:
            self._kept[key] = work(self, *also)
        return cast("Work", self._kept[key])


@dataclass(frozen=True)
class Seen:
    """What stood on a returned sheet besides the answers; absent for a record out of a file."""

    title: str | None = None
    unit: str | None = None  # the line that names the unit
    headers: Mapping[str, str] = field(default_factory=dict)  # "indicators.level1" → the label found, left to right
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


@dataclass(frozen=True)
class Row:
    """One indicator: its place, its cells, its level-2 class in the taxonomy's own words, its value."""

    index: int
    cells: Record
    pair: tuple[str, str] | None
    value: Value | None

    def path(self, column: str) -> str:
        """The path of one of its cells."""
        return f"indicators[{self.index}].{column}"

    def text(self, column: str) -> str:
        """What one of its cells holds, empty where it holds no text."""
        value = self.cells.get(column)
        return value.strip() if isinstance(value, str) else ""

    def belongs(self, *classes: str) -> bool:
        """Is its level 2 one of these, named without 指标 (数量, 成本 …)?"""
        return self.pair is not None and self.pair[1].removesuffix("指标") in classes


@dataclass(frozen=True, eq=False)
class Subject:
    """One record and all that a rule may ask about it."""

    form: Form
    record: Record
    unit: Unit
    seen: Seen | None = None

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
        return number(self.get(path))

    def words(self, name: str) -> tuple[str, ...]:
        """A word list, as the county has it."""
        return self.unit.policy.words[name]

    def limit(self, name: str) -> Decimal:
        """A limit, as the county has it."""
        return self.unit.policy.limits[name]

    @property
    def leads(self) -> bool:
        """Is it the unit's first project? What is said of all projects together is said of it, once."""
        return bool(self.unit.projects) and self.unit.projects[0] is self.record

    def readable(self, path: str) -> bool:
        """False where the sheet's answer could not be understood: its own finding says so."""
        return self.seen is None or path not in self.seen.problems

    def sure(self, path: str) -> bool:
        """False for an answer that is not known, or may belong elsewhere: for checks nothing is there, nor is it blank.

        Nor is a table sure of which a whole column is not known.
        """
        if self.seen is None or not self.seen.unsure:
            return True
        return self.seen.unsure.isdisjoint((path, rowless(path))) and path not in self.seen.unsure_tables

    @cached_property
    def taxonomy(self) -> Taxonomy | None:
        """The form's taxonomy of indicators."""
        return load_taxonomy(self.form.taxonomy) if self.form.taxonomy else None

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The indicators that hold more than their levels 1 and 2, which a blank has already."""
        table = self.record.get("indicators")
        if "indicators" not in self.form.tables or not isinstance(table, (list, tuple)):
            return ()
        return tuple(
            self._row(index, cells)
            for index, cells in enumerate(table)
            if isinstance(cells, Mapping)
            and any(not blank(cells[key]) for key in cells if key not in ("level1", "level2"))
        )

    def unfilled(self, text: Any) -> bool:
        """Nothing but what people write where they have nothing to write: 无, /, —, 同上."""
        return isinstance(text, str) and bool(_placeholders(self.words("placeholders")).fullmatch(squeeze(text)))

    def _row(self, index: int, cells: Record) -> Row:
        if self.seen is not None and self.seen.unsure:
            cells = {key: cells[key] if self.sure(f"indicators[{index}].{key}") else None for key in cells}
        level1, level2, target = cells.get("level1"), cells.get("level2"), cells.get("target")
        pair = None
        if self.taxonomy and isinstance(level1, str) and isinstance(level2, str):
            pair = self.taxonomy.canonical(level1, level2)
        value = parse(target) if isinstance(target, str) and target.strip() and not self.unfilled(target) else None
        return Row(index, cells, pair, value)

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
            if value is not None and not asked.given and asked.kind.name in TEXTS
            for text in _spread(path, value)
            if text[1].strip()
        )


@dataclass(frozen=True)
class Hit:
    """One thing a rule found: the paths concerned (first the one it is about) and the facts of its sentence.

    ``suggestion`` is the text to type into the first field. Where a correction is safe (severity
    ``fix``) the fact ``corrected`` lists the text for each of the fields.
    """

    fields: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    suggestion: str | None = None


@dataclass(frozen=True)
class Rule:
    """One check. Its words stand in ``messages/*/rules/`` under its code.

    ``needs``: fields and columns (``indicators.target``) that a form must have for the rule to be
    asked; ``forms``: the forms it belongs to, empty for every form that has these. ``bad``: paths
    and values laid over the form's example record that break this rule and no other; ``good``: that
    do not break it. ``seen.…`` and ``unit.…`` in them lay over the surroundings, ``unit.projects``
    being the unit's other projects, each as values laid over the example. ``still``: the Excel condition on
    ``{cell}`` under which a flagged cell is still wrong, so that its flag clears by itself; without one it is wrong
    until somebody looks; ``{blank}`` in it is the condition that the cell holds nothing. ``white_space``: the rule is
    about blanks, so that a change of these is a change. ``together``: its cells are wrong only together, so that a
    change of one is a change of all. ``lines``: what it comes to for a form, as expressions, where it can be said so;
    then the sheet checks it too. ``kinds``: the kinds of answer whose validation in the sheet it stands behind.
    """

    code: str
    severity: Severity
    check: Callable[[Subject], Iterable[Hit]]
    forms: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    bad: Mapping[str, Any] = field(default_factory=dict)
    good: Mapping[str, Any] = field(default_factory=dict)
    still: str = ""
    white_space: bool = False
    together: bool = False
    lines: Callable[[Form], Iterable[FormRule]] | None = None
    kinds: tuple[str, ...] = ()


def _read(value: Any) -> Any:
    """An answer as an expression takes it: a float that is none (NaN, infinite) as its text, which none reads."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def number(value: Any) -> Decimal | None:
    """A number of a record, exact as it is written; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    return exact if exact.is_finite() else None


blank = is_blank
"""Nothing there, or white space only: for the rules as for expressions."""


def close(one: Decimal, other: Decimal) -> bool:
    """Are two amounts in 万元 the same?"""
    return abs(one - other) <= TOLERANCE


def beyond(value: Decimal, places: int = 0) -> Decimal:
    """By how much a number differs from one of so many decimals; of any length, where ``round`` and ``%`` fail."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or exponent >= -places:
        return Decimal(0)
    with localcontext(Context(prec=len(digits) + places + 10)):
        return abs(value - round(value, places))


def plain(value: Decimal) -> str:
    """A number without an exponent and without trailing zeros."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def corrections(subject: Subject, correct: Callable[[str], str]) -> Iterator[Hit]:
    """The one hit of a safe correction of the texts a unit typed; ``corrected`` is each field's whole new value."""
    found: dict[str, tuple[str, str, Any]] = {}
    for path, text in subject.texts:
        if path not in found and (after := correct(text)) != text:
            whole = subject.get(path)
            found[path] = (text, after, _each(correct, whole) if isinstance(whole, list) else after)
    if found:
        before, after, _ = next(iter(found.values()))
        corrected = [value for _, _, value in found.values()]
        yield Hit(tuple(found), {"before": before, "after": after, "count": len(found), "corrected": corrected}, after)


def excerpts(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Corrections with ``before`` and ``after`` cut down to where they first differ and a few characters around it."""
    for hit in hits:
        before, after = _around_change(str(hit.facts["before"]), str(hit.facts["after"]))
        yield replace(hit, facts={**hit.facts, "before": before, "after": after})


def _around_change(before: str, after: str, around: int = 4) -> tuple[str, str]:
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    _, at, end, there, until = next(step for step in steps if step[0] != "equal")
    return before[max(0, at - around) : end + around], after[max(0, there - around) : until + around]


def _each(correct: Callable[[str], str], items: list[Any]) -> list[Any]:
    return [correct(item) if isinstance(item, str) else item for item in items]


@lru_cache(maxsize=256)
def any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds any of these words, the longest that fits; nothing where there are none."""
    return re.compile(alternatives(words))


def alternatives(words: Iterable[str]) -> str:
    """The words as a part of a pattern, the longest first; what never fits where there are none."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)"


def dated(entries: Iterable[str]) -> dict[str, int]:
    """The entries of a list of words with a year, 脱贫攻坚=2020; one without a year says nothing."""
    pairs = (entry.partition("=") for entry in entries)
    return {squeeze(word): int(year) for word, _, year in pairs if year.strip().isdecimal() and word.strip()}


@lru_cache(maxsize=8)
def _placeholders(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, words)) or '(?!)'})+[。.]?")


@lru_cache(maxsize=4096)
def squeeze(text: str) -> str:
    """A text for comparing: no white space, full-width signs as half-width ones."""
    return "".join(unicodedata.normalize("NFKC", text).split())


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

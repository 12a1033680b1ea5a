"""The proof of a form as values, and the tries of which it is made: an answer of a record gets another value."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from perfxl import rules
from perfxl.batch.generate import books_of
from perfxl.errors import PerfxlError
from perfxl.finding import Finding
from perfxl.form.answers import get, put
from perfxl.form.calculation import calculate_record
from perfxl.form.expression import Expression, Values
from perfxl.form.form import Field, Form, Table
from perfxl.form.invented import invented_value
from perfxl.rules import example, limits
from perfxl.rules.edges import Edge, edges_of, edges_of_field, value_of_entry
from perfxl.rules.subject import Subject, Unit
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.page import Prefill

Record = Mapping[str, Any]

_YEAR, _UNIT = 2026, {"code": "990001", "name": "perfxl"}
NO_ENTRY = "perfxl?"
"""A text that is in no list, and no number or date."""


@dataclass(frozen=True)
class ProofStep:
    """One thing that was tried. ``what``: which; ``facts``: how often and what came out; ``failures``: none if well."""

    what: str
    facts: Mapping[str, Any]
    failures: tuple[PerfxlError, ...] = ()


@dataclass(frozen=True, eq=False)
class Proof:
    """The proof of a form: its steps, and the workbooks that were made for it, by name."""

    form: Form
    steps: tuple[ProofStep, ...]
    workbooks: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def failures(self) -> tuple[PerfxlError, ...]:
        """Everything that did not hold."""
        return tuple(failure for step in self.steps for failure in step.failures)


@dataclass(frozen=True)
class MadeBook:
    """A workbook of one record: the book, its bytes, and the record."""

    name: str
    book: Book
    data: bytes
    record: Record


class TriedValue(NamedTuple):
    """A value at the edge of a limit of the answer at ``path``; ``changes``: other answers that it needs, by path."""

    path: str
    asked: Field
    edge: Edge
    changes: Mapping[str, Any]

    def put_into(self, record: Record) -> dict[str, Any]:
        """Return a copy of a record with the value and the answers that it needs."""
        return laid_over(record, {**self.changes, self.path: self.edge.value})


def book_of(form: Form, record: Record, prefill: Prefill = "all") -> Book:
    """Return the book of one record. Raises RecordsError where the record is none of the form."""
    held = {"year": _YEAR, "unit": _UNIT, **_issued(form), **example.sending(form)}
    ((_, book), *_) = books_of({**held, form.root: [record] if form.many else record}, form=form, prefill=prefill)
    return book


def _issued(form: Form) -> dict[str, Any]:
    """Return the values of a sending that a form names."""
    said = {name: 1 for name in form.issue if name not in ("year", "unit")}
    return {**said, **{name: value for name, value in example.sending(form).items() if name in said}}


def laid_over(record: Record, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a record with other values, by path."""
    laid = copy.deepcopy(dict(record))
    for path, value in changes.items():
        put(laid, path, copy.deepcopy(value))
    return laid


def findings_of(form: Form, record: Record) -> list[Finding]:
    """Return what the checks find in a record, its calculated answers being what they come to."""
    return rules.check(_subject(form, record))


def values_of(form: Form, record: Record, path: str) -> Values:
    """Return the values that a limit of an answer may name: those of the head, and of its row."""
    values = _subject(form, record).values
    table = table_of(form, path)
    return values._replace(row=values.rows(table.id)[0]) if table else values


def _subject(form: Form, record: Record) -> Subject:
    said = {"year": _YEAR, **_issued(form)}
    whole, _ = calculate_record(form, record, {name: said.get(name) for name in form.issue})
    unit = Unit(_YEAR, str(_UNIT["code"]), str(_UNIT["name"]), records={form.root: (whole,)}, known=said)
    return Subject(form, whole, unit)


def table_of(form: Form, path: str) -> Table | None:
    """Return the table in whose first row a path lies; None for the head."""
    return next((table for table in form.tables.values() if path.startswith(f"{table.lists[0]}[")), None)


def codes_at(form: Form, record: Record, path: str) -> set[str]:
    """Return the codes of the findings on an answer of a record."""
    return {finding.code for finding in findings_of(form, record) if path in finding.fields}


def breaks(form: Form, record: Record, path: str, value: Any) -> set[str]:
    """Return the codes of the limits that a value breaks."""
    found = codes_at(form, laid_over(record, {path: value}), path)
    return {code for code in found if code.startswith(limits.GROUP)}


def typed_answers(form: Form) -> Iterator[tuple[str, Field]]:
    """Yield the answers that people fill in, each with its path; those of tables in their first row."""
    for path, asked in every_answer(form):
        groups = table.groups if (table := table_of(form, path)) else None
        chosen = groups and asked.id in (groups.by, groups.begin_column)
        if asked.open and not asked.calculation and not chosen:
            yield path, asked


def every_answer(form: Form) -> Iterator[tuple[str, Field]]:
    """Yield all answers, each with its path; those of tables in their first row."""
    yield from form.fields.items()
    for table in form.tables.values():
        for id, asked in table.columns.items():
            yield table.address(id, *[0] * len(table.lists)), asked


def tried_values(form: Form, record: Record) -> Iterator[TriedValue]:
    """Yield values on both sides of each limit, with the answers beside them under which they are judged."""
    for path, asked in typed_answers(form):
        around = {} if asked.relevant is None else changes_for(form, record, path, asked.relevant, True)
        if around is None:  # nothing that was tried makes the form ask for it
            continue
        laid = laid_over(record, around)
        for edge in edges_of_field(asked, values_of(form, laid, path), get(laid, path)):
            yield TriedValue(path, asked, edge, around)
        if asked.type.value_type in ("number", "percent", "date"):
            yield TriedValue(path, asked, Edge("type", NO_ENTRY, False), around)
        yield from _tried_conditions(form, laid, path, asked, around)


def tried_entries(form: Form, record: Record) -> Iterator[TriedValue]:
    """Yield each entry of each list, below an entry to which it belongs, and a text that is no entry."""
    for path, asked in typed_answers(form):
        around = {} if asked.relevant is None else changes_for(form, record, path, asked.relevant, True)
        entries = asked.type.limits().entries
        if not entries or around is None:
            continue
        laid = laid_over(record, around)
        for entry in entries:
            value = value_of_entry(asked.type, entry)
            above = _entries_above(form, laid, path, asked, value)
            yield TriedValue(path, asked, Edge("choices", value, True), {**around, **above})
        yield TriedValue(path, asked, Edge("choices", NO_ENTRY, False), around)


def _entries_above(form: Form, record: Record, path: str, asked: Field, value: Any) -> dict[str, Any]:
    """Return the entries of the lists above to which an entry belongs, level after level; none where none is found."""
    if not asked.within:
        return {}
    answers, found = dict(every_answer(form)), dict[str, Any]()
    while asked.within:
        above = f"{path.removesuffix(asked.id)}{asked.within}"
        kind = answers[above].type
        for other in (value_of_entry(kind, entry) for entry in kind.limits().entries):
            if not breaks(form, laid_over(record, {above: other}), path, value):
                found[above] = other
                break
        else:
            return found
        path, asked, value = above, answers[above], other
    return found


def _tried_conditions(
    form: Form, record: Record, path: str, asked: Field, around: Mapping[str, Any]
) -> Iterator[TriedValue]:
    """Yield what breaks the limits of an answer that have no edge: not asked for, not alone, a condition broken.

    ``around``: what makes the form ask for it.
    """
    own = get(record, path)
    value = invented_value(asked) if own in (None, "", []) else own
    if asked.relevant is not None and value is not None:
        changes = changes_for(form, record, path, asked.relevant, False)
        if changes is not None:
            yield TriedValue(path, asked, Edge("relevant", value, False), {**around, **changes})
    for limit in asked.limits:
        if limit.name == "constraint" and limit.condition is not None:
            for kept in (True, False):
                changes = changes_for(form, record, path, limit.condition, kept)
                if changes is not None:
                    changes = {**around, **changes}
                    yield TriedValue(path, asked, Edge("constraint", changes.pop(path, own), kept), changes)
        table = table_of(form, path)
        if limit.name == "unique" and table is not None and len(table.lists) == 1 and value is not None:
            first, *_ = get(record, table.lists[0])
            twice = {table.lists[0]: [first, copy.deepcopy(first)]}
            yield TriedValue(path, asked, Edge("unique", value, False), {**around, **twice, f"{_second(path)}": value})


def _second(path: str) -> str:
    return path.replace("[0]", "[1]", 1)


def changes_for(form: Form, record: Record, path: str, condition: Expression, wanted: bool) -> Mapping[str, Any] | None:
    """Return a change of one answer by which a condition on another one holds or, as ``wanted``, does not hold.

    None where none of the changes that are tried does that; nothing where none is needed.
    """
    if condition.evaluate(values_of(form, record, path)) is wanted:
        return {}
    answers = dict(every_answer(form))
    table = table_of(form, path)
    named = [id for id in condition.fields if id in form.fields]
    named += [table.address(id, *[0] * len(table.lists)) for at, id in condition.columns if table and at == table.id]
    for other in named:
        for value in _values_to_try(answers[other]) if answers[other].open else ():
            changes = {other: value}
            if condition.evaluate(values_of(form, laid_over(record, changes), path)) is wanted:
                return changes
    return None


def _values_to_try(asked: Field) -> Iterator[Any]:
    """Yield values of an answer that may decide about another: its entries, the edges of its limits, none."""
    yield from (value_of_entry(asked.type, entry) for entry in asked.type.limits().entries)
    yield from (edge.value for edge in edges_of(asked.type) if edge.kept)
    yield None

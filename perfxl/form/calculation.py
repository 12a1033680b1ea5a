"""The answers that the workbook calculates: their order, and what they come to for the answers of a record.

A row of a table is calculated once it is begun. What is calculated in some rows only is decided from given answers,
when the workbook is made and again when it comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import Any, Literal, NamedTuple

from perfxl.form.answers import Answers, flatten, put
from perfxl.form.expression import Expression, Values
from perfxl.form.expression.python import is_begun
from perfxl.form.form import Calculation, Field, Form, Table
from perfxl.form.types.base import AnswerType
from perfxl.form.types.number import decimal, is_number, spelled

Row = Mapping[str, Any]
Place = tuple[str, str]
"""An answer, as the pair (table, id); the table is empty for an answer of the head."""


class CalculatedAnswer(NamedTuple):
    """An answer of the head (``table`` is empty) or a column of a table that is calculated, everywhere or somewhere."""

    table: str
    field: Field
    calculation: Calculation


def calculations(fields: Mapping[str, Field], tables: Mapping[str, Table]) -> Iterator[CalculatedAnswer]:
    """Yield the calculated answers in the form's order."""
    for table, asked in [("", fields), *((table.id, table.columns) for table in tables.values())]:
        for field in asked.values():
            if field.calculation:
                yield CalculatedAnswer(table, field, field.calculation)


def sources(calculated: Sequence[CalculatedAnswer]) -> dict[Place, tuple[Place, ...]]:
    """Return, for each calculated answer, the calculated answers from which it is calculated."""
    places = {(answer.table, answer.field.id) for answer in calculated}
    found: dict[Place, tuple[Place, ...]] = {}
    for answer in calculated:
        expressions = [one for one in (answer.calculation.value, answer.calculation.when) if one is not None]
        inputs = [place for one in expressions for place in named(one)]
        found[answer.table, answer.field.id] = tuple(dict.fromkeys(place for place in inputs if place in places))
    return found


def named(expression: Expression) -> tuple[Place, ...]:
    """Return the answers that an expression names."""
    return (*(("", id) for id in expression.fields), *expression.columns)


@lru_cache(maxsize=64)
def in_order(form: Form) -> tuple[CalculatedAnswer, ...]:
    """Return the calculated answers of a form, each behind those from which it is calculated."""
    calculated = tuple(calculations(form.fields, form.tables))
    by_place = {(answer.table, answer.field.id): answer for answer in calculated}
    return tuple(by_place[place] for place in TopologicalSorter(sources(calculated)).static_order())


NOTHING: Mapping[str, Any] = {}


def values_of(answers: Answers, said: Mapping[str, Any] = NOTHING) -> Values:
    """Return answers, and the issue values (``said``), in the shape that expressions are evaluated with."""
    return Values({**said, **answers.head}.get, lambda table: answers.rows.get(table, ()))


def calculate(
    form: Form, answers: Answers, issued: Mapping[str, Any] = NOTHING, said: Mapping[str, Any] = NOTHING
) -> Answers:
    """Return the answers with those that are calculated; these very answers where the form calculates none.

    ``issued``: the given values that the sheet went out with, which decide what is calculated; ``said``: the issue
    values.
    """
    if not in_order(form):
        return answers
    head = dict(answers.head)
    rows = {table: tuple(dict(row) for row in filled) for table, filled in answers.rows.items()}
    values = Values(lambda id: head[id] if id in head else said.get(id), lambda table: rows.get(table, ()))
    decides = values._replace(get={**said, **head, **issued}.get)
    for answer in in_order(form):
        id = answer.field.id
        if not answer.table:
            if is_calculated(answer, decides):
                head[id] = value_of(answer, values)
            continue
        begun = form.tables[answer.table].begun
        for row in rows.get(answer.table, ()):
            if is_calculated(answer, decides._replace(row=row)):
                row[id] = value_of(answer, values._replace(row=row)) if is_begun(begun, row) else None
    return Answers(head, rows)


Decided = dict[tuple[str, int], tuple[str, ...]]
"""The answers of which something holds: in the head (``"", 0``), and in rows of tables, by table and index."""


def calculated_somewhere(form: Form, answers: Answers) -> Decided:
    """Return the answers that are calculated here and not everywhere."""
    return _decide(_partly_calculated(form), answers)


def suggested_somewhere(form: Form, answers: Answers) -> Decided:
    """Return the answers for which words are offered here and not everywhere."""
    return _decide(_partly_suggested(form), answers)


@lru_cache(maxsize=64)
def _partly_calculated(form: Form) -> tuple[tuple[Place, Expression], ...]:
    return tuple(
        ((answer.table, answer.field.id), answer.calculation.when)
        for answer in in_order(form)
        if answer.calculation.when is not None
    )


@lru_cache(maxsize=64)
def _partly_suggested(form: Form) -> tuple[tuple[Place, Expression], ...]:
    asked = [("", form.fields), *((table.id, table.columns) for table in form.tables.values())]
    return tuple(
        ((table, id), field.suggest.when)
        for table, fields in asked
        for id, field in fields.items()
        if field.suggest and field.suggest.when is not None
    )


def _decide(conditions: tuple[tuple[Place, Expression], ...], answers: Answers) -> Decided:
    """Return the answers whose condition holds."""
    names: Decided = {}
    values = Values(answers.head.get)
    for (table, id), condition in conditions:
        for index, row in enumerate(answers.rows.get(table, ()) if table else (answers.head,)):
            if condition.evaluate(values._replace(row=row)) is True:
                names[table, index] = (*names.get((table, index), ()), id)
    return names


def is_calculated(answer: CalculatedAnswer, values: Values) -> bool:
    """Return True where an answer is calculated, in the head or in the current row."""
    return answer.calculation.when is None or answer.calculation.when.evaluate(values) is True


def path_of(form: Form, answer: CalculatedAnswer) -> str:
    """Return the path of a calculated answer in the record, without the numbers of rows."""
    return form.tables[answer.table].path(answer.field.id) if answer.table else answer.field.id


def value_of(answer: CalculatedAnswer, values: Values) -> Any:
    """Return what an answer comes to, as a record holds it; None for a blank."""
    return answer.calculation.value.calculate(values, decimals_of(answer.field.type))


def exact_value_of(answer: CalculatedAnswer, values: Values) -> Any:
    """Return what an answer comes to before it is rounded."""
    return answer.calculation.value.calculate(values)


def decimals_of(asked: AnswerType) -> int | None:
    """Return the decimals to which a calculated number of this type is rounded; None where it is none."""
    if asked.value_type not in ("number", "percent"):
        return None
    return int(getattr(asked, "decimals", 0))


def show(asked: AnswerType, value: Any) -> str | float | int | None:
    """Return what the cell of a calculated answer holds: its formula gives a fraction for every percentage."""
    if asked.value_type == "percent" and is_number(value):
        return float(decimal(value) / 100)
    return asked.show(value)


NOISE = 1e-9
"""How far apart the same number may be in two programs."""


def is_same(asked: AnswerType, found: Any, ours: Any, exact: Any, tolerance: float = 0) -> bool:
    """Return True if a value is what an answer comes to; a tie in the last digit may be rounded to either side.

    ``ours``: the value, rounded; ``exact``: the same before it was rounded; ``tolerance``: how far it may be from ours.
    """
    if not (is_number(found) and is_number(ours)):
        return bool(found == ours)
    half = 0.5 * 10.0 ** -(decimals_of(asked) or 0)
    allowed = NOISE * max(1.0, abs(float(ours)))
    if abs(float(found) - float(ours)) <= allowed + tolerance:
        return True
    return is_number(exact) and abs(float(found) - float(exact)) <= half + allowed


Problem = Literal["other", "gone", "error"]


class Miscalculation(NamedTuple):
    """A cell that shows something else than what is calculated for it.

    ``field``: the path of the answer; ``found``: what stands there; ``value``: what it comes to, both as texts;
    ``problem``: ``other`` (another value), ``gone`` (nothing) or ``error`` (an error value).
    """

    field: str
    found: str
    value: str
    problem: Problem = "other"


def in_words(asked: AnswerType, value: Any) -> str:
    """Return a value as its cell shows it; empty for a blank."""
    if value is None or value == "":
        return ""
    if is_number(value) and (decimals := decimals_of(asked)) is not None:
        number = spelled(f"{decimal(value):,.{decimals}f}", asked.signs)
        return f"{number}%" if asked.value_type == "percent" else number
    return str(asked.show(value) if isinstance(value, (bool, str)) else value)


def calculate_record(
    form: Form, record: Mapping[str, Any], said: Mapping[str, Any] = NOTHING
) -> tuple[Mapping[str, Any], tuple[Miscalculation, ...]]:
    """Return a record of a records file with the answers that are calculated, and where it had other values.

    ``said``: the issue values.
    """
    if not in_order(form):
        return record, ()
    before = flatten(form, record)
    after = calculate(form, before, said=said)
    values = values_of(after, said)
    full: dict[str, Any] = _copied(record)
    wrong: list[Miscalculation] = []
    for answer in in_order(form):
        table, asked = answer.table, answer.field
        pairs = zip(before.rows.get(table, ()), after.rows.get(table, ()), strict=True)
        for index, (old, new) in enumerate(pairs) if table else [(0, (before.head, after.head))]:
            path = form.tables[table].address(asked.id, index) if table else asked.id
            here = values._replace(row=new) if table else values
            put(full, path, new.get(asked.id))
            found, ours = old.get(asked.id), new.get(asked.id)
            if found in (None, ours):
                continue
            if not is_same(asked.type, found, ours, exact_value_of(answer, here), answer.calculation.tolerance):
                wrong.append(Miscalculation(path, in_words(asked.type, found), in_words(asked.type, ours)))
    return full, tuple(wrong)


def _copied(content: Any) -> Any:
    """Return a copy of a record's mappings and lists, so that values can be put into it."""
    if isinstance(content, Mapping):
        return {key: _copied(value) for key, value in content.items()}
    return [_copied(item) for item in content] if isinstance(content, (list, tuple)) else content

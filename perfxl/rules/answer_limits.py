"""What an answer's own limits say of a record: conditions, patterns, uniqueness, where an answer is asked for.

The constant bounds of a type are judged in ``limits``, which makes findings of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from perfxl.form.answers import Answers, flatten, nest
from perfxl.form.expression import Expression, Values
from perfxl.form.expression.python import fold_spaces
from perfxl.form.form import Field, Form
from perfxl.form.limits import FieldLimit, LimitName, limit_of
from perfxl.rules.assertion import sentence
from perfxl.rules.numbers import blank
from perfxl.rules.subject import Record, Subject, Unit


class Asked(NamedTuple):
    """An answer that has limits, at its place in a record.

    ``values``: those that its conditions are evaluated with; ``table``: empty for the head; ``paths``: of the answers
    in the same row, by their columns.
    """

    path: str
    field: Field
    value: Any
    values: Values
    table: str
    paths: Mapping[str, str]


class Broken(NamedTuple):
    """A limit that is broken by the answers at ``paths``, with the facts for its sentence."""

    limit: FieldLimit
    paths: tuple[str, ...]
    asked: Field
    facts: dict[str, Any]


@lru_cache(maxsize=64)
def _limited(form: Form) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """Return the head's answers that have limits of their own, and the columns that do, by table."""
    head = tuple(id for id, asked in form.fields.items() if asked.limits and not asked.given)
    columns = {
        table.id: tuple(id for id, asked in table.columns.items() if asked.limits and not asked.given)
        for table in form.tables.values()
    }
    return head, {table: ids for table, ids in columns.items() if ids}


def limited_answers(subject: Subject) -> tuple[Asked, ...]:
    """Return every answer of a record that has limits of its own, filled or not, where it is sure."""
    return subject.once(_limited_answers)


def _limited_answers(subject: Subject) -> tuple[Asked, ...]:
    return tuple(_find_limited(subject))


def _find_limited(subject: Subject) -> Iterator[Asked]:
    head, columns = _limited(subject.form)
    for id in head:
        if subject.sure(id):
            yield Asked(id, subject.form.fields[id], subject.get(id), subject.values, "", {})
    for table, ids in columns.items():
        rows = zip(subject.table_rows(table), subject.values.rows(table), strict=True)
        for cells, row in rows:
            values, paths = subject.values._replace(row=row), {id: path for id, (path, _) in cells.items()}
            for id in ids:
                path, value = cells[id]
                if subject.sure(path):
                    yield Asked(path, subject.form.tables[table].columns[id], value, values, table, paths)


def is_asked(answer: Asked) -> bool:
    """Return whether an answer is asked for: it has no such condition, or its condition holds."""
    return answer.field.relevant is None or answer.field.relevant.evaluate(answer.values) is True


def is_required(answer: Asked) -> bool:
    """Return whether an answer must be filled in here."""
    if answer.field.required:
        return True
    where = answer.field.required_where
    return where is not None and where.evaluate(answer.values) is True


def irrelevant(subject: Subject) -> dict[str, Asked]:
    """Return the answers that are filled in though they are not asked for, by their paths.

    Nothing is said where an answer that decides about it is not known or not understood.
    """
    return {
        answer.path: answer
        for answer in limited_answers(subject)
        if answer.field.relevant is not None
        and not blank(answer.value)
        and not is_asked(answer)
        and _are_known(subject, answer, answer.field.relevant)
    }


def _are_known(subject: Subject, answer: Asked, condition: Expression) -> bool:
    """Return whether the answers that a condition names are sure and understood."""
    paths = [answer.paths.get(column, f"{table}.{column}") for table, column in condition.columns]
    paths += [id for id in condition.fields if id in subject.form.fields]
    return all(subject.sure(path) and subject.readable(path) for path in paths)


def broken_limits(subject: Subject) -> Iterator[Broken]:
    """Yield the limits of their own that filled answers break, each by itself; uniqueness by all cells together."""
    told = subject.once(irrelevant)
    repeated: dict[tuple[str, str, FieldLimit], list[Asked]] = {}
    for answer in limited_answers(subject):
        word = isinstance(answer.value, str) and answer.value in answer.field.also
        if blank(answer.value) or answer.path in told or word or not subject.readable(answer.path):
            continue
        for limit in answer.field.limits:
            if limit.name == "unique":
                repeated.setdefault((answer.table, spelled(answer.field, answer.value), limit), []).append(answer)
            elif (facts := _facts_of_broken(limit, answer)) is not None:
                yield Broken(limit, (answer.path,), answer.field, with_words(limit, answer.field, answer.values, facts))
    for (_, value, limit), answers in repeated.items():
        yield from _repeated(subject, limit, value, answers)


def _facts_of_broken(limit: FieldLimit, answer: Asked) -> dict[str, Any] | None:
    """Return what is wrong where an answer breaks a limit; None where it keeps it, or its type judges it."""
    if limit.bounds_type:
        return None
    if limit.pattern is not None:
        return None if limit.pattern.fullmatch(str(answer.field.type.show(answer.value))) else {"problem": "pattern"}
    if limit.items:
        count = len(answer.value) if isinstance(answer.value, (list, tuple)) else limit.items
        wrong = count < limit.items if limit.name == "min_items" else count > limit.items
        return {"problem": limit.name, "length": count, "bound": limit.items} if wrong else None
    if limit.condition is None or limit.name in ("required", "relevant"):
        return None
    if limit.condition.evaluate(answer.values) is not False:
        return None
    bound = limit.value.evaluate(answer.values) if limit.value else None
    if limit.name in ("min_length", "max_length"):
        return {"problem": limit.name, "length": len(str(answer.field.type.show(answer.value))), "bound": bound}
    return {"problem": {"minimum": "small", "maximum": "large"}.get(limit.name, ""), "bound": bound}


def with_words(limit: FieldLimit, asked: Field, values: Values, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a broken limit, with its author's sentence where it has one."""
    named = {**facts, "limit": limit.name}
    if limit.message:
        named["own_words"] = {"title": "", "message": sentence(limit.message, values, asked.type.signs), "advice": ""}
    return named


def spelled(asked: Field, value: Any) -> str:
    """Return a value as it is compared with others that must differ from it."""
    return fold_spaces(str(asked.type.show(value)))


def _repeated(subject: Subject, limit: FieldLimit, value: str, answers: list[Asked]) -> Iterator[Broken]:
    """Yield that a value stands more than once: in its table, in the unit's records, in those of other units."""
    paths, asked = tuple(dict.fromkeys(answer.path for answer in answers)), answers[0].field
    facts: dict[str, Any] = {"problem": "repeated", "times": len(paths), "others": []}
    if limit.within != "table":
        facts["others"] = _elsewhere(subject, limit, answers[0], value)
    if len(paths) > 1 or facts["others"]:
        yield Broken(limit, paths, asked, with_words(limit, asked, answers[0].values, facts))


def _elsewhere(subject: Subject, limit: FieldLimit, answer: Asked, value: str) -> list[str]:
    """Return the names of the unit's other records, and in a batch of the other units, in which a value stands."""
    place = (subject.form, answer.table, answer.field.id)
    siblings = subject.unit.once(_values_in_unit, *place)
    found = [name for name, record, values in siblings if record is not subject.record and value in values]
    if limit.within == "batch":
        found += [unit for unit, values in subject.unit.once(_values_in_others, *place) if value in values]
    return list(dict.fromkeys(found))


def _values_in_unit(unit: Unit, form: Form, table: str, id: str) -> list[tuple[str, Record, set[str]]]:
    """Return the unit's records of a form, each with its name and the values of an answer."""
    named = ((str(one.get("name") or form.number(one) or form.label), one) for one in unit.records.get(form.root, ()))
    return [(name, record, _values_of(form, record, table, id)) for name, record in named]


def _values_in_others(unit: Unit, form: Form, table: str, id: str) -> list[tuple[str, set[str]]]:
    """Return the names of the other units of a batch, with the values of an answer in their records."""
    return [(name, _values_of(form, record, table, id)) for name, record in unit.others.get(form.root, ())]


def _values_of(form: Form, record: Mapping[str, Any], table: str, id: str) -> set[str]:
    """Return the values of an answer in another record, as they are compared."""
    return _values_among(form, flatten(form, record), table, id)


def _values_among(form: Form, answers: Answers, table: str, id: str) -> set[str]:
    rows = answers.rows[table] if table else (answers.head,)
    asked = form.tables[table].columns[id] if table else form.fields[id]
    return {spelled(asked, row[id]) for row in rows if not blank(row.get(id)) and row[id] not in asked.also}


def required_hits(subject: Subject) -> dict[str, Asked]:
    """Return the blank answers that are required by a condition, by their paths; rows are not judged here."""
    return {
        answer.path: answer
        for answer in limited_answers(subject)
        if answer.field.required_where is not None and blank(answer.value) and is_required(answer)
    }


def own_words(asked: Field, name: LimitName, values: Values) -> dict[str, Any]:
    """Return the author's sentence for a limit that the type judges, as facts; none where there is none."""
    limit = limit_of(asked.limits, name)
    return with_words(limit, asked, values, {}) if limit and limit.message else {}


@lru_cache(maxsize=64)
def differs_in_batch(form: Form) -> bool:
    """Return whether a form has answers that must differ between all units of a batch."""
    return bool(_batch_places(form))


@lru_cache(maxsize=64)
def _batch_places(form: Form) -> tuple[tuple[str, str], ...]:
    """Return the answers that must differ in a batch, each with its table, empty for the head."""
    places = [("", asked) for asked in form.fields.values()]
    places += [(table.id, column) for table in form.tables.values() for column in table.columns.values()]
    return tuple((table, asked.id) for table, asked in places if any(one.within == "batch" for one in asked.limits))


BatchValue = tuple[str, str, str, str]
"""A value that must differ in a batch: the root of its form, its table, its answer, and how it is compared."""


def batch_values(form: Form, record: Record) -> frozenset[BatchValue]:
    """Return the values of a record that must differ in a batch."""
    answers = flatten(form, record)
    return frozenset(
        (form.root, table, id, value)
        for table, id in _batch_places(form)
        for value in _values_among(form, answers, table, id)
    )


def batch_part(form: Form, record: Record) -> Record:
    """Return a record with nothing of another one but the answers that must differ in a batch."""
    whole, places = flatten(form, record), _batch_places(form)
    head = {id: whole.head[id] for table, id in places if not table}
    rows = {
        table: tuple({id: value if (table, id) in places else None for id, value in row.items()} for row in rows)
        for table, rows in whole.rows.items()
    }
    return nest(form, Answers(head, rows))[0]

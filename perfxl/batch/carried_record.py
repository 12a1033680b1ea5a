"""One record of this year, made of what is given this year and of what was answered last year."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from perfxl import records
from perfxl.form.answers import Answers, flatten, nest
from perfxl.form.base_record import lay_over
from perfxl.form.characters import shorten
from perfxl.form.form import Field, Form, Table
from perfxl.form.last_year import LastYear, OldTextReader, PieceKind, old_pieces
from perfxl.form.schema import record_schema
from perfxl.form.types.base import Raw
from perfxl.form.types.choice import Choice
from perfxl.form.types.choices import Choices

Record = Mapping[str, Any]
Row = Mapping[str, Any]
Why = Literal["unknown_key", "unfit", "not_in_list", "group", "too_many", "not_given"]


class LeftOut(NamedTuple):
    """What last year's record holds and this year's form does not take: its path there, and what stands there.

    ``why``: ``unknown_key``: it asks nothing like it; ``unfit``: it takes no such value; ``not_in_list``: the list has
    no such entry; ``group``: the row belongs to no group; ``too_many``: the table has no room for the row;
    ``not_given``: the row goes out with given values, and this year none are given.
    """

    why: Why
    path: str
    text: str


class OldText(NamedTuple):
    """A piece of a carried text that is of last year: the path of the text in this year's record, and the piece."""

    path: str
    kind: PieceKind
    text: str


class CarriedRecord(NamedTuple):
    """A record of this year; ``answers``: the number of those that came from last year."""

    record: dict[str, Any]
    left_out: tuple[LeftOut, ...]
    old_texts: tuple[OldText, ...]
    answers: int


def carry_record(form: Form, this: Record, former: Record, last: LastYear, reader: OldTextReader) -> CarriedRecord:
    """Return this year's record with last year's answers in it: those that this year neither gives nor asks anew."""
    fitting, left_out = _fit(form, former)
    answers, unlisted = _carried_answers(form, flatten(form, fitting))
    laid = flatten(form, lay_over(form, this, nest(form, answers)[0]))
    own = flatten(form, this)
    head = {id: laid.head[id] if own.head[id] is None else own.head[id] for id in form.fields}
    taken = {id for id in form.fields if own.head[id] is None and head[id] is not None}
    rows = {}
    for table in form.tables.values():
        given = any(column.given for column in table.columns.values())
        kept = own.rows[table.id] if own.rows[table.id] and not given else laid.rows[table.id]
        rows[table.id] = kept
        if given and not own.rows[table.id]:
            left_out += _not_given(table, answers.rows[table.id])
        if kept is laid.rows[table.id]:
            taken.add(table.id)
    record, paths = nest(form, Answers(head, rows))
    texts = dict.fromkeys(_carried_texts(form, head, rows, paths, taken))  # those of an outer list come for each row
    old = [
        OldText(path, piece.kind, text[piece.start : piece.end])
        for path, text in texts
        for piece in old_pieces(text, last, reader)
    ]
    count = sum(form.fields[id].open for id in taken & {*form.fields})
    count += sum(_count_answers(table, rows[table.id]) for table in form.tables.values() if table.id in taken)
    return CarriedRecord(_without_blanks(record), (*left_out, *unlisted), tuple(old), count)


def _count_answers(table: Table, rows: Sequence[Row]) -> int:
    """Return the number of carried answers in rows of a table."""
    carried = [id for id, asked in table.columns.items() if _is_carried(asked)]
    return sum(row[id] is not None for row in rows for id in carried)


def _without_blanks(value: Any) -> Any:
    """Return a record without blank answers and what holds none; the items of lists keep their places."""
    if isinstance(value, Mapping):
        inner = {key: _without_blanks(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item not in (None, {}, [])}
    return [_without_blanks(item) for item in value] if isinstance(value, (list, tuple)) else value


# What fits this year's form -------------------------------------------------------------------------------------------

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_PASSES = 5
_GONE = object()


def _fit(form: Form, record: Record) -> tuple[Record, list[LeftOut]]:
    """Return what of a record this year's form takes, and what it does not."""
    schema = record_schema(form)
    fitting = copy.deepcopy(records.with_dates_as_texts(record))
    left_out: list[LeftOut] = []
    for _ in range(_PASSES):
        mistakes = [*records.check_shape(fitting, schema)]
        if not mistakes:
            return fitting, left_out
        for mistake in mistakes:
            unknown = mistake.what == "unknown_key"
            steps = [int(number) if number else name for number, name in _STEP.findall(mistake.place)]
            steps += [mistake.facts["key"]] if unknown else []
            value = _remove(fitting, steps, mistake.facts.get("wanted") == ["object"])
            path = records.place_of(steps)
            if value not in (None, _GONE):
                left_out.append(LeftOut("unknown_key" if unknown else "unfit", path, _as_text(value)))
        fitting = _without_gone(fitting)
    return {}, [LeftOut("unfit", "", _as_text(record))]


def _remove(record: Any, steps: Sequence[str | int], is_row: bool) -> Any:
    """Take the value at a path out of a record and return it; an item of a list becomes blank, a blank one goes."""
    *above, last = steps or ("",)
    for step in above:
        record = record[step] if _has(record, step) else None
    if not _has(record, last):
        return None
    value = record[last]
    if isinstance(last, str):
        del record[last]
    elif is_row:
        record[last] = {}  # so that the others keep their places
    else:
        record[last] = None if value is not None else _GONE
    return value


def _has(record: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(record, list) and step < len(record)
    return isinstance(record, dict) and step in record


def _without_gone(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_gone(item) for key, item in value.items()}
    return [_without_gone(item) for item in value if item is not _GONE] if isinstance(value, list) else value


def _as_text(value: Any) -> str:
    """Return a value as a person reads it, on one line."""
    if isinstance(value, Mapping):
        value = "、".join(_as_text(item) for item in value.values() if item is not None)
    elif isinstance(value, (list, tuple)):
        value = "、".join(map(_as_text, value))
    return shorten(str(value), 60)


# What is carried ------------------------------------------------------------------------------------------------------


def _carried_answers(form: Form, answers: Answers) -> tuple[Answers, list[LeftOut]]:
    """Return the answers of last year that are carried, and what this year's lists and tables do not take.

    An answer that is given, calculated or asked anew every year is none of them; the rows of a table that goes out with
    given ones keep what is given in them, by which they are known again.
    """
    left_out: list[LeftOut] = []
    head = {id: answers.head[id] if _is_carried(asked) else None for id, asked in form.fields.items()}
    for id, asked in form.fields.items():
        head[id] = _listed(asked, head[id], id, left_out)
    rows = {table.id: tuple(_carried_rows(table, answers.rows[table.id], left_out)) for table in form.tables.values()}
    return Answers(head, rows), left_out


def _is_carried(asked: Field) -> bool:
    return asked.open and not asked.yearly


def _carried_rows(table: Table, rows: Sequence[Row], left_out: list[LeftOut]) -> Iterator[Row]:
    """Yield the rows of a table that have a place this year."""
    kept = 0
    for at, row in enumerate(rows):
        columns = table.columns.items()
        carried = {id: row[id] if asked.given or _is_carried(asked) else None for id, asked in columns}
        unlisted: list[LeftOut] = []
        for id, asked in columns:
            carried[id] = _listed(asked, carried[id], table.address(id, at), unlisted)
        by, row_path = table.groups.by if table.groups else "", f"{table.id}[{at}]"
        if all(value is None for id, value in carried.items() if id not in table.prepared):
            continue
        if by and carried[by] is None and not (above := _group_of(table, carried)):
            left_out.append(LeftOut("group", row_path, _as_text(row)))
            continue
        if by and carried[by] is None:
            carried[by] = above
        if kept >= table.maximum:
            left_out.append(LeftOut("too_many", row_path, _as_text(row)))
            continue
        kept += 1
        left_out += unlisted
        yield carried


def _not_given(table: Table, rows: Sequence[Row]) -> Iterator[LeftOut]:
    """Yield the rows of last year that went out with given values."""
    for at, row in enumerate(rows):
        if any(row[id] is not None for id in table.given_in_rows):
            yield LeftOut("not_given", f"{table.id}[{at}]", _as_text(row))


def _group_of(table: Table, row: Row) -> str:
    """Return the group to which the entries of a row belong, where these belong to one only; else nothing."""
    assert table.groups
    kind = table.columns[table.groups.by].type
    if not isinstance(kind, Choice):
        return ""
    groups = {
        path[0]
        for id, asked in table.columns.items()
        if asked.within == table.groups.by
        for path in kind.listed.paths(2)
        if path[1] == row[id]
    }
    return groups.pop() if len(groups) == 1 else ""


def _listed(asked: Field, value: Any, path: str, left_out: list[LeftOut]) -> Any:
    """Return an answer with those of its entries that this year's list has, under the names that they have there."""
    kind = asked.type
    if value is None or not isinstance(kind, Choice) or not kind.entries or value in asked.also:
        return value
    if isinstance(kind, Choices) and isinstance(value, (list, tuple)):
        kept = [entry for entry in value if entry in kind.known]
        left_out += [LeftOut("not_in_list", path, _as_text(entry)) for entry in value if entry not in kind.known]
        return kept or None
    if isinstance(value, str) and value in kind.known:
        return value
    understood = kind.read(Raw(value))
    if understood.problem:
        left_out.append(LeftOut("not_in_list", path, _as_text(value)))
        return None
    return understood.value


def _carried_texts(
    form: Form,
    head: Mapping[str, Any],
    rows: Mapping[str, Sequence[Row]],
    paths: Mapping[tuple[str, int, str], str],
    taken: set[str],
) -> Iterator[tuple[str, str]]:
    """Yield the texts that came from last year, each with its path; ``taken``: the answers and tables that did."""
    for id, asked in form.fields.items():
        if id in taken and _is_text(asked):
            yield from ((id, text) for text in _texts(head[id]))
    for table in form.tables.values():
        for at, row in enumerate(rows[table.id] if table.id in taken else ()):
            for id, asked in table.columns.items():
                if _is_text(asked) and (table.id, at, id) in paths:
                    yield from ((paths[table.id, at, id], text) for text in _texts(row[id]))


def _is_text(asked: Field) -> bool:
    return _is_carried(asked) and not isinstance(asked.type, Choice)


def _texts(value: Any) -> Iterator[str]:
    yield from (one for one in (value if isinstance(value, (list, tuple)) else (value,)) if isinstance(one, str))

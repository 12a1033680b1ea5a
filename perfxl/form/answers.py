"""A record as a form's sheet holds it: the head's answers and the rows of each table; and back again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perfxl.form.form import Form, Table

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Answers:
    """``head``: field id → value; ``rows``: table id → its rows, each column id → value. Blank is None."""

    head: Values
    rows: Mapping[str, tuple[Values, ...]]


def flatten(form: Form, record: Values) -> Answers:
    """The record's values by field and by row; a nested list's outer values repeat in every row."""
    head = {id: get(record, id) for id in form.fields}
    rows = {table.id: tuple(_flat_rows(table, record)) for table in form.tables.values()}
    return Answers(head, rows)


def nest(form: Form, answers: Answers) -> tuple[dict[str, Any], dict[tuple[str, int, str], str]]:
    """The record that these answers make, and where each row's value went: (table, row, column) → path.

    Rows that hold nothing are passed over. A row whose outer values are all blank belongs to the item of the row
    above; rows with the same outer values, one below the other, are of one item.
    """
    record: dict[str, Any] = {}
    for id, value in answers.head.items():
        put(record, id, value)
    paths: dict[tuple[str, int, str], str] = {}
    for table in form.tables.values():
        _nest_rows(record, table, answers.rows.get(table.id, ()), paths)
    return record, paths


def get(record: Any, path: str) -> Any:
    """The value at a dotted path such as ``budget.total`` or ``measures[3].target``; None where there is none."""
    for part in path.replace("[", ".[").split("."):
        if part.startswith("["):
            index = int(part[1:-1])
            record = record[index] if isinstance(record, (list, tuple)) and index < len(record) else None
        else:
            record = record.get(part) if isinstance(record, Mapping) else None
    return record


def without_rows(path: str) -> str:
    """A path without the numbers of its rows: ``measures[3].basis`` → ``measures.basis``."""
    return _ROW.sub("", path)


_ROW = re.compile(r"\[\d+\]")


def put(record: dict[str, Any], path: str, value: Any) -> None:
    """Sets the value at a dotted path, making the mappings on the way. List places must exist already."""
    if "." not in path and "[" not in path:  # a row's columns, mostly
        record[path] = value
        return
    *parents, last = path.replace("[", ".[").split(".")
    place: Any = record
    for part in parents:
        place = place[int(part[1:-1])] if part.startswith("[") else place.setdefault(part, {})
    if last.startswith("["):
        place[int(last[1:-1])] = value
    else:
        place[last] = value


def _flat_rows(table: Table, record: Values) -> Iterator[Values]:
    for chain in _chains([record], table.lists):
        yield {id: get(chain[depth], rest) if rest else chain[depth] for id, (depth, rest) in table.places.items()}


def _chains(chain: list[Any], lists: Sequence[str]) -> Iterator[list[Any]]:
    """Every way from the record down to a leaf: [record, area, part]; an inner list that is empty leaves None."""
    if not lists:
        yield chain
        return
    items = get(chain[-1], lists[0])
    if not items and len(chain) > 1:
        yield chain + [None] * len(lists)
        return
    for item in items or ():
        yield from _chains([*chain, item], lists[1:])


def _nest_rows(
    record: dict[str, Any], table: Table, rows: Iterable[Values], paths: dict[tuple[str, int, str], str]
) -> None:
    record[table.lists[0]] = []
    depth = len(table.lists)
    # each level's columns: their ids, and where their values go in the level's item
    levels = [[(id, rest) for id, (at, rest) in table.places.items() if at == level] for level in range(1, depth + 1)]
    outer = [id for level in levels[:-1] for id, _ in level]
    items: list[Any] = []  # the item that is open on each level, and its path
    at: list[str] = []
    before: Values = {}
    for index, row in enumerate(rows):
        if all(value is None for value in row.values()):
            continue
        if outer and all(row[id] is None for id in outer):
            row = {**row, **{id: before.get(id) for id in outer}}
        shared = _shared(levels[:-1], row, before) if items else 0
        del items[shared:], at[shared:]
        for level, name in enumerate(table.lists[shared:], start=shared):
            listed = (items[-1] if items else record).setdefault(name, [])
            at.append(f"{at[-1]}.{name}[{len(listed)}]" if at else f"{name}[{len(listed)}]")
            items.append(_item({rest: row[id] for id, rest in levels[level]}))
            listed.append(items[-1])
        for id, (level, rest) in table.places.items():
            paths[table.id, index, id] = f"{at[level - 1]}.{rest}" if rest else at[level - 1]
        before = row


def _shared(outer: Sequence[Sequence[tuple[str, str]]], row: Values, before: Values) -> int:
    """How many of the outer lists' items this row shares with the one above."""
    for level, columns in enumerate(outer):
        if any(row[id] != before[id] for id, _ in columns):
            return level
    return len(outer)


def _item(values: Values) -> Any:
    """A list's item: a mapping of these paths and values, or the value itself where it is no mapping."""
    if "" in values:
        return values[""]
    item: dict[str, Any] = {}
    for path, value in values.items():
        put(item, path, value)
    return item

"""A record as a form's sheet holds it: the head's answers and the rows of each table; and back again."""

from __future__ import annotations

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

    Rows that hold nothing are passed over. An outer value left blank belongs to the row above.
    """
    record: dict[str, Any] = {}
    for id, value in answers.head.items():
        put(record, id, value)
    paths: dict[tuple[str, int, str], str] = {}
    for table in form.tables.values():
        _nest_rows(record, table, answers.rows.get(table.id, ()), paths)
    return record, paths


def get(record: Any, path: str) -> Any:
    """The value at a dotted path such as ``budget.total`` or ``indicators[3].target``; None where there is none."""
    for part in path.replace("[", ".[").split("."):
        if part.startswith("["):
            index = int(part[1:-1])
            record = record[index] if isinstance(record, (list, tuple)) and index < len(record) else None
        else:
            record = record.get(part) if isinstance(record, Mapping) else None
    return record


def put(record: dict[str, Any], path: str, value: Any) -> None:
    """Sets the value at a dotted path, making the mappings on the way. List places must exist already."""
    *parents, last = path.replace("[", ".[").split(".")
    place: Any = record
    for part in parents:
        place = place[int(part[1:-1])] if part.startswith("[") else place.setdefault(part, {})
    if last.startswith("["):
        place[int(last[1:-1])] = value
    else:
        place[last] = value


def _flat_rows(table: Table, record: Values) -> Iterator[Values]:
    columns = {id: _where(table, id) for id in table.columns}
    for chain in _chains([record], table.lists):
        yield {id: _value(chain[depth], rest) for id, (depth, rest) in columns.items()}


def _value(item: Any, rest: str) -> Any:
    return get(item, rest) if rest else item


def _where(table: Table, column: str) -> tuple[int, str]:
    """How many lists deep the column's value lies, and its path from there."""
    parts = table.path(column).split(".")
    depth = 0
    for name in table.lists:
        if depth >= len(parts) or parts[depth] != name:
            break
        depth += 1
    return depth, ".".join(parts[depth:])


def _chains(chain: list[Any], lists: Sequence[str]) -> Iterator[list[Any]]:
    """Every way from the record down to a leaf: [record, area, part]; a list that is empty leaves None."""
    if not lists:
        yield chain
        return
    items = get(chain[-1], lists[0]) if isinstance(chain[-1], Mapping) else None
    if not items and len(chain) > 1:
        yield chain + [None] * len(lists)
        return
    for item in items or ():
        yield from _chains([*chain, item], lists[1:])


def _nest_rows(
    record: dict[str, Any], table: Table, rows: Iterable[Values], paths: dict[tuple[str, int, str], str]
) -> None:
    columns = {id: _where(table, id) for id in table.columns}
    top: list[Any] = []
    put(record, table.lists[0], top)
    before: dict[str, Any] = {}
    for index, found in enumerate(rows):
        row = _carried(found, before, columns, len(table.lists))
        if row is None:
            continue
        same = _shared_depth(row, before, columns, len(table.lists))
        _add(record, table, row, columns, same)
        for id in columns:
            paths[table.id, index, id] = _path(record, table, columns[id])
        before = dict(row)


def _carried(row: Values, before: Values, columns: Mapping[str, tuple[int, str]], depth: int) -> Values | None:
    """The row with blank outer values taken from the row above; None for a row that holds nothing."""
    if all(value is None for value in row.values()):
        return None
    if not any(row[id] is not None for id, (level, _) in columns.items() if level < depth):
        return {**row, **{id: before.get(id) for id, (level, _) in columns.items() if level < depth}}
    return row


def _shared_depth(row: Values, before: Values, columns: Mapping[str, tuple[int, str]], depth: int) -> int:
    """How many of the outer lists' items this row shares with the one above."""
    if not before:
        return 0
    shared = 0
    for level in range(1, depth):
        ids = [id for id, (at, _) in columns.items() if at == level]
        if any(row[id] != before.get(id) for id in ids):
            break
        shared = level
    return shared


def _add(
    record: dict[str, Any], table: Table, row: Values, columns: Mapping[str, tuple[int, str]], shared: int
) -> None:
    item: Any = record
    for level, name in enumerate(table.lists, start=1):
        items = item.setdefault(name, [])
        own = {rest: row[id] for id, (at, rest) in columns.items() if at == level}
        if level > shared:
            items.append(own[""] if "" in own else {})
            item = items[-1]
            for rest, value in own.items():
                if rest:
                    put(item, rest, value)
        else:
            item = items[-1]


def _path(record: Values, table: Table, where: tuple[int, str]) -> str:
    depth, rest = where
    path, item = "", record
    for name in table.lists[:depth]:
        last = len(item[name]) - 1
        path += f"{'.' if path else ''}{name}[{last}]"
        item = item[name][last]
    return f"{path}.{rest}" if rest else path

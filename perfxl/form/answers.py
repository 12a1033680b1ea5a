"""Conversion of a record to the answers that a form's sheet holds, and back.

The sheet holds the answers of the head and the rows of each table; the record holds nested mappings and lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from perfxl.form.form import Form, Table
from perfxl.form.late_pattern import late_pattern

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Answers:
    """The answers of one sheet.

    ``head``: field id → value; ``rows``: table id → its rows, each column id → value. A blank is None.
    """

    head: Values
    rows: Mapping[str, tuple[Values, ...]]


def flatten(form: Form, record: Values) -> Answers:
    """Return a record's values by field and by row.

    Where a table's lists are nested, the values of an outer item are repeated in each row of its inner items.
    """
    head = {id: get(record, id) for id in form.fields}
    rows = {table.id: tuple(_flat_rows(table, record)) for table in form.tables.values()}
    return Answers(head, rows)


def nest(form: Form, answers: Answers) -> tuple[dict[str, Any], dict[tuple[str, int, str], str]]:
    """Return the record that these answers make, and the path of each table value: (table, row, column) → path.

    Rows that hold nothing are skipped. In nested lists, a row whose outer values are all blank belongs to the outer
    item of the row above; successive rows with the same outer values belong to one outer item.
    """
    record: dict[str, Any] = {}
    for id, value in answers.head.items():
        put(record, id, value)
    paths: dict[tuple[str, int, str], str] = {}
    for table in form.tables.values():
        _nest_rows(record, table, answers.rows.get(table.id, ()), paths)
    return record, paths


def get(record: Any, path: str) -> Any:
    """Return the value at a path such as ``budget.total`` or ``measures[3].target``; None where there is none.

    A number without brackets counts from 1: it is one of the values of a repeated column (``days[3].d.31``).
    """
    if type(record) is dict and "." not in path and "[" not in path:  # most often a column of a row
        return record.get(path)
    for step in _steps(path):
        if isinstance(step, int):
            record = record[step] if isinstance(record, (list, tuple)) and step < len(record) else None
        else:
            record = record.get(step) if isinstance(record, (dict, Mapping)) else _numbered(record, step)
    return record


def _numbered(values: Any, number: str) -> Any:
    """Return one of the values of a repeated column: ``d.31``; None where there is none."""
    if not isinstance(values, (list, tuple)) or not number.isdigit():
        return None
    return values[int(number) - 1] if 0 < int(number) <= len(values) else None


@lru_cache(maxsize=8192)  # the records of a form have the same paths
def _steps(path: str) -> tuple[str | int, ...]:
    """Return the keys and row numbers of a path: ``measures[3].target`` → ``measures``, 3, ``target``."""
    parts = path.replace("[", ".[").split(".")
    return tuple(int(part[1:-1]) if part.startswith("[") else part for part in parts)


def without_rows(path: str) -> str:
    """Return a path without its row numbers: ``measures[3].basis`` → ``measures.basis``."""
    return _ROW.sub("", path)


_ROW = late_pattern(r"\[\d+\]")


def put(record: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a path, creating mappings on the way. Lists and their items must already exist."""
    if "." not in path and "[" not in path:  # most often a column of a row
        record[path] = value
        return
    *parents, last = _steps(path)
    place: Any = record
    numbered = isinstance(last, str) and last.isdigit()
    for at, step in enumerate(parents, start=1):
        made: Any = [] if numbered and at == len(parents) else {}
        place = place[step] if isinstance(step, int) else place.setdefault(step, made)
    if numbered and isinstance(place, list):
        number = int(last)
        place += [None] * (number - len(place))
        place[number - 1] = value
    else:
        place[last] = value


def _flat_rows(table: Table, record: Values) -> Iterator[Values]:
    """Yield a table's rows, each column id → value."""
    for chain in _chains([record], table.lists):
        yield {id: get(chain[depth], rest) if rest else chain[depth] for id, (depth, rest) in table.places.items()}


def _chains(chain: list[Any], lists: Sequence[str]) -> Iterator[list[Any]]:
    """Yield every chain of items from the record down to an innermost item: [record, area, part].

    ``chain``: the items so far; ``lists``: the names of the lists below. Where an inner list is empty, None stands for
    its item.
    """
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
    """Put a table's rows into the record as nested lists, and the path of each value into ``paths``."""
    record[table.lists[0]] = []
    depth = len(table.lists)
    # the columns of each level: their ids, and the paths of their values in the level's item
    levels = [[(id, rest) for id, (at, rest) in table.places.items() if at == level] for level in range(1, depth + 1)]
    outer = [id for level in levels[:-1] for id, _ in level]
    items: list[Any] = []  # the current item of each level
    item_paths: list[str] = []  # and its path
    before: Values = {}
    for index, row in enumerate(rows):
        if all(value is None for value in row.values()):
            continue
        if outer and all(row[id] is None for id in outer):
            row = {**row, **{id: before.get(id) for id in outer}}
        shared = _count_shared(levels[:-1], row, before) if items else 0
        del items[shared:], item_paths[shared:]
        for level, name in enumerate(table.lists[shared:], start=shared):
            listed = (items[-1] if items else record).setdefault(name, [])
            place = f"{name}[{len(listed)}]"
            item_paths.append(f"{item_paths[-1]}.{place}" if item_paths else place)
            items.append(_make_item({rest: row[id] for id, rest in levels[level]}))
            listed.append(items[-1])
        for id, (level, rest) in table.places.items():
            paths[table.id, index, id] = f"{item_paths[level - 1]}.{rest}" if rest else item_paths[level - 1]
        before = row


def _count_shared(outer: Sequence[Sequence[tuple[str, str]]], row: Values, before: Values) -> int:
    """Return the number of levels, from the outermost on, whose item this row shares with the row before.

    ``outer``: for each outer level its columns, as (id, path in the item).
    """
    for level, columns in enumerate(outer):
        if any(row[id] != before[id] for id, _ in columns):
            return level
    return len(outer)


def _make_item(values: Values) -> Any:
    """Return a list's item: a mapping made from path → value, or the value alone where its path is empty."""
    if "" in values:
        return values[""]
    item: dict[str, Any] = {}
    for path, value in values.items():
        put(item, path, value)
    return item

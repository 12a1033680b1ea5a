"""The flat tables as an SQLite file, for people who query answers: a table each, its columns by their headings."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.export.tables import ExportTable, Value


def write_database(
    tables: Sequence[ExportTable], projects: Callable[[ExportTable], Iterable[ExportedProject]], file: Path
) -> int:
    """Write the tables into an empty file; return the number of rows. ``projects``: those of a table's form."""
    count = 0
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")  # the file is new: what goes wrong is written anew
        for table in tables:
            # a number's column has no type, or SQLite would make one of a text that nobody understood
            types = ("" if column.numeric else " TEXT" for column in table.columns)
            names = (_quoted(column.heading) for column in table.columns)
            columns = ", ".join(name + type for name, type in zip(names, types, strict=True))
            connection.execute(f"CREATE TABLE {_quoted(table.name)} ({columns})")
            insert = f"INSERT INTO {_quoted(table.name)} VALUES ({', '.join('?' * len(table.columns))})"  # noqa: S608
            for project in projects(table):
                rows = [tuple(map(_kept, row)) for row in table.rows(project)]
                connection.executemany(insert, rows)
                count += len(rows)
        connection.commit()
    return count


def _quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _kept(value: Value) -> Value:
    """Return a value as a database takes it: without half characters."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value

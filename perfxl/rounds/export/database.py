"""The flat tables as an SQLite file, for people who query answers: a table each, its columns by their headings."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.export.tables import ExportTable


def write_database(
    tables: Sequence[ExportTable], projects: Callable[[ExportTable], Iterable[ExportedProject]], file: Path
) -> None:
    """Write the tables into an empty file. ``projects``: those of a table's form."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")  # the file is new: what goes wrong is written anew
        for table in tables:
            # a number's column has no type, or SQLite would make one of a text that nobody understood
            types = ("" if column.numeric else " TEXT" for column in table.columns)
            names = (quoted(column.heading) for column in table.columns)
            columns = ", ".join(name + type for name, type in zip(names, types, strict=True))
            connection.execute(f"CREATE TABLE {quoted(table.name)} ({columns})")
            insert = f"INSERT INTO {quoted(table.name)} VALUES ({', '.join('?' * len(table.columns))})"  # noqa: S608
            for project in projects(table):
                connection.executemany(insert, table.rows(project))
        connection.commit()


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'

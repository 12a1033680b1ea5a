"""The flat tables for analysis: a DuckDB database, or Parquet files, which many counties' can be queried together.

Their columns have types. A text that nobody understood where a number belongs stands in a further last column.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from perfxl import messages
from perfxl.errors import RoundError
from perfxl.rounds.export.database import quoted
from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.export.tables import HEADING, ExportColumn, ExportTable, Value, tell_apart

_MEMORY = "256MB"
"""What DuckDB may take: beyond that it writes to temporary files."""


def write_duckdb(
    tables: Sequence[ExportTable], projects: Callable[[ExportTable], Iterable[ExportedProject]], file: Path
) -> None:
    """Write the tables as a database. ``projects``: those of a table's form. Raises RoundError without DuckDB."""
    with _open(str(file)) as connection:
        for table in tables:
            with _as_relation(table, projects(table)) as rows:
                connection.execute(f"CREATE TABLE {quoted(table.name)} AS {rows}")


def write_parquet(table: ExportTable, projects: Iterable[ExportedProject], file: Path) -> None:
    """Write a table as a Parquet file. ``projects``: those of its form. Raises RoundError without DuckDB."""
    with _open(":memory:") as connection, _as_relation(table, projects) as rows:
        connection.execute(f"COPY ({rows}) TO {_text(str(file))} (FORMAT parquet, COMPRESSION zstd)")


@contextmanager
def _open(database: str) -> Iterator[Any]:
    try:
        import duckdb
    except ImportError as error:
        raise RoundError(what="no_duckdb", file=database) from error
    with duckdb.connect(database) as connection:
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        yield connection


@contextmanager
def _as_relation(table: ExportTable, projects: Iterable[ExportedProject]) -> Iterator[str]:
    """Yield a query of a table's rows, which stand in a temporary file meanwhile."""
    *headings, left = tell_apart([*(one.heading for one in table.columns), _say_left(table)], HEADING)
    with tempfile.TemporaryDirectory() as place:
        lines = Path(place) / "rows.json"
        with lines.open("w", encoding="utf-8") as stream:
            for project in projects:
                for row in table.rows(project):
                    stream.write(json.dumps(_typed(table.columns, row), ensure_ascii=False) + "\n")
        types = [*map(_type, table.columns), "VARCHAR"]
        read = ", ".join(f"c{at}: '{name}'" for at, name in enumerate(types))
        named = ", ".join(f"c{at} AS {quoted(name)}" for at, name in enumerate((*headings, left)))
        source = f"read_json({_text(str(lines))}, format = 'newline_delimited', columns = {{{read}}})"
        yield f"SELECT {named} FROM {source}"  # noqa: S608 - names are quoted


def _typed(columns: Sequence[ExportColumn], row: Sequence[Value]) -> dict[str, Value]:
    """Return a row by the numbers of its columns; texts in columns of numbers stand in the last one, as JSON."""
    values = dict(zip((f"c{at}" for at in range(len(columns))), row, strict=True))
    texts = {
        column.heading: value
        for column, value in zip(columns, row, strict=True)
        if column.numeric and isinstance(value, str)
    }
    wrong = {f"c{at}": None for at, column in enumerate(columns) if column.heading in texts}
    return values | wrong | {f"c{len(columns)}": json.dumps(texts, ensure_ascii=False) if texts else None}


def _type(column: ExportColumn) -> str:
    if not column.numeric:
        return "VARCHAR"
    return "DOUBLE" if column.kind else "BIGINT"


def _say_left(table: ExportTable) -> str:
    return messages.say("rounds.export.heading.not_understood", {}, table.lang)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

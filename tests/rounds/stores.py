"""The store of a round, in SQLite or in PostgreSQL: copied with the round's folder, read row by row, changed by hand."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, Table, Text, cast, select, text
from sqlalchemy.engine import make_url

from perfxl.rounds.round import FILE, open_round, text_with_store
from perfxl.rounds.store.address import parse_address
from perfxl.rounds.store.backend import open_engine
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.tables import LEASE, METADATA


def copy_round(folder: Path, target: Path) -> Path:
    """Copy a round's folder, or one with rounds in it; what a database keeps of each gets a schema of its own."""
    copied = Path(shutil.copytree(folder, target))
    for file in copied.rglob(FILE):
        if url := open_round(file.parent).store_url:
            new = _copy_schema(url)
            file.write_text(text_with_store(file.read_text(encoding="utf-8"), new), encoding="utf-8")
    return copied


def _copy_schema(url: str) -> str:
    """Copy a store into a new schema of the same database; return the URL of the copy."""
    new = make_url(url).update_query_dict({"schema": f"s{uuid.uuid4().hex[:16]}"}).render_as_string()
    with open_store(url, write=False) as old, open_store(new, write=True, make=True) as copy:
        copy.fill(old)
    return new


def without_store(folder: Path) -> bytes:
    """Return the file of a round without the line that says where its store is."""
    return text_with_store((folder / FILE).read_text(encoding="utf-8"), "").encode()


def rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return every row of a round's store but the lease's, by table and in the order of the keys; JSON as its text."""
    with connected(folder) as connection:
        return {table.name: _rows(connection, table) for table in METADATA.sorted_tables if table is not LEASE}


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    columns = (cast(one, Text).label(one.name) if isinstance(one.type, JSON) else one for one in table.columns)
    (key,) = table.primary_key
    found = map(dict, connection.execute(select(*columns)).mappings())
    return sorted(found, key=lambda row: row[key.name])  # databases order texts differently


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the answer of a round's store to a query that both databases understand."""
    with connected(folder) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def change(folder: Path, *statements: str, **values: Any) -> None:
    """Change a round's store by hand, behind the back of perfxl."""
    with connected(folder, write=True) as connection:
        for statement in statements:
            connection.execute(text(statement), values)


@contextmanager
def connected(folder: Path, write: bool = False) -> Iterator[Connection]:
    """Connect to the database of a round's store; what was written is committed at the end."""
    address = parse_address(open_round(folder).store)
    with open_engine(address, write) as engine, engine.execution_options(writes=write).begin() as connection:
        yield connection

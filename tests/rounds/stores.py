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

from perfxl.errors import StoreError
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
    try:
        old = open_store(url, write=False)
    except StoreError as error:
        if error.what != "missing":  # else nothing is kept yet
            raise
        return new
    with old, open_store(new, write=True, make=True) as copy:
        copy.fill(old)
    return new


def without_store(folder: Path) -> bytes:
    """Return the file of a round without the line that says where its store is."""
    return text_with_store((folder / FILE).read_text(encoding="utf-8"), "").encode()


def rows(where: Path | str) -> dict[str, list[dict[str, Any]]]:
    """Return every row of a store but the lease's, by table and in the order of the keys; JSON as its text.

    ``where``: the folder of a round, or the file or URL of a store.
    """
    with connected(where) as connection:
        return {table.name: _rows(connection, table) for table in METADATA.sorted_tables if table is not LEASE}


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    columns = (cast(one, Text).label(one.name) if isinstance(one.type, JSON) else one for one in table.columns)
    (key,) = table.primary_key
    found = map(dict, connection.execute(select(*columns)).mappings())
    return sorted(found, key=lambda row: row[key.name])  # databases order texts differently


def ask(where: Path | str, query: str) -> list[tuple[Any, ...]]:
    """Return the answer of a store to a query that both databases understand."""
    with connected(where) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def change(where: Path | str, *statements: str, **values: Any) -> None:
    """Change a store by hand, behind the back of perfxl."""
    with connected(where, write=True) as connection:
        for statement in statements:
            connection.execute(text(statement), values)


@contextmanager
def connected(where: Path | str, write: bool = False) -> Iterator[Connection]:
    """Connect to the database of a store; what was written is committed at the end."""
    address = parse_address(open_round(where).store if isinstance(where, Path) and where.is_dir() else where)
    with open_engine(address, write) as engine, engine.execution_options(writes=write).begin() as connection:
        yield connection

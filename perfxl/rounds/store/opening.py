"""A store is opened: made where there is none, migrated after a copy where it is older, left alone if newer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url

from perfxl import json_data
from perfxl.errors import OutputExists, StoreError, reason_of
from perfxl.rounds.store import lease, sqlite
from perfxl.rounds.store.store import Store

REVISIONS = ("0001", "0002", "0003", "0004")
"""The schemas there have been, the newest last; each is a migration. Alembic is loaded to make or migrate one."""


def open_store(url: str | Path, write: bool, take_over: bool = False, make: bool = False) -> Store:
    """Open the store at a URL, or in an SQLite file; to ``write`` it is migrated, and its lease is taken.

    ``make``: where there is none, one is made. ``take_over``: the word by which the lease of another machine is taken
    after a silent minute. Raises StoreError, ``locked_by`` where another desk writes.
    """
    address = URL.create("sqlite", database=str(url)) if isinstance(url, Path) else make_url(url)
    file = sqlite.file_of(address)
    name = str(file or address)  # a URL shows no password
    try:
        found = _find_revision(address, file, name, write)
        if not found and not make:
            raise StoreError(what="missing", file=name)
        if not write and found != REVISIONS[-1]:
            raise StoreError(what="older", file=name)
        return _open(address, file, name, write, take_over)
    except UnicodeDecodeError as error:  # a word of a damaged schema, in SQLite's own complaint
        raise StoreError(what="damaged", file=name) from error


def restore(copy: Path, target: Path) -> None:
    """Make a store of a copy that ``Store.backup`` wrote. Raises StoreError for one that is none, OutputExists."""
    address = URL.create("sqlite", database=str(copy))
    if not _is_there(copy, str(copy), write=False):
        raise StoreError(what="unreadable", file=str(copy), reason="not_found")
    with _engine(address, write=False) as engine, sqlite.said_plainly(str(copy)), engine.connect() as connection:
        if not _revision(connection, str(copy)) or sqlite.complaints(connection):
            raise StoreError(what="damaged", file=str(copy))
    sqlite.copy_store(copy, target)


def _open(address: URL, file: Path | None, name: str, write: bool, take_over: bool) -> Store:
    engine = _make_engine(address, write)
    try:
        return Store(engine, name, file, _prepare(engine, name, file, take_over) if write else None)
    except BaseException:
        engine.dispose()
        raise


def _find_revision(address: URL, file: Path | None, name: str, write: bool) -> str:
    """Return the schema of a store; empty where there is none, or one that was never finished."""
    if not _is_there(file, name, write):
        return ""
    with _engine(address, write=False) as engine, sqlite.said_plainly(name), engine.connect() as connection:
        return _revision(connection, name)


def _is_there(file: Path | None, name: str, write: bool) -> bool:
    """Return False for an SQLite file that is not there. Raises StoreError for one that cannot be opened."""
    if file is None:
        return True
    try:
        if not file.exists():
            return False
        with file.open("rb"):
            pass
    except (OSError, ValueError) as error:
        raise StoreError(what="unreadable", file=name, reason=reason_of(error)) from error
    if write and not os.access(file, os.W_OK):
        raise StoreError(what="read_only", file=name)
    return True


def _make_engine(address: URL, write: bool) -> Engine:
    engine = create_engine(address, json_serializer=json_data.dumps)
    if address.get_backend_name() == "sqlite":
        sqlite.prepare(engine, write)
    return engine


@contextmanager
def _engine(address: URL, write: bool) -> Iterator[Engine]:
    engine = _make_engine(address, write)
    try:
        yield engine
    finally:
        engine.dispose()


def _prepare(engine: Engine, name: str, file: Path | None, take_over: bool) -> lease.Lease:
    """Bring the schema up to date and take the lease, in one transaction."""
    own = lease.new_lease()
    with sqlite.said_plainly(name), engine.execution_options(writes=True).begin() as connection:
        found = _revision(connection, name)
        if not found:
            _migrate(connection)
        lease.take(connection, own, name, take_over)
        if found and found != REVISIONS[-1]:
            if file:
                _copy_aside(file, found)
            _migrate(connection)
    return own


def _revision(connection: Connection, name: str) -> str:
    """Return the schema of a store, empty for a database with nothing in it. Raises StoreError for another's."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return ""
    if not {"alembic_version", "lease", "event"} <= {*tables}:
        raise StoreError(what="damaged", file=name)
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    if len(found) != 1 or found[0] not in REVISIONS:
        raise StoreError(what="newer", file=name)
    return str(found[0])


def _migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to a revision, in the transaction of this connection."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    command.upgrade(config, revision)


def _copy_aside(file: Path, revision: str) -> None:
    """Copy an older store beside itself, unless a migration that failed has done so."""
    try:
        sqlite.copy_store(file, file.with_name(f"{file.stem}.{revision}{file.suffix}"))
    except OutputExists:
        return

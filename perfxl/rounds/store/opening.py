"""A store is opened: made where there is none, migrated after a copy where it is older, left alone if newer."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from perfxl.errors import OutputExists, StoreError, reason_of
from perfxl.rounds.store import lease, postgresql, sqlite
from perfxl.rounds.store.address import StoreAddress, parse_address
from perfxl.rounds.store.backend import make_engine, open_engine, said_plainly
from perfxl.rounds.store.store import Store

REVISIONS = ("0001", "0002", "0003", "0004")
"""The schemas there have been, the newest last; each is a migration. Alembic is loaded to make or migrate one."""


def open_store(where: str | Path, write: bool, take_over: bool = False, make: bool = False) -> Store:
    """Open the store at a URL, or in an SQLite file; to ``write`` it is migrated, and its lease is taken.

    ``make``: where there is none, one is made. ``take_over``: the word by which the lease of another machine is taken
    after a silent minute. Raises StoreError, ``locked_by`` where another desk writes.
    """
    address = parse_address(where)
    try:
        found = _find_revision(address, write)
        if not found and not make:
            raise StoreError(what="missing", file=address.name)
        if not write and found != REVISIONS[-1]:
            raise StoreError(what="older", file=address.name)
        return _open(address, write, take_over)
    except UnicodeDecodeError as error:  # a word of a damaged schema, in SQLite's own complaint
        raise StoreError(what="damaged", file=address.name) from error


def check_new(where: str | Path) -> None:
    """Make sure that a store can be made at a URL. Raises StoreError, ``taken`` where there is one already."""
    address = parse_address(where)
    if _find_revision(address, write=True):
        raise StoreError(what="taken", file=address.name)
    if address.file is None:
        with open_engine(address, write=False) as engine, said_plainly(address.name), engine.connect() as connection:
            if not postgresql.may_make(connection, address.schema):
                raise StoreError(what="no_rights", file=address.name)


def backup(where: str | Path, target: Path) -> None:
    """Write a store as one SQLite file, while it may be in use. Raises OutputExists, OutputFailed, StoreError."""
    address = parse_address(where)
    if address.file:
        sqlite.copy_store(address.file, target)
        return
    with open_store(where, write=False) as store, open_store(target, write=True, make=True) as copy:
        copy.fill(store)


def restore(copy: Path, target: str | Path) -> None:
    """Make a store of a copy that ``Store.backup`` wrote, which is an SQLite file, in another file or at a URL.

    Raises StoreError for one that is none, or where there is a store already; OutputExists.
    """
    source, made = parse_address(copy), parse_address(target)
    if not _is_there(copy, str(copy), write=False):
        raise StoreError(what="unreadable", file=str(copy), reason="not_found")
    with open_engine(source, write=False) as engine, said_plainly(source.name), engine.connect() as connection:
        if not _revision(connection, source) or sqlite.complaints(connection):
            raise StoreError(what="damaged", file=str(copy))
    if made.file:
        sqlite.copy_store(copy, made.file)
        return
    check_new(target)
    open_store(copy, write=True).close()  # an older one is brought up to date
    with open_store(copy, write=False) as old, open_store(target, write=True, make=True) as new:
        new.fill(old)


def _open(address: StoreAddress, write: bool, take_over: bool) -> Store:
    engine = make_engine(address, write)
    try:
        return Store(engine, address, _prepare(engine, address, take_over) if write else None)
    except BaseException:
        engine.dispose()
        raise


def _find_revision(address: StoreAddress, write: bool) -> str:
    """Return the schema of a store; empty where there is none, or one that was never finished."""
    if not _is_there(address.file, address.name, write):
        return ""
    with open_engine(address, write=False) as engine, said_plainly(address.name), engine.connect() as connection:
        return _revision(connection, address)


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


def _prepare(engine: Engine, address: StoreAddress, take_over: bool) -> lease.Lease:
    """Bring the schema up to date and take the lease, in one transaction."""
    own = lease.new_lease()
    with said_plainly(address.name), engine.execution_options(writes=True).begin() as connection:
        if address.file is None:
            postgresql.make_schema(connection, address.schema)
        found = _revision(connection, address)
        if not found:
            _migrate(connection)
        lease.take(connection, own, address.name, take_over)
        if found and found != REVISIONS[-1]:
            if address.file:
                _copy_aside(address.file, found)
            _migrate(connection)
    return own


def _revision(connection: Connection, address: StoreAddress) -> str:
    """Return the schema of a store, empty for a database with nothing in it. Raises StoreError for another's."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return ""
    if not {"alembic_version", "lease", "event"} <= {*tables}:
        raise StoreError(what="damaged" if address.file else "others", file=address.name)
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    if len(found) != 1 or found[0] not in REVISIONS:
        raise StoreError(what="newer", file=address.name)
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

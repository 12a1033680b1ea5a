"""SQLite's own: how it begins, syncs and copies, and what its errors mean.

The journal is DELETE and never WAL, which is unsafe on the shares that offices use; synchronous is FULL.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

from perfxl.batch import output as files
from perfxl.errors import OutputExists, OutputFailed, PerfxlError, StoreError, reason_of

_WAIT = 20.0
"""Seconds to wait for another process that writes; a group takes a fraction of one."""
_NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")  # the second is a limit of a file's size, or a quota
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_SCHEMA", "SQLITE_FORMAT")


def prepare(engine: Engine, write: bool) -> None:
    """Have every connection of an engine begin, sync and wait as the store needs it."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # or the driver begins by itself, too late
        connection.execute(f"PRAGMA busy_timeout={int(_WAIT * 1000)}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_spill=OFF")  # a large group keeps readers out only while it is committed
        connection.execute("PRAGMA trusted_schema=OFF")
        # one that somebody opened with WAL goes back to DELETE
        connection.execute("PRAGMA journal_mode=DELETE" if write else "PRAGMA query_only=ON").fetchall()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "handle_error")
    def _interrupted(context: ExceptionContext) -> None:
        # Ctrl-C does a file no harm; SQLAlchemy would give the connection up with its cursor open, which goes on
        # locking the database, against the release of our own lease as well
        if not isinstance(context.original_exception, Exception):
            context.is_disconnect = False


@contextmanager
def _said_plainly(name: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(name, error) from error


def store_error(name: str, error: BaseException | None) -> PerfxlError:
    """Return the StoreError for what a database driver raised."""
    kind = str(getattr(error, "sqlite_errorname", ""))
    if kind.startswith(_NO_ROOM):
        return StoreError(what="full", file=name)
    if kind.startswith(_DAMAGED) or str(error).startswith("Could not decode"):
        return StoreError(what="damaged", file=name)
    if kind.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreError(what="busy", file=name)
    if kind == "SQLITE_READONLY_DBMOVED":
        return StoreError(what="missing", file=name)
    if kind.startswith("SQLITE_READONLY"):
        return StoreError(what="read_only", file=name)
    reason = {"SQLITE_IOERR": "disk_error", "SQLITE_PERM": "no_permission", "SQLITE_AUTH": "no_permission"}
    word = next((word for start, word in reason.items() if kind.startswith(start)), "other")
    return StoreError(what="unreadable", file=name, reason=word)


def complaints(connection: Connection) -> list[str]:
    """Return what SQLite itself finds wrong with its file, broken references included."""
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    broken = [f"{row[0]} {row[1]} → {row[2]}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
    return [*(text for text in found if text != "ok"), *broken]


def copy_store(source: Path, target: Path) -> None:
    """Copy a store while it may be in use, whole or not at all; the copy is held by nobody.

    Raises OutputExists where the target is there, OutputFailed, StoreError.
    """
    if target.exists() or target.is_symlink():
        raise OutputExists(file=str(target))
    try:
        with files.replaced(target) as temporary:
            with _said_plainly(str(source)), closing(sqlite3.connect(source, timeout=_WAIT)) as old:
                _copy(old, temporary, target)
            with temporary.open("rb+") as stream:
                os.fsync(stream.fileno())
        files.sync_folders([target.parent])
    except (OSError, ValueError) as error:
        raise OutputFailed(file=str(target), reason=reason_of(error), written=()) from error


def _copy(old: sqlite3.Connection, temporary: Path, target: Path) -> None:
    with _said_plainly(str(target)), closing(sqlite3.connect(temporary)) as new:
        old.backup(new)
        new.execute("DELETE FROM lease")
        new.commit()

"""A PostgreSQL server for the tests, on a socket in a folder of its own; it is run by an ordinary user."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from perfxl import commands_round
from perfxl.rounds import round as rounds

DATABASE = "county"
_QUICK = (
    "fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "max_wal_size=256MB",
    "autovacuum=off", "jit=off", "listen_addresses=", "max_connections=40",
)  # fmt: skip
_MEMORY = Path("/dev/shm")
_ROOM = 3 * 2**30
"""Bytes that must be free there for each process of the tests: every round that is made has a schema, of about 2 MB."""


def programs() -> Path | None:
    """Return the folder of the server's programs, of the newest version; None where it is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else Path("/usr/lib/postgresql").glob("*/bin")
    return max((one for one in folders if (one / "initdb").exists()), key=lambda one: one.parent.name, default=None)


class Server:
    """A running server: ``url`` names a schema in its database."""

    def __init__(self, folder: Path, programs: Path, user: Sequence[str]) -> None:
        self.folder, self._programs, self._user = folder, programs, user

    def url(self, schema: str = "", who: str = "desk", database: str = DATABASE) -> str:
        """Return the URL of a schema; a new one without a name."""
        name = schema or f"s{uuid.uuid4().hex[:16]}"
        return f"postgresql+psycopg://{who}@/{database}?host={self.folder}&schema={name}"

    def run(self, program: str, *words: str) -> str:
        """Run one of its programs as its user; return what that prints."""
        command = [*self._user, str(self._programs / program), *words]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, env=_environment())
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def sql(self, text: str, database: str = DATABASE) -> str:
        """Run SQL as the one who may do all."""
        return self.run("psql", "-h", str(self.folder), "-U", "postgres", "-tAc", text, database)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c unix_socket_directories='{self.folder}' " + " ".join(f"-c {one!s}" for one in _QUICK)
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """Stop it at once, as a power cut does."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")


@contextmanager
def server() -> Iterator[Server]:
    """A new server with a database, and the user ``desk`` who may make schemas in it."""
    where = programs()
    assert where is not None
    user = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()  # it refuses to be run by root
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_memory()))  # a socket's path has at most 107 bytes
    try:
        if user:
            shutil.chown(folder, "postgres")
        made = Server(folder, where, user)
        made.run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        made.start()
        try:
            made.sql("CREATE ROLE desk LOGIN", "postgres")
            made.sql(f"CREATE DATABASE {DATABASE} OWNER desk", "postgres")
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def rounds_in(server: Server) -> Iterator[None]:
    """Have every round that is made within, and told no store, keep what it knows in a schema of its own there."""
    plan = rounds.plan_round

    def plan_in_database(folder: Path, year: int, phase: str, lang: str, told: Mapping[str, Any]) -> Any:
        return plan(folder, year, phase, lang, {**told, "store": told.get("store") or server.url()})

    with pytest.MonkeyPatch.context() as patch:
        for module in (rounds, commands_round):
            patch.setattr(module, "plan_round", plan_in_database)
        yield


def _memory() -> Path | None:
    """Return a folder in memory, where there is room: what is not kept need not reach a disk."""
    wanted = _ROOM * int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > wanted else None


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}

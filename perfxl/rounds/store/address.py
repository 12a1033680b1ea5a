"""Where a store is: an SQLite file by its path, or a PostgreSQL database by its URL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from perfxl.errors import StoreError
from perfxl.rounds.store.postgresql import SCHEMA

_DRIVER = "postgresql+psycopg"
EXAMPLE = f"{_DRIVER}://desk@server/county?schema=y2026"


@dataclass(frozen=True)
class StoreAddress:
    """The address of a store: ``file`` for an SQLite file; else the server, and the schema in its database.

    ``schema``: empty for the usual one; each round has its own.
    """

    url: URL
    file: Path | None = None
    schema: str = ""

    @property
    def name(self) -> str:
        """Its name in messages."""
        return str(self.file or self.url.update_query_dict({"schema": self.schema} if self.schema else {}))


def parse_address(text: str | Path) -> StoreAddress:
    """Return the address of a store. Raises StoreError for a URL that is none, or that tells a password."""
    if isinstance(text, Path):
        return StoreAddress(URL.create("sqlite", database=str(text)), text)
    try:
        url = make_url(text)
        port = url.port
    except (ArgumentError, ValueError) as error:
        raise StoreError(what="bad_url", file=_without_password(text), example=EXAMPLE) from error
    name = url.set(query={}).render_as_string(hide_password=True)
    if url.drivername == "sqlite" and url.database:
        return StoreAddress(url, Path(url.database))
    if url.password is not None or any("pass" in key for key in url.query):
        raise StoreError(what="password", file=name)
    schema = url.query.get("schema", "")
    named = isinstance(schema, str) and (not schema or (SCHEMA.fullmatch(schema) and len(schema.encode()) <= _LONGEST))
    known = url.drivername in ("postgresql", "postgres", _DRIVER)
    if not (known and url.database and named and url.query.keys() <= {"schema", *_LIBPQ} and (port or 1) > 0):
        raise StoreError(what="bad_url", file=name, example=EXAMPLE)
    return StoreAddress(url.set(drivername=_DRIVER).difference_update_query(["schema"]), schema=str(schema))


_LONGEST = 63
"""The most bytes of a name in PostgreSQL."""
_LIBPQ = ("host", "port", "sslmode", "sslrootcert", "service", "target_session_attrs")
"""The parameters of libpq that a URL may have: none that tells a password, or changes what is kept."""


def _without_password(text: str) -> str:
    """Return what cannot be read as a URL, without what may be a password in it."""
    start, at, rest = text.rpartition("@")
    return f"{start.partition('://')[0]}://…@{rest}" if at else text

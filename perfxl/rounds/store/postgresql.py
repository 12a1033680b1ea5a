"""PostgreSQL's own: the schema of a round, how transactions begin, and what its errors mean.

A writer waits for the one before it, as on SQLite; whoever reads sees one moment and keeps nobody waiting.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from perfxl.errors import PerfxlError, StoreError

CONNECT = 10
"""Seconds in which a server must answer."""
_WAIT = 20
"""Seconds to wait for another desk that writes; a group takes a fraction of one."""

SCHEMA = re.compile(r"[^\W\d]\w{0,39}")
"""A name of a schema: letters of any script, digits and _."""

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('perfxl ' || current_setting('search_path')))"

# what libpq says before a connection is there: such an error has no SQLSTATE; the server's own words may be translated
_REFUSED = re.compile(r"password|authentication|role .* does not exist|pg_hba|口令|密码|认证|角色", re.IGNORECASE)
_NO_DATABASE = re.compile(r"database .* does not exist|数据库.*不存在", re.IGNORECASE)


def prepare(engine: Engine, schema: str) -> None:
    """Have every connection of an engine work in a schema (empty: the usual one), and begin as the store needs it."""

    @event.listens_for(engine, "connect", insert=True)  # before SQLAlchemy asks which schema is the usual one
    def _connect(connection: Any, _record: object) -> None:
        if schema:
            connection.autocommit = True  # or it is undone with the first transaction
            connection.execute(f'SET search_path TO "{schema}"')
            connection.autocommit = False

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", False):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT}s'")
            connection.exec_driver_sql(_LOCK)
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def make_schema(connection: Connection, schema: str) -> None:
    """Make a schema where it is not there."""
    if schema:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))


def may_make(connection: Connection, schema: str) -> bool:
    """Return whether the user may make tables in a schema, and the schema where it is not there."""
    asked = text(
        "SELECT CASE WHEN n.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')"
        " ELSE has_schema_privilege(n.oid, 'CREATE') END"
        " FROM (SELECT coalesce(nullif(:schema, ''), current_schema()) AS name) AS asked"
        " LEFT JOIN pg_namespace AS n ON n.nspname = asked.name"
    )
    return bool(connection.execute(asked, {"schema": schema}).scalar())


def store_error(name: str, error: BaseException | None) -> PerfxlError:
    """Return the StoreError for what the driver raised, by its SQLSTATE (PostgreSQL, appendix A)."""
    state, said = str(getattr(error, "sqlstate", None) or ""), str(error)
    if state in ("53100", "54000"):
        return StoreError(what="full", file=name)
    if state in ("55P03", "40001", "40P01", "53300"):
        return StoreError(what="busy", file=name)
    if state == "25006":
        return StoreError(what="read_only", file=name)
    if state == "42501":
        return StoreError(what="no_rights", file=name)
    if state.startswith("28") or (not state and _REFUSED.search(said)):
        return StoreError(what="refused", file=name)
    if state.startswith("3D") or (not state and _NO_DATABASE.search(said)):
        return StoreError(what="no_database", file=name)
    if not state or state.startswith(("08", "57P")):
        return StoreError(what="unreachable", file=name)
    return StoreError(what="unreadable", file=name, reason="other")

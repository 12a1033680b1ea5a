"""The tables of the newest schema, and the columns of each whose every change is an event.

The migrations make them; ``test_store`` holds both equal. Ids are given out by the group that writes.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

METADATA = MetaData()


class VerbatimText(TypeDecorator[str]):
    """A text of any characters. One that no database takes (half a character, NUL) is kept as ``json:"…"``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text as it is kept."""
        if value is None or not (value.startswith("json:") or "\0" in value or _has_half(value)):
            return value
        return f"json:{json.dumps(value)}"

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Return the text as it was given."""
        return json.loads(value[5:]) if isinstance(value, str) and value.startswith("json:") else value


def _has_half(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _text(name: str) -> Column[str]:
    return Column(name, VerbatimText, nullable=False)


def _json(name: str) -> Column[Any]:
    return Column(name, JSON, nullable=False)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=False)


def _of(name: str, target: str, nullable: bool = False) -> Column[int]:
    return Column(name, Integer, ForeignKey(target), nullable=nullable, index=True)


UNIT = Table(
    "unit",
    METADATA,
    Column("code", VerbatimText, primary_key=True),
    *map(_text, ("name", "parent", "contact", "phone", "deadline", "state")),
    Column("control", Float),
    Column("position", Integer, nullable=False),
)
PROJECT = Table(
    "project",
    METADATA,
    Column("key", VerbatimText, primary_key=True),
    Column("unit", VerbatimText, ForeignKey("unit.code"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    *map(_text, ("form", "code", "name", "disclosure", "state", "renamed_from")),
    _json("given"),
    Column("merged_into", VerbatimText, ForeignKey("project.key")),
    Column("position", Integer, nullable=False),
)
BASE = Table(
    "base",
    METADATA,
    _id(),
    Column("project", VerbatimText, ForeignKey("project.key"), nullable=False, index=True),
    _json("record"),
)
RUN = Table("run", METADATA, _id(), *map(_text, ("at", "who", "version")), Column("undone", Boolean, nullable=False))
ISSUED = Table(
    "issued",
    METADATA,
    _id(),
    Column("unit", VerbatimText, ForeignKey("unit.code"), nullable=False, index=True),
    Column("draft", Integer, nullable=False),
    *map(_text, ("digest", "file", "at")),
    _json("given"),
)
DELIVERY = Table(
    "delivery",
    METADATA,
    _id(),
    _of("run", "run.id"),
    Column("digest", VerbatimText, nullable=False, index=True),
    *map(_text, ("name", "source", "arrived", "verdict")),
    _json("reason"),
)
SUBMISSION = Table(
    "submission",
    METADATA,
    _id(),
    _of("delivery", "delivery.id"),
    Column("project", VerbatimText, ForeignKey("project.key"), nullable=False, index=True),
    Column("draft", Integer, nullable=False),
    *map(_text, ("sheet", "answers")),
    *map(_json, ("record", "notes")),
    Column("counts", Boolean, nullable=False),
)
# PostgreSQL's condition stands in the migration alone: to name it here loads that dialect with every command
Index("one_counts", SUBMISSION.c.project, unique=True, sqlite_where=SUBMISSION.c.counts)
FINDING = Table(
    "finding",
    METADATA,
    _id(),
    _of("submission", "submission.id"),
    *map(_text, ("code", "severity", "cell", "state")),
    *map(_json, ("fields", "facts")),
    _of("follows", "finding.id", nullable=True),
)
EXPLANATION = Table(
    "explanation", METADATA, _id(), _of("finding", "finding.id"), *map(_text, ("text", "refused", "who", "at"))
)
REMARK = Table(
    "remark",
    METADATA,
    _id(),
    _of("submission", "submission.id"),
    *map(_text, ("what", "todo", "field", "cell", "state", "who", "at")),
)
DECISION = Table(
    "decision",
    METADATA,
    _id(),
    *map(_text, ("who", "at", "what", "about", "key", "why")),
    *map(_json, ("before", "after")),
)
QUESTION = Table(
    "question",
    METADATA,
    _id(),
    _of("run", "run.id", nullable=True),
    Column("project", VerbatimText, ForeignKey("project.key"), nullable=False, index=True),
    *map(_text, ("kind", "opened")),
    *map(_json, ("submissions", "facts")),
    _of("closed", "decision.id", nullable=True),
)
EVENT = Table(
    "event",
    METADATA,
    _id(),
    _of("run", "run.id", nullable=True),
    *map(_text, ("at", "who", "what", "about", "key")),
    _json("facts"),
)
LEASE = Table(
    "lease",
    METADATA,
    _id(),
    *map(_text, ("machine", "machine_id", "who", "since", "heartbeat", "token")),
    Column("process", Integer, nullable=False),
    Column("started", Float, nullable=False),
)

WATCHED: dict[Table, tuple[str, ...]] = {
    UNIT: tuple(column.name for column in UNIT.c if not column.primary_key),
    PROJECT: tuple(column.name for column in PROJECT.c if not column.primary_key),
    BASE: ("project",),
    RUN: ("version", "undone"),
    ISSUED: ("unit", "draft", "digest", "file"),
    DELIVERY: ("run", "digest", "name", "verdict"),
    SUBMISSION: ("delivery", "project", "draft", "answers", "counts"),
    FINDING: ("submission", "code", "severity", "state", "follows"),
    EXPLANATION: ("finding", "text", "refused"),
    REMARK: ("submission", "what", "state"),
    DECISION: ("what", "about", "key", "before", "after"),
    QUESTION: ("project", "submissions", "kind", "facts", "closed"),
}
"""Of each table but ``event`` and ``lease``: what its events say. Nothing else of a row ever changes."""

REST: dict[Table, tuple[str, ...]] = {
    table: tuple(column.name for column in table.c if not column.primary_key and column.name not in watched)
    for table, watched in WATCHED.items()
}
"""The other columns, of which the event that added the row has a digest."""

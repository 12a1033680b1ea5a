"""The tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    _make_asked()
    _make_received()
    _make_said()
    _make_kept()


def _make_asked() -> None:
    op.create_table(
        "unit",
        sa.Column("code", sa.Text, primary_key=True),
        *_texts("name", "parent", "contact", "phone", "deadline", "state"),
        sa.Column("control", sa.Float),
        _number("position"),
    )
    op.create_table(
        "project",
        sa.Column("key", sa.Text, primary_key=True),
        _of("unit", "unit.code", sa.Text),
        _number("number"),
        *_texts("form", "code", "name", "disclosure", "state", "renamed_from"),
        *_jsons("given"),
        sa.Column("merged_into", sa.Text, sa.ForeignKey("project.key")),
        _number("position"),
    )
    op.create_table(
        "issued",
        _id(),
        _of("unit", "unit.code", sa.Text),
        _number("draft"),
        *_texts("digest", "file", "at"),
        *_jsons("given"),
    )
    for table in ("project", "issued"):
        op.create_index(f"ix_{table}_unit", table, ["unit"])


def _make_received() -> None:
    op.create_table("run", _id(), *_texts("at", "who", "version"), sa.Column("undone", sa.Boolean, nullable=False))
    op.create_table(
        "delivery",
        _id(),
        _of("run", "run.id"),
        *_texts("digest", "name", "source", "arrived", "verdict"),
        *_jsons("reason"),
    )
    op.create_table(
        "submission",
        _id(),
        _of("delivery", "delivery.id"),
        _of("project", "project.key", sa.Text),
        _number("draft"),
        *_texts("sheet", "answers"),
        *_jsons("record", "notes"),
        sa.Column("counts", sa.Boolean, nullable=False),
    )
    op.create_table(
        "finding",
        _id(),
        _of("submission", "submission.id"),
        *_texts("code", "severity", "cell", "state"),
        *_jsons("fields", "facts"),
    )
    indexed = (("delivery", "run"), ("delivery", "digest"), ("submission", "delivery"), ("submission", "project"))
    for table, column in (*indexed, ("finding", "submission")):
        op.create_index(f"ix_{table}_{column}", table, [column])
    counts = sa.column("counts", sa.Boolean)
    op.create_index("one_counts", "submission", ["project"], unique=True, sqlite_where=counts, postgresql_where=counts)


def _make_said() -> None:
    op.create_table("explanation", _id(), _of("finding", "finding.id"), *_texts("text", "refused", "who", "at"))
    op.create_table(
        "remark",
        _id(),
        _of("submission", "submission.id"),
        *_texts("what", "todo", "field", "cell", "state", "who", "at"),
    )
    op.create_table(
        "decision",
        _id(),
        *_texts("who", "at", "what", "about", "key", "why"),
        *_jsons("before", "after"),
    )
    op.create_table(
        "question",
        _id(),
        _of("run", "run.id", nullable=True),
        _of("project", "project.key", sa.Text),
        *_texts("kind", "opened"),
        *_jsons("submissions", "facts"),
        _of("closed", "decision.id", nullable=True),
    )
    indexed = (("explanation", "finding"), ("remark", "submission"))
    for table, column in (*indexed, ("question", "run"), ("question", "project"), ("question", "closed")):
        op.create_index(f"ix_{table}_{column}", table, [column])


def _make_kept() -> None:
    op.create_table(
        "event",
        _id(),
        _of("run", "run.id", nullable=True),
        *_texts("at", "who", "what", "about", "key"),
        *_jsons("facts"),
    )
    op.create_index("ix_event_run", "event", ["run"])
    op.create_table(
        "lease",
        _id(),
        *_texts("machine", "machine_id", "who", "since", "heartbeat", "token"),
        _number("process"),
        sa.Column("started", sa.Float, nullable=False),
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _jsons(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.JSON, nullable=False) for name in names]


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _of(name: str, target: str, kind: Any = sa.Integer, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, sa.ForeignKey(target), nullable=nullable)

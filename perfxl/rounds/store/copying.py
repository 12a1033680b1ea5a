"""The rows of a store, copied from one database into another, as many at a time as take little memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from perfxl.rounds.store.tables import LEASE, METADATA, PROJECT

_LATER = {"merged_into": None}
_BATCH = 200
"""Rows at a time: records are large."""


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy all tables but the lease into empty ones; a project may refer to a later one, so that is said at last."""
    for table in METADATA.sorted_tables:
        if table is not LEASE:
            for rows in _batches(source, select(table).order_by(*table.primary_key)):
                target.execute(insert(table), [row | _LATER if table is PROJECT else row for row in rows])
    merged = PROJECT.c.merged_into
    for rows in _batches(source, select(PROJECT.c.key, merged).where(merged.is_not(None))):
        for row in rows:
            target.execute(update(PROJECT).where(PROJECT.c.key == row["key"]).values(merged_into=row["merged_into"]))


def _batches(source: Connection, query: Select[Any]) -> Iterator[list[dict[str, Any]]]:
    found = source.execution_options(yield_per=_BATCH).execute(query).mappings()
    return ([dict(row) for row in rows] for rows in found.partitions(_BATCH))

"""The column that names the rows of a table (``key:``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perfxl.form.source import Node


def named_rows(columns: Mapping[str, Node], key: str) -> Mapping[str, Node]:
    """Return the columns of a table; that which names its rows is required, and no two of its answers are equal."""
    if not key:
        return columns
    true = replace(columns[key], value=True, written="true")
    return {**columns, key: replace(columns[key], value={"required": true, "unique": true, **columns[key].mapping()})}

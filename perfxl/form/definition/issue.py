"""The issue values of a definition: what is said of a sending when it goes out, such as the quarter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.form import Table
from perfxl.form.late_pattern import late_pattern
from perfxl.form.source import Entries

_NAME = late_pattern(r"[a-z][a-z0-9_]*")
_KNOWN = ("unit", "phase", "draft")
"""What every sending has; texts may use it without more ado."""


def read_issue(
    top: Entries, record: str, fields: Iterable[str], tables: Mapping[str, Table], mistakes: Mistakes
) -> tuple[str, ...]:
    """Read the names of the issue values, none of which may be that of an answer, or stand for the records."""
    ids = [*fields, *(part for table in tables.values() for part in (table.id, table.lists[0]))]
    taken = {record.removesuffix("[]"), *(id.partition(".")[0] for id in ids), *_KNOWN}
    names: list[str] = []
    for node in top.sequence("issue"):
        with mistakes.caught("fields"):
            name = node.text()
            if not _NAME.fullmatch(name):
                raise node.mistake("bad_id", id=name)
            if name in taken or name in names:
                raise node.mistake("issue_value_taken", name=name, known=name in _KNOWN)
            names.append(name)
    return tuple(names)

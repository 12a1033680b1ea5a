"""The overview of a definition: the answers that the first sheet of a unit's workbook shows of each record."""

from __future__ import annotations

from collections.abc import Mapping

from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.form import Field
from perfxl.form.source import Entries


def read_overview(top: Entries, fields: Mapping[str, Field], record: str, mistakes: Mistakes) -> tuple[str, ...]:
    """Read the answers of the head that are the columns of the first sheet, which only a form of many records has."""
    columns: list[str] = []
    for node in top.sequence("overview"):
        with mistakes.caught():
            if not record.endswith("[]"):
                mistakes.require("record")
                raise node.mistake("overview_of_one", record=record)
            id = mistakes.known(node, fields)
            if fields[id].ticks:
                raise node.mistake("ticks_in_overview", found=id)
            if id in columns:
                raise node.mistake("entry_twice", found=id)
            columns.append(id)
    return tuple(columns)

"""Sheets that somebody added to a returned workbook, and that hold no answers of a form."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from perfxl import messages
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook

TABS = ("list", "self_check", "help", "opinions", "corrections", "outside")
"""The visible sheets that perfxl writes beside the forms, by the key of their words in the messages."""

HIDDEN = ("choices", "identity")
"""The hidden sheets that perfxl writes, by the key of their name in the messages."""


def find_added_sheets(workbook: Workbook, parts: Collection[str]) -> tuple[SheetEntry, ...]:
    """Return the sheets that hold something and are neither a form's nor, by their name, perfxl's own.

    ``parts``: the package parts of the form sheets.
    """
    added = (
        entry for entry in workbook.sheets if entry.part and entry.part not in parts and entry.name not in own_tabs()
    )
    return tuple(entry for entry in added if any(cell.text for cell in workbook.sheet(entry).cells.values()))


@lru_cache(maxsize=1)
def own_tabs() -> frozenset[str]:
    """Return the names of the sheets that perfxl writes beside the forms, in every language."""
    keys = (*(f"{tab}.tab" for tab in TABS), *HIDDEN)
    return frozenset(name for key in keys for name in messages.spellings(f"sheet.{key}"))

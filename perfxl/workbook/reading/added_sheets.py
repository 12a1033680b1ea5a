"""What else a returned workbook holds: sheets that somebody added, which no form's answers stand on."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from perfxl import messages
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook

TABS = ("list", "self_check", "help", "opinions", "corrections", "outside")
HIDDEN = ("choices", "identity")
"""The sheets beside the forms, by the key of their words, and of their name."""


def find_added_sheets(workbook: Workbook, parts: Collection[str]) -> tuple[SheetEntry, ...]:
    """The sheets that are neither a form's (``parts``) nor, by their name, perfxl's own, and that hold something."""
    found = (each for each in workbook.sheets if each.part and each.part not in parts and each.name not in own_tabs())
    return tuple(each for each in found if any(cell.text for cell in workbook.sheet(each).cells.values()))


@lru_cache(maxsize=1)
def own_tabs() -> frozenset[str]:
    """The names of the sheets beside the forms."""
    return frozenset(messages.say(f"sheet.{key}") for key in (*(f"{tab}.tab" for tab in TABS), *HIDDEN))

"""The sheets that perfxl added to a returned workbook (审核意见, 代改清单, 表外内容), found by their titles."""

from __future__ import annotations

from perfxl import messages
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook
from perfxl.workbook.sheet.identity import SHEET_NAME


def find_own_sheet(workbook: Workbook, words: str = "sheet.opinions", last: str = "key") -> SheetEntry | None:
    """The 审核意见 that was written before, by its title: its tab may have been renamed. A person's own is not.

    Another sheet of perfxl's by its ``words``; ``last``: a heading that it has.
    """
    tab, title, key = (messages.say(f"{words}.{part}") for part in ("tab", "title", f"headers.{last}"))
    forms = {name.sheet for name in workbook.names if name.name == SHEET_NAME}
    for entry in sorted(workbook.sheets, key=lambda entry: (entry.name != tab, not entry.name.startswith(tab))):
        if not entry.part or entry.index in forms or not workbook.may_hold(entry, (title,)):
            continue
        sheet = workbook.sheet(entry)
        if sheet.text(0, 0) == title and (entry.name.startswith(tab) or key in sheet.texts.values()):
            return entry
    return None

"""Search for the sheets that perfxl added to a returned workbook, by their titles.

These are 审核意见 (review opinions), 代改清单 (list of corrections) and 表外内容 (contents outside the form).
"""

from __future__ import annotations

from perfxl import extensions, messages
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook
from perfxl.workbook.sheet.identity import SHEET_NAME


def find_own_sheet(workbook: Workbook, words: str = "sheet.opinions", last: str = "key") -> SheetEntry | None:
    """Return the 审核意见 that perfxl wrote before, or None.

    It is recognised by its title, since its tab may have been renamed; a person's own sheet of that name is not taken
    for it. ``words``: the key of the sheet's words in the messages, for another sheet of perfxl's; ``last``: a heading
    that the sheet has.
    """
    tabs, titles, keys = (messages.spellings(f"{words}.{part}") for part in ("tab", "title", f"headers.{last}"))
    of_sets = (f"{words}.title_of.{checks}" for checks in extensions.found("perfxl.checks"))
    titles = titles.union(*map(messages.spellings, filter(messages.has_text, of_sets)))
    forms = {name.sheet for name in workbook.names if name.name == SHEET_NAME}
    named = tuple(tabs)
    for entry in sorted(workbook.sheets, key=lambda entry: (entry.name not in tabs, not entry.name.startswith(named))):
        if not entry.part or entry.index in forms or not workbook.may_hold(entry, tuple(titles)):
            continue
        sheet = workbook.sheet(entry)
        if sheet.text(0, 0) in titles and (entry.name.startswith(named) or not keys.isdisjoint(sheet.texts.values())):
            return entry
    return None

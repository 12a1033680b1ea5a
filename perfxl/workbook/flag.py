"""Findings written into the sender's own workbook: colours that clear by themselves, notes, the 审核意见 sheet.

Flags are conditional formats, so that a person's own formatting is never touched. Each carries a marker by which it is
found and replaced the next time; flagging twice gives the same file as once, and a file without findings that was
never flagged is given back as it is. Only the sheets concerned, the styles, notes and the workbook's lists of parts
change; every other part stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from perfxl import messages
from perfxl.finding import Finding
from perfxl.workbook.cells import Workbook
from perfxl.workbook.colours import formats
from perfxl.workbook.heights import needed
from perfxl.workbook.line import notes, numbered, opinion, project
from perfxl.workbook.opinions import Opinion, sheet
from perfxl.workbook.read import Reading
from perfxl.workbook.returned import Returned, is_flagged, own_sheet


@dataclass(frozen=True)
class Flagged:
    """A workbook with its flags: its bytes, and the lines of its 审核意见."""

    data: bytes
    opinions: tuple[Opinion, ...]


def flag(workbook: Workbook, findings: Sequence[tuple[Reading, Sequence[Finding]]], deadline: str = "") -> Flagged:
    """The sender's workbook with these findings flagged, in the place of what was flagged before.

    ``findings``: every form sheet of the workbook with what was found on it; ``deadline``: when it is due again, as
    people say it (11月6日17:00), printed on each sheet. Raises PackageError for a package that is damaged.
    """
    package = workbook.package
    lines = numbered(findings)
    opinions = tuple(opinion(reading, line) for reading, _ in findings for line in lines[reading])
    tab = messages.say("sheet.opinions.tab")
    before = own_sheet(workbook, tab, messages.say("sheet.opinions.title"))
    flagged = any(is_flagged(package, each.located.sheet.entry) for each, _ in findings)
    if not opinions and not before and not flagged:
        return Flagged(package.data, ())
    returned = Returned(workbook)
    for reading, _ in findings:
        made = partial(formats, reading, lines[reading], deadline, styles=returned.styles)
        tall = needed(reading, {each.place for line in lines[reading] for each in line.flags}) if opinions else {}
        returned.form_sheet(reading.located.sheet.entry, notes(lines[reading]), made, tall)
    many = len(findings) > 1
    returned.sheet(tab, sheet(opinions, *_heading(findings[0][0], many), many, returned.styles), before)
    return Flagged(package.replaced(returned.result(), returned.removed), opinions)


def _heading(first: Reading, many: bool) -> tuple[str, str]:
    """Above the list: the unit, and in a book of one project its name and printed code."""
    unit = f"{first.submission.unit_code}{first.submission.unit_name}"
    return (unit, "") if many else (f"{unit}　　{project(first)}", f"识别码 {first.located.printed}")

"""Findings written into the sender's own workbook: colours that clear by themselves, notes, the 审核意见 sheet.

Flags are conditional formats, so that a person's own formatting is never touched. Each carries a marker by which it is
found and replaced the next time; flagging twice gives the same file as once, and a file without findings that was
never flagged is given back as it is. Only the sheets concerned, the styles, notes and the workbook's lists of parts
change; every other part stays byte for byte, save for programs, which are taken out (``macros``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from perfxl import messages
from perfxl.finding import Finding
from perfxl.rules.policy import Policy, default_policy
from perfxl.workbook.flagging.colours import ConditionalFormat, make_conditional_formats
from perfxl.workbook.flagging.heights import needed_heights
from perfxl.workbook.flagging.sender_package import SenderPackage, is_flagged
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.macros import may_hold_macros, remove_macros
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.stylesheet import Stylesheet
from perfxl.workbook.opinions.line import FindingGroup, group_findings, make_opinion, note_texts, sheet_title
from perfxl.workbook.opinions.opinion import Opinion
from perfxl.workbook.opinions.opinion_sheet import write_opinion_sheet
from perfxl.workbook.opinions.replies import (
    AnsweredFindings,
    Findings,
    Orders,
    Replies,
    add_replies,
    keep_entry,
    read_replies,
)
from perfxl.workbook.reading.own_sheet import find_own_sheet
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.reading.recognise import CODE


@dataclass(frozen=True)
class FlaggedWorkbook:
    """A workbook with its flags: its bytes, the lines of its 审核意见, the findings with what people said of them.

    ``missed``: cells of the reviewer's list that could not be followed, and why; ``disarmed``: whether it was a
    workbook with macros, or one that may have them, and now is none.
    """

    data: bytes
    opinions: tuple[Opinion, ...]
    findings: tuple[Finding, ...]
    missed: Mapping[str, str]
    disarmed: bool = False


def flag_workbook(
    workbook: Workbook,
    findings: Findings,
    deadline: str = "",
    policy: Policy | None = None,
    orders: Orders | None = None,
    before: Replies | None = None,
) -> FlaggedWorkbook:
    """The sender's workbook with these findings flagged, in the place of what was flagged before.

    ``findings``: every form sheet of the workbook with what was found on it; ``deadline``: when it is due again, as
    people say it (11月6日17:00), printed on each sheet; ``orders``: what a reviewer's list says of it; ``before``: what
    people wrote into 审核意见, where that is not in this workbook. Raises PackageError for a package that is damaged.
    """
    package, policy = workbook.package, policy or default_policy()
    own = find_own_sheet(workbook)
    if before is None:
        before = read_replies(workbook, own) if own else Replies()
    heard = add_replies(findings, before, policy, orders)
    lines = group_findings(heard.findings)
    listed = tuple(make_opinions(heard, lines, policy))
    all_ = tuple(each for _, own in heard.findings for each in own)
    flagged = any(is_flagged(package, each.located.sheet.entry) for each, _ in findings)
    if not listed and not heard.typed and not own and not flagged:
        return _finish(package.data, (), (), heard, package)
    returned = SenderPackage(workbook)
    readings = [reading for reading, _ in findings]
    for entry in dict.fromkeys(each.located.sheet.entry for each in readings):
        there = [each for each in readings if each.located.sheet.entry == entry]  # several where forms are stacked
        open_ = {each: [line for line in lines[each] if line.open] for each in there}
        said = {place: text for mine in open_.values() for place, text in note_texts(mine).items()}
        made = partial(_formats, there, lines, deadline, styles=returned.styles)
        tall: dict[int, float] = {}
        for each, mine in open_.items() if listed else ():
            tall |= needed_heights(each, {flag_.place for line in mine for flag_ in line.flags})
        returned.form_sheet(entry, said, made, tall)
    projects = [sheet_title(each) for each in readings]
    list_ = write_opinion_sheet(listed, heard.typed, projects, _heading(readings), policy, returned.styles)
    returned.sheet(messages.say("sheet.opinions.tab"), list_, own)
    data = package.replace_parts(returned.result(), returned.removed)
    return _finish(data, listed, all_, heard, package)


def _formats(
    readings: Sequence[Reading],
    lines: Mapping[Reading, tuple[FindingGroup, ...]],
    deadline: str,
    empties: str,
    styles: Stylesheet,
) -> list[ConditionalFormat]:
    """The conditional formats of all forms on a sheet; what they have in common once."""
    return [
        *dict.fromkeys(
            made for each in readings for made in make_conditional_formats(each, lines[each], deadline, empties, styles)
        )
    ]


def _finish(
    data: bytes, listed: tuple[Opinion, ...], findings: tuple[Finding, ...], heard: AnsweredFindings, package: Package
) -> FlaggedWorkbook:
    """What was written, without the sender's macros."""
    if not may_hold_macros(package):
        return FlaggedWorkbook(data, listed, findings, heard.missed)
    harmless = remove_macros(Package(data, package.file, package.limits))
    return FlaggedWorkbook(harmless, listed, findings, heard.missed, harmless != data)


def make_opinions(
    heard: AnsweredFindings, lines: Mapping[Reading, tuple[FindingGroup, ...]], policy: Policy
) -> Iterator[Opinion]:
    """The lines of 审核意见: what is found, then what is withdrawn, then what is settled and was explained."""
    found = [make_opinion(reading, line, policy) for reading, _ in heard.findings for line in lines[reading]]
    yield from (each for each in found if each.number)
    yield from (each for each in found if not each.number)
    yield from map(keep_entry, heard.kept)


def _heading(readings: list[Reading]) -> tuple[str, str]:
    """Above the list: the unit, and in a book of one project its name and printed code."""
    first = readings[0]
    unit = f"{first.submission.unit_code}{first.submission.unit_name}"
    code = f"{CODE} {first.located.recognised.printed}"
    return (unit, "") if len(readings) > 1 else (f"{unit}　　{sheet_title(first)}", code)

"""Findings written into the sender's own workbook: colours that clear by themselves, notes, and a sheet.

The sheet is 审核意见 (review opinions), the list of findings. Flags are conditional formats, so that a person's own
formatting is never touched. Each carries a marker by which it is found and replaced the next time; flagging twice
gives the same file as flagging once, and a file without findings that was never flagged is returned unchanged. Only
the sheets concerned, the styles, the notes and the workbook's lists of parts change; every other part stays byte for
byte, except programs, which are removed (``macros``), and a signature that is broken by this (``signature``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from perfxl import messages
from perfxl.finding import Finding
from perfxl.rules.policy import Policy, default_policy
from perfxl.workbook.flagging.conditional_formats import ConditionalFormat, make_conditional_formats
from perfxl.workbook.flagging.heights import needed_heights
from perfxl.workbook.flagging.sender_package import SenderPackage, is_flagged
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook
from perfxl.workbook.ooxml.macros import may_hold_macros, remove_macros
from perfxl.workbook.ooxml.notes import NoteWords
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.signature import is_signed, remove_signature
from perfxl.workbook.ooxml.stylesheet import Stylesheet
from perfxl.workbook.opinions.line import (
    FindingGroup,
    group_findings,
    make_opinion,
    note_texts,
    sender_words,
    sheet_title,
)
from perfxl.workbook.opinions.list_formats import ListFormats
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
from perfxl.workbook.reading.words import phase_line
from perfxl.workbook.sheet import look


@dataclass(frozen=True)
class FlaggedWorkbook:
    """A flagged workbook: its bytes, the lines of its 审核意见, and the findings with the replies to them.

    ``followed``, ``missed``: cells of the reviewer's list, see ``AnsweredFindings``; ``disarmed``: it was a workbook
    with macros, or of a kind that may have them, and no longer is; ``unsigned``: it was digitally signed, and no longer
    is.
    """

    data: bytes
    opinions: tuple[Opinion, ...]
    findings: tuple[Finding, ...]
    followed: frozenset[str]
    missed: Mapping[str, str]
    disarmed: bool = False
    unsigned: bool = False


def flag_workbook(
    workbook: Workbook,
    findings: Findings,
    deadline: str = "",
    policy: Policy | None = None,
    orders: Orders | None = None,
    before: Replies | None = None,
) -> FlaggedWorkbook:
    """Return the sender's workbook with these findings flagged, replacing what was flagged before.

    ``findings``: every form sheet of the workbook with the findings on it; ``deadline``: when it is due again, as
    people say it (11月6日17:00), printed on each sheet; ``orders``: what a reviewer's list says of it; ``before``: what
    people wrote into 审核意见, if it is not in this workbook. Raises PackageError for a damaged package.
    """
    package, policy = workbook.package, policy or default_policy()
    own = find_own_sheet(workbook)
    if before is None:
        before = read_replies(workbook, own) if own else Replies()
    heard = add_replies(findings, before, policy, orders)
    lines = group_findings(heard.findings)
    of_sheets = {reading: [line for line in own if not line.first.of_file] for reading, own in lines.items()}
    listed = tuple(make_opinions(heard, lines, policy))
    if not (listed or heard.typed or own or any(is_flagged(package, one.located.sheet.entry) for one, _ in findings)):
        return _finish(package.data, (), (), heard, package)
    returned = SenderPackage(workbook)
    readings = [reading for reading, _ in findings]
    _flag_sheets(returned, readings, of_sheets, deadline, bool(listed))
    projects = [sheet_title(reading) for reading in readings]
    lang = readings[0].located.form.language
    looks = ListFormats(returned.styles, lang)
    list_ = write_opinion_sheet(listed, heard.typed, projects, _heading(readings, deadline), policy, looks)
    returned.write_own_sheet(messages.say("sheet.opinions.tab", {}, lang), list_, own)
    data = package.replace_parts(returned.changed_parts(), returned.removed)
    answered = tuple(finding for _, own_findings in heard.findings for finding in own_findings)
    return _finish(data, listed, answered, heard, package)


def _flag_sheets(
    returned: SenderPackage,
    readings: Sequence[Reading],
    lines: Mapping[Reading, Sequence[FindingGroup]],
    deadline: str,
    raised: bool,
) -> None:
    """Write the notes, conditional formats and row heights of every sheet; ``raised``: rows are made taller.

    A sheet has several readings where forms are stacked on it.
    """
    by_sheet: dict[SheetEntry, list[Reading]] = {}
    for reading in readings:
        by_sheet.setdefault(reading.located.sheet.entry, []).append(reading)
    for entry, stacked in by_sheet.items():
        open_ = {reading: [line for line in lines[reading] if line.open] for reading in stacked}
        notes = {
            place: text
            for reading, groups in open_.items()
            for place, text in note_texts(groups, reading.located.form.language).items()
        }
        formats = partial(_formats, stacked, lines, deadline, styles=returned.styles)
        heights: dict[int, float] = {}
        for reading, groups in open_.items() if raised else ():
            heights |= needed_heights(reading, {flag.place for group in groups for flag in group.flags})
        returned.write_form_sheet(entry, notes, formats, heights, _note_words(stacked[0].located.form.language))


def _note_words(lang: str) -> NoteWords:
    """Return what perfxl's notes are known by, in a language."""
    start, author = (messages.say(f"sheet.note.{word}", {}, lang) for word in ("start", "author"))
    return NoteWords(start, author, look.font_of(look.SONG, lang))


def _formats(
    readings: Sequence[Reading],
    lines: Mapping[Reading, Sequence[FindingGroup]],
    deadline: str,
    empties: str,
    styles: Stylesheet,
) -> list[ConditionalFormat]:
    """Return the conditional formats of all forms on a sheet, each only once."""
    formats: list[ConditionalFormat] = []
    for reading in readings:
        formats += make_conditional_formats(reading, lines[reading], deadline, empties, styles)
    return list(dict.fromkeys(formats))


def _finish(
    data: bytes, listed: tuple[Opinion, ...], findings: tuple[Finding, ...], heard: AnsweredFindings, package: Package
) -> FlaggedWorkbook:
    """Return the result, without the sender's macros, and without a signature that holds no longer."""
    harmless = remove_macros(Package(data, package.file, package.limits)) if may_hold_macros(package) else data
    unsigned = harmless != package.data and is_signed(package)
    final = remove_signature(Package(harmless, package.file, package.limits)) if unsigned else harmless
    return FlaggedWorkbook(final, listed, findings, heard.followed, heard.missed, harmless != data, unsigned)


def make_opinions(
    heard: AnsweredFindings, lines: Mapping[Reading, tuple[FindingGroup, ...]], policy: Policy
) -> Iterator[Opinion]:
    """Yield the lines of 审核意见: findings, then withdrawn ones, then settled ones that had been explained."""
    found = [make_opinion(reading, line, policy) for reading, _ in heard.findings for line in lines[reading]]
    yield from (opinion for opinion in found if opinion.number)
    yield from (opinion for opinion in found if not opinion.number)
    lang = heard.findings[0][0].located.form.language
    yield from (keep_entry(entry, lang) for entry in heard.kept)


def _heading(readings: list[Reading], deadline: str) -> tuple[str, str, str]:
    """Return the heading of the list: its title, the unit, and in a workbook of one project its name and printed code.

    The title is that of the first set of checks that has one. The deadline stands here where no sheet has a line of its
    phase, which else shows it.
    """
    first = readings[0]
    form = first.located.form
    word = messages.say("sheet.code", {}, form.language)
    titles = [f"sheet.opinions.title_of.{checks}" for checks in form.checks]
    key = next(filter(messages.has_text, titles), "sheet.opinions.title")
    title = messages.say(key, {}, form.language)
    unit = sender_words(first, "" if len(readings) > 1 else sheet_title(first))
    if deadline and not any(map(_has_phase_line, readings)):
        unit += messages.say("sheet.returned", {"deadline": deadline}, form.language)
    return title, unit, "" if len(readings) > 1 else f"{word} {first.located.recognised.printed}"


def _has_phase_line(reading: Reading) -> bool:
    """Return whether a sheet has the line that names its phase and draft."""
    line = phase_line(reading.located.form)
    return line is not None and any(map(line.fullmatch, reading.located.sheet.texts.values()))

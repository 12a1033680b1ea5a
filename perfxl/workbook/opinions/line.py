"""Groups of findings, each of which becomes a line of 审核意见 (review opinions).

A group holds the findings of one kind on one sheet under one number, the cells that they mark, and their words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from perfxl import messages
from perfxl.finding import REMARK, SEVERITIES, Decision, Finding, Severity
from perfxl.form.answers import without_rows
from perfxl.form.characters import shorten, trim_text
from perfxl.form.expression.excel import LONGEST
from perfxl.form.form import Form
from perfxl.form.types.base import Raw
from perfxl.form.types.number_format import nature, shown_text
from perfxl.messages import Words
from perfxl.rules import catalogue
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.condition import Condition, flag_condition, reach_of, tick_cells
from perfxl.workbook.opinions.opinion import LiveState, Opinion, OpinionPlace, OpinionReplies, OpinionText, State
from perfxl.workbook.opinions.opinion_key import OpinionKey
from perfxl.workbook.reading.read import Reading

NEVER = "FALSE"
"""A condition that never holds."""


@dataclass(frozen=True)
class Flag:
    """A finding on one cell.

    ``number``: the number of its group; ``still``: the condition under which the cell is still wrong; ``clears``: the
    finding is settled once that condition no longer holds; otherwise the cell is only known to have changed.
    """

    place: Place
    number: int
    finding: Finding
    still: Condition
    clears: bool


@dataclass(frozen=True)
class FindingGroup:
    """Findings of one kind on one sheet under one number.

    ``number``: the number in the workbook, 0 for findings that a reviewer withdrew; ``words``: what is said of all of
    them; ``flags``: one for each cell that they mark; ``sentences``: the words of each finding, where there are too
    many different ones to list; else empty.
    """

    number: int
    findings: tuple[Finding, ...]
    words: Words
    flags: tuple[Flag, ...]
    sentences: tuple[Words, ...] = ()

    @property
    def first(self) -> Finding:
        """The finding that stands for all of the group, since they differ in their cells only."""
        return self.findings[0]

    @property
    def severity(self) -> Severity:
        """The severity that all findings of the group have."""
        return self.first.severity

    @property
    def open(self) -> bool:
        """True if the cells are marked, since nobody has explained or withdrawn the findings."""
        return self.first.open


def group_findings(findings: Sequence[tuple[Reading, Sequence[Finding]]]) -> dict[Reading, tuple[FindingGroup, ...]]:
    """Return the groups of every sheet, numbered through the workbook.

    On each sheet the gravest come first, the withdrawn ones last. ``findings``: every form sheet with what was found.
    """
    number = 0
    by_sheet: dict[Reading, tuple[FindingGroup, ...]] = {}
    for reading, own_findings in findings:
        groups = []
        for words, alike, sentences in _group_alike(own_findings, reading.located.form.language):
            number += not alike[0].withdrawn
            own = 0 if alike[0].withdrawn else number
            groups.append(FindingGroup(own, alike, words, tuple(_make_flags(reading, alike, own)), sentences))
        by_sheet[reading] = tuple(groups)
    return by_sheet


_MOST_LINES = 99
"""The most lines of one check on a sheet; where more would be needed, its findings share one."""

_MOST_FINDINGS = 3000
"""The most findings of a line: its key, nine letters for each, must fit into a cell."""


def _group_alike(
    findings: Sequence[Finding], lang: str
) -> Iterator[tuple[Words, tuple[Finding, ...], tuple[Words, ...]]]:
    """Group the findings that say the same and of which people said the same; a remark stays alone.

    Where a check says something different of more than ``_MOST_LINES`` places, what it says stands in their notes.
    """
    groups: dict[tuple[tuple[Any, ...], Words], list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: (finding.withdrawn, SEVERITIES.index(finding.severity))):
        said = messages.words(finding, lang, finding.done)
        alone = id(finding) if finding.code == REMARK else 0
        check = (finding.code, finding.severity, finding.explanation, finding.decision, finding.done, alone)
        groups.setdefault((check, said), []).append(finding)
    lines = Counter(check for check, _ in groups)
    listed: set[tuple[Any, ...]] = set()
    for (check, said), alike in groups.items():
        if lines[check] <= _MOST_LINES:
            yield from ((said, part, ()) for part in _batches(alike))
        elif check not in listed:
            listed.add(check)
            said_of = [(one, words) for (own, words), all_ in groups.items() if own == check for one in all_]
            for part in _batches(said_of):
                yield _common_words(part, lang), tuple(one for one, _ in part), tuple(words for _, words in part)


_Item = TypeVar("_Item")


def _batches(items: Sequence[_Item]) -> Iterator[tuple[_Item, ...]]:
    """Yield the items in parts, each small enough for a line."""
    return (tuple(items[at : at + _MOST_FINDINGS]) for at in range(0, len(items), _MOST_FINDINGS))


def _common_words(said_of: Sequence[tuple[Finding, Words]], lang: str) -> Words:
    """Return what a line says of findings with words of their own."""
    title = said_of[0][1].title
    facts = {"title": title, "count": len(said_of)}
    return Words(
        title, messages.say("sheet.opinions.many", facts, lang), messages.say("sheet.opinions.many_todo", {}, lang)
    )


def _make_flags(reading: Reading, findings: Sequence[Finding], number: int) -> Iterator[Flag]:
    for finding in findings:
        for place in _marked_cells(reading, finding):
            yield Flag(place, number, finding, *_flag_condition(reading, finding, place))


def _marked_cells(reading: Reading, finding: Finding) -> Iterator[Place]:
    """Yield the cells that a finding marks; a remark may be about a cell of no field."""
    own = [str(finding.facts.get("cell", ""))] if finding.code == REMARK else []
    if own and (cell := parse_range(own[0])):
        yield cell.row, cell.column
    for path in () if own else _changeable_fields(reading, finding):
        if cells := tick_cells(reading, path):
            yield from cells
        elif cell := parse_range(reading.submission.places.get(path, "")):
            yield cell.row, cell.column


def _flag_condition(reading: Reading, finding: Finding, place: Place) -> tuple[Condition, bool]:
    """Return the condition under which a flag stays, and whether its end settles the finding.

    The flag of a remark, or of a correction that has been made, stays while the cell holds what it holds now.
    """
    if finding.code == REMARK and finding.facts["held"] != opinion_key.cell_letters(reading, place):
        return (lambda reach: NEVER), False  # changed since the remark was made: only a person can say
    if finding.code == REMARK or finding.done:
        return flag_condition(reading, replace(finding, code=REMARK, fields=(), facts={}), place)
    return flag_condition(reading, finding, place)


def _changeable_fields(reading: Reading, finding: Finding) -> tuple[str, ...]:
    """Return the fields that the unit can put right; given ones only where nothing else is concerned."""
    form = reading.located.form
    fields = tuple(dict.fromkeys(finding.fields))
    fixed = tuple(f".{table.groups.by}" for table in form.tables.values() if table.groups)  # locked in every row
    own = tuple(path for path in fields if without_rows(path) not in form.given and not path.endswith(fixed))
    return own or fields


def make_opinion(reading: Reading, line: FindingGroup, policy: Policy) -> Opinion:
    """Return the line of 审核意见 for a group: its place, what is said and required, the replies, its live state."""
    first, form = line.first, reading.located.form
    decision = decision_text(first.decision, form.language)
    todo = (_refusal_text(first, form.language), _requirement(line, form, policy), line.words.todo)
    return Opinion(
        number=line.number,
        severity=line.severity,
        key=str(group_key(reading, line).sealed(decision)),
        where=_opinion_place(reading, line),
        text=OpinionText(
            what=line.words.what,
            todo=messages.say_again("sheet.sentences", form.language, items=todo),
        ),
        replies=OpinionReplies(
            explanation=first.explanation,
            decision="\n".join(text for text in (str(first.facts.get("by", "")), decision) if text),
            asks=line.severity == "warning" and (first.decision is None or first.decision.ruling == "upheld"),
            decided=first.decision is not None,
        ),
        live=_live_state(reading, line),
    )


def _opinion_place(reading: Reading, group: FindingGroup) -> OpinionPlace:
    form, record = reading.located.form, reading.submission.record
    if group.first.of_file:
        return OpinionPlace("", "", messages.say("places.file", {}, form.language), (), "")
    fields = list(dict.fromkeys(path for finding in group.findings for path in finding.fields))
    places = list(dict.fromkeys(messages.place(path, form, record, form.language) for path in fields))
    return OpinionPlace(
        project=sheet_title(reading),
        sheet=reading.located.sheet.name,
        place=_join_places(places, form.language),
        cells=tuple(dict.fromkeys(address(*flag.place) for flag in group.flags)),
        content=_cell_contents(reading, group),
    )


def _live_state(reading: Reading, group: FindingGroup) -> LiveState:
    """Return the state of a group; a condition that never holds becomes the state 改动待复核 (changed)."""
    wrong, after = _wrong_condition(reading, group)
    now = finding_state(group.first)
    if wrong != f"OR({NEVER})":
        return LiveState(now, wrong, after)
    return LiveState("changed" if now in ("open", "refused") else now, "", after)


def _requirement(group: FindingGroup, form: Form, policy: Policy) -> str:
    """Return what the check requires; empty where the group's words say so anyway.

    The wording is that of the sheets 填表说明 (instructions) and 报前自查 (self-check).
    """
    first = group.first
    if first.code == REMARK or first.done:
        return ""
    requirement = _check_requirement(first.code, form, policy)
    return "" if requirement.rstrip("。.") in group.words.what + group.words.todo else requirement


@lru_cache(maxsize=512)
def _check_requirement(code: str, form: Form, policy: Policy) -> str:
    return catalogue.check(code).must(policy, form.language, form)


def group_key(reading: Reading, group: FindingGroup) -> OpinionKey:
    """Return the key by which the group's line is recognised when it comes back, without a seal."""
    keys = opinion_key.sheet_keys(reading)
    codes = dict.fromkeys(code for finding in group.findings for code in opinion_key.finding_codes(keys, finding))
    held = str(group.first.facts["held"]) if group.first.code == REMARK else ""
    # in one language, so that a line is known again whatever language its workbook has
    said = group.sentences or (group.words,)
    if reading.located.form.language != messages.DEFAULT:
        said = tuple(messages.words(finding, done=finding.done) for finding in group.findings[: len(said)])
    what = tuple(dict.fromkeys(words.what for words in said))
    return OpinionKey(tuple(codes)[:_MOST_FINDINGS], opinion_key.words_letters(what), held)


def _refusal_text(finding: Finding, lang: str) -> str:
    """Return what is said of an explanation that explains nothing; empty where there is none to refuse."""
    if finding.severity != "warning" or not finding.refused or finding.decision:
        return ""
    facts = {"text": finding.explanation.strip(), "why": finding.refused}
    return messages.say("sheet.opinions.refused", facts, lang)


def decision_text(decision: Decision | None, lang: str = messages.DEFAULT) -> str:
    """Return a decision as 审核意见 shows it: 采纳说明　李芳　2024-11-06 (explanation accepted, by whom, when)."""
    if decision is None:
        return ""
    words = (messages.say(f"sheet.decisions.{decision.ruling}", {}, lang), decision.by, decision.at)
    return messages.say("sheet.decision", {"items": [" ".join(word.split()) for word in words]}, lang).rstrip()


def _join_places(places: Sequence[str], lang: str) -> str:
    first = messages.say_again("sheet.items", lang, items=tuple(places[:2]))
    return messages.say_again("places.several", lang, first=first, count=len(places)) if len(places) > 2 else first


def sheet_title(reading: Reading) -> str:
    """Return the title of a sheet's record, its number and name (6.村级支出); without them the tab's name."""
    record = reading.submission.record
    if record.get("number") is not None and record.get("name"):
        return f"{record['number']}.{record['name']}"
    return reading.located.sheet.name


def sender_words(reading: Reading, sheet: str = "") -> str:
    """Return the unit that sent a sheet, and the name of one sheet if it is given, as lists are headed."""
    submission, lang = reading.submission, reading.located.form.language
    unit = messages.say("sheet.sender", {"code": submission.unit_code, "name": submission.unit_name}, lang)
    return messages.say("sheet.heading", {"unit": unit, "sheet": sheet}, lang)


def _cell_contents(reading: Reading, group: FindingGroup) -> str:
    """Return what the flagged cells show: the first two different texts, each cut to 40 characters."""
    lang = reading.located.form.language
    texts = []
    for flag in group.flags:
        raw = reading.located.sheet.raw(*flag.place)
        texts.append(_shown_value(raw) or messages.say("sheet.opinions.empty", {}, lang))
    texts = list(dict.fromkeys(texts))[:2]
    return messages.say("sheet.texts", {"items": [shorten(text, 40) for text in texts]}, lang)


def _shown_value(raw: Raw) -> str:
    """Return the value of a cell about as it is shown."""
    value = raw.value
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if (format := nature(raw)).percent:
            return f"{round(value * 100, 6):g}%"
        if format.date:
            return shown_text(raw)
        return f"{value:.2f}" if "0.00" in raw.format else f"{value:.15g}"
    return trim_text(str(value))


def finding_state(finding: Finding) -> State:
    """Return the state of a finding as long as its cells hold what they hold now."""
    if finding.withdrawn:
        return "withdrawn"
    if finding.answered:
        return "answered"
    if finding.decision:
        return "refused" if finding.explanation.strip() else "upheld"
    if finding.severity == "hint":
        return "hint"
    if finding.done:
        return "corrected"
    return "refused" if finding.severity == "warning" and finding.refused else "open"


_MOST_CONDITIONS = 255  # arguments of a function (Excel specifications and limits)


def _wrong_condition(reading: Reading, group: FindingGroup) -> tuple[str, State]:
    """Return the condition under which one of the cells is still wrong, and the state once it no longer holds.

    The condition is empty for hints, for withdrawn findings, where no cell is flagged, and where all conditions
    together would be too long for a formula: the state then stays as it is until the workbook comes back.
    """
    after: State = "done" if all(flag.clears for flag in group.flags) else "changed"
    if group.severity == "hint" or group.first.withdrawn or not group.flags:
        return "", after
    reach = reach_of(reading, qualified=True)
    conditions: dict[str, None] = {}
    for flag in group.flags:
        conditions[flag.still(reach)] = None
        if len(conditions) > _MOST_CONDITIONS:
            return "", after
    whole = f"OR({','.join(conditions)})"
    return (whole, after) if len(whole) <= LONGEST else ("", after)


def mark_text(severity: Severity, number: int, lang: str) -> str:
    """Return the mark that stands before a flagged value, on screen and on paper: 必4 (must be corrected, no. 4)."""
    return messages.say(f"sheet.marks.{severity}", {}, lang) + str(number)


def note_texts(lines: Sequence[FindingGroup], lang: str) -> dict[Place, str]:
    """Return the text of the note on each flagged cell, with all that these groups say of it."""
    notes: dict[Place, list[str]] = {}
    for group in lines:
        own = dict(zip(map(id, group.findings), group.sentences, strict=False))
        mark = mark_text(group.severity, group.number, lang)
        for place, words in dict.fromkeys((flag.place, own.get(id(flag.finding), group.words)) for flag in group.flags):
            facts = {"where": "", "what": words.ended, "todo": words.todo}
            notes.setdefault(place, []).append(f"{mark} {messages.say('places.message', facts, lang).rstrip()}")
    return {place: "\n".join(sentences) for place, sentences in notes.items()}

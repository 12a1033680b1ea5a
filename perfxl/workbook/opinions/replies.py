"""The entries of people in 审核意见 (review opinions), read back and kept.

These are the unit's explanations, and a reviewer's decisions and remarks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from perfxl import messages
from perfxl.finding import REMARK, RULINGS, Decision, Finding
from perfxl.form.characters import is_blank_text
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook, Worksheet
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions import opinion_sheet as opinions
from perfxl.workbook.opinions.explanation import refusal_of
from perfxl.workbook.opinions.line import decision_text
from perfxl.workbook.opinions.opinion import LiveState, Opinion, OpinionPlace, OpinionReplies, OpinionText, Typed
from perfxl.workbook.opinions.opinion_key import OpinionKey
from perfxl.workbook.opinions.remarks import Remark, read_remark, remark_finding, repeat_remark, severity_of_mark
from perfxl.workbook.reading.own_sheet import find_own_sheet
from perfxl.workbook.reading.read import Reading

Findings = Sequence[tuple[Reading, Sequence[Finding]]]
"""Every form sheet of a workbook with the findings on it."""


@dataclass(frozen=True)
class Entry:
    """A line as it came back: its key and its texts by column; a decision only where the seal of the key fits it."""

    key: OpinionKey
    texts: Mapping[str, str]
    decision: Decision | None

    @property
    def explanation(self) -> str:
        """The explanation that the unit typed."""
        return self.texts.get("explanation", "")


@dataclass(frozen=True)
class Replies:
    """The contents of a 审核意见 that came back: its lines, and the texts by column of the rows typed below them."""

    entries: tuple[Entry, ...] = ()
    typed: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Ruled:
    """A decision from a reviewer's list on the line with this key. ``cell``: its cell in the list."""

    key: OpinionKey
    decision: Decision
    cell: str = ""


@dataclass(frozen=True)
class Orders:
    """The part of a reviewer's list that is about one workbook: remarks by their cells in the list, and decisions.

    ``ruled``: the decisions by each code of their keys, those about other workbooks among them.
    """

    ruled: Mapping[str, Sequence[Ruled]] = field(default_factory=dict)
    remarks: Mapping[str, Remark] = field(default_factory=dict)


@dataclass(frozen=True)
class AnsweredFindings:
    """The findings of a workbook with what people said of them.

    ``kept``: lines whose finding is gone and that hold what a person wrote; ``typed``: rows below the list that no
    finding could be made of; ``followed``: the cells of the reviewer's list that were; ``missed``: those of remarks
    that could not be, and why.
    """

    findings: tuple[tuple[Reading, tuple[Finding, ...]], ...]
    kept: tuple[Entry, ...] = ()
    typed: tuple[Typed, ...] = ()
    followed: frozenset[str] = frozenset()
    missed: Mapping[str, str] = field(default_factory=dict)


def read_replies(workbook: Workbook, entry: SheetEntry | None = None) -> Replies:
    """Read the 审核意见 of a workbook; the result is empty where there is none. ``entry``: that sheet, if known."""
    entry = entry or find_own_sheet(workbook)
    if entry is None:
        return Replies()
    entries: list[Entry] = []
    typed: list[Mapping[str, str]] = []
    for texts in _read_rows(workbook.sheet(entry)):
        key = opinion_key.parse_key(texts.pop("key", ""))
        if key is not None:
            entries.append(_read_entry(key, texts))
        elif _is_typed(texts):
            typed.append({id: text for id, text in texts.items() if id in opinions.TYPED})
    return Replies(tuple(entries), tuple(typed))


def add_replies(findings: Findings, said: Replies, policy: Policy, orders: Orders | None = None) -> AnsweredFindings:
    """Return the findings of a workbook together with its remarks, each with its explanation and decision.

    ``said``: what people wrote into 审核意见; ``orders``: what a reviewer's list says of the workbook.
    """
    orders = orders or Orders()
    readings = [reading for reading, _ in findings]
    remarks = _Remarks(readings)
    for entry in said.entries:
        remarks.add_listed(entry)
    for texts in said.typed:
        remarks.add_typed(texts)
    for cell, remark in orders.remarks.items():
        remarks.add_ordered(cell, remark)
    matcher = ReplyMatcher(said.entries, orders.ruled, policy)
    pairs = []
    for reading, own in findings:
        own_and_remarks = [*(finding for finding in own if finding.code != REMARK), *remarks.on(reading)]
        pairs.append((reading, tuple(matcher.add_reply(reading, finding) for finding in own_and_remarks)))
    followed = matcher.followed | (orders.remarks.keys() - remarks.missed)
    kept, waiting = tuple(matcher.kept()), tuple(remarks.waiting)
    return AnsweredFindings(tuple(pairs), kept, waiting, frozenset(followed), remarks.missed)


def keep_entry(entry: Entry, lang: str) -> Opinion:
    """Return the line of an entry whose finding is gone, so that what people wrote stays in the list."""
    get = entry.texts.get
    decision = decision_text(entry.decision, lang)
    author = _remark_author(entry)
    return Opinion(
        number=0,
        severity=severity_of_mark(get("mark", "")) or "warning",
        key=str(entry.key),
        where=OpinionPlace(
            project=get("project", ""),
            sheet="",
            place=get("place", ""),
            cells=(get("cell", ""),),
            content=get("content", ""),
        ),
        text=OpinionText(what=get("opinion", ""), todo=get("todo", "")),
        replies=OpinionReplies(
            explanation=entry.explanation,
            decision="\n".join(text for text in (author, decision) if text),
        ),
        live=LiveState("done"),
    )


def _read_rows(sheet: Worksheet) -> Iterator[dict[str, str]]:
    """Yield the texts by column of each row below the headings, verbatim; nothing where no headings are found."""
    headings = messages.ids_by_word("sheet.opinions.headers", _IDS)
    heading_rows: dict[int, dict[str, int]] = {}
    for (row, column), text in sorted(sheet.texts.items()):
        if text in headings:
            heading_rows.setdefault(row, {}).setdefault(headings[text], column)
    header = next((row for row, columns in heading_rows.items() if {"mark", "opinion"} <= columns.keys()), None)
    if header is None:
        return
    for row in sorted({row for row, _ in sheet.cells if row > header}):
        yield {id: text for id, column in heading_rows[header].items() if (text := _cell_text(sheet, row, column))}


_IDS = (*(id for id, _ in opinions.COLUMNS), "key")
"""The columns that are read back."""


def _cell_text(sheet: Worksheet, row: int, column: int) -> str:
    """Return a cell's value as a text, empty for one that shows nothing; a number with up to 15 digits."""
    value = sheet.value(row, column)
    if value is None or isinstance(value, str):
        return value if value and not is_blank_text(value) else ""
    return str(value) if isinstance(value, bool) else f"{value:.15g}"


def _read_entry(key: OpinionKey, texts: Mapping[str, str]) -> Entry:
    """Return the entry of a line; a decision whose seal does not fit is left out.

    So is the sentence that stands in the place of an explanation where nothing is to be explained.
    """
    own = dict(texts)
    last = own.get("decision", "").split("\n")[-1].strip()
    decision = read_decision(last) if key.seal and key.seal == key.sealed(last).seal else None
    if (
        own.get("explanation") in messages.spellings("sheet.opinions.nothing")
        and severity_of_mark(own.get("mark", "")) != "warning"
    ):
        del own["explanation"]
    return Entry(key, own, decision)


def read_decision(text: str) -> Decision | None:
    """Return the decision that a text of 审核意见 spells, or None where it spells none."""
    words = messages.ids_by_word("sheet.decisions", RULINGS)
    word, by, at = (*re.split("　|  ", text), "", "")[:3]
    return Decision(words[word], by, at) if word in words else None


def _remark_author(entry: Entry) -> str:
    """Return the author of a remark, who stands above the decision; empty for a line that is no remark."""
    lines = entry.texts.get("decision", "").split("\n")
    return "\n".join(lines[:-1] if entry.decision else lines) if entry.key.held else ""


def _is_typed(texts: Mapping[str, str]) -> bool:
    """Return True if a person typed the row.

    The notes that the sheet itself has below the list stand in the first column alone, and are no marks.
    """
    mark, *others = (texts.get(id, "").strip() for id in opinions.TYPED)
    return any(others) or severity_of_mark(mark) is not None


class _Remarks:
    """The remarks of a workbook as findings, each once.

    ``waiting``: the rows below the list that no finding could be made of; ``missed``: the cells of a reviewer's list
    that no finding could be made of, and why.
    """

    def __init__(self, readings: Sequence[Reading]) -> None:
        self.readings = readings
        self.by_code: dict[str, tuple[Reading, Finding]] = {}
        self.waiting: list[Typed] = []
        self.missed: dict[str, str] = {}

    def add_listed(self, entry: Entry) -> None:
        """Add the remark of a line that was listed before; other lines are ignored."""
        if entry.key.held:
            said = replace(read_remark(entry.texts), by=_remark_author(entry))
            if made := repeat_remark(said, entry.key, self.readings):
                self._add(*made)

    def add_typed(self, texts: Mapping[str, str]) -> None:
        """Add a remark that was typed below the list; a row that no finding can be made of waits there."""
        made = remark_finding(read_remark(texts), self.readings)
        if isinstance(made, str):
            self.waiting.append(Typed(texts, made))
        else:
            self._add(*made)

    def add_ordered(self, cell: str, said: Remark) -> None:
        """Add a remark from a cell of a reviewer's list."""
        made = remark_finding(said, self.readings)
        if isinstance(made, str):
            self.missed[cell] = made
        else:
            self._add(*made)

    def _add(self, reading: Reading, finding: Finding) -> None:
        self.by_code.setdefault(
            opinion_key.finding_codes(opinion_key.sheet_keys(reading), finding)[0], (reading, finding)
        )

    def on(self, reading: Reading) -> Iterator[Finding]:
        """Yield the remarks about one sheet."""
        yield from (finding for about, finding in self.by_code.values() if about is reading)


class ReplyMatcher:
    """Gives each finding what was said of it.

    Of several lines that share a field with a finding, the one that said the same is believed. ``ruled``: see
    ``Orders``; ``followed``: the cells of the decisions that a finding took.
    """

    def __init__(self, entries: Sequence[Entry], ruled: Mapping[str, Sequence[Ruled]], policy: Policy) -> None:
        self.entries, self.ruled, self.policy = entries, ruled, policy
        self.by_code = by_code(entries)
        self.used: set[int] = set()
        self.followed: set[str] = set()

    def add_reply(self, reading: Reading, finding: Finding) -> Finding:
        """Return the finding with its explanation and its decision, from 审核意见 and from the reviewer's list."""
        if not self.by_code and not self.ruled:
            return finding
        codes = opinion_key.finding_codes(opinion_key.sheet_keys(reading), finding)
        finding = self.add_entry(codes, finding)
        about = _about(finding)
        ruled = _nearest(codes, about, self.ruled)
        if ruled is None or not _decision_holds(ruled, about):
            return finding
        self.followed.add(ruled.cell)
        if finding.code == REMARK and ruled.decision.ruling == "upheld" and ruled.decision != finding.decision:
            # looked at again: it stands for what the cell holds now
            cell = parse_range(str(finding.facts["cell"]))
            now = opinion_key.cell_letters(reading, (cell.row, cell.column) if cell else None)
            finding = replace(finding, facts={**finding.facts, "held": now})
        return replace(finding, decision=ruled.decision)

    def add_entry(self, codes: Sequence[str], finding: Finding) -> Finding:
        """Return the finding with what its line in 审核意见 says; ``codes``: those of the finding."""
        about = _about(finding)
        entry = _nearest(codes, about, self.by_code)
        if entry is None:
            return finding
        self.used.add(id(entry))
        explanation = entry.explanation or finding.explanation
        why = refusal_of(explanation, self.policy) if explanation.strip() else ""
        decision = entry.decision if entry.decision and _decision_holds(entry, about) else None
        return replace(finding, explanation=explanation, refused=why, decision=decision)

    def kept(self) -> Iterator[Entry]:
        """Yield the lines that no finding took and that hold what a person wrote."""
        for entry in self.entries:
            if id(entry) not in self.used and (entry.explanation.strip() or entry.decision or entry.key.held):
                yield entry


def _about(finding: Finding) -> str:
    """Return the hash of a finding's words."""
    return opinion_key.words_letters((messages.words(finding, done=finding.done).what,))


Said = TypeVar("Said", Entry, Ruled)


def by_code(said: Iterable[Said]) -> dict[str, list[Said]]:
    """Return the entries or decisions by each code of their keys."""
    found: dict[str, list[Said]] = {}
    for reply in said:
        for code in reply.key.codes:
            found.setdefault(code, []).append(reply)
    return found


def _nearest(codes: Sequence[str], about: str, said: Mapping[str, Sequence[Said]]) -> Said | None:
    """Return the reply that is nearest to a finding with these codes, or None where no field is shared.

    A reply to the same words comes first, then the one that shares the most fields, then the first. ``about``: the hash
    of the finding's words.
    """
    shared = [reply for code in codes for reply in said.get(code, ())]
    times = Counter(map(id, shared))
    return max(shared, key=lambda reply: (reply.key.about == about, times[id(reply)]), default=None)


def _decision_holds(said: Entry | Ruled, about: str) -> bool:
    """Return True if there is a decision and it holds for the words with this hash.

    维持 (upheld) holds whatever the words are; a decision in the unit's favour holds for the words decided on alone.
    """
    ruling = said.decision.ruling if said.decision else ""
    return ruling == "upheld" or (ruling != "" and said.key.about == about)

"""What people wrote into 审核意见: the unit's explanations, a reviewer's decisions and remarks. Read back and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from perfxl import messages
from perfxl.finding import REMARK, RULINGS, Decision, Finding
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook, Worksheet
from perfxl.workbook.ooxml.grid import parse_range
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions import opinion_sheet as opinions
from perfxl.workbook.opinions.explanation import refusal_of
from perfxl.workbook.opinions.line import decision_text
from perfxl.workbook.opinions.opinion import Opinion, Typed
from perfxl.workbook.opinions.opinion_key import OpinionKey
from perfxl.workbook.opinions.remarks import Remark, read_remark, remark_finding, repeat_remark, severity_of_mark
from perfxl.workbook.reading.own_sheet import find_own_sheet
from perfxl.workbook.reading.read import Reading

Findings = Sequence[tuple[Reading, Sequence[Finding]]]
"""Every form sheet of a workbook with what was found on it."""


@dataclass(frozen=True)
class Entry:
    """A line as it came back: its key, its texts by column; a decision only where its seal fits."""

    key: OpinionKey
    texts: Mapping[str, str]
    decision: Decision | None

    @property
    def explanation(self) -> str:
        """What the unit typed."""
        return self.texts.get("explanation", "")


@dataclass(frozen=True)
class Replies:
    """A 审核意见 that came back: its lines, and the rows that were typed below them, by column."""

    entries: tuple[Entry, ...] = ()
    typed: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Ruled:
    """A decision out of a reviewer's list: on the line of this key; ``cell``: where it stands."""

    key: OpinionKey
    decision: Decision
    cell: str = ""


@dataclass(frozen=True)
class Orders:
    """What a reviewer's list says of one workbook: decisions, and remarks by their cells."""

    ruled: tuple[Ruled, ...] = ()
    remarks: Mapping[str, Remark] = field(default_factory=dict)


@dataclass(frozen=True)
class AnsweredFindings:
    """The findings with what people said of them; what is kept of lines that are settled; rows that await a word.

    ``missed``: cells of the reviewer's list that could not be followed, and why.
    """

    findings: tuple[tuple[Reading, tuple[Finding, ...]], ...]
    kept: tuple[Entry, ...] = ()
    typed: tuple[Typed, ...] = ()
    missed: Mapping[str, str] = field(default_factory=dict)


def read_replies(workbook: Workbook, entry: SheetEntry | None = None) -> Replies:
    """What the workbook's 审核意见 says; nothing where there is none. ``entry``: that sheet, where it is known."""
    entry = entry or find_own_sheet(workbook)
    if entry is None:
        return Replies()
    entries: list[Entry] = []
    typed: list[Mapping[str, str]] = []
    for texts in _rows(workbook.sheet(entry)):
        key = opinion_key.parse_key(texts.pop("key", ""))
        if key is not None:
            entries.append(_entry(key, texts))
        elif _is_typed(texts):
            typed.append({id: text for id, text in texts.items() if id in opinions.TYPED})
    return Replies(tuple(entries), tuple(typed))


def add_replies(findings: Findings, said: Replies, policy: Policy, orders: Orders | None = None) -> AnsweredFindings:
    """The findings of a workbook together with its remarks, each with its explanation and decision."""
    orders = orders or Orders()
    readings = [reading for reading, _ in findings]
    remarked = _Remarks(readings)
    for each in said.entries:
        remarked.listed(each)
    for texts in said.typed:
        remarked.typed_in(texts)
    for cell, order in orders.remarks.items():
        remarked.ordered(cell, order)
    ear = _Ear(said.entries, orders.ruled, policy)
    pairs = []
    for reading, own in findings:
        all_ = [*(each for each in own if each.code != REMARK), *remarked.on(reading)]
        pairs.append((reading, tuple(ear.hear(reading, each) for each in all_)))
    missed = {**remarked.missed, **ear.missed()}
    return AnsweredFindings(tuple(pairs), tuple(ear.kept()), tuple(remarked.waiting), missed)


def keep_entry(entry: Entry) -> Opinion:
    """The line of an entry whose finding is gone: what people wrote stays."""
    get = entry.texts.get
    decision = decision_text(entry.decision)
    author = _author(entry)
    return Opinion(
        number=0,
        severity=severity_of_mark(get("mark", "")) or "warning",
        project=get("project", ""),
        sheet="",
        place=get("place", ""),
        cells=(get("cell", ""),),
        content=get("content", ""),
        what=get("opinion", ""),
        todo=get("todo", ""),
        explanation=entry.explanation,
        decision="\n".join(each for each in (author, decision) if each),
        key=str(entry.key),
        state="done",
    )


def _rows(sheet: Worksheet) -> Iterator[dict[str, str]]:
    """The rows below the headings: their texts by column, verbatim."""
    headings = {messages.say(f"sheet.opinions.headers.{id}"): id for id in _IDS}
    lines: dict[int, dict[str, int]] = {}
    for (row, column), text in sorted(sheet.texts.items()):
        if text in headings:
            lines.setdefault(row, {}).setdefault(headings[text], column)
    header = next((row for row, columns in lines.items() if {"mark", "opinion"} <= columns.keys()), None)
    if header is None:
        return
    for row in sorted({row for row, _ in sheet.cells if row > header}):
        yield {id: text for id, column in lines[header].items() if (text := _text(sheet, row, column))}


_IDS = (*(id for id, _ in opinions.COLUMNS), "key")


def _text(sheet: Worksheet, row: int, column: int) -> str:
    value = sheet.value(row, column)
    if value is None or isinstance(value, str):
        return value or ""
    return str(value) if isinstance(value, bool) else f"{value:.15g}"


def _entry(key: OpinionKey, texts: Mapping[str, str]) -> Entry:
    own = dict(texts)
    last = own.get("decision", "").split("\n")[-1].strip()
    decision = read_decision(last) if key.seal and key.seal == key.sealed(last).seal else None
    if (
        own.get("explanation") == messages.say("sheet.opinions.nothing")
        and severity_of_mark(own.get("mark", "")) != "warning"
    ):
        del own["explanation"]
    return Entry(key, own, decision)


def read_decision(text: str) -> Decision | None:
    """A decision as 审核意见 shows it; None where the text is none."""
    words = {messages.say(f"sheet.decisions.{ruling}"): ruling for ruling in RULINGS}
    word, by, at = (*text.split("　"), "", "")[:3]
    return Decision(words[word], by, at) if word in words else None


def _author(entry: Entry) -> str:
    """Of a remark: who made it, which stands above the decision."""
    lines = entry.texts.get("decision", "").split("\n")
    return "\n".join(lines[:-1] if entry.decision else lines) if entry.key.held else ""


def _is_typed(texts: Mapping[str, str]) -> bool:
    """Whether a person typed the row: a sentence below the list stands in the first column, and is no mark."""
    mark, *others = (texts.get(id, "").strip() for id in opinions.TYPED)
    return any(others) or severity_of_mark(mark) is not None


class _Remarks:
    """The remarks of a workbook, each once, by the sheet they are about."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self.readings = readings
        self.found: dict[str, tuple[Reading, Finding]] = {}
        self.waiting: list[Typed] = []
        self.missed: dict[str, str] = {}

    def listed(self, entry: Entry) -> None:
        """One that was listed before."""
        if entry.key.held:
            said = replace(read_remark(entry.texts), by=_author(entry))
            if found := repeat_remark(said, entry.key, self.readings):
                self._add(*found)

    def typed_in(self, texts: Mapping[str, str]) -> None:
        """One that was typed below the list; what no finding can be made of stays there."""
        found = remark_finding(read_remark(texts), self.readings)
        if isinstance(found, str):
            self.waiting.append(Typed(texts, found))
        else:
            self._add(*found)

    def ordered(self, cell: str, said: Remark) -> None:
        """One out of a reviewer's list."""
        found = remark_finding(said, self.readings)
        if isinstance(found, str):
            self.missed[cell] = found
        else:
            self._add(*found)

    def _add(self, reading: Reading, finding: Finding) -> None:
        self.found.setdefault(opinion_key.finding_codes(reading, finding)[0], (reading, finding))

    def on(self, reading: Reading) -> Iterator[Finding]:
        """Those about this sheet."""
        yield from (finding for about, finding in self.found.values() if about is reading)


class _Ear:
    """Gives each finding what was said of it: of the lines that share a field, the one that said the same."""

    def __init__(self, entries: Sequence[Entry], ruled: Sequence[Ruled], policy: Policy) -> None:
        self.entries, self.ruled, self.policy = entries, ruled, policy
        self.by_code = _by_code(entries)
        self.ruled_by_code = _by_code(ruled)
        self.used: set[int] = set()

    def hear(self, reading: Reading, finding: Finding) -> Finding:
        """The finding with its explanation and its decision."""
        if not self.by_code and not self.ruled_by_code:
            return finding
        codes = opinion_key.finding_codes(reading, finding)
        about = opinion_key.words_letters((messages.words(finding, done=finding.done).what,))
        entry = _nearest(codes, about, self.by_code)
        if entry is not None:
            self.used.add(id(entry))
            explanation = entry.explanation or finding.explanation
            why = refusal_of(explanation, self.policy) if explanation.strip() else ""
            decision = entry.decision if entry.decision and _decision_holds(entry, about) else None
            finding = replace(finding, explanation=explanation, refused=why, decision=decision)
        ruled = _nearest(codes, about, self.ruled_by_code)
        if ruled is None or not _decision_holds(ruled, about):
            return finding
        self.used.add(id(ruled))
        if finding.code == REMARK and ruled.decision.ruling == "upheld" and ruled.decision != finding.decision:
            # looked at again: it stands for what the cell holds now
            cell = parse_range(str(finding.facts["cell"]))
            now = opinion_key.cell_letters(reading, (cell.row, cell.column) if cell else None)
            finding = replace(finding, facts={**finding.facts, "held": now})
        return replace(finding, decision=ruled.decision)

    def kept(self) -> Iterator[Entry]:
        """The lines that no finding took, and that hold what a person wrote."""
        for each in self.entries:
            if id(each) not in self.used and (each.explanation.strip() or each.decision or each.key.held):
                yield each

    def missed(self) -> dict[str, str]:
        """Where decisions stand on what is not found any more, or is found with other words."""
        return {each.cell: "gone" for each in self.ruled if id(each) not in self.used}


Said = TypeVar("Said", Entry, Ruled)


def _by_code(said: Sequence[Said]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = {}
    for each in said:
        for code in each.key.codes:
            found.setdefault(code, []).append(each)
    return found


def _nearest(codes: Sequence[str], about: str, by_code: Mapping[str, Sequence[Said]]) -> Said | None:
    """What was said of one of these fields: of the same words first, then of the most fields, then the first."""
    shared = [each for code in codes for each in by_code.get(code, ())]
    return max(shared, key=lambda each: (each.key.about == about, shared.count(each)), default=None)


def _decision_holds(said: Entry | Ruled, about: str) -> bool:
    """Whether a decision holds for these words. 维持 holds whatever is said; what favours the unit only as decided."""
    ruling = said.decision.ruling if said.decision else ""
    return ruling == "upheld" or (ruling != "" and said.key.about == about)

"""The lines of 审核意见: findings of one kind on one sheet under one number, the cells they mark, their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from perfxl import messages
from perfxl.finding import REMARK, SEVERITIES, Decision, Finding, Severity
from perfxl.form.form import Form
from perfxl.messages import Words
from perfxl.rules import catalogue
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import Place, Reach, address
from perfxl.workbook.ooxml.grid import parse_range
from perfxl.workbook.opinions import opinion_key
from perfxl.workbook.opinions.condition import Condition, flag_condition
from perfxl.workbook.opinions.opinion import Opinion, State
from perfxl.workbook.opinions.opinion_key import OpinionKey
from perfxl.workbook.reading.read import Reading

NEVER = "FALSE"


@dataclass(frozen=True)
class Flag:
    """One finding on one cell. ``still``: the condition under which the cell is still wrong; ``clears``: when it no
    longer holds the finding is settled, else the cell is only known to have changed."""

    place: Place
    number: int
    finding: Finding
    still: Condition
    clears: bool


@dataclass(frozen=True)
class FindingGroup:
    """One line: its number in the workbook, its findings and their words, its flags. Withdrawn, it has none."""

    number: int
    findings: tuple[Finding, ...]
    words: Words
    flags: tuple[Flag, ...]

    @property
    def first(self) -> Finding:
        """The finding that stands for all: they differ in their cells only."""
        return self.findings[0]

    @property
    def severity(self) -> Severity:
        """Of all its findings."""
        return self.first.severity

    @property
    def open(self) -> bool:
        """Whether its cells are marked: nobody explained or withdrew it."""
        return self.first.open


def group_findings(findings: Sequence[tuple[Reading, Sequence[Finding]]]) -> dict[Reading, tuple[FindingGroup, ...]]:
    """The lines of every sheet, numbered through the workbook; on a sheet the gravest first, what is withdrawn last."""
    number = 0
    found: dict[Reading, tuple[FindingGroup, ...]] = {}
    for reading, each in findings:
        lines = []
        for words, same in _kinds(each):
            number += not same[0].withdrawn
            own = 0 if same[0].withdrawn else number
            lines.append(FindingGroup(own, same, words, tuple(_flags(reading, same, own))))
        found[reading] = tuple(lines)
    return found


def _kinds(findings: Sequence[Finding]) -> Iterator[tuple[Words, tuple[Finding, ...]]]:
    """The findings that say the same, and of which people said the same, together; a remark stands alone."""
    kinds: dict[tuple[Any, ...], list[Finding]] = {}
    words: dict[tuple[Any, ...], Words] = {}
    for each in sorted(findings, key=lambda each: (each.withdrawn, SEVERITIES.index(each.severity))):
        said = messages.words(each, done=each.done)
        alone = id(each) if each.code == REMARK else 0
        kind = (each.code, said, each.severity, each.explanation, each.decision, each.done, alone)
        kinds.setdefault(kind, []).append(each)
        words[kind] = said
    yield from ((words[kind], tuple(same)) for kind, same in kinds.items())


def _flags(reading: Reading, findings: Sequence[Finding], number: int) -> Iterator[Flag]:
    for finding in findings:
        for place in _cells(reading, finding):
            yield Flag(place, number, finding, *_flag_condition(reading, finding, place))


def _cells(reading: Reading, finding: Finding) -> Iterator[Place]:
    """The cells that a finding marks; a remark may be about a cell of no field."""
    own = [str(finding.facts.get("cell", ""))] if finding.code == REMARK else []
    for address_ in own or [reading.submission.places.get(path, "") for path in _to_be_changed(reading, finding)]:
        if cell := parse_range(address_):
            yield cell.row, cell.column


def _flag_condition(reading: Reading, finding: Finding, place: Place) -> tuple[Condition, bool]:
    """When a flag stands. A remark, and what was corrected already, stand while the cell holds what it holds now."""
    if finding.code == REMARK and finding.facts["held"] != opinion_key.cell_letters(reading, place):
        return (lambda reach: NEVER), False  # changed since the remark was made: only a person can say
    if finding.code == REMARK or finding.done:
        return flag_condition(reading, replace(finding, code=REMARK, fields=(), facts={}), place)
    return flag_condition(reading, finding, place)


def _to_be_changed(reading: Reading, finding: Finding) -> tuple[str, ...]:
    """The fields that the unit can put right; given ones only where nothing else is concerned."""
    form = reading.located.form
    fields = tuple(dict.fromkeys(finding.fields))
    fixed = tuple(f".{table.groups.by}" for table in form.tables.values() if table.groups)  # locked in every row
    own = tuple(
        path for path in fields if not (path in form.fields and form.fields[path].given) and not path.endswith(fixed)
    )
    return own or fields


def make_opinion(reading: Reading, line: FindingGroup, policy: Policy) -> Opinion:
    """The line as 审核意见 shows it: where, what stands there, what is said and required, its live state."""
    form, record, first = reading.located.form, reading.submission.record, line.first
    fields = list(dict.fromkeys(path for each in line.findings for path in each.fields))
    places = list(dict.fromkeys(messages.place(path, form, record) for path in fields))
    wrong, after = _wrong(reading, line)
    now = finding_state(first)
    decision = decision_text(first.decision)
    return Opinion(
        number=line.number,
        severity=line.severity,
        project=sheet_title(reading),
        sheet=reading.located.sheet.name,
        place=_join_places(places),
        cells=tuple(dict.fromkeys(address(*flag.place) for flag in line.flags)),
        content=_content(reading, line),
        what=line.words.what,
        todo=_refusal(first) + _required(line, form, policy) + line.words.todo,
        explanation=first.explanation,
        decision="\n".join(each for each in (str(first.facts.get("by", "")), decision) if each),
        key=str(_opinion_key(reading, line).sealed(decision)),
        state="changed" if wrong == f"OR({NEVER})" and now in ("open", "refused") else now,
        wrong=wrong if wrong != f"OR({NEVER})" else "",
        after=after,
        asks=line.severity == "warning" and (first.decision is None or first.decision.ruling == "upheld"),
        decided=first.decision is not None,
    )


def _required(line: FindingGroup, form: Form, policy: Policy) -> str:
    """What the check requires, in the words of 填表说明 and 报前自查, unless the line says so anyway."""
    first = line.first
    if first.code == REMARK or first.done:
        return ""
    must = _must(first.code, form, policy)
    return "" if must.rstrip("。") in line.words.what + line.words.todo else must


@lru_cache(maxsize=512)
def _must(code: str, form: Form, policy: Policy) -> str:
    return catalogue.check(code).must(policy, form=form)


def _opinion_key(reading: Reading, line: FindingGroup) -> OpinionKey:
    """By what the line is known again, without a seal."""
    found = dict.fromkeys(code for each in line.findings for code in opinion_key.finding_codes(reading, each))
    held = str(line.first.facts["held"]) if line.first.code == REMARK else ""
    return OpinionKey(tuple(found), opinion_key.words_letters((line.words.what,)), held)


def _refusal(finding: Finding) -> str:
    """What is said of an explanation that explains nothing."""
    if finding.severity != "warning" or not finding.refused or finding.decision:
        return ""
    facts = {"text": finding.explanation.strip(), "why": finding.refused}
    return messages.say("sheet.opinions.refused", facts)


def decision_text(decision: Decision | None) -> str:
    """A decision as 审核意见 shows it: 采纳说明　李芳　2024-11-06."""
    if decision is None:
        return ""
    words = (messages.say(f"sheet.decisions.{decision.ruling}"), decision.by, decision.at)
    return "　".join(" ".join(word.split()) for word in words).rstrip("　")


def _join_places(places: Sequence[str]) -> str:
    first = "、".join(places[:2])
    return messages.say("places.several", {"first": first, "count": len(places)}) if len(places) > 2 else first


def sheet_title(reading: Reading) -> str:
    """What a sheet's record is called: 6.村级支出; else the tab's name."""
    record = reading.submission.record
    if record.get("number") is not None and record.get("name"):
        return f"{record['number']}.{record['name']}"
    return reading.located.sheet.name


def _content(reading: Reading, line: FindingGroup) -> str:
    """What stands in the cells concerned, as it is shown; at most two of them."""
    shown = []
    for flag_ in line.flags:
        raw = reading.located.sheet.raw(*flag_.place)
        shown.append(_shown(raw.value, raw.format) or messages.say("sheet.opinions.empty"))
    shown = list(dict.fromkeys(shown))[:2]
    return "；".join(each if len(each) <= 40 else f"{each[:39]}…" for each in shown)


def _shown(value: Any, format: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if "%" in format:
            return f"{round(value * 100, 6):g}%"
        return f"{value:.2f}" if "0.00" in format else f"{value:.15g}"
    return str(value).strip()


def finding_state(finding: Finding) -> State:
    """What is to be said of a finding as long as its cells hold what they do."""
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


def _wrong(reading: Reading, line: FindingGroup) -> tuple[str, State]:
    """The condition under which one of the cells is still wrong, empty where none can say; the state after that."""
    after: State = "done" if all(flag_.clears for flag_ in line.flags) else "changed"
    if line.severity == "hint" or line.first.withdrawn or not line.flags:
        return "", after
    reach = reach_of(reading, qualified=True)
    conditions = ",".join(dict.fromkeys(flag_.still(reach) for flag_ in line.flags))
    return f"OR({conditions})", after


def mark_text(severity: Severity, number: int) -> str:
    """The mark that stands before a flagged value, on screen and on paper: 必4."""
    return messages.say(f"sheet.marks.{severity}") + str(number)


def note_texts(lines: Sequence[FindingGroup]) -> dict[Place, str]:
    """One note a cell, with all that is said of it."""
    said: dict[Place, list[str]] = {}
    for line in lines:
        sentence = f"{mark_text(line.severity, line.number)} {line.words.ended}{line.words.todo}"
        for place in dict.fromkeys(flag_.place for flag_ in line.flags):
            said.setdefault(place, []).append(sentence)
    return {place: "\n".join(sentences) for place, sentences in said.items()}


def reach_of(reading: Reading, qualified: bool = False) -> Reach:
    """The way to the sheet's cells: from the sheet itself, or from another one."""
    located = reading.located
    name = located.sheet.name if qualified else ""
    return Reach(*located.sheet.corner, located.marks.mark_row, located.marks.key_column, name)

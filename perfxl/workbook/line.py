"""The lines of 审核意见: findings of one kind on one sheet under one number, the cells they mark, their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from perfxl import messages
from perfxl.finding import SEVERITIES, Finding, Severity
from perfxl.messages import Words
from perfxl.workbook.cells import corners
from perfxl.workbook.condition import Condition, condition
from perfxl.workbook.formula import Place, Reach, address, text
from perfxl.workbook.opinions import Opinion
from perfxl.workbook.read import Reading

FORMULA = 8000  # characters; Excel takes 8,192


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
class Line:
    """One line: its number in the workbook, its findings and their words, its flags."""

    number: int
    findings: tuple[Finding, ...]
    words: Words
    flags: tuple[Flag, ...]

    @property
    def severity(self) -> Severity:
        """Of all its findings."""
        return self.findings[0].severity


def numbered(findings: Sequence[tuple[Reading, Sequence[Finding]]]) -> dict[Reading, tuple[Line, ...]]:
    """The lines of every sheet, numbered through the workbook; on a sheet the gravest first."""
    number = 0
    found: dict[Reading, tuple[Line, ...]] = {}
    for reading, each in findings:
        lines = []
        for words, same in _kinds(each):
            number += 1
            lines.append(Line(number, same, words, tuple(_flags(reading, same, number))))
        found[reading] = tuple(lines)
    return found


def _kinds(findings: Sequence[Finding]) -> Iterator[tuple[Words, tuple[Finding, ...]]]:
    """The findings that say the same, together."""
    kinds: dict[tuple[str, Words], list[Finding]] = {}
    for each in sorted(findings, key=lambda each: SEVERITIES.index(each.severity)):
        kinds.setdefault((each.code, messages.words(each)), []).append(each)
    yield from ((words, tuple(same)) for (_, words), same in kinds.items())


def _flags(reading: Reading, findings: Sequence[Finding], number: int) -> Iterator[Flag]:
    for finding in findings:
        for path in _to_be_changed(reading, finding):
            if cell := corners(reading.submission.places.get(path, "")):
                place = (cell.row, cell.column)
                yield Flag(place, number, finding, *condition(reading, finding, place))


def _to_be_changed(reading: Reading, finding: Finding) -> tuple[str, ...]:
    """The fields that the unit can put right; given ones only where nothing else is concerned."""
    form = reading.located.form
    fields = tuple(dict.fromkeys(finding.fields))
    fixed = tuple(f".{table.groups.by}" for table in form.tables.values() if table.groups)  # locked in every row
    own = tuple(
        path for path in fields if not (path in form.fields and form.fields[path].given) and not path.endswith(fixed)
    )
    return own or fields


def opinion(reading: Reading, line: Line) -> Opinion:
    """The line as 审核意见 shows it: where, what stands there, what is said, its live state."""
    form, record = reading.located.form, reading.submission.record
    fields = list(dict.fromkeys(path for each in line.findings for path in each.fields))
    places = list(dict.fromkeys(messages.place(path, form, record) for path in fields))
    cells = tuple(dict.fromkeys(address(*flag.place) for flag in line.flags))
    state, live = _state(reading, line)
    return Opinion(
        number=line.number,
        severity=line.severity,
        project=project(reading),
        sheet=reading.located.sheet.name,
        place=_joined(places),
        cells=cells,
        content=_content(reading, line),
        what=line.words.what,
        todo=line.words.todo,
        state=state,
        live=live,
    )


def _joined(places: Sequence[str]) -> str:
    first = "、".join(places[:2])
    return messages.say("places.several", {"first": first, "count": len(places)}) if len(places) > 2 else first


def project(reading: Reading) -> str:
    """What a sheet's record is called: 6.村级支出; else the tab's name."""
    record = reading.submission.record
    if record.get("number") is not None and record.get("name"):
        return f"{record['number']}.{record['name']}"
    return reading.located.sheet.name


def _content(reading: Reading, line: Line) -> str:
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


def _state(reading: Reading, line: Line) -> tuple[str, bool]:
    """The live state: 未改 while one of the cells is still wrong, then 已改, or 改动待复核 where a person must say."""
    if line.severity == "hint" or not line.flags:
        return messages.say(f"sheet.opinions.states.{'hint' if line.severity == 'hint' else 'open'}"), False
    reach = reach_of(reading, qualified=True)
    conditions = list(dict.fromkeys(flag_.still(reach) for flag_ in line.flags))
    done = "done" if all(flag_.clears for flag_ in line.flags) else "changed"
    words = [text(messages.say(f"sheet.opinions.states.{word}")) for word in ("open", done)]
    formula = f"IF(OR({','.join(conditions)}),{words[0]},{words[1]})"
    return (formula, True) if len(formula) <= FORMULA else (messages.say("sheet.opinions.states.open"), False)


def mark(severity: Severity, number: int) -> str:
    """The mark that stands before a flagged value, on screen and on paper: 必4."""
    return messages.say(f"sheet.marks.{severity}") + str(number)


def notes(lines: Sequence[Line]) -> dict[Place, str]:
    """One note a cell, with all that is said of it."""
    said: dict[Place, list[str]] = {}
    for line in lines:
        sentence = f"{mark(line.severity, line.number)} {line.words.what}{line.words.todo}"
        for place in dict.fromkeys(flag_.place for flag_ in line.flags):
            said.setdefault(place, []).append(sentence)
    return {place: "\n".join(sentences) for place, sentences in said.items()}


def reach_of(reading: Reading, qualified: bool = False) -> Reach:
    """The way to the sheet's cells: from the sheet itself, or from another one."""
    located = reading.located
    name = located.sheet.name if qualified else ""
    return Reach(*located.sheet.corner, located.mark_row, located.key_column, name)

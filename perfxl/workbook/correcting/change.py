"""What becomes of an answer when its sheet is written anew: corrected, put back as issued, spelled as perfxl does."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from perfxl import messages
from perfxl.finding import Finding
from perfxl.form.answers import get, put
from perfxl.form.fields.base import Raw
from perfxl.messages.places import locate
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.grid import parse_range
from perfxl.workbook.reading.read import Reading

Record = Mapping[str, Any]
Moves = Mapping[str, Mapping[int, int]]
"""Where the rows of each list went: its name, then old number → new number, from 0."""

UNDERSTOOD = ""
"""In the place of a check's code: nothing was corrected, the answer is spelled as it was understood."""


@dataclass(frozen=True)
class Step:
    """One reason for a change: the check's code and the facts of its sentence, as JSON has them."""

    code: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Trace:
    """What an answer was at first, as it stood there, and why it changed since; ``listed``: an earlier list says so."""

    before: str
    steps: tuple[Step, ...]
    listed: bool = False


Traces = Mapping[str, Trace]
"""The changes of one sheet, by path."""


@dataclass(frozen=True)
class Fixed:
    """A record with safe corrections made: which step was taken on which path, where rows went."""

    record: Record
    steps: Mapping[str, Step]
    moves: Moves = field(default_factory=dict)


def apply_corrections(record: Record, findings: Iterable[Finding], tables: Iterable[str] = ()) -> Fixed:
    """The record with these corrections: one new value a field; what is left is found again the next time.

    Rows of a table change places only when nothing else is to be done, since that changes every path.
    """
    held: dict[str, Any] = copy.deepcopy(dict(record))
    steps: dict[str, Step] = {}
    whole = [each for each in findings if each.field in tables]
    for each in findings:
        if each.field not in tables:
            for path, value in zip(each.fields, each.facts["corrected"], strict=False):
                if path not in steps:
                    put(held, path, value)
                    steps[path] = correction_step(each)
    if steps or not whole:
        return Fixed(held, steps)
    table, order = whole[0].field, whole[0].facts["corrected"][0]
    held[table] = [held[table][old] for old in order]
    return Fixed(held, {table: correction_step(whole[0])}, {table: {old: new for new, old in enumerate(order)}})


def correction_step(finding: Finding) -> Step:
    """The step that a finding led to."""
    facts = {name: each for name, each in finding.facts.items() if name not in ("corrected", "places")}
    return Step(finding.code, json.loads(json.dumps(facts, default=_plain)))


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


_ROW = re.compile(r"(\w+)\[(\d+)\]")


def moved_path(path: str, moves: Moves) -> str:
    """A path after rows have changed places."""
    found = _ROW.match(path)
    if not found or found[1] not in moves:
        return path
    return f"{found[1]}[{moves[found[1]].get(int(found[2]), int(found[2]))}]{path[found.end() :]}"


def add_steps(traces: Traces, before: Mapping[str, str], steps: Mapping[str, Step]) -> dict[str, Trace]:
    """The traces with further steps; ``before``: what stood there until now."""
    found = dict(traces)
    for path, each in steps.items():
        first = found.get(path) or Trace(before[path], ())
        found[path] = Trace(first.before, (*first.steps, each))
    return found


def compose_moves(first: Moves, second: Moves) -> Moves:
    """Where rows are that moved twice."""
    found = dict(second)
    for name, rows in first.items():
        found[name] = {old: second.get(name, {}).get(new, new) for old, new in rows.items()}
    return found


def take_steps(told: Traces, made: Fixed, reading: Reading) -> Traces:
    """The traces with the steps that were taken; what is corrected need not be said to be understood, too."""
    bare = {
        path: replace(trace, steps=tuple(each for each in trace.steps if each.code != UNDERSTOOD))
        if path in made.steps
        else trace
        for path, trace in told.items()
    }
    return add_steps(bare, {path: text_at(reading, path) for path in made.steps}, made.steps)


def text_at(reading: Reading, path: str) -> str:
    """What stands at a path, as a list of changes shows it; of a whole table the order of its rows."""
    record = reading.submission.record
    if path in reading.located.form.tables:
        return row_sequence(record.get(path) or ())
    place = cell_of(reading, path)
    if place is None:
        value = get(record, path)
        return "" if value is None else str(value)
    return value_text(reading.located.sheet.raw(*place))


def value_text(raw: Raw) -> str:
    """A cell's value as a text: a text verbatim, a share with its sign."""
    value = raw.value
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).upper()
    if "%" in raw.format and abs(value) < 2:
        return f"{round(value * 100, 6):g}%"
    return f"{value:.15g}"


def row_sequence(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of a table in their order, each by its class and its name."""
    names = ((str(row.get(column) or "").strip() for column in ("level2", "level3")) for row in rows)
    return "；".join("·".join(filter(None, each)) for each in names)


def findings_done(reading: Reading, traces: Traces) -> list[Finding]:
    """The corrections that were made, as findings: those of one reason together, in the sheet's order."""
    fields: dict[str, list[str]] = {}
    steps: dict[str, Step] = {}
    for path in sorted(traces, key=lambda path: _order(reading, path)):
        for each in traces[path].steps:
            key = json.dumps([each.code, each.facts], sort_keys=True)
            if each.code != UNDERSTOOD:
                steps[key] = each
                fields.setdefault(key, []).append(path)
    return [_finding(reading, steps[key], tuple(dict.fromkeys(paths))) for key, paths in fields.items()]


def step_sentence(given: Step) -> str:
    """What is said of a step. Raises where its facts are not those that the sentence needs."""
    return messages.words(Finding(given.code, "fix", (), {"places": (), **given.facts}, done=True), done=True).what


def _order(reading: Reading, path: str) -> tuple[tuple[int, int], str]:
    return cell_of(reading, path) or (-1, -1), path


def cell_of(reading: Reading, path: str) -> Place | None:
    """The cell of a path; None where it does not stand on the sheet."""
    cell = parse_range(reading.submission.places.get(path, ""))
    return (cell.row, cell.column) if cell else None


def _finding(reading: Reading, given: Step, fields: tuple[str, ...]) -> Finding:
    submission = reading.submission
    places = [list(locate(path, reading.located.form, submission.record)) for path in fields]
    cells = dict.fromkeys(submission.places[path] for path in fields if path in submission.places)
    return Finding(
        code=given.code,
        severity="fix",
        fields=fields,
        facts={**given.facts, "places": places},
        file=submission.file,
        sheet=submission.sheet,
        cells=tuple(f"{submission.sheet}!{cell}" for cell in cells),
        done=True,
    )

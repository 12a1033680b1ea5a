"""The changes of answers when their sheet is written anew: corrected, put back as issued, or spelled as perfxl does."""

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
from perfxl.form.types.base import Raw
from perfxl.form.types.number_format import nature
from perfxl.messages.places import locate
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.sheet_reader import parse_range
from perfxl.workbook.reading.read import Reading

Record = Mapping[str, Any]
Moves = Mapping[str, Mapping[int, int]]
"""The moves of rows: for each list by its name, old row number → new row number, from 0."""

UNDERSTOOD = ""
"""Stands in place of a check's code: nothing was corrected, the answer is only spelled as it was understood."""


@dataclass(frozen=True)
class Step:
    """One reason for a change: the check's code and the facts of its sentence, as JSON data."""

    code: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Trace:
    """The history of one answer.

    ``before``: its text at first, as it stood on the sheet; ``steps``: the reasons why it changed since; ``listed``:
    the change is told by an earlier list of changes.
    """

    before: str
    steps: tuple[Step, ...]
    listed: bool = False


Traces = Mapping[str, Trace]
"""The changes of one sheet, by path."""


@dataclass(frozen=True)
class Fixed:
    """A record with safe corrections made: ``steps`` by the paths that they changed, and the moves of its rows."""

    record: Record
    steps: Mapping[str, Step]
    moves: Moves = field(default_factory=dict)


def apply_corrections(record: Record, findings: Iterable[Finding], tables: Iterable[str] = ()) -> Fixed:
    """Return the record with the corrections of these findings, one new value per field.

    Further corrections of a field are found again in the next round. ``tables``: the form's tables; the rows of one
    change places only when nothing else is to be done, since that changes every path.
    """
    held: dict[str, Any] = copy.deepcopy(dict(record))
    steps: dict[str, Step] = {}
    of_tables = [finding for finding in findings if finding.field in tables]
    for finding in findings:
        if finding.field not in tables:
            for path, value in zip(finding.fields, finding.facts["corrected"], strict=False):
                if path not in steps:
                    put(held, path, value)
                    steps[path] = correction_step(finding)
    if steps or not of_tables:
        return Fixed(held, steps)
    table, order = of_tables[0].field, of_tables[0].facts["corrected"][0]
    held[table] = [held[table][old] for old in order]
    return Fixed(held, {table: correction_step(of_tables[0])}, {table: {old: new for new, old in enumerate(order)}})


def correction_step(finding: Finding) -> Step:
    """Return the step that a finding leads to."""
    facts = {name: fact for name, fact in finding.facts.items() if name not in ("corrected", "places")}
    return Step(finding.code, json.loads(json.dumps(facts, default=_json_value)))


def _json_value(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


_ROW = re.compile(r"(\w+)\[(\d+)\]")


def moved_path(path: str, moves: Moves) -> str:
    """Return a path as it is after rows have changed places."""
    match = _ROW.match(path)
    if not match or match[1] not in moves:
        return path
    name, row = match[1], int(match[2])
    return f"{name}[{moves[name].get(row, row)}]{path[match.end() :]}"


def add_steps(traces: Traces, before: Mapping[str, str], steps: Mapping[str, Step]) -> dict[str, Trace]:
    """Return the traces with further steps; ``before``: the text that stood at each path until now."""
    extended = dict(traces)
    for path, step in steps.items():
        trace = extended.get(path) or Trace(before[path], ())
        extended[path] = Trace(trace.before, (*trace.steps, step))
    return extended


def compose_moves(first: Moves, second: Moves) -> Moves:
    """Return the moves of rows that moved twice, from before the first move to after the second."""
    composed = dict(second)
    for name, rows in first.items():
        composed[name] = {old: second.get(name, {}).get(new, new) for old, new in rows.items()}
    return composed


def take_steps(told: Traces, made: Fixed, reading: Reading) -> Traces:
    """Return the traces ``told`` with the steps of the corrections ``made``.

    An answer that is corrected loses its UNDERSTOOD steps. ``reading``: the sheet before these corrections.
    """
    kept = dict(told)
    for path in told.keys() & made.steps.keys():
        steps = tuple(step for step in told[path].steps if step.code != UNDERSTOOD)
        kept[path] = replace(told[path], steps=steps)
    return add_steps(kept, {path: text_at(reading, path) for path in made.steps}, made.steps)


def text_at(reading: Reading, path: str) -> str:
    """Return the text that stands at a path, as a list of changes shows it; for a whole table the order of its rows."""
    record = reading.submission.record
    if path in reading.located.form.tables:
        return row_sequence(record.get(path) or ())
    place = cell_of(reading, path)
    if place is None:
        value = get(record, path)
        return "" if value is None else str(value)
    return value_text(reading.located.sheet.raw(*place))


def value_text(raw: Raw) -> str:
    """Return a cell's value as a text: a text verbatim, a percentage with its sign."""
    value = raw.value
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).upper()
    if nature(raw).percent and abs(value) < 2:
        return f"{round(value * 100, 6):g}%"
    return f"{value:.15g}"


def row_sequence(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows of a table in their order as one text, each by its class and its name (level2·level3)."""
    names = ((str(row.get(column) or "").strip() for column in ("level2", "level3")) for row in rows)
    return "；".join("·".join(filter(None, words)) for words in names)


def findings_done(reading: Reading, traces: Traces) -> list[Finding]:
    """Return the corrections that were made as findings, in the sheet's order; those of one reason are one finding."""
    fields: dict[str, list[str]] = {}
    steps: dict[str, Step] = {}
    for path in sorted(traces, key=lambda path: _order(reading, path)):
        for step in traces[path].steps:
            key = json.dumps([step.code, step.facts], sort_keys=True)
            if step.code != UNDERSTOOD:
                steps[key] = step
                fields.setdefault(key, []).append(path)
    return [_done_finding(reading, steps[key], tuple(dict.fromkeys(paths))) for key, paths in fields.items()]


def step_sentence(given: Step) -> str:
    """Return the sentence about a step. Raises an error where its facts are not those that the sentence needs."""
    return messages.words(Finding(given.code, "fix", (), {"places": (), **given.facts}, done=True), done=True).what


def _order(reading: Reading, path: str) -> tuple[tuple[int, int], str]:
    return cell_of(reading, path) or (-1, -1), path


def cell_of(reading: Reading, path: str) -> Place | None:
    """Return the cell of a path, or None where it does not stand on the sheet."""
    cell = parse_range(reading.submission.places.get(path, ""))
    return (cell.row, cell.column) if cell else None


def _done_finding(reading: Reading, step: Step, fields: tuple[str, ...]) -> Finding:
    submission = reading.submission
    places = [list(locate(path, reading.located.form, submission.record)) for path in fields]
    cells = dict.fromkeys(submission.places[path] for path in fields if path in submission.places)
    return Finding(
        code=step.code,
        severity="fix",
        fields=fields,
        facts={**step.facts, "places": places},
        file=submission.file,
        sheet=submission.sheet,
        cells=tuple(f"{submission.sheet}!{cell}" for cell in cells),
        done=True,
    )

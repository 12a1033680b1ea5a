"""Submissions and records under the rules: every finding with its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from perfxl import rules
from perfxl.finding import Finding
from perfxl.form.form import Form
from perfxl.form.installed import load
from perfxl.rules.lookalike import find_lookalikes
from perfxl.rules.policy import Policy, default_policy
from perfxl.rules.subject import Record, Seen, Subject, Unit
from perfxl.submission import Doubt, Submission


def review(
    submissions: Sequence[Submission], policy: Policy | None = None
) -> Iterator[tuple[Submission, list[Finding]]]:
    """Every submission with its findings. Those of one unit and year are held against each other."""
    policy = policy or default_policy()
    units: dict[tuple[str, int | None], Unit] = {}
    copied = find_lookalikes(submissions)
    for at, each in enumerate(submissions):
        key = (each.unit_code, each.year)
        if key not in units:
            same = [other for other in submissions if (other.unit_code, other.year) == key]
            units[key] = _unit(each, same, policy)
        subject = Subject(load(each.form), each.record, units[key], _seen(each, copied.get(at)))
        yield each, [_with_cells(finding, each) for finding in rules.check(subject)]


def review_records(records: Mapping[str, Any], form: Form, file: str, policy: Policy | None = None) -> list[Finding]:
    """The findings on a records file; their cells are empty, there being no sheet."""
    unit = dict(records.get("unit") or {})
    known = Unit(
        year=records.get("year"),
        code=str(unit.get("code") or ""),
        name=str(unit.get("name") or ""),
        records=_by_root(records),
        known={key: value for key, value in unit.items() if key not in ("code", "name")},
        policy=policy or default_policy(),
    )
    found: list[Finding] = []
    for _, record in form.records(records):
        name = f"{record['number']}.{record['name']}" if "number" in record and "name" in record else form.label
        subject = Subject(form, record, known)
        found += [replace(each, file=file, sheet=name) for each in rules.check(subject)]
    return found


def _by_root(records: Mapping[str, Any]) -> dict[str, tuple[Record, ...]]:
    """A records file's records by what they stand under, of whatever form they are."""
    found = {root: held for root, held in records.items() if root not in ("year", "unit") and held}
    return {root: (held,) if isinstance(held, Mapping) else tuple(held) for root, held in found.items()}


def _unit(sender: Submission, same: Sequence[Submission], policy: Policy) -> Unit:
    """What is known of the unit that sent these sheets."""
    records: dict[str, tuple[Record, ...]] = {}
    for each in same:
        root = load(each.form).root
        records[root] = (*records.get(root, ()), each.record)
    known: dict[str, Any] = {}
    for each in same:
        told = ((path.removeprefix("unit."), value) for path, value in each.issued.items() if path.startswith("unit."))
        known = {**{key: value for key, value in told if key not in ("code", "name")}, **known}
    return Unit(
        year=sender.year,
        code=sender.unit_code,
        name=sender.unit_name,
        records=records,
        known=known,
        policy=policy,
    )


def _seen(submission: Submission, copied: Doubt | None) -> Seen:
    return Seen(
        title=submission.title,
        unit=submission.unit,
        headers=submission.headers,
        issued=submission.issued,
        problems={note.field: note.problem for note in submission.notes if note.problem},
        how={note.field: note.how for note in submission.notes if note.how},
        doubts=(*submission.doubts, copied) if copied else submission.doubts,
    )


def _with_cells(finding: Finding, submission: Submission) -> Finding:
    """The finding with the cells of its fields; what stands on no cell of its own is left out."""
    cells = [submission.places[field] for field in finding.fields if field in submission.places]
    return replace(
        finding,
        file=submission.file,
        sheet=submission.sheet,
        cells=tuple(f"{submission.sheet}!{cell}" for cell in dict.fromkeys(cells)),
    )

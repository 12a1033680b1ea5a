"""Submissions and records under the rules: every finding with its cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from perfxl import rules
from perfxl.finding import Finding
from perfxl.form.form import Form
from perfxl.form.installed import load
from perfxl.rules.base import Seen, Subject, Unit
from perfxl.submission import Submission


def review(
    submissions: Sequence[Submission], select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> Iterator[tuple[Submission, list[Finding]]]:
    """Every submission with its findings. Those of one unit and year are held against each other."""
    select, ignore = tuple(select), tuple(ignore)
    units: dict[tuple[str, int | None], Unit] = {}
    for each in submissions:
        key = (each.unit_code, each.year)
        if key not in units:
            same = [other for other in submissions if (other.unit_code, other.year) == key]
            projects = tuple(other.record for other in same if load(other.form).record == "projects[]")
            units[key] = Unit(each.year, each.unit_code, each.unit_name, projects)
        subject = Subject(load(each.form), each.record, units[key], _seen(each))
        yield each, [_at(finding, each) for finding in rules.check(subject, select, ignore)]


def review_records(
    records: Mapping[str, Any], form: Form, file: str, select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> list[Finding]:
    """The findings on a records file; their cells are empty, there being no sheet."""
    select, ignore = tuple(select), tuple(ignore)
    unit = records.get("unit") or {}
    projects = tuple(records.get("projects") or ())
    known = Unit(records.get("year"), str(unit.get("code") or ""), str(unit.get("name") or ""), projects)
    listed = projects if form.record == "projects[]" else [records["department"]] if records.get("department") else []
    found: list[Finding] = []
    for record in listed:
        name = f"{record['number']}.{record['name']}" if "number" in record and "name" in record else form.label
        subject = Subject(form, record, known)
        found += [replace(each, file=file, sheet=name) for each in rules.check(subject, select, ignore)]
    return found


def _seen(submission: Submission) -> Seen:
    return Seen(
        title=submission.title,
        headers=submission.headers,
        issued=submission.issued,
        problems={note.field: note.problem for note in submission.notes if note.problem},
        how={note.field: note.how for note in submission.notes if note.how},
    )


def _at(finding: Finding, submission: Submission) -> Finding:
    """The finding with the cells of its fields; what stands on no cell of its own is left out."""
    cells = [submission.places[field] for field in finding.fields if field in submission.places]
    return replace(
        finding,
        file=submission.file,
        sheet=submission.sheet,
        cells=tuple(f"{submission.sheet}!{cell}" for cell in dict.fromkeys(cells)),
    )

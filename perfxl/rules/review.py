"""The review of submissions and records by the rules; every finding gets its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from perfxl import rules
from perfxl.finding import Finding
from perfxl.form import taxonomy
from perfxl.form.answers import get
from perfxl.form.calculation import Miscalculation, calculate_record, in_order
from perfxl.form.form import Form
from perfxl.form.installed import load
from perfxl.form.sheet_form import sheet_form
from perfxl.rules.answer_limits import differs_in_batch
from perfxl.rules.lookalike import find_lookalikes
from perfxl.rules.policy import Policy, default_policy
from perfxl.rules.subject import Others, Record, Seen, Subject, Unit, as_shown
from perfxl.submission import Doubt, Submission


def review(
    submissions: Sequence[Submission],
    policy: Policy | None = None,
    wanted: Callable[[Submission], bool] = lambda _: True,
    others: Others | None = None,
) -> Iterator[tuple[Submission, list[Finding]]]:
    """Yield every submission with its findings; those of one unit and year are compared with each other.

    ``wanted``: asked before each, one that is not wanted is left out; ``others``: what is known of other units, without
    it what is among the submissions.
    """
    policy = policy or default_policy()
    units: dict[tuple[str, int | None], Unit] = {}
    copied = find_lookalikes(submissions)
    shown = [as_shown(submission.record) for submission in submissions]
    for at, submission in enumerate(submissions):
        if not wanted(submission):
            continue
        key = _sender(submission)
        if key not in units:
            same = [(other, record) for other, record in zip(submissions, shown, strict=True) if _sender(other) == key]
            units[key] = replace(
                _unit(submission, same, policy), others=_others(submissions, shown, key) if others is None else others
            )
        subject = _subject(submission, shown[at], units[key], copied.get(at))
        yield submission, [_with_cells(finding, submission) for finding in rules.check(subject)]


def subject_of(submission: Submission, policy: Policy | None = None) -> Subject:
    """Return a sheet as what is judged, by itself: without the other sheets of its unit."""
    shown = as_shown(submission.record)
    unit = _unit(submission, [(submission, shown)], policy or default_policy())
    return _subject(submission, shown, unit, None)


def _subject(submission: Submission, shown: Record, unit: Unit, copied: Doubt | None) -> Subject:
    sent = None if shown is submission.record else submission.record
    form = _form_of(submission, unit.policy)
    return Subject(form, shown, unit, _seen(submission, copied), sent, submission.miscalculated)


def _form_of(submission: Submission, policy: Policy) -> Form:
    """Return the form that a sheet was made with; of the same classes, the county says which are required."""
    form, made_with = load(submission.form, submission.version), submission.taxonomy
    own = policy.taxonomy(form)
    if made_with is None or (own and _same_classes(made_with or form.taxonomy, own)):
        made_with = own
    return sheet_form(submission.form, submission.version, submission.language, made_with)


def _same_classes(one: str, other: str) -> bool:
    """Return whether two taxonomies, by their ids, have the same classes in the same order."""
    return [*taxonomy.load(one).levels.items()] == [*taxonomy.load(other).levels.items()]


def review_records(records: Mapping[str, Any], form: Form, file: str, policy: Policy | None = None) -> list[Finding]:
    """Return the findings on the records of one form in a records file; they have no cells, since there is no sheet."""
    findings: list[Finding] = []
    for subject in subjects_of_records(records, form, policy):
        record = subject.record
        words = [str(record[id]) for id in dict.fromkeys((form.key, "name")) if id and record.get(id) is not None]
        name = ".".join(words) if form.many and words else form.label
        findings += [
            replace(finding, file=file, sheet=name if finding.fields else "") for finding in rules.check(subject)
        ]
    return findings


def subjects_of_records(records: Mapping[str, Any], form: Form, policy: Policy | None = None) -> Iterator[Subject]:
    """Yield the records of one form in a records file as what is judged, with what is calculated in them."""
    records, wrong = _calculate_records(records, form)
    shown = as_shown(records)
    unit = dict(shown.get("unit") or {})
    known = Unit(
        year=shown.get("year"),
        code=str(unit.get("code") or ""),
        name=str(unit.get("name") or ""),
        records=_by_root(shown),
        known={
            **{name: shown.get(name) for name in form.issue},
            **{key: value for key, value in unit.items() if key not in ("code", "name")},
        },
        policy=policy or default_policy(),
    )
    for place, sent, record in _pairs(records, shown, form):
        yield Subject(form, record, known, None, None if sent is record else sent, wrong.get(place, ()))


def _pairs(records: Mapping[str, Any], shown: Mapping[str, Any], form: Form) -> Iterator[tuple[str, Record, Record]]:
    """Yield each record of a form with its place: verbatim, and as it is shown."""
    for (place, sent), (_, record) in zip(form.records(records), form.records(shown), strict=True):
        yield place, sent, record


def _calculate_records(
    records: Mapping[str, Any], form: Form
) -> tuple[Mapping[str, Any], dict[str, tuple[Miscalculation, ...]]]:
    """Return a records file's content with the answers that a form calculates, and where a record had other values.

    The latter by the places of the records.
    """
    if not in_order(form):
        return records, {}
    said = {name: records.get(name) for name in form.issue}
    made = {place: calculate_record(form, record, said) for place, record in form.records(records)}
    content = [record for record, _ in made.values()]
    whole = {form.root: content if form.many else content[0]} if content else {}
    return {**records, **whole}, {place: wrong for place, (_, wrong) in made.items()}


def _by_root(records: Mapping[str, Any]) -> dict[str, tuple[Record, ...]]:
    """Return the records of a records file by the root under which they stand, of whatever form they are."""
    held = {root: content for root, content in records.items() if root not in ("year", "unit") and content}
    under = {root: content for root, content in held.items() if isinstance(content, (Mapping, list, tuple))}
    return {root: (content,) if isinstance(content, Mapping) else tuple(content) for root, content in under.items()}


def _sender(submission: Submission) -> tuple[str, int | None]:
    """Return the unit and the year of a submission, by which submissions are compared with each other."""
    return submission.sender, submission.year


def _unit(sender: Submission, same: Sequence[tuple[Submission, Record]], policy: Policy) -> Unit:
    """Return the unit that sent some sheets, with all of their records.

    ``sender``: the submission whose unit and year are taken; ``same``: all submissions of this unit and year, each with
    its record as it is shown.
    """
    records: dict[str, tuple[Record, ...]] = {}
    known: dict[str, Any] = {}
    for submission, record in same:
        root = load(submission.form, submission.version).root
        records[root] = (*records.get(root, ()), record)
        known = {**_issued_facts(submission), **known}
    return Unit(
        year=sender.year,
        code=sender.unit_code,
        name=sender.unit_name,
        records=records,
        known=known,
        policy=policy,
    )


def _others(submissions: Sequence[Submission], shown: Sequence[Record], unit: tuple[str, int | None]) -> Others:
    """Return the records of other units by the roots of those forms in which a value must differ in a whole batch."""
    found: dict[str, tuple[tuple[str, Record], ...]] = {}
    for submission, record in zip(submissions, shown, strict=True):
        form = load(submission.form)
        if _sender(submission) != unit and differs_in_batch(form):
            name = submission.unit_name or submission.sender
            found[form.root] = (*found.get(form.root, ()), (name, record))
    return found


def _issued_facts(submission: Submission) -> dict[str, Any]:
    """Return the facts about the unit that a sheet was issued with, besides its code and name."""
    issued = ((path, value) for path, value in submission.issued.items() if path.startswith("unit."))
    facts = {path.removeprefix("unit."): value for path, value in issued}
    return {key: value for key, value in facts.items() if key not in ("code", "name")}


def _seen(submission: Submission, copied: Doubt | None) -> Seen:
    """Return the content of a sheet besides its answers.

    ``copied``: the doubt that it holds the answers of another sheet, if it does.
    """
    return Seen(
        title=submission.title,
        unit=submission.unit,
        headers=submission.headers,
        issued=submission.issued,
        problems={note.field: note.problem for note in submission.notes if note.problem},
        how={note.field: note.how for note in submission.notes if note.how},
        doubts=(*submission.doubts, copied) if copied else submission.doubts,
        said=submission.said,
        beside=submission.beside,
        untouched={path: get(submission.record, path) for path in submission.untouched},
    )


def _with_cells(finding: Finding, submission: Submission) -> Finding:
    """Return the finding with file, sheet and the cells of its fields; fields without a cell are left out.

    One that has no fields is about the file, and so has no sheet.
    """
    cells = [submission.places[field] for field in finding.fields if field in submission.places]
    return replace(
        finding,
        file=submission.file,
        sheet=submission.sheet if finding.fields else "",
        cells=tuple(f"{submission.sheet}!{cell}" for cell in dict.fromkeys(cells)),
    )

"""A sheet that came as one unit's and is another's: it becomes a draft of that unit's project."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from perfxl import rules
from perfxl.batch.inbox import Item
from perfxl.errors import RoundError
from perfxl.form import installed
from perfxl.form.answers import put
from perfxl.rounds.arrivals import Arrival, read_arrivals
from perfxl.rounds.desk.drafts import add_draft, bare_submission, former_draft, read_ledger
from perfxl.rounds.desk.originals import original_path
from perfxl.rounds.desk.siblings import counting_answers, let_count
from perfxl.rounds.findings import add_explanations, follow
from perfxl.rounds.ledger import ProjectHistory
from perfxl.rounds.merging import Draft, Outcome, decide, typed_answers, typed_in_blank
from perfxl.rounds.model import ProjectKey, RegisteredProject, Registry
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import TAKEN_BACK, Ruling, find_rulings, standing_decisions
from perfxl.rounds.store.group import WriteGroup, parse_project_key, project_key
from perfxl.rounds.store.rows import KeptDecision, KeptSubmission, Question
from perfxl.rounds.store.store import Store
from perfxl.rounds.unit_review import UnitDrafts, review_sheets
from perfxl.submission import Submission

GIVEN_BACK = "given_back"
"""The word of the store for the end of a question about a sheet that its own unit has again: none to be taken back."""


class HandedOver(NamedTuple):
    """What became of a sheet at the other unit: its project there, its fate and the question that it asks.

    ``before``: the draft that counted there; ``after``: the project, the draft made of the sheet, the question asked.
    """

    key: ProjectKey
    fate: str
    kind: str
    before: tuple[int | None]
    after: tuple[str, int | None, int | None]


def hand_over(round: Round, store: Store, group: WriteGroup, draft: KeptSubmission, unit: str) -> HandedOver:
    """Make a draft of another unit's project of a sheet; asked again where something speaks against it.

    ``unit``: its code, with ``/`` and the number of the project where that is another one. Raises RoundError.
    """
    registry = store.registry()
    project = _find_project(registry, draft.project, unit)
    if any(one.closed is None and one.project == project.key for one in store.questions()):
        raise RoundError(what="other_asked", unit=project.unit, number=project.number)
    arrival, at, submission = _read_again(round, store, registry, draft, project)
    history = read_ledger(round, store).projects.get(project.key, ProjectHistory())
    policy, form = rules.load_policy(round.rules_file), installed.load(project.form)
    known = replace(history.known, issued=typed_in_blank(policy.form(form)))
    outcome = decide(known, Draft(typed_answers(form, submission.record)))
    drafts = store.submissions(project.key)
    before = next((one.id for one in drafts if one.counts), None)
    place = project_key(project.key)
    if outcome.fate in ("blank", "same"):
        return HandedOver(project.key, outcome.fate, "", (before,), (place, None, None))
    owner = registry.unit(project.unit)
    own = (kept for kept in store.drafts_of(project.unit) if kept.counts)
    beside = {kept.project: bare_submission(round, kept, owner) for kept in own}
    others = counting_answers(round, store).beside(project.unit, [*beside.values(), submission])
    (found,) = review_sheets(UnitDrafts(beside, others), [(project.key, submission)], policy)
    explained = add_explanations(arrival, {at: tuple(found)}, policy).get(at, tuple(found))
    made = add_draft(
        group,
        store,
        replace(
            draft,
            project=project.key,
            draft=len(drafts) + 1,
            record=submission.record,
            notes=(),
            counts=False,
        ),
        follow(former_draft(store, drafts), submission.record, explained, project.key),
    )
    if outcome.fate == "draft":
        let_count(round, store, group, project.key, made)
    asked = _ask(group, project.key, made, outcome)
    return HandedOver(project.key, outcome.fate, str(outcome.kind or ""), (before,), (place, made, asked))


def take_from(round: Round, store: Store, group: WriteGroup, answer: KeptDecision) -> bool:
    """Take a sheet that was handed over from the other unit again; False where something rests on it there."""
    (before,), (place, made, asked) = answer.before, answer.after
    if made is None:
        return True
    drafts = store.submissions(parse_project_key(place))
    draft = next(one for one in drafts if one.id == made)
    standing = standing_decisions(store.decisions())
    ruling = find_rulings(standing).get(place, Ruling())
    decided = made in (ruling.approved, ruling.returned, ruling.named)
    decided |= any(standing.get(("finding", str(finding.id))) for finding in draft.findings)
    decided |= any(one.submission == made and one.state != TAKEN_BACK for one in store.remarks(draft.project))
    question = next((one for one in store.questions() if one.id == asked), None)
    answered = question is not None and (question.closed is not None or question.submissions != (made,))
    if decided or answered or any(one.id > made for one in drafts):
        return False
    if draft.counts:
        let_count(round, store, group, draft.project, before)
    if question is not None:
        taken = KeptDecision(GIVEN_BACK, "question", str(question.id))
        group.close_question(question.id, group.add_decision(taken))
    return True


def _find_project(registry: Registry, sent: ProjectKey, unit: str) -> RegisteredProject:
    code, number = unit, ""
    if "/" in unit and unit not in {one.code for one in registry.units}:
        code, _, number = unit.rpartition("/")
    wanted = int(number) if number.isdecimal() else sent[2]
    found = (one for one in registry.projects if one.key == (code, sent[1], wanted))
    project = next(found, None)
    if project is None or project.key == sent:
        raise RoundError(what="no_other_project", unit=registry.unit(code).code, number=wanted)
    return project


def _read_again(
    round: Round, store: Store, registry: Registry, draft: KeptSubmission, project: RegisteredProject
) -> tuple[Arrival, int, Submission]:
    """Return the file of a draft, the place of its sheet, and the sheet as the other unit's, with its given answers."""
    delivery = next(one for one in store.deliveries() if one.id == draft.delivery)
    path = original_path(round, delivery.digest)
    data = path.read_bytes() if path.is_file() else None
    item = Item(delivery.name, PurePosixPath(delivery.name), path, data=data)
    (arrival,) = read_arrivals([item]) if data is not None else (Arrival(delivery.name, ""),)
    at = next((at for at, one in enumerate(arrival.sheets) if one.sheet == draft.sheet), None)
    if at is None:
        raise RoundError(what="no_original", file=str(path), unit=draft.project[0], number=draft.project[2])
    name = registry.unit(project.unit).name
    sheet = arrival.sheets[at].submission()
    own = replace(sheet, unit_code=project.unit, unit_name=name, record=_with_given(sheet.record, project))
    return arrival, at, own


def _with_given(record: Mapping[str, Any], project: RegisteredProject) -> dict[str, Any]:
    form = installed.load(project.form)
    given = {path: value for path, value in project.given.items() if path in form.fields and form.fields[path].given}
    own = {form.key: project.number, "code": project.code or None, "name": project.name} if form.many else {}
    made = copy.deepcopy(dict(record))
    for path, value in {**{name: value for name, value in own.items() if name in form.fields}, **given}.items():
        put(made, path, value)
    return made


def _ask(group: WriteGroup, key: ProjectKey, submission: int, outcome: Outcome) -> int | None:
    if outcome.kind is None:
        return None
    return group.add_question(Question(key, (submission,), outcome.kind, dict(outcome.facts)))

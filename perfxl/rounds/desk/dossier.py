"""What the store knows of a project, of a unit with its projects, brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from perfxl.errors import RoundError
from perfxl.rounds.desk.drafts import drafts_by_project
from perfxl.rounds.dossier import NumberedRemark, ProjectDossier, number_findings
from perfxl.rounds.model import ProjectKey, RegisteredUnit
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import About, standing_decisions, with_extensions
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import (
    Delivery,
    Explanation,
    KeptDecision,
    KeptProject,
    KeptRemark,
    KeptSubmission,
    Question,
)
from perfxl.rounds.store.store import Store


@dataclass(frozen=True)
class UnitDossier:
    """A unit with its deadline, as it was extended, and all that is known of its projects."""

    unit: RegisteredUnit
    deadline: str
    projects: tuple[ProjectDossier, ...]


def dossier_of(round: Round, unit: str, number: int, form: str = "") -> ProjectDossier:
    """Return what is known of a project. Raises RoundError for one of which nothing is."""
    with open_store(round.store, write=False) as store, store.snapshot():
        (found,) = read_dossiers(store, [find_key(round, store, unit, number, form)])
    return found


def unit_dossier(round: Round, code: str) -> UnitDossier:
    """Return what is known of a unit and its projects. Raises RoundError for one that is not in the round."""
    with open_store(round.store, write=False) as store, store.snapshot():
        registry = with_extensions(store.registry(), standing_decisions(store.decisions()))
        unit = registry.unit(code)
        asked = [project.key for project in registry.projects if project.unit == code]
        came = [question.project for question in store.questions() if question.project[0] == code]
        came += [draft.project for draft in store.arrivals() if draft.counts and draft.project[0] == code]
        dossiers = read_dossiers(store, [*dict.fromkeys([*asked, *came])])
    return UnitDossier(unit, unit.deadline or round.deadline, dossiers)


def find_key(round: Round, store: Store, unit: str, number: int, form: str = "") -> ProjectKey:
    """Return the key of a project; without a form the one of the round's forms in which the number is known."""
    known = {kept.project.key for kept in store.projects()}
    forms = (round.form(form).name,) if form else round.forms
    keys = [(unit, name, number) for name in forms]
    if found := [key for key in keys if key in known]:
        return found[0]
    if unit not in {key[0] for key in known}:
        store.registry().unit(unit)
    raise RoundError(what="no_project", unit=unit, number=number)


class _Known(NamedTuple):
    """What the store knows of some projects: drafts, questions and remarks of each; the rest of all by their rows."""

    standing: Mapping[About, tuple[KeptDecision, ...]]
    deliveries: Mapping[int, Delivery]
    projects: Mapping[ProjectKey, KeptProject]
    drafts: Mapping[ProjectKey, tuple[KeptSubmission, ...]]
    questions: Mapping[ProjectKey, Sequence[Question]]
    remarks: Mapping[ProjectKey, Sequence[KeptRemark]]
    explanations: Mapping[int, Explanation]


_FEW = 30
"""So many projects are read one by one; of more everything is read at once."""


def read_dossiers(store: Store, keys: Sequence[ProjectKey]) -> tuple[ProjectDossier, ...]:
    """Return what is known of these projects."""
    if len(keys) <= _FEW:
        drafts = {key: store.submissions(key) for key in keys}
        explanations = [one for key in keys for one in store.explanations(key)]
    else:
        drafts, explanations = drafts_by_project(store), list(store.explanations())
    key_of = {draft.id: key for key, own in drafts.items() for draft in own}
    remarks: dict[ProjectKey, list[KeptRemark]] = {}
    for remark in store.remarks():
        if remark.submission in key_of:
            remarks.setdefault(key_of[remark.submission], []).append(remark)
    questions: dict[ProjectKey, list[Question]] = {}
    for question in store.questions():
        questions.setdefault(question.project, []).append(question)
    known = _Known(
        standing=standing_decisions(store.decisions()),
        deliveries={delivery.id: delivery for delivery in store.deliveries()},
        projects={kept.project.key: kept for kept in store.projects()},
        drafts=drafts,
        questions=questions,
        remarks=remarks,
        explanations={one.finding: one for one in explanations},
    )
    return tuple(_make_dossier(key, known) for key in keys)


def _make_dossier(key: ProjectKey, known: _Known) -> ProjectDossier:
    drafts, standing, questions = known.drafts.get(key, ()), known.standing, known.questions.get(key, ())
    about = [("project", project_key(key)), *(("question", str(question.id)) for question in questions)]
    project = known.projects.get(key)
    return ProjectDossier(
        key=key,
        name=project.project.name if project else "",
        registered=project is not None and project.state == "active",
        drafts=drafts,
        deliveries={draft.delivery: known.deliveries[draft.delivery] for draft in drafts},
        questions=tuple(questions),
        findings=number_findings(drafts, known.explanations, standing),
        remarks=tuple(
            NumberedRemark(number, remark, next(iter(standing.get(("remark", str(remark.id)), ())[-1:]), None))
            for number, remark in enumerate(known.remarks.get(key, ()), start=1)
        ),
        decisions=tuple(
            sorted((one for row in about for one in standing.get(row, ())), key=lambda decision: decision.id)
        ),
    )

"""What the store knows of a project, of a unit with its projects, brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from perfxl.errors import RoundError
from perfxl.rounds.dossier import NumberedRemark, ProjectDossier, number_findings
from perfxl.rounds.model import ProjectKey, RegisteredUnit
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import About, standing_decisions, with_extensions
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Delivery, KeptDecision, KeptProject, Question
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
        unit = next((unit for unit in registry.units if unit.code == code), None)
        if unit is None:
            raise RoundError(what="no_unit", unit=code)
        asked = [project.key for project in registry.projects if project.unit == code]
        came = [question.project for question in store.questions() if question.project[0] == code]
        came += [draft.project for draft in store.submissions() if draft.project[0] == code]
        dossiers = read_dossiers(store, [*dict.fromkeys([*asked, *came])])
    return UnitDossier(unit, unit.deadline or round.deadline, dossiers)


def find_key(round: Round, store: Store, unit: str, number: int, form: str = "") -> ProjectKey:
    """Return the key of a project; without a form the one of the round's forms in which the number is known."""
    known = {kept.project.key for kept in store.projects()}
    forms = (round.form(form).name,) if form else round.forms
    keys = [(unit, name, number) for name in forms]
    if found := [key for key in keys if key in known]:
        return found[0]
    if unit not in {key[0] for key in known} | {one.code for one in store.registry().units}:
        raise RoundError(what="no_unit", unit=unit)
    raise RoundError(what="no_project", unit=unit, number=number)


class _Known(NamedTuple):
    """What the store knows of all projects."""

    standing: Mapping[About, tuple[KeptDecision, ...]]
    questions: tuple[Question, ...]
    deliveries: Mapping[int, Delivery]
    projects: Mapping[ProjectKey, KeptProject]


def read_dossiers(store: Store, keys: Sequence[ProjectKey]) -> tuple[ProjectDossier, ...]:
    """Return what is known of these projects."""
    known = _Known(
        standing_decisions(store.decisions()),
        store.questions(),
        {delivery.id: delivery for delivery in store.deliveries()},
        {kept.project.key: kept for kept in store.projects()},
    )
    return tuple(_make_dossier(store, key, known) for key in keys)


def _make_dossier(store: Store, key: ProjectKey, known: _Known) -> ProjectDossier:
    drafts, standing = store.submissions(key), known.standing
    explanations = {one.finding: one for one in store.explanations(key)}
    questions = tuple(question for question in known.questions if question.project == key)
    about = [("project", project_key(key)), *(("question", str(question.id)) for question in questions)]
    closed = {
        remark: decisions[-1] for (table, remark), decisions in standing.items() if table == "remark" and decisions
    }
    project = known.projects.get(key)
    return ProjectDossier(
        key=key,
        name=project.project.name if project else "",
        registered=project is not None and project.state == "active",
        drafts=drafts,
        deliveries={draft.delivery: known.deliveries[draft.delivery] for draft in drafts},
        questions=questions,
        findings=number_findings(drafts, explanations, standing),
        remarks=tuple(
            NumberedRemark(number, remark, closed.get(str(remark.id)))
            for number, remark in enumerate(store.remarks(key), start=1)
        ),
        decisions=tuple(
            sorted((one for row in about for one in standing.get(row, ())), key=lambda decision: decision.id)
        ),
    )

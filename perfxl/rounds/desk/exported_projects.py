"""The projects of a round as they are exported, read from its store a batch at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from perfxl.json_data import dumps
from perfxl.rounds.board import Standing
from perfxl.rounds.desk.standings import standings_of
from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.model import ProjectKey, RegisteredProject, RegisteredUnit
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import About
from perfxl.rounds.states import SUPERSEDED, ProjectState
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.rows import KeptDecision, KeptRemark, KeptSubmission, Question
from perfxl.rounds.store.store import Store

_BATCH = 100  # projects that are read at once
_FINDING = ("id", "code", "severity", "fields", "cell", "facts", "state")
_REMARK = ("id", "what", "todo", "field", "cell", "state", "who", "at")
_QUESTION = ("id", "kind", "facts", "opened")
_DECISION = ("what", "about", "key", "why", "who", "at")


@dataclass(frozen=True)
class ExportScope:
    """What an export is made of: its projects, in the order of units, forms and numbers, and what it leaves out.

    ``missing``: how many projects no draft counts of, where these are not asked for; ``secret``: those that are secret.
    """

    units: Mapping[str, RegisteredUnit]
    projects: tuple[RegisteredProject, ...]
    standings: Mapping[ProjectKey, Standing]
    missing: int
    secret: tuple[RegisteredProject, ...]


def find_scope(round: Round, store: Store, states: Sequence[ProjectState] = ()) -> ExportScope:
    """Return what is to be exported: the projects in these states, without any those of which a draft counts.

    Of secret projects nothing is.
    """
    units = {unit.code: unit for unit in store.registry().units}
    standings, counted = standings_of(store), store.counted()
    known = [
        kept.project
        for kept in store.projects()
        if kept.state == "active" or (kept.state == "unasked" and kept.project.key in counted)
    ]
    asked = [project for project in known if project.disclosure != "secret"]
    wanted = [
        project
        for project in asked
        if (standings.get(project.key, Standing()).state in states if states else project.key in counted)
    ]
    places = {code: at for at, code in enumerate(units)}
    forms = {form: at for at, form in enumerate(round.forms)}
    wanted.sort(
        key=lambda one: (places.get(one.unit, len(places)), one.unit, forms.get(one.form, len(forms)), one.number)
    )
    missing = 0 if states else len(asked) - len(wanted)
    secret = tuple(project for project in known if project.disclosure == "secret")
    return ExportScope(units, tuple(wanted), standings, missing, secret)


@dataclass(frozen=True)
class _Opinions:
    """What people said of a round's projects, by what it is about."""

    questions: Mapping[ProjectKey, Sequence[Question]]
    remarks: Mapping[ProjectKey, Sequence[KeptRemark]]
    decisions: Mapping[About, Sequence[KeptDecision]]
    followed: Mapping[int, int]
    explained: Mapping[int, str]

    def on_finding(self, finding: int) -> Iterator[KeptDecision]:
        """Yield what was decided about a finding, or about those that it follows, as about this one."""
        at: int | None = finding
        while at is not None:
            for decision in self.decisions.get(("finding", str(at)), ()):
                yield replace(decision, key=str(finding))
            at = self.followed.get(at)


def exported_projects(store: Store, scope: ExportScope) -> Iterator[ExportedProject]:
    """Yield the projects of an export with what the store has of them; read within one snapshot they fit together."""
    arrived = {delivery.id: (delivery.file_name, delivery.arrived) for delivery in store.deliveries()}
    opinions = _opinions_of(store)
    for at in range(0, len(scope.projects), _BATCH):
        batch = scope.projects[at : at + _BATCH]
        kept = {submission.project: submission for submission in store.submissions_of(one.key for one in batch)}
        for project in batch:
            draft = kept.get(project.key)
            file, time = arrived[draft.delivery] if draft else ("", "")
            yield _exported(project, scope, draft, opinions, file=file, arrived=time)


def _opinions_of(store: Store) -> _Opinions:
    questions: defaultdict[ProjectKey, list[Question]] = defaultdict(list)
    remarks: defaultdict[ProjectKey, list[KeptRemark]] = defaultdict(list)
    decisions: defaultdict[About, list[KeptDecision]] = defaultdict(list)
    owners = {draft.id: draft.project for draft in store.arrivals()}
    for question in store.questions():
        if question.closed is None:
            questions[question.project].append(question)
    for remark in store.remarks():
        remarks[owners[remark.submission]].append(remark)
    for decision in store.decisions():
        decisions[decision.about, decision.key].append(decision)
    explained = {one.finding: one.text for one in store.explanations()}
    return _Opinions(questions, remarks, decisions, store.followed(), explained)


def _exported(
    project: RegisteredProject, scope: ExportScope, draft: KeptSubmission | None, opinions: _Opinions, **came: str
) -> ExportedProject:
    """Return a project as it is exported; ``came``: the file that its draft stood in, and when it came."""
    unit = scope.units.get(project.unit)
    state = scope.standings.get(project.key, Standing()).state
    questions = opinions.questions.get(project.key, ())
    remarks = opinions.remarks.get(project.key, ())
    findings = [one for one in draft.findings if one.state != SUPERSEDED] if draft else []
    about = [("project", project_key(project.key))]
    about += [("remark", str(remark.id)) for remark in remarks]
    about += [("question", str(question.id)) for question in questions]
    decided = [one for key in about for one in opinions.decisions.get(key, ())]
    decided += [one for finding in findings for one in opinions.on_finding(finding.id)]
    return ExportedProject(
        unit=project.unit,
        unit_name=unit.name if unit else "",
        parent=unit.parent if unit else "",
        form=project.form,
        number=project.number,
        code=project.code,
        name=project.name,
        disclosure=project.disclosure,
        state=state,
        resubmitted=state == "approved" and any(question.kind == "after_approval" for question in questions),
        draft=draft.draft if draft else None,
        sheet=draft.sheet if draft else "",
        given=dict(project.given),
        record=draft.record if draft else None,
        findings=[
            _without_secrets({**found, "explanation": opinions.explained.get(found["id"], "")}, scope.secret)
            for found in _told(findings, _FINDING)
        ],
        remarks=_told(remarks, _REMARK),
        questions=_told(questions, _QUESTION),
        decisions=_told(sorted(decided, key=attrgetter("id")), _DECISION),
        **came,
    )


def _told(rows: Sequence[object], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return these columns of rows."""
    return [{name: getattr(row, name) for name in names} for row in rows]


def _without_secrets(finding: dict[str, Any], secret: Sequence[RegisteredProject]) -> dict[str, Any]:
    """Return a finding without its words where they name a secret project: checks see all projects of a unit."""
    marks = [mark for project in secret for mark in (project.name, project.code) if mark]
    told = dumps([finding["facts"], finding["explanation"]]) if marks else ""
    named = any(dumps(mark).strip('"') in told for mark in marks)
    return {**finding, "facts": {}, "explanation": ""} if named else finding

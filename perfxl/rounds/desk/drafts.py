"""The drafts of a round's projects with what was decided about them, as the store has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from perfxl.form import installed
from perfxl.rounds.collect import TRIED_ANEW, Ledger, ProjectHistory
from perfxl.rounds.findings import FollowedFinding, FormerDraft
from perfxl.rounds.merging import Draft, DraftHistory, Typed, typed_answers
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import TAKEN_BACK, About, Ruling, find_rulings, standing_decisions
from perfxl.rounds.store.group import WriteGroup, project_key
from perfxl.rounds.store.rows import KeptDecision, KeptSubmission
from perfxl.rounds.store.store import Store
from perfxl.submission import Submission


def rulings_of(store: Store) -> dict[str, Ruling]:
    """Return what was decided about the drafts of each project. A decision holds for the draft that counted then."""
    return find_rulings(standing_decisions(store.decisions()))


def drafts_by_project(store: Store) -> dict[ProjectKey, tuple[KeptSubmission, ...]]:
    """Return all drafts of each project of which something came, the newest last."""
    counting = {kept.project: kept for kept in store.submissions()}
    asked = {question.project for question in store.questions()}
    several = {key for key, kept in counting.items() if kept.draft > 1} | asked
    return {key: store.submissions(key) if key in several else (counting[key],) for key in {*counting, *several}}


def former_draft(store: Store, drafts: Sequence[KeptSubmission]) -> FormerDraft | None:
    """Return the draft of a project that counts, with what its findings were explained; None where none counts."""
    counting = next((draft for draft in drafts if draft.counts), None)
    if counting is None:
        return None
    explained = store.explanations(counting.project) if counting.findings else ()
    return FormerDraft(counting.record, counting.findings, {one.finding: one for one in explained})


def add_draft(group: WriteGroup, store: Store, submission: KeptSubmission, followed: Sequence[FollowedFinding]) -> int:
    """Add a draft of a project with its findings and what explains them."""
    findings = tuple(one.finding for one in followed)
    added = group.add_submission(replace(submission, findings=findings))
    if any(one.explanation for one in followed):
        (kept,) = (draft for draft in store.submissions(submission.project) if draft.id == added)
        for finding, one in zip(kept.findings, followed, strict=True):
            if one.explanation:
                group.add_explanation(replace(one.explanation, finding=finding.id))
    return added


def reviewed_drafts(
    store: Store, drafts: Iterable[KeptSubmission], standing: Mapping[About, Sequence[KeptDecision]]
) -> frozenset[int]:
    """Return the drafts about which a person has decided or remarked something that stands, by their rows."""
    remarked = {remark.submission for remark in store.remarks() if remark.state != TAKEN_BACK}
    named = {ruling.named for ruling in find_rulings(standing).values() if ruling.named is not None}
    decided = {key for (about, key), decisions in standing.items() if about == "finding" and decisions}
    if not decided:
        return frozenset(remarked | named)
    found = {draft.id for draft in drafts if any(str(finding.id) in decided for finding in draft.findings)}
    return frozenset(remarked | named | found)


def _explained(draft: KeptSubmission) -> tuple[tuple[str, str], ...]:
    """Return the explanations of a draft, each with the code that names what is explained."""
    return tuple((code, text) for code, text in draft.notes)


def _history(
    round: Round, key: ProjectKey, drafts: Sequence[KeptSubmission], ruling: Ruling, reviewed: bool
) -> ProjectHistory:
    """Return the history of a project from its drafts, the newest last."""
    form = installed.load(key[1])
    typed: list[Typed] = [typed_answers(form, draft.record) for draft in drafts]
    at = next((at for at, draft in enumerate(drafts) if draft.counts), None)
    if at is None:
        return ProjectHistory()
    id = drafts[at].id
    counting = Draft(typed[at], _explained(drafts[at]), reviewed, ruling.returned == id)
    earlier = tuple(Draft(one, _explained(draft)) for one, draft in zip(typed[:at], drafts, strict=False))
    known = DraftHistory(counting=counting, earlier=earlier, approved=ruling.approved == id)
    sheet = Submission(
        file="", sheet=drafts[at].sheet, form=key[1], version=form.version, year=round.year, unit_code=key[0],
        unit_name="", record=drafts[at].record,
    )  # fmt: skip
    return ProjectHistory(known, sheet)


def read_ledger(round: Round, store: Store) -> Ledger:
    """Return what the collector has to know of the files and projects that came before."""
    taken = {delivery.digest for delivery in store.deliveries() if delivery.verdict not in TRIED_ANEW}
    standing, by_project = standing_decisions(store.decisions()), drafts_by_project(store)
    all_drafts = (draft for drafts in by_project.values() for draft in drafts)
    rulings, reviewed = find_rulings(standing), reviewed_drafts(store, all_drafts, standing)
    projects = {
        key: _history(
            round, key, drafts, rulings.get(project_key(key), Ruling()),
            any(draft.counts and draft.id in reviewed for draft in drafts),
        )
        for key, drafts in by_project.items()
    }  # fmt: skip
    return Ledger(frozenset(taken), projects)

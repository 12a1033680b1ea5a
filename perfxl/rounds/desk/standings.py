"""The standing of every project of a round: whose turn it is."""

from __future__ import annotations

from collections.abc import Collection

from perfxl.rounds.board import Standing
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.rulings import Ruling, find_rulings, standing_decisions
from perfxl.rounds.sending import list_returns
from perfxl.rounds.states import TO_DO, ProjectFacts, project_state
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.rows import DraftArrival, KeptDecision, Question
from perfxl.rounds.store.store import Store


def standings_of(store: Store) -> dict[ProjectKey, Standing]:
    """Return where every project stands of which something came."""
    questions, decisions = store.questions(), store.decisions()
    asked = {question.project for question in questions if question.closed is None}
    put_aside = _put_aside(questions, decisions)
    rulings, drafts = find_rulings(standing_decisions(decisions)), store.arrivals()
    found = store.count_findings(TO_DO)
    remarked = {remark.submission for remark in store.remarks() if remark.state == "open"}
    returns = list_returns(decisions, {}, {draft.id for draft in drafts if draft.counts})
    unsent = {draft for entry in returns if entry.waits for draft in entry.drafts}
    by_project: dict[ProjectKey, list[DraftArrival]] = {}
    for draft in drafts:
        by_project.setdefault(draft.project, []).append(draft)
    standings = {}
    for key, came in by_project.items():
        counting = next((draft for draft in came if draft.counts), None)
        id = counting.id if counting else 0
        errors, warnings = (found.get(id, {}).get(severity, 0) for severity in ("error", "warning"))
        ruling = rulings.get(project_key(key), Ruling())
        facts = ProjectFacts(
            drafts=len(came) if counting else 0,
            sent_back=bool(id) and ruling.returned == id,
            named=bool(id) and ruling.named == id,
            todo=errors + warnings + sum(draft.id in remarked for draft in came),
            questions=int(key in asked),
            approved=bool(id) and ruling.approved == id,
        )
        state = project_state(facts)
        standings[key] = Standing(
            state=state,
            first=min((draft.arrived for draft in came if draft.id not in put_aside), default=None),
            last=max(draft.arrived for draft in came),
            draft=counting.draft if counting else 0,
            errors=errors,
            warnings=warnings,
            asked=key in asked,
            unsent=state == "returned" and id in unsent,
        )
    return standings


def _put_aside(questions: Collection[Question], decisions: Collection[KeptDecision]) -> set[int]:
    """Return the submissions that a person did not let count: no draft of their project came with them."""
    chosen = {decision.id: decision.after for decision in decisions}
    return {
        submission
        for question in questions
        if question.closed is not None
        for submission in question.submissions
        if submission != chosen.get(question.closed)
    }

"""The drafts of a round's projects with what was decided about them, as the store has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from perfxl.form import installed
from perfxl.rounds.collect import TRIED_ANEW, Ledger, ProjectHistory
from perfxl.rounds.merging import Draft, DraftHistory, Typed, typed_answers
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.rows import KeptDecision, KeptSubmission
from perfxl.rounds.store.store import Store
from perfxl.submission import Submission


@dataclass(frozen=True)
class Ruling:
    """The drafts of a project that were passed, returned, named to be returned last, by their rows; None for none."""

    approved: int | None = None
    returned: int | None = None
    named: int | None = None


def rulings_of(store: Store) -> dict[str, Ruling]:
    """Return what was decided about the drafts of each project. A decision holds for the draft that counted then."""
    return last_rulings(store.decisions())


def last_rulings(decisions: Iterable[KeptDecision]) -> dict[str, Ruling]:
    """Return what these decisions, in their order, come to for each project."""
    found: dict[str, Ruling] = {}
    for decision in decisions:
        ruling = found.get(decision.key, Ruling())
        if decision.about == "project" and decision.what in ("approved", "taken_back"):
            found[decision.key] = replace(ruling, approved=decision.after if decision.what == "approved" else None)
        elif decision.about == "project" and decision.what == "returned":
            found[decision.key] = replace(ruling, returned=decision.after)
        elif decision.about == "project" and decision.what == "to_return":
            found[decision.key] = replace(ruling, named=decision.after)
    return found


def drafts_by_project(store: Store) -> dict[ProjectKey, tuple[KeptSubmission, ...]]:
    """Return all drafts of each project of which something came, the newest last."""
    counting = {kept.project: kept for kept in store.submissions()}
    asked = {question.project for question in store.questions()}
    several = {key for key, kept in counting.items() if kept.draft > 1} | asked
    return {key: store.submissions(key) if key in several else (counting[key],) for key in {*counting, *several}}


def _history(round: Round, key: ProjectKey, drafts: Sequence[KeptSubmission], ruling: Ruling) -> ProjectHistory:
    """Return the history of a project from its drafts, the newest last."""
    form = installed.load(key[1])
    typed: list[Typed] = [typed_answers(form, draft.record) for draft in drafts]
    at = next((at for at, draft in enumerate(drafts) if draft.counts), None)
    if at is None:
        return ProjectHistory()
    id = drafts[at].id
    counting = Draft(typed[at], tuple(drafts[at].notes), sent_back=ruling.returned == id)
    earlier = tuple(Draft(one, tuple(draft.notes)) for one, draft in zip(typed[:at], drafts, strict=False))
    known = DraftHistory(counting=counting, earlier=earlier, approved=ruling.approved == id)
    sheet = Submission(
        file="", sheet=drafts[at].sheet, form=key[1], version=form.version, year=round.year, unit_code=key[0],
        unit_name="", record=drafts[at].record,
    )  # fmt: skip
    return ProjectHistory(known, sheet)


def read_ledger(round: Round, store: Store) -> Ledger:
    """Return what the collector has to know of the files and projects that came before."""
    taken = {delivery.digest for delivery in store.deliveries() if delivery.verdict not in TRIED_ANEW}
    rulings, by_project = rulings_of(store), drafts_by_project(store)
    projects = {
        key: _history(round, key, drafts, rulings.get(project_key(key), Ruling())) for key, drafts in by_project.items()
    }
    return Ledger(frozenset(taken), projects)

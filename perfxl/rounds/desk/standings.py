"""The standing of every project and unit of a round: whose turn it is."""

from __future__ import annotations

from perfxl.rounds.board import BoardLine, Standing, make_board
from perfxl.rounds.desk.drafts import drafts_by_project
from perfxl.rounds.desk.registering import registry_of
from perfxl.rounds.findings import must_be_done
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import Ruling, find_rulings, standing_decisions, with_extensions
from perfxl.rounds.states import ProjectFacts, project_state
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import KeptSubmission
from perfxl.rounds.store.store import Store


def status(round: Round) -> tuple[BoardLine, ...]:
    """Return the board of a round."""
    registry = registry_of(round)
    with open_store(round.store, write=False) as store:
        standings = standings_of(store)
        registry = with_extensions(registry, standing_decisions(store.decisions()))
    return make_board(registry, standings, round.deadline)


def standings_of(store: Store) -> dict[ProjectKey, Standing]:
    """Return where every project stands of which something came."""
    arrived = {delivery.id: delivery.arrived for delivery in store.deliveries()}
    questions = [question.project for question in store.questions() if question.closed is None]
    rulings, by_project = find_rulings(standing_decisions(store.decisions())), drafts_by_project(store)
    drafts_of = {draft.id: key for key, drafts in by_project.items() for draft in drafts}
    remarked = [drafts_of.get(remark.submission) for remark in store.remarks() if remark.state == "open"]
    standings = {}
    for key, drafts in by_project.items():
        counting = next((draft for draft in drafts if draft.counts), None)
        ruling = rulings.get(project_key(key), Ruling())
        facts = ProjectFacts(
            drafts=len(drafts) if counting else 0,
            sent_back=counting is not None and ruling.returned == counting.id,
            todo=count_open(counting) + remarked.count(key) if counting else 0,
            questions=questions.count(key),
            approved=counting is not None and ruling.approved == counting.id,
        )
        standings[key] = Standing(project_state(facts), min(arrived[draft.delivery] for draft in drafts))
    return standings


def count_open(draft: KeptSubmission) -> int:
    """Return how many findings of a draft must be put right or explained."""
    return sum(map(must_be_done, draft.findings))

"""A person decides about projects, and answers what a collect asked."""

from __future__ import annotations

from perfxl.errors import RoundError
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.drafts import Ruling, rulings_of
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import KeptDecision

DECISIONS = {"approve": "approved", "take-back": "taken_back", "new": "new_counts", "old": "old_counts"}
"""The words of the store for what a person may decide: 审核通过 she passes the table; 取消通过 it is taken back;
以新的为准 and 以原来的为准 answer an open question."""


def decide(round: Round, key: ProjectKey, what: str, why: str = "") -> None:
    """Note a person's decision about a project, and do what follows from it. Raises RoundError where it cannot be.

    ``what``: one of DECISIONS. A question is closed by a decision alone: ``new`` lets the sheet that came last count.
    """
    with open_store(round.store, write=True) as store:
        drafts = store.submissions(key)
        asked = [question for question in store.questions() if question.project == key and question.closed is None]
        counting = next((draft.id for draft in drafts if draft.counts), None)
        approved = counting is not None and rulings_of(store).get(project_key(key), Ruling()).approved == counting
        _refuse_decision(key, what, counting, bool(asked), approved)
        with store.group(whoever(), now()) as group:
            after = max(id for one in asked for id in one.submissions) if what == "new" else counting
            made = group.add_decision(KeptDecision(DECISIONS[what], "project", project_key(key), counting, after, why))
            if what == "new":
                group.set_counting(key, after)
            for question in asked if what in ("new", "old") else ():
                group.close_question(question.id, made)


def _refuse_decision(key: ProjectKey, what: str, counting: int | None, asked: bool, approved: bool) -> None:
    """Raise RoundError for a decision that there is nothing to make about."""
    facts = {"unit": key[0], "number": key[2]}
    if what in ("new", "old") and not asked:
        raise RoundError(what="no_question", **facts)
    if what == "approve" and counting is None:
        raise RoundError(what="no_draft", **facts)
    if what == "take-back" and not approved:
        raise RoundError(what="not_approved", **facts)

"""The state of a project and of a unit in a round, from what is known of its drafts, questions and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ProjectState = Literal["missing", "returned", "question", "review", "ready", "approved"]
"""未报 nothing came; 退回修改 sent back; 待确认 a question is open; 待审核 something is to be corrected or explained;
待审定 nothing is, so that a person can pass it; 审核通过 a person passed it."""

STATES: tuple[ProjectState, ...] = ("missing", "returned", "question", "review", "ready", "approved")
"""In the order of the work: a unit stands where the first of its projects does."""

UnitState = Literal["partial", "missing", "returned", "question", "review", "ready", "approved"]
"""The state of a project, or 部分报送 (partial) while some projects have not come."""


@dataclass(frozen=True)
class ProjectFacts:
    """The facts that decide about a project's state.

    ``drafts``: its drafts that came; ``sent_back``: the draft that counts was returned with something open in it, or
    because a person named it; ``todo``: the 强制性 and 核实性 findings of that draft that must still be done, and the
    open remarks; ``questions``: the open questions about it; ``approved``: a person passed it and has not taken that
    back.
    """

    drafts: int = 0
    sent_back: bool = False
    todo: int = 0
    questions: int = 0
    approved: bool = False


def project_state(facts: ProjectFacts) -> ProjectState:
    """Return the state of a project: the first that holds."""
    if facts.approved:
        return "approved"
    if facts.questions:
        return "question"
    if not facts.drafts:
        return "missing"
    if facts.sent_back:
        return "returned"
    return "review" if facts.todo else "ready"


def unit_state(projects: Sequence[ProjectState]) -> UnitState:
    """Return the state of a unit: the earliest of its projects', or ``partial`` while only some have come."""
    missing = projects.count("missing")
    if missing == len(projects):
        return "missing"
    return "partial" if missing else min(projects, key=STATES.index)


def is_late(first_drafts: Sequence[str | None], deadline: str) -> bool:
    """Return whether a unit was late: the first draft of its last project came after the day of its deadline.

    ``first_drafts``: the ISO time at which the first draft of each project came, None for one that did not; a unit of
    which one has not come is not late yet. ``deadline``: an ISO date, empty for none.
    """
    came = [time for time in first_drafts if time]
    if not deadline or not came or len(came) < len(first_drafts):
        return False
    return max(came)[:10] > deadline

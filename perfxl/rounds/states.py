"""The states of findings, projects and units in a round, from what is known of drafts, questions and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from perfxl.rounds.deadline import has_passed

NOTED, SUPERSEDED = "noted", "superseded"
"""States of a finding: about a book or a unit, so that no project answers for it; no longer found."""

TO_DO = ("open", "upheld")
"""The states of a finding that must still be put right or explained, if it is an error or a warning."""

ProjectState = Literal["missing", "returned", "question", "review", "ready", "approved"]
"""未报 nothing came; 退回修改 sent back; 待确认 a question is open; 待审核 something is to be corrected or explained;
待审定 nothing is, so that a person can pass it; 审核通过 a person passed it."""

STATES: tuple[ProjectState, ...] = ("missing", "returned", "question", "review", "ready", "approved")
"""In the order of the work: a unit stands where the first of its projects does."""

UnitState = Literal["partial", "missing", "returned", "question", "review", "ready", "approved"]
"""The state of a project, or 部分报送 (partial) while some projects have not come."""

GROUPS: Mapping[str, tuple[ProjectState, ...]] = {
    "unit": ("missing", "returned"),
    "office": ("question", "review", "ready"),
    "done": ("approved",),
}
"""Whose turn it is: 在单位 the unit's, 在本股 the office's, 办结 nobody's."""

Punctuality = Literal["on_time", "late", "overdue"]
"""及时 all came in time; 逾期 the last came late; 逾期未报 the deadline is over and not all has come."""


@dataclass(frozen=True)
class ProjectFacts:
    """The facts that decide about a project's state.

    ``drafts``: its drafts that came; ``sent_back``: the draft that counts was returned; ``named``: a person said that
    it is to go back, whatever is found in it; ``todo``: the 强制性 and 核实性 findings of that draft that must still be
    done, and the open remarks; ``questions``: the open questions about it; ``approved``: a person passed it and has
    not taken that back.
    """

    drafts: int = 0
    sent_back: bool = False
    named: bool = False
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
    if facts.sent_back and (facts.todo or facts.named):
        return "returned"
    return "review" if facts.todo else "ready"


def unit_state(projects: Sequence[ProjectState]) -> UnitState:
    """Return the state of a unit: the earliest of its projects', or ``partial`` while only some have come."""
    missing = projects.count("missing")
    if missing == len(projects):
        return "missing"
    return "partial" if missing else min(projects, key=STATES.index)


def punctuality(first_drafts: Sequence[str | None], deadline: str, now: str) -> Punctuality | None:
    """Return whether a unit kept its deadline: by the time at which the first draft of its last project came.

    ``first_drafts``: the ISO time at which the first draft of each project came, None for one that did not. A later
    draft of a project, a correction, is never late. None where there is no deadline, or where not all has come and
    the deadline is not over.
    """
    came = [time for time in first_drafts if time]
    if not deadline or not first_drafts:
        return None
    if len(came) < len(first_drafts):
        return "overdue" if has_passed(deadline, now) else None
    return "late" if has_passed(deadline, max(came)) else "on_time"

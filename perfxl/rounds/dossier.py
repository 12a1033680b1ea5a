"""All that is known of one project of a round: its drafts, its open question, its findings, remarks and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from perfxl.finding import SEVERITIES
from perfxl.rounds.findings import must_be_done
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.rulings import About, Ruling, find_rulings
from perfxl.rounds.states import SUPERSEDED, ProjectFacts, ProjectState, project_state
from perfxl.rounds.store.rows import (
    Delivery,
    Explanation,
    KeptDecision,
    KeptFinding,
    KeptRemark,
    KeptSubmission,
    Question,
)


class NumberedFinding(NamedTuple):
    """A finding of the draft that counts under its number, with its explanation and the decision that stands."""

    number: int
    finding: KeptFinding
    explanation: Explanation | None
    decision: KeptDecision | None


class NumberedRemark(NamedTuple):
    """A remark under its number, with the decision that closed it; one that was taken back keeps its number."""

    number: int
    remark: KeptRemark
    decision: KeptDecision | None


@dataclass(frozen=True)
class ProjectDossier:
    """A project with all that is known of it.

    ``name``: in the registry, empty for one that it does not know; ``drafts``: the newest last, ``deliveries`` the
    files that they came in; ``questions``: those that were answered, too; ``decisions``: those about the project and
    its questions that stand, in the order in which they were made.
    """

    key: ProjectKey
    name: str
    registered: bool
    drafts: tuple[KeptSubmission, ...]
    deliveries: Mapping[int, Delivery]
    questions: tuple[Question, ...]
    findings: tuple[NumberedFinding, ...]
    remarks: tuple[NumberedRemark, ...]
    decisions: tuple[KeptDecision, ...]

    @property
    def counting(self) -> KeptSubmission | None:
        """The draft that counts."""
        return next((draft for draft in self.drafts if draft.counts), None)

    @property
    def question(self) -> Question | None:
        """The open question."""
        return next((question for question in self.questions if question.closed is None), None)

    @property
    def put_aside(self) -> tuple[Question, ...]:
        """The questions that the unit is to be asked, since the last draft that counts came."""
        aside = {decision.id for decision in self.decisions if decision.what == "put_aside"}
        newest = self.counting.id if self.counting else 0
        return tuple(one for one in self.questions if one.closed in aside and max(one.submissions, default=0) > newest)

    @property
    def ruling(self) -> Ruling:
        """The decisions about its drafts."""
        own = {("project", ""): [decision for decision in self.decisions if decision.about == "project"]}
        return find_rulings(own).get("", Ruling())

    @property
    def approved(self) -> bool:
        """True if the draft that counts was passed."""
        return self.counting is not None and self.ruling.approved == self.counting.id

    @property
    def to_do(self) -> tuple[NumberedFinding, ...]:
        """The findings that must still be put right or explained."""
        return tuple(one for one in self.findings if must_be_done(one.finding))

    @property
    def open_remarks(self) -> tuple[NumberedRemark, ...]:
        """The remarks that nobody has closed."""
        return tuple(one for one in self.remarks if one.remark.state == "open")

    @property
    def other_explanations(self) -> tuple[str, ...]:
        """What the unit explained besides its findings, where there are remarks: it may be about one of these."""
        said = {one.explanation.text for one in self.findings if one.explanation}
        notes = self.counting.notes if self.counting and self.remarks else ()
        return tuple(dict.fromkeys(text for _, text in notes if text not in said))

    @property
    def state(self) -> ProjectState:
        """The state of the project."""
        counting = self.counting
        return project_state(
            ProjectFacts(
                drafts=len(self.drafts) if counting else 0,
                sent_back=counting is not None and self.ruling.returned == counting.id,
                named=counting is not None and self.ruling.named == counting.id,
                todo=len(self.to_do) + len(self.open_remarks) if counting else 0,
                questions=int(self.question is not None),
                approved=self.approved,
            )
        )


_ORDER: Mapping[str, int] = {severity: place for place, severity in enumerate(SEVERITIES)}


def number_findings(
    drafts: Sequence[KeptSubmission],
    explanations: Mapping[int, Explanation],
    standing: Mapping[About, Sequence[KeptDecision]],
) -> tuple[NumberedFinding, ...]:
    """Return the findings of the draft that counts, the gravest first; a number stays with its finding.

    ``explanations``: by the rows of the findings. A decision may have been made about the finding that one follows.
    """
    known = {finding.id: finding for draft in drafts for finding in draft.findings}
    own = [finding for draft in drafts if draft.counts for finding in draft.findings]
    numbers = {finding.id: number for number, finding in enumerate(sorted(own, key=lambda one: one.id), start=1)}
    order = sorted(own, key=lambda finding: (_ORDER[finding.severity], finding.id))
    return tuple(
        NumberedFinding(numbers[one.id], one, explanations.get(one.id), decision_on(one, known, standing))
        for one in order
        if one.state != SUPERSEDED
    )


def decision_on(
    finding: KeptFinding, known: Mapping[int, KeptFinding], standing: Mapping[About, Sequence[KeptDecision]]
) -> KeptDecision | None:
    """Return the decision that stands about a finding, or about the one that it follows; ``known``: all by row."""
    at: KeptFinding | None = finding
    while at is not None and at.state == finding.state:
        if decisions := standing.get(("finding", str(at.id))):
            return decisions[-1] if decisions[-1].what == finding.state else None
        at = known.get(at.follows) if at.follows is not None else None
    return None

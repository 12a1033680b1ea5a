"""A person decides about projects, their findings and the questions that a collect asked; what follows is written.

Every decision can be taken back, the last one first, unless something rests on it by now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from perfxl.errors import RoundError
from perfxl.finding import RULINGS
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.dossier import find_key, read_dossiers
from perfxl.rounds.desk.handing_over import GIVEN_BACK, hand_over, take_from
from perfxl.rounds.desk.siblings import let_count
from perfxl.rounds.desk.standings import standings_of
from perfxl.rounds.dossier import NumberedFinding, NumberedRemark, ProjectDossier
from perfxl.rounds.findings import undecided_state
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.remarked_place import find_place
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import TAKEN_BACK, standing_decisions, with_extensions
from perfxl.rounds.store.group import WriteGroup, project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import KeptDecision, KeptRemark, KeptSubmission, Question
from perfxl.rounds.store.store import Store


@dataclass(frozen=True)
class Order:
    """A decision as it is given: one of VERBS, with what it needs.

    ``finding``, ``remark``, ``draft``: their numbers in the dossier; ``text``, ``todo``, ``place``: of a remark;
    ``unit``: the code of the unit whose sheet it is, with ``/`` and a number where the project has another number
    there; ``who``: the person, empty for the one at the desk.
    """

    what: str
    why: str = ""
    finding: int | None = None
    remark: int | None = None
    draft: int | None = None
    text: str = ""
    todo: str = ""
    place: str = ""
    unit: str = ""
    who: str = ""


@dataclass(frozen=True)
class Decided:
    """What came of an order: the word for what was done, what it was done to, and the facts for its sentence."""

    what: str
    key: ProjectKey
    facts: Mapping[str, Any]
    finding: NumberedFinding | None = None


class Case(NamedTuple):
    """A project about which a person decides: all that is known of it, and the group in which it is written."""

    round: Round
    store: Store
    group: WriteGroup
    dossier: ProjectDossier
    order: Order

    @property
    def key(self) -> ProjectKey:
        """The project."""
        return self.dossier.key

    @property
    def about(self) -> dict[str, Any]:
        """The facts for a sentence about the project."""
        return {"unit": self.key[0], "number": self.key[2]}

    def counting(self) -> KeptSubmission:
        """Return the draft that counts. Raises RoundError where none does."""
        if self.dossier.counting is None:
            raise RoundError(what="no_draft", **self.about)
        return self.dossier.counting

    def question(self) -> Question:
        """Return the open question. Raises RoundError where there is none."""
        if self.dossier.question is None:
            raise RoundError(what="no_question", **self.about)
        return self.dossier.question

    def open_table(self) -> KeptSubmission:
        """Return the draft that counts. Raises RoundError where it was passed: that is to be taken back first."""
        draft = self.counting()
        if self.dossier.approved:
            raise RoundError(what="approved", **self.about)
        return draft

    def finding(self) -> NumberedFinding:
        """Return the finding that the order names. Raises RoundError where there is none of its number."""
        self.open_table()
        found = (one for one in self.dossier.findings if one.number == self.order.finding)
        if (one := next(found, None)) is None:
            raise RoundError(
                what="no_finding", **self.about, finding=self.order.finding, count=len(self.dossier.findings)
            )
        return one

    def remark(self) -> NumberedRemark:
        """Return the remark that the order names. Raises RoundError where there is none of its number."""
        self.open_table()
        found = (one for one in self.dossier.remarks if one.number == self.order.remark)
        one = next(found, None)
        if one is None or one.remark.state == TAKEN_BACK:
            raise RoundError(what="no_remark", **self.about, remark=self.order.remark)
        return one

    def note(self, what: str, about: str, key: int | str, before: Any = None, after: Any = None) -> int:
        """Write a decision; return its row."""
        order = self.order
        return self.group.add_decision(KeptDecision(what, about, str(key), before, after, order.why, order.who))

    def note_project(self, what: str, before: Any, after: Any) -> int:
        """Write a decision about the project; return its row."""
        return self.note(what, "project", project_key(self.key), before, after)

    def decided(self, what: str, finding: NumberedFinding | None = None, **facts: Any) -> Decided:
        """Return what came of the order."""
        return Decided(what, self.key, {**self.about, **facts}, finding)


def decide(round: Round, unit: str, number: int, order: Order, form: str = "", who: str = "") -> Decided:
    """Note a person's decision about a project, and do what follows from it. Raises RoundError where it cannot be."""
    with open_store(round.store, write=True) as store:
        key = find_key(round, store, unit, number, form)
        with store.group(who or whoever(), now()) as group:
            (dossier,) = read_dossiers(store, [key])
            return decide_within(round, store, group, dossier, order)


def decide_within(round: Round, store: Store, group: WriteGroup, dossier: ProjectDossier, order: Order) -> Decided:
    """Decide about a project in a group of writes. Raises RoundError; then nothing was written but by ``unit``."""
    return VERBS[order.what](Case(round, store, group, dossier, order))


def find_ready(round: Round, unit: str, form: str = "") -> list[tuple[int, str]]:
    """Return the number and form of each project of a unit that waits to be approved. Raises RoundError for none."""
    with open_store(round.store, write=False) as store:
        registry, standings = store.registry(), standings_of(store)
    registry.unit(unit)
    own = [project.key for project in registry.projects if project.unit == unit and form in ("", project.form)]
    ready = [(key[2], key[1]) for key in own if key in standings and standings[key].state == "ready"]
    if not ready:
        raise RoundError(what="none_ready", unit=unit)
    return ready


def extend(round: Round, unit: str, until: str, why: str = "", who: str = "") -> Mapping[str, Any]:
    """Give a unit a later deadline of its own, or take that back where ``until`` is empty. Raises RoundError."""
    with open_store(round.store, write=True) as store:
        standing = standing_decisions(store.decisions())
        asked = with_extensions(store.registry(), standing).unit(unit)
        before, made = asked.deadline or round.deadline, standing.get(("unit", unit), ())
        if not until and not made:
            raise RoundError(what="not_extended", unit=unit)
        if until and until <= before:
            raise RoundError(what="no_extension", unit=unit, until=until, deadline=before)
        after = until or made[-1].before
        with store.group(who or whoever(), now()) as group:
            group.add_decision(KeptDecision("extended" if until else TAKEN_BACK, "unit", unit, before, after, why))
    return {"unit": unit, "until": after, "before": before}


def _approve(case: Case) -> Decided:
    draft, dossier = case.counting(), case.dossier
    if dossier.approved:
        raise RoundError(what="approved", **case.about)
    errors = [one.number for one in dossier.to_do if one.finding.severity == "error"]
    warnings = [one.number for one in dossier.to_do if one.finding.severity == "warning"]
    remarks = [one.number for one in dossier.open_remarks]
    if errors or warnings or remarks or dossier.question:
        asked = dossier.question is not None
        raise RoundError(
            what="not_ready", **case.about, errors=errors, warnings=warnings, remarks=remarks, question=asked
        )
    case.note_project("approved", None, draft.id)
    return case.decided("approve")


def _name_for_return(case: Case) -> Decided:
    draft, ruling = case.open_table(), case.dossier.ruling
    if draft.id in (ruling.returned, ruling.named):
        raise RoundError(what="returned" if ruling.returned == draft.id else "named", **case.about)
    case.note_project("to_return", None, draft.id)
    return case.decided("return")


def _let_new_count(case: Case) -> Decided:
    """Let the sheet count that the question is about, or another one that has come since the draft that counts."""
    question, counting = case.question(), case.dossier.counting
    since = [draft for draft in case.dossier.drafts if counting is None or draft.id > counting.id]
    wanted = case.order.draft
    chosen = [one for one in since if (one.draft == wanted if wanted else one.id == max(question.submissions))]
    if not chosen:
        raise RoundError(what="no_such_draft", **case.about, draft=wanted, drafts=[draft.draft for draft in since])
    _let_count(case, "new_counts", question, chosen[0])
    return case.decided("new")


def _let_count(case: Case, what: str, question: Question, draft: KeptSubmission) -> None:
    counting = case.dossier.counting
    made = case.note(what, "question", question.id, counting.id if counting else None, draft.id)
    _bring_decisions(case, draft)
    let_count(case.round, case.store, case.group, case.key, draft.id)
    case.group.close_question(question.id, made)


def _let_old_count(case: Case) -> Decided:
    """Let the draft count that did; of several first sheets none did, and the one before the newest is meant."""
    question = case.question()
    others = [draft for draft in case.dossier.drafts if draft.id != max(question.submissions)]
    draft = case.dossier.counting or next(reversed(others), None)
    if draft is None:
        raise RoundError(what="no_old_draft", **case.about)
    _let_count(case, "old_counts", question, draft)
    return case.decided("old")


def _bring_decisions(case: Case, draft: KeptSubmission) -> None:
    """Have what was decided about the draft that counted, while the question was open, follow to the new one."""
    former = {one.finding.id: one for one in case.dossier.findings}
    explained = {one.finding: one for one in case.store.explanations(case.key)}
    for finding in draft.findings:
        before = former.get(finding.follows or 0)
        if before and before.finding.state in RULINGS:
            case.group.set_finding(finding.id, before.finding.state)
        elif before and finding.state in RULINGS:  # taken back meanwhile
            case.group.set_finding(finding.id, undecided_state(finding, case.key[1], explained.get(finding.id)))


def _put_aside(case: Case) -> Decided:
    """Close the question without a change; the dossier goes on listing it."""
    question, counting = case.question(), case.dossier.counting
    id = counting.id if counting else None
    case.group.close_question(question.id, case.note("put_aside", "question", question.id, id, id))
    return case.decided("aside", counts=counting is not None)


def _give_to_unit(case: Case) -> Decided:
    question = case.question()
    draft = next(draft for draft in case.dossier.drafts if draft.id == max(question.submissions))
    handed = hand_over(case.round, case.store, case.group, draft, case.order.unit)
    made = case.note("other_unit", "question", question.id, list(handed.before), list(handed.after))
    case.group.close_question(question.id, made)
    return case.decided("unit", other=handed.key[0], other_number=handed.key[2], fate=handed.fate, kind=handed.kind)


def _rule(ruling: str, verb: str, severities: tuple[str, ...]) -> Callable[[Case], Decided]:
    """Return the verb that gives a finding this state; ``severities``: those of which it can be said."""

    def rule(case: Case) -> Decided:
        one = case.finding()
        if one.finding.severity not in severities:
            raise RoundError(what="not_for", **case.about, verb=verb, finding=one.number, severity=one.finding.severity)
        if one.finding.state == ruling:
            raise RoundError(what="decided", **case.about, verb=verb, finding=one.number)
        if ruling == "accepted" and one.explanation is None and not case.order.why:
            raise RoundError(what="no_explanation", **case.about, finding=one.number)
        case.note(ruling, "finding", one.finding.id, one.finding.state, ruling)
        case.group.set_finding(one.finding.id, ruling)
        return case.decided(verb, one)

    return rule


def _take_back_ruling(case: Case) -> Decided:
    one = case.finding()
    if one.decision is None:
        raise RoundError(what="undecided", **case.about, finding=one.number)
    own = one.decision.key == str(one.finding.id)
    before = one.decision.before if own else undecided_state(one.finding, case.key[1], one.explanation)
    case.note(TAKEN_BACK, "finding", one.finding.id, one.finding.state, before)
    case.group.set_finding(one.finding.id, before)
    return case.decided("take-back-finding", replace_state(one, before))


def replace_state(one: NumberedFinding, state: str) -> NumberedFinding:
    """Return a finding of a dossier in another state."""
    return one._replace(finding=replace(one.finding, state=state))


def _remark(case: Case) -> Decided:
    draft, order = case.open_table(), case.order
    what, todo = order.text.strip(), order.todo.strip()
    if not what and not todo:
        raise RoundError(what="no_text", **case.about)
    field, cell = find_place(order.place, case.key[1], draft.record)
    if order.place.strip() and not field and not cell:
        raise RoundError(what="no_place", **case.about, place=order.place)
    case.group.add_remark(KeptRemark(draft.id, what or todo, todo if what else "", field, cell, who=order.who))
    return case.decided("remark", remark=len(case.dossier.remarks) + 1)


def _close_remark(case: Case) -> Decided:
    one = case.remark()
    if one.remark.state == "done":
        raise RoundError(what="remark_done", **case.about, remark=one.number)
    _set_remark(case, one, "done")
    return case.decided("done", remark=one.number)


def _take_back_remark(case: Case) -> Decided:
    """Open a remark again that was closed; take one back that is open."""
    one = case.remark()
    _set_remark(case, one, "open" if one.remark.state == "done" else TAKEN_BACK)
    return case.decided("take-back-done" if one.remark.state == "done" else "take-back-remark", remark=one.number)


def _set_remark(case: Case, one: NumberedRemark, state: str) -> None:
    what = TAKEN_BACK if one.remark.state == "done" else {"done": "done"}.get(state, "withdrawn")
    case.note(what, "remark", one.remark.id, one.remark.state, state)
    case.group.set_remark(one.remark.id, state)


def _take_back(case: Case) -> Decided:
    """Take back a decision on a finding or a remark, else the last one about the project or its question."""
    if case.order.finding is not None:
        return _take_back_ruling(case)
    if case.order.remark is not None:
        return _take_back_remark(case)
    decisions = [decision for decision in case.dossier.decisions if decision.what != GIVEN_BACK]
    if not decisions:
        raise RoundError(what="nothing_decided", **case.about)
    last = decisions[-1]
    if last.what == "returned":
        held = case.dossier.counting is not None and last.after == case.dossier.counting.id
        raise RoundError(what="returned" if held else "nothing_decided", **case.about)
    if last.about == "question":
        return _take_back_answer(case, last)
    case.note_project(TAKEN_BACK, last.after, last.before)
    return case.decided("take-back" if last.what == "approved" else "take-back-return")


def _take_back_answer(case: Case, answer: KeptDecision) -> Decided:
    """Open a question again, with the draft that counted before. Raises RoundError where something rests on it."""
    question = next(one for one in case.dossier.questions if str(one.id) == answer.key)
    if rests := _rests(case, question, answer):
        raise RoundError(what="rests_on_it", **case.about, rests=rests)
    if answer.what in ("new_counts", "old_counts"):
        let_count(case.round, case.store, case.group, case.key, answer.before)
    if answer.what == "other_unit" and not take_from(case.round, case.store, case.group, answer):
        raise RoundError(what="rests_on_it", **case.about, rests=["other_unit"])
    case.note(TAKEN_BACK, "question", question.id, answer.after, answer.before)
    case.group.close_question(question.id, None)
    return case.decided("take-back-answer", answer=answer.what)


def _rests(case: Case, question: Question, answer: KeptDecision) -> list[str]:
    """Return the words for what came after an answer and rests on it."""
    dossier = case.dossier
    found = []
    if any(draft.id > max(question.submissions) for draft in dossier.drafts):
        found.append("draft")
    if dossier.question is not None:
        found.append("question")
    if answer.after != answer.before and answer.what != "other_unit":
        made = standing_decisions(case.store.decisions())
        own = [made.get(("finding", str(one.finding.id)), ())[-1:] for one in dossier.findings]
        if any(decision.id > answer.id for last in own for decision in last):
            found.append("findings")
        if any(one.remark.submission == answer.after and one.remark.state != TAKEN_BACK for one in dossier.remarks):
            found.append("remarks")
    return found


VERBS: Mapping[str, Callable[[Case], Decided]] = {
    "approve": _approve,
    "return": _name_for_return,
    "new": _let_new_count,
    "old": _let_old_count,
    "aside": _put_aside,
    "unit": _give_to_unit,
    "uphold": _rule("upheld", "uphold", ("error", "warning")),
    "accept": _rule("accepted", "accept", ("warning",)),
    "withdraw": _rule("withdrawn", "withdraw", ("error", "warning", "fix", "hint")),
    "remark": _remark,
    "done": _close_remark,
    "take-back": _take_back,
}
"""What a person may decide about a project: 审核通过 it passes; it is sent back although nothing is open; a question is
answered by 以新的为准, 以原来的为准, 先放着, 是别的单位的; a finding by 维持, 采纳说明, 撤销; 人工意见 and its 已改."""

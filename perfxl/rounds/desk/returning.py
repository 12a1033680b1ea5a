"""What is to be put right is returned: flagged workbooks with a notice to send along, and a list of what was sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from itertools import islice

from perfxl import messages
from perfxl.batch import output as files
from perfxl.batch.arguments import Progress
from perfxl.errors import RoundError
from perfxl.rounds.deadline import has_passed, read_deadline
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.originals import original_path
from perfxl.rounds.desk.standings import standings_of
from perfxl.rounds.dossier import decision_on
from perfxl.rounds.model import ProjectKey, RegisteredUnit
from perfxl.rounds.moment import moment
from perfxl.rounds.returned import ReturnedUnit, ReturnOrder, write_returned
from perfxl.rounds.returned_findings import Opinions
from perfxl.rounds.round import Round, language_of
from perfxl.rounds.rulings import standing_decisions, with_extensions
from perfxl.rounds.sending import RETURN, ReturnEntry, list_returns, sent_until
from perfxl.rounds.sending_list import write_sending_list
from perfxl.rounds.states import ProjectState
from perfxl.rounds.store.group import WriteGroup, project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import DraftArrival, KeptDecision, KeptFinding, KeptRemark, KeptSubmission
from perfxl.rounds.store.store import Store
from perfxl.rules.reading_doubts import MISSING_SHEET

GROUP = 20
"""The units whose returns are noted in one transaction."""


def give_back(
    round: Round,
    named: Sequence[ProjectKey] = (),
    unit: str = "",
    deadline: str = "",
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> tuple[ReturnedUnit, ...]:
    """Write the flagged workbooks of every project that is to be put right, and note that it was returned.

    Due are the projects that wait for a review with something open in them, and those that an officer named, here
    (``named``) or before. A draft is returned once. ``unit``: of this one alone; ``deadline``: when it is due again, as
    people say it. Raises RoundError for a project that cannot be returned.
    """
    results: list[ReturnedUnit] = []
    with open_store(round.store, write=True) as store:
        orders = _Orders(round, store, named, unit, deadline)
        fresh = {project_key(key) for key in named} - _to_return(store.decisions()).keys()
        made = _write_all(orders, executor)
        while done := [*islice(made, GROUP)]:
            with store.group(whoever(), now()) as group:
                for result in done:
                    _note_return(group, result, fresh)
            results += done
            if progress:
                progress(len(results), len(orders))
        _write_list(round, store)  # also where nothing is due: one that was killed may not have come so far
    return tuple(results)


def returns_of(store: Store) -> tuple[ReturnEntry, ...]:
    """Return every return there has been, with what was sent."""
    units = {unit.code: unit for unit in store.registry().units}
    counting = {draft.id for draft in store.arrivals() if draft.counts}
    return list_returns(store.decisions(), units, counting)


def unsent(store: Store) -> tuple[ReturnEntry, ...]:
    """Return what is to be sent back still (退回待发)."""
    return tuple(entry for entry in returns_of(store) if entry.waits)


def sending_list(round: Round) -> tuple[ReturnEntry, ...]:
    """Return the list of what is to be sent, and what was."""
    with open_store(round.store, write=False) as store:
        return tuple(entry for entry in returns_of(store) if entry.current)


def mark_sent(round: Round, units: Sequence[str], undo: bool = False) -> tuple[ReturnEntry, ...]:
    """Tick what was returned to some units as sent (已发), or take the last tick back; return the whole list then.

    ``units``: their codes, none for all that wait. Raises RoundError where there is nothing to tick.
    """
    with open_store(round.store, write=True) as store:
        decisions, waiting = store.decisions(), unsent(store)
        chosen = [*units] or [*dict.fromkeys(entry.unit.code for entry in waiting)]
        last = {entry.unit.code: entry.id for entry in waiting}
        with store.group(whoever(), now()) as group:
            for unit in chosen:
                current, before = sent_until(decisions, unit)
                if not (current if undo else unit in last):
                    raise RoundError(what="not_sent" if undo else "nothing_to_send", unit=unit)
                ticked = ("not_sent", current, before) if undo else ("sent", current, last[unit])
                group.add_decision(KeptDecision(ticked[0], RETURN, unit, ticked[1], ticked[2]))
        if chosen:
            _write_list(round, store)
        return tuple(entry for entry in returns_of(store) if entry.current)


def _note_return(group: WriteGroup, result: ReturnedUnit, fresh: set[str]) -> None:
    """Note what was returned to a unit: its files with their digests, and each project."""
    if result.notice is None:
        return
    for project in result.projects:
        key, row = project_key(project.key), project.submission
        if key in fresh:
            group.add_decision(KeptDecision("to_return", "project", key, row, row))
        group.add_decision(KeptDecision("returned", "project", key, row, row))
    told = {
        "files": [one._asdict() for one in (*result.workbooks, result.notice)],
        "projects": [project.name for project in result.projects],
        "drafts": [project.submission for project in result.projects],
        "errors": result.errors,
        "warnings": result.warnings,
    }
    group.add_decision(KeptDecision("returned", RETURN, result.unit.code, None, told))


class _Orders:
    """What is to be returned, unit by unit in the order of the registry; each made when its turn comes.

    The records of all units together take much memory. Raises RoundError for a project that cannot be returned.
    """

    def __init__(self, round: Round, store: Store, named: Sequence[ProjectKey], unit: str, deadline: str) -> None:
        self.round, self.store, self.deadline = round, store, deadline
        decisions = store.decisions()
        self.standing = standing_decisions(decisions)
        registry = with_extensions(store.registry(), self.standing)
        units = {one.code: one for one in registry.units}
        if unit:
            registry.unit(unit)
        self.states = {key: standing.state for key, standing in standings_of(store).items()}
        drafts = {draft.project: draft for draft in store.arrivals() if draft.counts}
        asked_for = {one.key for one in registry.projects}
        here = {key: draft for key, draft in drafts.items() if key in asked_for and unit in ("", key[0])}
        self.due = _find_due(here, self.states, named, _to_return(decisions))
        self.away = {
            draft.id
            for key, draft in drafts.items()
            if draft.id not in self.due and (self.states[key] == "returned" or key not in asked_for)
        }
        self.written = frozenset(file for entry in returns_of(store) for file in entry.files)
        self.deliveries = {delivery.id: delivery for delivery in store.deliveries()}
        self.explanations = {one.finding: one for one in store.explanations()}
        self.remarks = [remark for remark in store.remarks() if remark.state == "open"]
        codes = {key[0] for key, draft in drafts.items() if draft.id in self.due}
        # a sheet that a book lacked is missing no more once something came of every project
        self.waiting = {key[0] for key in registry.asked() if self.states.get(key, "missing") == "missing"}
        self.senders = tuple(one for code, one in units.items() if code in codes)

    def __len__(self) -> int:
        return len(self.senders)

    def __iter__(self) -> Iterator[ReturnOrder]:
        return map(self._make_order, self.senders)

    def _make_order(self, sender: RegisteredUnit) -> ReturnOrder:
        drafts = self.store.drafts_of(sender.code)
        own = tuple(kept for kept in drafts if kept.counts and self.states[kept.project] != "question")
        if sender.code not in self.waiting:
            own = tuple(replace(kept, findings=tuple(filter(_is_no_missing_sheet, kept.findings))) for kept in own)
        ids = {kept.id for kept in own}
        came = {kept.delivery: self.deliveries[kept.delivery] for kept in own}
        return ReturnOrder(
            round=self.round,
            unit=sender,
            drafts=own,
            due=frozenset(self.due.keys() & ids),
            away=frozenset(self.away & ids),
            deliveries=came,
            files={id: original_path(self.round, delivery.digest) for id, delivery in came.items()},
            opinions=self._opinions_about(own, drafts),
            deadline=_said(self.deadline) or _in_words(sender.deadline or self.round.deadline),
            why={id: why for id, why in self.due.items() if id in ids},
            written=self.written,
        )

    def _opinions_about(self, own: Sequence[KeptSubmission], drafts: Sequence[KeptSubmission]) -> Opinions:
        """Return what people said of a unit's ``own`` drafts, of all its ``drafts``; a remark stays through drafts."""
        known = {finding.id: finding for kept in drafts for finding in kept.findings}
        findings = [finding for kept in own for finding in kept.findings]
        decided = ((finding.id, decision_on(finding, known, self.standing)) for finding in findings)
        newest = {kept.project: kept.id for kept in own}
        heirs = {kept.id: newest[kept.project] for kept in drafts if kept.project in newest}
        remarks: dict[int, tuple[KeptRemark, ...]] = {}
        for remark in self.remarks:
            if heir := heirs.get(remark.submission):
                remarks[heir] = (*remarks.get(heir, ()), remark)
        return Opinions(
            explanations={one.id: self.explanations[one.id] for one in findings if one.id in self.explanations},
            decisions={id: decision for id, decision in decided if decision},
            remarks=remarks,
        )


def _is_no_missing_sheet(finding: KeptFinding) -> bool:
    return finding.code != MISSING_SHEET


def _write_all(orders: Iterable[ReturnOrder], executor: Executor | None) -> Iterator[ReturnedUnit]:
    """Yield what was written of each order, in their order; no more are made than keep the processes at work."""
    if executor is None:
        yield from map(write_returned, orders)
        return
    waiting: deque[Future[ReturnedUnit]] = deque()
    for order in orders:
        waiting.append(executor.submit(write_returned, order))
        if len(waiting) > GROUP:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _find_due(
    drafts: Mapping[ProjectKey, DraftArrival],
    states: Mapping[ProjectKey, ProjectState],
    named: Sequence[ProjectKey],
    wanted: Mapping[str, KeptDecision],
) -> dict[int, str]:
    """Return the rows of the drafts that are to be returned, with the reasons of officers who named them.

    Raises RoundError for a project that is ``named`` and cannot be returned.
    """
    for key in named:
        state = states.get(key, "missing")
        _refuse(key, state if key in drafts or state == "question" else "missing")
    due: dict[int, str] = {}
    for key, draft in drafts.items():
        decision = wanted.get(project_key(key))
        asked = _is_asked(decision, draft, states[key])
        if states[key] == "review" or asked or key in named:
            due[draft.id] = decision.why if decision and asked else ""
    return due


def _refuse(key: ProjectKey, state: ProjectState) -> None:
    """Raise RoundError for a project that nobody can return now."""
    facts = {"unit": key[0], "number": key[2]}
    if state == "missing":
        raise RoundError(what="nothing_to_return", **facts)
    if state == "question":
        raise RoundError(what="return_in_question", **facts)
    if state == "approved":
        raise RoundError(what="return_of_approved", **facts)


def _to_return(decisions: Sequence[KeptDecision]) -> Mapping[str, KeptDecision]:
    """Return the decisions by which projects are to be returned, by their keys; not those that were followed since."""
    last = {
        key: next((one for one in reversed(own) if one.what in ("to_return", "returned")), None)
        for (about, key), own in standing_decisions(decisions).items()
        if about == "project"
    }
    return {key: decision for key, decision in last.items() if decision and decision.what == "to_return"}


def _is_asked(decision: KeptDecision | None, draft: DraftArrival, state: ProjectState) -> bool:
    """Return whether an officer named this very draft, and it can be returned."""
    return decision is not None and decision.after == draft.id and state not in ("question", "approved")


def _said(deadline: str) -> str:
    """Return a deadline that was typed, in words: a date as they are typed elsewhere, or words as they are."""
    try:
        return moment(read_deadline(deadline))
    except ValueError:
        return deadline


def _in_words(deadline: str) -> str:
    """Return a deadline as people say it; empty for none, and for one that is over."""
    return "" if has_passed(deadline, now()) else moment(deadline)


def _write_list(round: Round, store: Store) -> None:
    """Write the list of what is to be sent, unless it stands there."""
    if not (entries := returns_of(store)):
        return
    word = messages.say("rounds.sending.file", {}, language_of(round))
    target, data = round.path("returned") / f"{word}.xlsx", write_sending_list(entries, round.name)
    if not target.is_file() or target.read_bytes() != data:
        files.write_file(target, data)

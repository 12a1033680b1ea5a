"""What is to be put right is returned: flagged workbooks with a notice to send along, and a list of what was sent."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from perfxl import messages
from perfxl.batch import output as files
from perfxl.batch.arguments import Progress
from perfxl.errors import RoundError
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.drafts import drafts_by_project
from perfxl.rounds.desk.originals import original_path
from perfxl.rounds.desk.standings import standings_of
from perfxl.rounds.dossier import decision_on
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.returned import ReturnedUnit, ReturnOrder, write_returned
from perfxl.rounds.returned_findings import Opinions
from perfxl.rounds.round import Round, language_of
from perfxl.rounds.rulings import standing_decisions, with_extensions
from perfxl.rounds.sending import RETURN, ReturnEntry, list_returns, sent_until
from perfxl.rounds.sending_list import write_sending_list
from perfxl.rounds.states import ProjectState
from perfxl.rounds.store.group import WriteGroup, project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import KeptDecision, KeptRemark, KeptSubmission
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
        orders = _make_orders(round, store, named, unit, deadline)
        fresh = {project_key(key) for key in named} - _to_return(store.decisions()).keys()
        made = iter(executor.map(write_returned, orders) if executor else map(write_returned, orders))
        for at in range(0, len(orders), GROUP):
            done = [next(made) for _ in orders[at : at + GROUP]]
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


def _make_orders(
    round: Round, store: Store, named: Sequence[ProjectKey], unit: str, deadline: str
) -> tuple[ReturnOrder, ...]:
    """Return what is to be returned, unit by unit in the order of the registry."""
    registry = with_extensions(store.registry(), standing_decisions(store.decisions()))
    units = {one.code: one for one in registry.units}
    if unit:
        registry.unit(unit)
    states = {key: standing.state for key, standing in standings_of(store).items()}
    drafts = {kept.project: kept for kept in store.submissions()}
    wanted = _to_return(store.decisions())
    asked_for = {one.key for one in registry.projects}
    here = {key: kept for key, kept in drafts.items() if key in asked_for and unit in ("", key[0])}
    due = _find_due(here, states, named, wanted)
    away = {
        kept.id
        for key, kept in drafts.items()
        if kept.id not in due and (states[key] == "returned" or key not in asked_for)
    }
    written = frozenset(file for entry in returns_of(store) for file in entry.files)
    opinions = _opinions_of(store, drafts)
    deliveries = {delivery.id: delivery for delivery in store.deliveries()}
    codes = {kept.project[0] for kept in drafts.values() if kept.id in due}
    # a sheet that a book lacked is missing no more once something came of every project
    waiting = {key[0] for key in registry.asked() if states.get(key, "missing") == "missing"}
    orders = []
    for sender in (one for code, one in units.items() if code in codes):
        waits = sender.code in waiting
        own = tuple(
            kept if waits else replace(kept, findings=tuple(one for one in kept.findings if one.code != MISSING_SHEET))
            for key, kept in drafts.items()
            if key[0] == sender.code and states[key] != "question"
        )
        ids = {kept.id for kept in own}
        came = {kept.delivery: deliveries[kept.delivery] for kept in own}
        order = ReturnOrder(
            round=round,
            unit=sender,
            drafts=own,
            due=frozenset(due.keys() & ids),
            away=frozenset(away & ids),
            deliveries=came,
            files={id: original_path(round, delivery.digest) for id, delivery in came.items()},
            opinions=opinions.about(own),
            deadline=deadline or _in_words(sender.deadline or round.deadline),
            why={id: why for id, why in due.items() if id in ids},
            written=written,
        )
        orders.append(order)
    return tuple(orders)


def _find_due(
    drafts: Mapping[ProjectKey, KeptSubmission],
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
    for key, kept in drafts.items():
        decision = wanted.get(project_key(key))
        asked = _is_asked(decision, kept, states[key])
        if states[key] == "review" or asked or key in named:
            due[kept.id] = decision.why if decision and asked else ""
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


def _is_asked(decision: KeptDecision | None, draft: KeptSubmission, state: ProjectState) -> bool:
    """Return whether an officer named this very draft, and it can be returned."""
    return decision is not None and decision.after == draft.id and state not in ("question", "approved")


def _opinions_of(store: Store, drafts: Mapping[ProjectKey, KeptSubmission]) -> Opinions:
    """Return what people said of the drafts that count; a remark stays open through drafts."""
    every = drafts_by_project(store)
    owners = {draft.id: key for key, own in every.items() for draft in own}
    known = {finding.id: finding for own in every.values() for draft in own for finding in draft.findings}
    standing = standing_decisions(store.decisions())
    decided = (
        (finding.id, decision_on(finding, known, standing)) for kept in drafts.values() for finding in kept.findings
    )
    remarks: dict[int, tuple[KeptRemark, ...]] = {}
    for remark in store.remarks():
        kept = drafts.get(owners[remark.submission]) if remark.submission in owners else None
        if kept is not None and remark.state == "open":
            remarks[kept.id] = (*remarks.get(kept.id, ()), remark)
    return Opinions(
        explanations={one.finding: one for one in store.explanations()},
        decisions={id: decision for id, decision in decided if decision},
        remarks=remarks,
    )


def _in_words(deadline: str) -> str:
    """Return a deadline, a day or a day and a time, as people say it; empty for none, and for one that is over."""
    if not deadline or now().replace("T", " ")[: len(deadline)] > deadline.replace("T", " "):
        return ""
    day = datetime.date.fromisoformat(deadline[:10])
    return messages.say("rounds.return.day", {"month": day.month, "day": day.day, "time": deadline[11:16]})


def _write_list(round: Round, store: Store) -> None:
    """Write the list of what is to be sent, unless it stands there."""
    if not (entries := returns_of(store)):
        return
    word = messages.say("rounds.sending.file", {}, language_of(round))
    target, data = round.path("returned") / f"{word}.xlsx", write_sending_list(entries, round.name)
    if not target.is_file() or target.read_bytes() != data:
        files.write_file(target, data)

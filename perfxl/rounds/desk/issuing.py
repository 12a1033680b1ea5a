"""The workbooks of a round are issued, and noted in its store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from perfxl.batch.arguments import Progress
from perfxl.json_data import as_kept
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.heartbeat import renewing
from perfxl.rounds.desk.round_store import open_asked
from perfxl.rounds.issue import (
    IssueOrder,
    WrittenWorkbook,
    list_orders,
    secret_projects,
    unbased_projects,
    write_orders,
)
from perfxl.rounds.issue_changes import IssueChange, count_changes
from perfxl.rounds.model import ProjectKey, RegisteredProject, Registry
from perfxl.rounds.round import Round
from perfxl.rounds.store.rows import IssuedWorkbook, KeptSubmission
from perfxl.rounds.store.store import Store

_Sent = dict[tuple[str, str], tuple[IssuedWorkbook, ...]]


@dataclass(frozen=True)
class IssuedRound:
    """The result of issuing: the workbooks of the whole round as they stand, and the projects of which nothing is.

    ``changes``: the units for which the registry differs from what was issued, before this call; ``anew``: those of
    them that were issued anew by it; ``unbased``: the projects of which nothing is until they have a base record.
    """

    workbooks: tuple[WrittenWorkbook, ...]
    secret: tuple[RegisteredProject, ...]
    registry: Registry
    changes: tuple[IssueChange, ...] = ()
    anew: frozenset[tuple[str, str]] = frozenset()
    unbased: tuple[RegisteredProject, ...] = ()


def issue(
    round: Round,
    executor: Executor | None = None,
    progress: Progress | None = None,
    changed: bool = False,
    units: Sequence[str] = (),
) -> IssuedRound:
    """Write the workbooks of a round that are not written yet, and note them in the store.

    ``changed``: issue those anew, with the next draft number, for which the registry has changed since; what was filled
    in goes out again. ``units``: the codes of some units, none for all. Raises RoundError for a unit that is unknown.
    """
    with open_asked(round, write=True) as (store, registry):
        for code in units:
            registry.unit(code)
        sent = _sent_workbooks(store)
        unbased = unbased_projects(registry, store.based())
        listed = list_orders(round, registry, {project.key for project in unbased})
        orders = [_with_base(order, store) for order in listed if not units or order.unit.code in units]
        changes = tuple(_find_changes(orders, sent, units))
        drafts = {kept.project: kept for kept in store.submissions()} if changes else {}
        changes = tuple(replace(change, reported=_count_reported(change, sent, drafts)) for change in changes)
        again = frozenset((change.unit, change.form) for change in changes) if changed else frozenset()
        orders = [made for order in orders if (made := _to_write(round, order, sent, changes, changed))]
        if any(order.draft > 1 for order in orders):
            drafts = drafts or {kept.project: kept for kept in store.submissions()}
            orders = [_with_answers(order, drafts) for order in orders]
        written = write_orders(orders, executor, renewing(store, progress))
        known = {(one.file, one.digest) for several in sent.values() for one in several}
        fresh = [one for one in written if one.state != "blocked" and (one.file, one.digest) not in known]
        if fresh:
            with store.group(whoever(), now()) as group:
                for one in fresh:
                    group.add_issued(IssuedWorkbook(one.unit, one.draft, one.digest, one.file, one.given))
        blocked = [one for one in written if one.state == "blocked"]
        standing = _standing(store, registry, [one for one in written if one.state == "written"])
    return IssuedRound((*standing, *blocked), secret_projects(registry), registry, changes, again, unbased)


def _sent_workbooks(store: Store) -> _Sent:
    """Return the workbooks of the last draft that was issued to each unit of each form; of a file the last one."""
    found: dict[tuple[str, str], dict[str, IssuedWorkbook]] = {}
    for one in store.issued():
        several = found.setdefault((one.unit, str(one.given.get("form"))), {})
        if several and one.draft > next(iter(several.values())).draft:
            several.clear()
        several[one.file] = one
    return {key: tuple(several.values()) for key, several in found.items()}


def _given(workbooks: Sequence[IssuedWorkbook]) -> dict[str, Any]:
    """Return what was sent with several workbooks of a unit as one."""
    records = [record for one in workbooks for record in one.given.get("records", ())]
    return {**workbooks[0].given, "records": records}


def _find_changes(orders: Sequence[IssueOrder], sent: _Sent, units: Sequence[str]) -> list[IssueChange]:
    """Return what differs between the registry and what was issued last, in the order of the registry."""
    changes = []
    for order in orders:
        before = sent.get((order.unit.code, order.form))
        counts = count_changes(_given(before), as_kept(order.given)) if before else {}
        if before and (counts or order.draft > before[0].draft):
            changes.append(IssueChange(order.unit.code, order.unit.name, order.form, before[0].draft, **counts))
    ordered = {(order.unit.code, order.form) for order in orders}
    for (unit, form), before in sent.items():
        if (unit, form) not in ordered and (not units or unit in units):  # nothing is asked of it any more
            name, dropped = str(before[0].given.get("unit", {}).get("name", "")), len(_given(before)["records"])
            changes.append(IssueChange(unit, name, form, before[0].draft, dropped=dropped))
    return changes


def _count_reported(change: IssueChange, sent: _Sent, drafts: Mapping[ProjectKey, KeptSubmission]) -> int:
    """Return of how many projects that were issued a draft counts."""
    numbers = {number for one in sent[change.unit, change.form] for number in one.given["numbers"]}
    return sum((change.unit, change.form, number) in drafts for number in numbers)


def _to_write(
    round: Round, order: IssueOrder, sent: _Sent, changes: Sequence[IssueChange], anew: bool
) -> IssueOrder | None:
    """Return the order with the draft that it has to have; None where its workbooks stay as they were issued."""
    before = sent.get((order.unit.code, order.form))
    if before is None:
        return order
    draft = before[0].draft
    if any((change.unit, change.form) == (order.unit.code, order.form) for change in changes):
        return replace(order, draft=max(order.draft, draft + 1)) if anew else None
    gone = not all((round.path("issued") / one.file).is_file() for one in before)
    return replace(order, draft=draft) if gone else None


def _with_base(order: IssueOrder, store: Store) -> IssueOrder:
    """Return an order with the base records of its projects, where its form gives more than a registry does."""
    base = store.base_records(project.key for project in order.projects)
    return replace(order, base={number: record for (_, _, number), record in base.items()}) if base else order


def _with_answers(order: IssueOrder, drafts: Mapping[ProjectKey, KeptSubmission]) -> IssueOrder:
    """Return an order of a later draft with what was filled in: the records of the drafts that count."""
    found = {project.number: drafts[project.key].record for project in order.projects if project.key in drafts}
    return replace(order, answers=found) if order.draft > 1 else order


def _standing(store: Store, registry: Registry, written: Sequence[WrittenWorkbook]) -> list[WrittenWorkbook]:
    """Return the workbooks that stand now, in the order of the registry's units."""
    now_written = {(one.file, one.digest) for one in written}
    places = {unit.code: at for at, unit in enumerate(registry.units)}
    rows = [one for several in _sent_workbooks(store).values() for one in several if one.unit in places]
    rows.sort(key=lambda one: (places[one.unit], one.id))
    return [
        WrittenWorkbook(
            unit=one.unit,
            form=str(one.given.get("form")),
            draft=one.draft,
            file=one.file,
            digest=one.digest,
            numbers=tuple(one.given.get("numbers", ())),
            amount=float(one.given.get("amount", 0)),
            given=one.given,
            state="written" if (one.file, one.digest) in now_written else "kept",
        )
        for one in rows
    ]

"""The board of a round is viewed, and the units are reminded that have not sent all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from perfxl.errors import RoundError
from perfxl.form import installed
from perfxl.form.types.money import IN_YUAN, Money
from perfxl.rounds.board import Board, BoardSource, Standing, Trouble, UnitNews, make_board
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.round_store import is_begun
from perfxl.rounds.desk.standings import standings_of
from perfxl.rounds.model import ProjectKey, RegisteredUnit, Registry
from perfxl.rounds.reminders import Reminder, make_reminders
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import standing_decisions, with_extensions
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Delivery
from perfxl.rounds.store.store import Store

REMINDED = "reminded"
"""The event of a unit that it was reminded (催报)."""


def status(round: Round, only: str = "", unit: str = "") -> Board:
    """Return the board of a round; ``only``, ``unit``: a part of it, as ``make_board`` has them."""
    return make_board(_read_source(round, unit), only, unit)


def list_reminders(round: Round, unit: str = "") -> tuple[Reminder, ...]:
    """Return the units that have not sent all, those of which most is missing first; ``unit``: those below one."""
    source = _read_source(round, unit)
    return make_reminders(source, make_board(source, "missing", unit))


def note_reminders(round: Round, reminders: Iterable[Reminder]) -> None:
    """Note that these units were reminded."""
    with open_store(round.store, write=True) as store, store.group(whoever(), now()) as group:
        for reminder in reminders:
            numbers = [list(project.key) for project in reminder.missing]
            group.add_event(REMINDED, "unit", reminder.unit.code, {"missing": numbers})


def _read_source(round: Round, unit: str) -> BoardSource:
    """Return what the board is made of, as the store has it at one moment. Raises RoundError for an unknown unit."""
    if not is_begun(round):
        raise RoundError(what="no_registry", file=str(round.folder))
    with open_store(round.store, write=False) as store, store.snapshot():
        registry = with_extensions(store.registry(), standing_decisions(store.decisions()))
        standings = standings_of(store)
        news = _news(registry, standings, store, store.count_days(REMINDED, "unit"))
    if not registry.units:
        raise RoundError(what="no_registry", file=str(round.folder))
    if unit:
        registry.unit(unit)
    amounts = dict(_amounts(round, registry))
    return BoardSource(round.name, registry, standings, amounts, news, round.deadline, now())


def _amounts(round: Round, registry: Registry) -> Iterator[tuple[ProjectKey, Decimal]]:
    """Yield the amounts of the projects in 万元, of the first form that has any: others state the same money again."""
    for name in round.forms:
        fields = installed.load(name).fields.items()
        amounts = ((id, field.type.in_yuan) for id, field in fields if field.given and isinstance(field.type, Money))
        found = next(((id, in_yuan) for id, in_yuan in amounts if in_yuan is not None), None)
        if found:
            id, in_yuan = found
            factor = in_yuan / IN_YUAN["万元"]
            for project in registry.projects:
                if project.form == name and isinstance(amount := project.given.get(id), int | float):
                    yield project.key, Decimal(str(amount)) * factor
            return


_NOT_TAKEN: tuple[Trouble, ...] = ("unreadable", "no_form", "not_this", "old_form")
"""The verdicts of files of which nothing could be taken, but for blank ones, as the board has them."""


def _news(
    registry: Registry, standings: Mapping[ProjectKey, Standing], store: Store, reminded: Mapping[str, int]
) -> dict[str, UnitNews]:
    """Return what came from each unit and could not be taken, while something of the unit is still awaited.

    A file whose unit cannot be told stands under an empty code.
    """
    found: dict[str, dict[Trouble, set[object]]] = {}
    newest: dict[str, str] = {}
    last = _last_drafts(standings)
    states = {project.key: standings.get(project.key, Standing()).state for project in registry.projects}
    awaiting = {key[0] for key, state in states.items() if state in ("missing", "returned")}

    def note(unit: str, kind: Trouble, thing: object, arrived: str) -> None:
        found.setdefault(unit, {}).setdefault(kind, set()).add(thing)
        newest[unit] = max(newest.get(unit, ""), arrived)

    for delivery in store.refusals():
        for key in delivery.reason.get("sheets", {}).get("blank", ()):
            if states.get((key[0], key[1], key[2])) == "missing":
                note(key[0], "blank", tuple(key), delivery.arrived)
        for kind in _NOT_TAKEN:
            for unit in _senders(delivery, kind, registry.units):
                if not unit or (unit in awaiting and delivery.arrived >= last.get(unit, "")):
                    note(unit, kind, delivery.digest or delivery.name, delivery.arrived)
    return {
        unit: UnitNews(
            troubles={kind: len(things) for kind, things in found.get(unit, {}).items()},
            last=newest.get(unit, ""),
            reminded=reminded.get(unit, 0),
        )
        for unit in {*found, *reminded}
    }


def _last_drafts(standings: Mapping[ProjectKey, Standing]) -> dict[str, str]:
    """Return the time at which the newest draft of each unit came."""
    last: dict[str, str] = {}
    for key, standing in standings.items():
        last[key[0]] = max(last.get(key[0], ""), standing.last or "")
    return last


def _senders(delivery: Delivery, kind: Trouble, units: Iterable[RegisteredUnit]) -> set[str]:
    """Return the units from which a file came of which nothing of this kind was taken; an empty code for unknown."""
    codes = {unit.code for unit in units}
    if keys := delivery.reason.get("sheets", {}).get(kind):
        return {key[0] if key[0] in codes else "" for key in keys}
    return {guess_unit(f"{delivery.source}/{delivery.name}", units)} if delivery.verdict == kind else set()


def guess_unit(name: str, units: Iterable[RegisteredUnit]) -> str:
    """Return the code of the one unit whose name or code a file's path holds, the longest first; empty for none."""
    numbers = {*re.findall("[0-9A-Za-z]+", name)}
    named: dict[int, set[str]] = {}
    for unit in units:
        if unit.code in numbers:
            named.setdefault(len(unit.code), set()).add(unit.code)
        if len(unit.name) > 1 and unit.name in name:
            named.setdefault(len(unit.name), set()).add(unit.code)
    longest = named.get(max(named, default=0), set())
    return next(iter(longest)) if len(longest) == 1 else ""

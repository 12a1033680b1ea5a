"""The decisions that stand: what was decided and not taken back, about projects, units and questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from perfxl.rounds.model import Registry
from perfxl.rounds.store.rows import KeptDecision

TAKEN_BACK = "taken_back"
"""The word of the store for a decision that takes back the last one about the same row."""

About = tuple[str, str]
"""The row that a decision is about: its table, its key."""


@dataclass(frozen=True)
class Ruling:
    """The drafts of a project that were passed, returned, and named to be returned, by their rows; None for none."""

    approved: int | None = None
    returned: int | None = None
    named: int | None = None


def standing_decisions(decisions: Iterable[KeptDecision]) -> dict[About, tuple[KeptDecision, ...]]:
    """Return the decisions that stand by the row that they are about, in the order in which they were made."""
    found: dict[About, tuple[KeptDecision, ...]] = {}
    for decision in decisions:
        about = decision.about, decision.key
        before = found.get(about, ())
        found[about] = before[:-1] if decision.what == TAKEN_BACK else (*before, decision)
    return found


def find_rulings(standing: Mapping[About, Iterable[KeptDecision]]) -> dict[str, Ruling]:
    """Return what was decided about the drafts of each project. A decision holds for the draft that counted then."""
    found: dict[str, Ruling] = {}
    for (about, key), decisions in standing.items():
        if about == "project":
            last: dict[str, Any] = {decision.what: decision.after for decision in decisions}
            found[key] = Ruling(last.get("approved"), last.get("returned"), last.get("to_return"))
    return found


def with_extensions(registry: Registry, standing: Mapping[About, tuple[KeptDecision, ...]]) -> Registry:
    """Return a registry with the deadlines of units as they were extended; the registry itself keeps its own."""
    until = {key: decisions[-1].after for (about, key), decisions in standing.items() if about == "unit" and decisions}
    if not until:
        return registry
    units = tuple(replace(unit, deadline=until.get(unit.code, unit.deadline)) for unit in registry.units)
    return replace(registry, units=units)

"""The units that have not sent all (催报名单): what is missing of each, and the days that are left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perfxl.rounds.board import Board, BoardSource, Standing, Trouble
from perfxl.rounds.deadline import days_left, has_passed
from perfxl.rounds.model import RegisteredProject, RegisteredUnit


@dataclass(frozen=True)
class Reminder:
    """A unit that has not sent all.

    ``missing``: the projects of which nothing came, of ``projects`` that are asked; ``troubles``: what came instead;
    ``deadline``: the unit's, as an ISO text; ``days``: left until it, below zero when it is over, None for none;
    ``over``: it has passed; ``reminded``: the days on which it was reminded before.
    """

    unit: RegisteredUnit
    missing: tuple[RegisteredProject, ...]
    projects: int
    troubles: Mapping[Trouble, int] = field(default_factory=dict)
    deadline: str = ""
    days: int | None = None
    over: bool = False
    reminded: int = 0

    def plain(self) -> dict[str, Any]:
        """Return the reminder as JSON data."""
        unit = {name: getattr(self.unit, name) for name in ("code", "name", "contact", "phone")}
        missing = [{name: getattr(one, name) for name in ("form", "number", "code", "name")} for one in self.missing]
        own = {name: getattr(self, name) for name in ("projects", "deadline", "days", "over", "reminded")}
        return {**unit, "missing": missing, **own, "troubles": dict(self.troubles)}


def make_reminders(source: BoardSource, board: Board) -> tuple[Reminder, ...]:
    """Return a reminder for every unit on a board of which something is missing, the most first."""
    missing: dict[str, list[RegisteredProject]] = {}
    for project in source.registry.projects:
        stands = source.standings.get(project.key, Standing())
        if stands.state == "missing" and project.disclosure != "secret":
            missing.setdefault(project.unit, []).append(project)
    reminders = [
        Reminder(
            unit=line.unit,
            missing=tuple(missing[line.unit.code]),
            projects=line.tally.projects,
            troubles=line.tally.troubles,
            deadline=line.deadline,
            days=days_left(line.deadline, source.now),
            over=has_passed(line.deadline, source.now),
            reminded=line.reminded,
        )
        for line in board.units
        if line.unit.code in missing
    ]
    return tuple(sorted(reminders, key=lambda reminder: -len(reminder.missing)))

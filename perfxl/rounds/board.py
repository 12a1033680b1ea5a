"""The board of a round: where every unit and its projects stand, units below the unit above them, with sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perfxl.rounds.model import ProjectKey, RegisteredUnit, Registry
from perfxl.rounds.states import STATES, ProjectState, UnitState, is_late, unit_state


@dataclass(frozen=True)
class Standing:
    """The standing of a project: its state, and the ISO time at which its first draft came, None for none."""

    state: ProjectState = "missing"
    first: str | None = None


@dataclass(frozen=True)
class BoardLine:
    """A line of the board: a unit with the units below it.

    ``depth``: how many units are above it; ``projects``: the number of its own projects and of those below;
    ``counts``: of these, by state; ``state``: of its own projects, None where it has none; ``late``: the first draft of
    its own last project came after its deadline.
    """

    code: str
    name: str
    depth: int
    projects: int
    counts: Mapping[ProjectState, int]
    state: UnitState | None
    late: bool

    def plain(self) -> dict[str, Any]:
        """Return the line as JSON data."""
        plain: dict[str, Any] = {"code": self.code, "name": self.name, "depth": self.depth, "projects": self.projects}
        plain |= {state: self.counts.get(state, 0) for state in STATES}
        return plain | {"state": self.state, "late": self.late}


def make_board(registry: Registry, standings: Mapping[ProjectKey, Standing], deadline: str) -> tuple[BoardLine, ...]:
    """Return the board: every unit below the one above it, in the order of the registry.

    ``deadline``: of the round, as an ISO date; a unit may have its own. A unit whose upper unit is not in the registry
    stands at the top.
    """
    known = {unit.code for unit in registry.units}
    below: dict[str, list[RegisteredUnit]] = {}
    for unit in registry.units:
        below.setdefault(unit.parent if unit.parent in known and unit.parent != unit.code else "", []).append(unit)
    own: dict[str, list[Standing]] = {}
    for project in registry.projects:
        own.setdefault(project.unit, []).append(standings.get(project.key, Standing()))
    lines = [*_lines(below, own, deadline, "", 0, frozenset())]
    listed = {line.code for line in lines}
    for unit in registry.units:  # units that stand above each other in a circle are not lost
        if unit.code not in listed:
            lines += _lines({"": [unit]}, own, deadline, "", 0, frozenset())
    return tuple(lines)


def _lines(
    below: Mapping[str, Sequence[RegisteredUnit]],
    own: Mapping[str, Sequence[Standing]],
    deadline: str,
    above: str,
    depth: int,
    path: frozenset[str],
) -> Iterator[BoardLine]:
    """Yield the lines of the units below a unit, each followed by those below it; ``path``: the units above."""
    for unit in below.get(above, ()):
        if unit.code in path:
            continue
        lower = list(_lines(below, own, deadline, unit.code, depth + 1, path | {unit.code}))
        standings = own.get(unit.code, ())
        counts = Counter(standing.state for standing in standings)
        for line in lower:
            if line.depth == depth + 1:
                counts.update(line.counts)
        states = [standing.state for standing in standings]
        yield BoardLine(
            code=unit.code,
            name=unit.name,
            depth=depth,
            projects=counts.total(),
            counts=dict(counts),
            state=unit_state(states) if states else None,
            late=is_late([standing.first for standing in standings], unit.deadline or deadline),
        )
        yield from lower


def total(board: Sequence[BoardLine]) -> Mapping[ProjectState, int]:
    """Return the number of projects by state, of all units."""
    counts: Counter[ProjectState] = Counter()
    for line in board:
        if line.depth == 0:
            counts.update(line.counts)
    return {state: counts[state] for state in STATES}

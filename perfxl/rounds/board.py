"""The board of a round (报送进度): where every unit stands with its projects, below the unit above it, with sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import reduce
from typing import Any, Literal, TypeVar

from perfxl.rounds.model import ProjectKey, RegisteredUnit, Registry
from perfxl.rounds.states import STATES, ProjectState, Punctuality, UnitState, punctuality, unit_state

_K = TypeVar("_K", bound=str)

Trouble = Literal[
    "question", "approved_again", "partial", "blank", "unreadable", "not_this", "old_form", "no_form", "secret"
]
"""异常, something that a person should know of a unit: 待确认 open questions; 通过后又报 one about a project that was
passed; 部分报送; 空表 projects of which only a blank sheet came; 打不开, 非本次表, 旧表样, 其他文件 files from which
nothing could be taken; 涉密 projects that are not asked here."""

TROUBLES: tuple[Trouble, ...] = (
    "question", "approved_again", "unreadable", "blank", "partial", "not_this", "old_form", "no_form", "secret",
)  # fmt: skip
"""In the order in which they are said."""


@dataclass(frozen=True)
class Standing:
    """The standing of a project.

    ``first``, ``last``: the ISO times at which its first and newest draft came, None for none; ``draft``: the number
    of the one that counts; ``errors``, ``warnings``: of that draft, as far as they must still be put right or
    explained; ``asked``: a question is open; ``unsent``: it was returned, and the unit has not been told.
    """

    state: ProjectState = "missing"
    first: str | None = None
    last: str | None = None
    draft: int = 0
    errors: int = 0
    warnings: int = 0
    asked: bool = False
    unsent: bool = False


@dataclass(frozen=True)
class Tally:
    """The numbers of a unit, or of all below one.

    ``units``: those with projects; ``counts``: their projects by state; ``amount``, ``control``: in 万元, ``control``
    None where a unit with an amount has none; ``unsent``: the projects whose return was not sent; ``draft``: of the
    newest draft; ``last``: the ISO time at which anything came last; ``on_time``: the units that kept their deadline,
    of those of which it is known (``judged``).
    """

    units: int = 0
    projects: int = 0
    counts: Mapping[ProjectState, int] = field(default_factory=dict)
    amount: Decimal = Decimal(0)
    control: Decimal | None = Decimal(0)
    errors: int = 0
    warnings: int = 0
    unsent: int = 0
    draft: int = 0
    last: str = ""
    troubles: Mapping[Trouble, int] = field(default_factory=dict)
    on_time: int = 0
    judged: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            units=self.units + other.units,
            projects=self.projects + other.projects,
            counts=_added(self.counts, other.counts),
            amount=self.amount + other.amount,
            control=None if self.control is None or other.control is None else self.control + other.control,
            errors=self.errors + other.errors,
            warnings=self.warnings + other.warnings,
            unsent=self.unsent + other.unsent,
            draft=max(self.draft, other.draft),
            last=max(self.last, other.last),
            troubles=_added(self.troubles, other.troubles),
            on_time=self.on_time + other.on_time,
            judged=self.judged + other.judged,
        )

    @property
    def submitted(self) -> int:
        """The number of projects of which something came."""
        return self.projects - self.counts.get("missing", 0)

    @property
    def difference(self) -> Decimal | None:
        """The amount less the control total; None where the latter is not known."""
        return None if self.control is None else self.amount - self.control

    @property
    def punctual(self) -> float | None:
        """The part of the units that kept their deadline (报送及时率), None before it is known of any."""
        return self.on_time / self.judged if self.judged else None

    def plain(self) -> dict[str, Any]:
        """Return the numbers as JSON data."""
        plain = {**vars(self), "submitted": self.submitted, "difference": self.difference, "punctual": self.punctual}
        del plain["counts"]
        plain |= {state: self.counts.get(state, 0) for state in STATES}
        plain["troubles"] = dict(self.troubles)
        return {key: float(value) if isinstance(value, Decimal) else value for key, value in plain.items()}


def _added(first: Mapping[_K, int], second: Mapping[_K, int]) -> Mapping[_K, int]:
    return Counter(first) + Counter(second)


@dataclass(frozen=True)
class BoardLine:
    """A line of the board.

    ``level``: ``unit`` for a unit with its own projects, ``group`` for one with all below it; a unit that has both
    has two lines. ``depth``: the number of groups above; ``state``, ``punctuality``: of a unit, None for none;
    ``deadline``: the unit's; ``reminded``: the days on which it was reminded.
    """

    level: Literal["group", "unit"]
    unit: RegisteredUnit
    depth: int
    tally: Tally
    state: UnitState | None = None
    punctuality: Punctuality | None = None
    deadline: str = ""
    reminded: int = 0

    def plain(self) -> dict[str, Any]:
        """Return the line as JSON data."""
        unit = {name: getattr(self.unit, name) for name in ("code", "name", "parent", "contact", "phone")}
        own = {name: getattr(self, name) for name in ("level", "depth", "state", "punctuality", "deadline", "reminded")}
        return {**unit, **own, "late": self.punctuality == "late", **self.tally.plain()}


@dataclass(frozen=True)
class UnitNews:
    """The news of a unit beside its projects.

    ``troubles``: the files and blanks of which nothing was taken; ``last``: the ISO time at which the newest of these
    came, empty for none; ``reminded``: the days on which the unit was reminded.
    """

    troubles: Mapping[Trouble, int] = field(default_factory=dict)
    last: str = ""
    reminded: int = 0


@dataclass(frozen=True)
class BoardSource:
    """The facts from which a board is made, all of one moment.

    ``amounts``: of the projects, in 万元; ``news``: by the units' codes, those of files whose unit is not known under
    an empty code; ``deadline``: of the round, a unit may have its own; ``now``: an ISO time.
    """

    name: str
    registry: Registry
    standings: Mapping[ProjectKey, Standing]
    amounts: Mapping[ProjectKey, Decimal] = field(default_factory=dict)
    news: Mapping[str, UnitNews] = field(default_factory=dict)
    deadline: str = ""
    now: str = ""


@dataclass(frozen=True)
class Board:
    """The board: its lines, each group before what is below it, and the sum of its units.

    ``unplaced``: the files of which nothing came and whose unit is not known; ``only``: the filter that was applied.
    """

    name: str
    deadline: str
    now: str
    lines: tuple[BoardLine, ...]
    total: Tally
    unplaced: Mapping[Trouble, int] = field(default_factory=dict)
    only: str = ""

    @property
    def units(self) -> tuple[BoardLine, ...]:
        """The lines of units, without those of groups."""
        return tuple(line for line in self.lines if line.level == "unit")

    def plain(self) -> list[dict[str, Any]]:
        """Return the lines as JSON data; the first is the sum of all, with what is said of the whole."""
        whole = {"code": "", "name": self.name, "level": "total", "depth": -1, "now": self.now}
        whole |= {"deadline": self.deadline, "only": self.only, "unplaced": dict(self.unplaced)}
        return [{**whole, **self.total.plain()}, *(line.plain() for line in self.lines)]


FILTERS: Mapping[str, Callable[[BoardLine], bool]] = {
    "missing": lambda line: line.tally.counts.get("missing", 0) > 0,
    "partial": lambda line: line.state == "partial",
    "question": lambda line: line.tally.troubles.get("question", 0) + line.tally.troubles.get("approved_again", 0) > 0,
    "review": lambda line: line.tally.counts.get("review", 0) > 0,
    "ready": lambda line: line.tally.counts.get("ready", 0) > 0,
    "returned": lambda line: line.tally.counts.get("returned", 0) > 0,
    "late": lambda line: line.punctuality in ("late", "overdue"),
    "blank": lambda line: line.tally.troubles.get("blank", 0) > 0,
    "unreadable": lambda line: line.tally.troubles.get("unreadable", 0) > 0,
    "difference": lambda line: bool(line.tally.difference),
    "unsent": lambda line: line.tally.unsent > 0,
}
"""The units that may be asked for."""


def make_board(source: BoardSource, only: str = "", below: str = "") -> Board:
    """Return the board: every unit below the one above it, in the order of the registry; sums are of what is shown.

    ``only``: one of FILTERS, for the units of which it holds; ``below``: the code of a unit, for it and those below. A
    unit whose upper unit is not in the registry stands at the top.
    """
    own = {line.unit.code: line for line in _unit_lines(source) if not only or FILTERS[only](line)}
    tree = _Tree(source.registry.units, own, whole=not only)
    tops = [unit for unit in source.registry.units if unit.code == below] if below else tree.tops()
    lines = tuple(line for unit in tops for line in tree.lines(unit))
    total = reduce(Tally.__add__, (line.tally for line in lines if line.depth == 0), Tally())
    unplaced = source.news.get("", UnitNews()).troubles
    return Board(source.name, source.deadline, source.now, lines, total, unplaced, only)


def _unit_lines(source: BoardSource) -> Iterator[BoardLine]:
    """Yield the line of each unit by itself; none for a unit that only stands above others."""
    asked: dict[str, list[ProjectKey]] = {}
    secret: Counter[str] = Counter()
    amounts: dict[str, Decimal] = {}
    for project in source.registry.projects:
        amounts[project.unit] = amounts.get(project.unit, Decimal(0)) + source.amounts.get(project.key, Decimal(0))
        if project.disclosure == "secret":  # nothing is issued of it, so that nothing is missing
            secret[project.unit] += 1
        else:
            asked.setdefault(project.unit, []).append(project.key)
    registered = {project.key for project in source.registry.projects}
    strange = Counter(key[0] for key, found in source.standings.items() if found.asked and key not in registered)
    above = {unit.parent for unit in source.registry.units}
    for unit in source.registry.units:
        keys, news = asked.get(unit.code, []), source.news.get(unit.code, UnitNews())
        if unit.code in above and not (keys or secret[unit.code] or news.troubles or strange[unit.code]):
            continue
        standings = [source.standings.get(key, Standing()) for key in keys]
        troubles: Counter[Trouble] = Counter(news.troubles)
        troubles.update({"question": strange[unit.code], "secret": secret[unit.code]})
        line = _unit_line(unit, standings, unit.deadline or source.deadline, source.now)
        tally = replace(
            line.tally,
            amount=amounts.get(unit.code, Decimal(0)),
            control=_control(unit, unit.code in amounts),
            last=max(line.tally.last, news.last),
            troubles=_added(line.tally.troubles, troubles),
        )
        yield replace(line, tally=tally, reminded=news.reminded)


def _unit_line(unit: RegisteredUnit, standings: Sequence[Standing], deadline: str, now: str) -> BoardLine:
    """Return the line of a unit, as far as its projects make it."""
    states = [standing.state for standing in standings]
    kept = punctuality([standing.first for standing in standings], deadline, now)
    state = unit_state(states) if states else None
    again = sum(standing.asked and standing.state == "approved" for standing in standings)
    troubles: Mapping[Trouble, int] = {
        "question": states.count("question"), "approved_again": again, "partial": int(state == "partial"),
    }  # fmt: skip
    tally = Tally(
        units=int(bool(states)),
        projects=len(states),
        counts=Counter(states),
        errors=sum(standing.errors for standing in standings),
        warnings=sum(standing.warnings for standing in standings),
        unsent=sum(standing.unsent for standing in standings),
        draft=max((standing.draft for standing in standings), default=0),
        last=max((standing.last or "" for standing in standings), default=""),
        troubles=troubles,
        on_time=int(kept == "on_time"),
        judged=int(kept is not None),
    )
    return BoardLine("unit", unit, 0, tally, state, kept, deadline)


def _control(unit: RegisteredUnit, has_projects: bool) -> Decimal | None:
    if unit.control is None:
        return None if has_projects else Decimal(0)
    return Decimal(str(unit.control))


class _Tree:
    """The units below each other. ``own``: the lines of those that are shown; ``whole``: these are all."""

    def __init__(self, units: Sequence[RegisteredUnit], own: Mapping[str, BoardLine], whole: bool) -> None:
        self.units, self.own, self.whole = units, own, whole
        self.by_code = {unit.code: unit for unit in units}
        self.below: dict[str, list[RegisteredUnit]] = {}
        for unit in units:
            upper = unit.parent if unit.parent in self.by_code and unit.parent != unit.code else ""
            self.below.setdefault(upper, []).append(unit)

    def tops(self) -> Iterator[RegisteredUnit]:
        """Yield the units at the top; of units that stand above each other in a circle, one."""
        seen: set[str] = set()
        for unit in (*self.below.get("", ()), *self.units):
            if unit.code not in seen:
                top = self._highest(unit)
                seen |= self._reached(top)
                yield top

    def _highest(self, unit: RegisteredUnit) -> RegisteredUnit:
        """Return the unit above a unit that has none above it, or else one of the circle that is above it."""
        path = {unit.code}
        while (above := self.by_code.get(unit.parent)) and above.code not in path:
            unit = above
            path.add(unit.code)
        return above or unit

    def _reached(self, top: RegisteredUnit) -> set[str]:
        found, waiting = set(), [top]
        while waiting:
            unit = waiting.pop()
            if unit.code not in found:
                found.add(unit.code)
                waiting += self.below.get(unit.code, ())
        return found

    def lines(self, unit: RegisteredUnit, depth: int = 0, path: frozenset[str] = frozenset()) -> list[BoardLine]:
        """Return the lines of a unit and of those below it; ``path``: the units above."""
        under = path | {unit.code}
        lower = [one for one in self.below.get(unit.code, ()) if one.code not in under]
        own = self.own.get(unit.code)
        inner = [line for one in lower for line in self.lines(one, depth + 1, under)]
        if not inner:
            return [replace(own, depth=depth)] if own else []
        if own:
            inner.insert(0, replace(own, depth=depth + 1))
        tally = reduce(Tally.__add__, (line.tally for line in inner if line.depth == depth + 1))
        if self.whole and own is None and unit.control is not None:  # stated for all that is below
            tally = replace(tally, control=Decimal(str(unit.control)))
        return [BoardLine("group", unit, depth, tally), *inner]

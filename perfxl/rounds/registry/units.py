"""The units of a registry while it is being read, each with its projects, and what must hold of each as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

from perfxl.errors import RegistryMistake
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.source import nearest
from perfxl.messages import number
from perfxl.rounds.model import RegisteredProject
from perfxl.rounds.registry.pairing import ProjectMarks, number_projects
from perfxl.rounds.registry.sums import compare, is_ten_thousand
from perfxl.rounds.registry.table import RegistryCell, RegistryRow, RegistryTable
from perfxl.rounds.registry.values import CONTROL, RegistryValues, at, before
from perfxl.rounds.registry.words import GIVEN

_CODE_FIRST = re.compile(r"\s*([0-9]{3,}[0-9A-Za-z]*)[\s\-—_.:：、]*([^0-9\s].*)", re.DOTALL)
_NAME = re.compile(r".*[^\W\d_a-zA-Z].*[^\W\d_a-zA-Z].*", re.DOTALL)  # of a unit; a code has no two such letters
_ROUNDING = Decimal("0.000001")  # of 万元: what a sum of floats may be off


@dataclass
class ProjectDraft:
    """A project while its unit is being read. ``row``: its row; ``cells``: its cells, for the places of mistakes."""

    number: int | None
    running: int | None
    code: str
    name: str
    given: Mapping[str, Any]
    disclosure: Any
    sheet: str
    row: int
    cells: Mapping[str, RegistryCell]

    def at(self, column: str = "") -> dict[str, Any]:
        """Return the place of a column's value as facts; of the whole row where it is blank or none is given."""
        return at(self.sheet, self.cells.get(column), self.row)


@dataclass
class UnitDraft:
    """A unit while it is being read, with what stands once for it and the cells where that was read.

    ``parent_name``: the name of the unit above, where the list has a column for it beside the one for the code.
    """

    code: str
    name: str
    sheet: str
    row: int
    once: dict[str, Any] = field(default_factory=dict)
    places: dict[str, tuple[str, RegistryCell]] = field(default_factory=dict)
    projects: list[ProjectDraft] = field(default_factory=list)
    sums: list[tuple[RegistryTable, RegistryRow]] = field(default_factory=list)
    parent_name: str = ""


class UnitChecks:
    """Numbers the projects of all units, finds the units above, and adds what is wrong to the mistakes.

    ``running``: the numbers under 序号 in the order of the rows, each with the code of its unit; ``known``: the
    projects that each unit ever had, by its code.
    """

    def __init__(
        self,
        form: Form,
        values: RegistryValues,
        units: dict[str, UnitDraft],
        running: Sequence[tuple[str, int]],
        known: Mapping[str, Sequence[RegisteredProject]],
    ) -> None:
        self.form = form
        self.values = values
        self.mistakes = values.mistakes
        self.units = units
        self.running = running
        self.known = known
        self.named_above: list[UnitDraft] = []

    def check(self) -> None:
        """Check each unit, then how they stand above each other."""
        for unit in self.units.values():
            self._check_unit(unit)
        self._resolve_parents()

    def _check_unit(self, unit: UnitDraft) -> None:
        """Find what is wrong about a unit and its projects as a whole."""
        if not unit.name:
            place = at(unit.sheet, row=unit.row)
            self.mistakes.append(RegistryMistake(what="name_missing", **place, code=unit.code))
        if self.form.many:
            self._number(unit)
        for part in ("code", "name", "number"):
            seen: dict[Any, ProjectDraft] = {}
            for project in unit.projects:
                value = getattr(project, part)
                key = squeeze(value) if isinstance(value, str) else value
                first = seen.setdefault(key, project) if key else project
                if first is not project:
                    place = {**project.at(f"project.{part}"), **before(first.sheet, first.row, project.sheet)}
                    facts = {**place, "value": str(value), "unit": unit.name, "part": part}
                    self.mistakes.append(RegistryMistake(what="project_twice", **facts))
        self._check_control(unit)

    def _number(self, unit: UnitDraft) -> None:
        """Give the projects of a unit their numbers: those they are known by, those of the list, or a count."""
        projects, known = unit.projects, self.known.get(unit.code, ())
        stated = any(project.number is not None for project in projects)
        if not known and not stated:
            for place, project in enumerate(projects, start=1):
                project.number = project.running if self._running_numbers_are_taken else place
            return
        marks = [ProjectMarks(project.code, project.name, project.number) for project in projects]
        found = number_projects(known, marks)
        for place, (project, meant, own) in enumerate(zip(projects, found.numbers, found.known, strict=True)):
            if own is None and stated and project.number is None and "project.number" not in project.cells:
                self.mistakes.append(RegistryMistake(what="number_missing", **project.at(), name=project.name))
            facts = {**project.at("project.number"), "name": project.name, "found": project.number}
            if own is not None and project.number not in (None, meant):
                self.mistakes.append(RegistryMistake(what="number_differs", **facts, number=meant))
            elif place in found.holders:
                self.mistakes.append(RegistryMistake(what="number_taken", **facts, other=found.holders[place].name))
            else:
                project.number = meant

    @cached_property
    def _running_numbers_are_taken(self) -> bool:
        """True if the column 序号 numbers each unit's projects, not the rows of the list or the units."""
        if any(project.running is None for unit in self.units.values() for project in unit.projects):
            return False
        by_unit = ([project.running for project in unit.projects] for unit in self.units.values())
        if all(sorted(filter(None, several)) == list(range(1, len(several) + 1)) for several in by_unit):
            return True
        several_units = len({code for code, _ in self.running}) > 1
        numbers = [running for _, running in self.running]
        return not (several_units and all(first < second for first, second in pairwise(numbers)))

    def _check_control(self, unit: UnitDraft) -> None:
        """Compare a unit's control total, and the sum that a row of its own states, with the sum of its projects."""
        column = self.values.amount
        control = unit.once.get(CONTROL)
        if not column or not unit.projects or not self.values.unread.isdisjoint((column, CONTROL)):
            return
        amounts = (project.given.get(column.removeprefix(GIVEN), 0) for project in unit.projects)
        total = sum((Decimal(str(amount)) for amount in amounts), Decimal(0))
        for table, row in unit.sums:
            compare(table, row.cells.get(column), column, total, self.values)
        if control is None:
            return
        limit, total = Decimal(str(control)), total * self.values.in_wan(column)
        if total > limit + _ROUNDING:
            sums = {"total": number(total), "control": number(limit), "over": number(total - limit)}
            place = at(*unit.places[CONTROL])
            facts = {**place, **sums, "unit": unit.name, "ten_thousand": is_ten_thousand(total, limit)}
            self.mistakes.append(RegistryMistake(what="above_control", **facts))

    def _resolve_parents(self) -> None:
        """Make codes of the units above, which are named by their code, their name or both; a unit is not above itself.

        A unit that is named as its own is the uppermost one; one that only others name has no row and no projects.
        """
        by_name = {squeeze(unit.name): unit for unit in reversed(tuple(self.units.values())) if unit.name}
        marks = {**by_name, **self.units, **{squeeze(unit.code + unit.name): unit for unit in self.units.values()}}
        for unit in tuple(self.units.values()):
            named = unit.once.get("unit.parent", "")
            if not named:
                continue
            parent = marks.get(squeeze(named)) or self._add_above(unit, named, by_name)
            if parent is not None:
                marks[squeeze(named)] = parent
            else:
                near = nearest(named, (*self.units, *(other.name for other in self.units.values() if other.name)))
                place = at(*unit.places["unit.parent"])
                self.mistakes.append(RegistryMistake(what="parent_unknown", **place, found=named, near=near))
            unit.once["unit.parent"] = parent.code if parent is not None and parent is not unit else ""
        self._find_circles()

    def _add_above(self, unit: UnitDraft, named: str, by_name: dict[str, UnitDraft]) -> UnitDraft | None:
        """Add the unit above that has no row of its own; None where its name is not said, or is another unit's.

        Lists of offices have a column 主管部门 and below it the offices alone. Without a code its name is its code.
        """
        code, name = split_code(named)
        if not _NAME.fullmatch(name):
            code, name = named, unit.parent_name
        if not name or code in self.units or squeeze(name) in by_name:
            return None
        above = UnitDraft(code or name, name, unit.sheet, unit.row)
        self.units[above.code] = by_name[squeeze(name)] = above
        self.named_above.append(above)
        return above

    def _find_circles(self) -> None:
        """Find the units above which they stand themselves."""
        for unit in self.units.values():
            above, steps = unit, 0
            while above.once.get("unit.parent") and steps <= len(self.units):
                above, steps = self.units[above.once["unit.parent"]], steps + 1
                if above is unit:
                    place = at(*unit.places["unit.parent"])
                    self.mistakes.append(RegistryMistake(what="parent_circle", **place, name=unit.name))
                    break


def split_code(text: str) -> tuple[str, str]:
    """Return the code before a unit's name and the name; an empty code where there is none."""
    match = _CODE_FIRST.fullmatch(text)
    return (match[1], match[2].strip()) if match else ("", text)

"""The registry of a round, read: the units that are asked and their projects, with every mistake in one pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from perfxl.errors import RegistryError, RegistryMistake
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.source import nearest
from perfxl.messages import number
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.registry_sums import check_sums, compare, is_ten_thousand
from perfxl.rounds.registry_table import RegistryCell, RegistryRow, RegistryTable, find_tables
from perfxl.rounds.registry_values import CONTROL, RegistryValues, at, before
from perfxl.rounds.registry_words import GIVEN, registry_words
from perfxl.rounds.registry_yaml import ENDINGS, read_yaml_tables
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading.opening import open_package

_ONCE = ("unit.parent", "unit.contact", "unit.phone", CONTROL, "unit.deadline")
"""What a unit has one of, in however many rows it stands."""

_NEEDED = ("unit.code", "unit.name", "project.code", "project.name")
_ROUNDING = Decimal("0.000001")  # of 万元: what a sum of floats may be off
_UNKNOWN = "?"
"""The beginning of the code under which a unit without a code is kept, so that one mistake does not make others."""

_CODE_FIRST = re.compile(r"\s*([0-9]{3,}[0-9A-Za-z]*)[\s\-—_.:：、]*([^0-9\s].*)", re.DOTALL)


@dataclass
class _Project:
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
class _Unit:
    """A unit while it is being read, with what stands once for it and the cells where that was read."""

    code: str
    name: str
    sheet: str
    row: int
    once: dict[str, Any] = field(default_factory=dict)
    places: dict[str, tuple[str, RegistryCell]] = field(default_factory=dict)
    projects: list[_Project] = field(default_factory=list)
    sums: list[tuple[RegistryTable, RegistryRow]] = field(default_factory=list)


def read_registry(path: Path, form: Form, money_unit: str = "") -> Registry:
    """Read a registry from a workbook (.xlsx, .xls, .csv …) or a YAML file.

    ``form``: the form that its projects are asked for; where a unit has one record of it only, every unit is asked for
    that one. ``money_unit``: 万元 or 元, where the file does not say in which its amounts are.

    Raises RegistryError with every mistake, PackageError for a file that cannot be opened, FormError for wrong YAML.
    """
    if path.suffix.lower() in ENDINGS:
        tables = read_yaml_tables(path, form)
    else:
        tables = find_tables(Workbook(open_package(path)), form)
    values = RegistryValues(form, money_unit)
    registry = _Registrar(form, values).read(tables)
    values.check_money_unit()
    if values.mistakes:
        found = sorted(values.mistakes, key=lambda mistake: (mistake.sheet, mistake.row, mistake.column))
        if len(tables) == 1:
            found = [RegistryMistake(**{**mistake.facts, "sheet": ""}) for mistake in found]
        raise RegistryError(file=str(path), mistakes=tuple(found))
    return registry


class _Registrar:
    """Puts the rows of all lists together: units by their code or name, projects below their unit."""

    def __init__(self, form: Form, values: RegistryValues) -> None:
        self.form = form
        self.values = values
        self.mistakes = values.mistakes
        self.units: dict[str, _Unit] = {}
        self.projects: list[tuple[_Unit, _Project]] = []
        self.running: list[tuple[str, int]] = []  # the numbers under 序号 in the order of the rows, with their unit
        self.by_name: dict[str, _Unit] = {}

    def read(self, tables: tuple[RegistryTable, ...]) -> Registry:
        """Return the registry; what is wrong is added to the mistakes."""
        if not tables:
            needed = tuple(registry_words().headings[column][0] for column in _NEEDED)
            self.mistakes.append(RegistryMistake(what="no_headings", **at(""), needed=needed))
            return Registry()
        for table in tables:
            for heading, first, second in table.doubled:
                place = {**at(table.sheet, row=table.header), "column": second}
                self.mistakes.append(RegistryMistake(what="heading_twice", **place, heading=heading, first=first))
            if len(table.notes) > 1 and not self.values.money_unit:
                facts = {**at(table.sheet, row=table.header), "first": table.notes[0], "second": table.notes[1]}
                self.mistakes.append(RegistryMistake(what="two_money_units", **facts))
        # projects name units that may stand in a later tab
        for table in sorted(tables, key=lambda table: table.has_projects):
            self._read_table(table)
        if not self.units and not self.mistakes:
            self.mistakes.append(RegistryMistake(what="nothing_in_it", **at("")))
        for unit in self.units.values():
            self._check_unit(unit)
        self._resolve_parents()
        return self._make()

    def _read_table(self, table: RegistryTable) -> None:
        """Read the rows of one list, and compare its sums."""
        current: _Unit | None = None
        seen: dict[str, int] = {}
        amounts: dict[int, Mapping[str, Any]] = {}
        for row in table.rows:
            if row.role != "record":
                continue
            unit = self._find_unit(table, row, current)
            if unit is None:
                continue
            if not table.has_projects:
                if unit.code in seen:
                    place = at(table.sheet, row.cells.get("unit.code"), row.number)
                    facts = {**place, "code": unit.code, "first": seen[unit.code]}
                    self.mistakes.append(RegistryMistake(what="code_twice", **facts))
                seen.setdefault(unit.code, row.number)
            current = unit
            self._read_once(unit, table, row)
            if table.has_projects or not self.form.many:
                amounts[row.number] = self._read_project(unit, table, row)
        if amounts:
            check_sums(table, amounts, self.values)

    def _find_unit(self, table: RegistryTable, row: RegistryRow, current: _Unit | None) -> _Unit | None:
        """Return the unit of a row; that of the row above where its cells are blank."""
        code = self.values.text(table, row, "unit.code")
        name = self.values.text(table, row, "unit.name")
        cell = row.cells.get("unit.code") or row.cells.get("unit.name")
        place = at(table.sheet, cell, row.number)
        if not code and not name:
            if cell is not None:  # what stands there could not be read
                return None
            if current is None:
                self.mistakes.append(RegistryMistake(what="unit_missing", **place))
            return current
        known = self.by_name.get(squeeze(name)) if name else None
        if not code and known is None and "unit.code" not in table.columns:
            code, name = _split_code(name)
        if not code:
            if known is None:
                self.mistakes.append(RegistryMistake(what="code_missing", **place, name=name))
                known = self._add_unit(_Unit(_UNKNOWN + name, name, table.sheet, row.number))
            return known
        unit = self.units.get(code)
        if unit is None:
            if known is not None and not known.code.startswith(_UNKNOWN):
                facts = {**place, **before(known.sheet, known.row, table.sheet), "name": name, "code": code}
                self.mistakes.append(RegistryMistake(what="unit_name_twice", **facts, other=known.code))
            return self._add_unit(_Unit(code, name, table.sheet, row.number))
        if not unit.name and name:
            unit.name = name
            self.by_name.setdefault(squeeze(name), unit)
        elif name and squeeze(name) != squeeze(unit.name):
            facts = {**place, **before(unit.sheet, unit.row, table.sheet), "code": code, "name": name}
            self.mistakes.append(RegistryMistake(what="code_of_two", **facts, other=unit.name))
        return unit

    def _add_unit(self, unit: _Unit) -> _Unit:
        self.units[unit.code] = unit
        if unit.name:
            self.by_name.setdefault(squeeze(unit.name), unit)
        return unit

    def _read_once(self, unit: _Unit, table: RegistryTable, row: RegistryRow) -> None:
        """Read what a unit has one of; another value in another row is a mistake."""
        for column in _ONCE:
            value = self.values.read(table, row, column)
            source = column
            if value is None and column == "unit.parent":
                source = "unit.parent_name"
                value = self.values.read(table, row, source)
            if value is None:
                continue
            cell = row.cells[source]
            first = unit.once.setdefault(column, value)
            sheet, where = unit.places.setdefault(column, (table.sheet, cell))
            if first != value:
                facts = {**at(table.sheet, cell), **before(sheet, where.row, table.sheet), "heading": cell.heading}
                self.mistakes.append(RegistryMistake(what="two_values", **facts, found=str(value), other=str(first)))

    def _read_project(self, unit: _Unit, table: RegistryTable, row: RegistryRow) -> Mapping[str, Any]:
        """Add the project of a row to its unit, if the row has one; return the amounts that count in sums."""
        read = self.values
        given = {
            column.removeprefix(GIVEN): value
            for column in row.cells
            if column.startswith(GIVEN) and (value := read.read(table, row, column)) is not None
        }
        disclosure = read.disclosure(table, row)
        if not self.form.many:
            self._add_record(unit, table, row, given, disclosure)
            return given
        code, name = read.text(table, row, "project.code"), read.text(table, row, "project.name")
        counted = read.number(table, row, "project.number")
        running = read.number(table, row, "project.running")
        if running is not None:
            self.running.append((unit.code, running))
        is_project = not {"project.code", "project.name", "project.number"}.isdisjoint(row.cells)
        if not is_project:
            own = not {"unit.code", "unit.name"}.isdisjoint(row.cells)
            if own and not (given or any(column.startswith(GIVEN) for column in row.cells)):
                return {}  # a unit without projects
            if own and running is None:
                unit.sums.append((table, row))
                return {}
        if "project.name" not in row.cells:
            place = {**at(table.sheet, row=row.number), "column": table.columns.get("project.name", "")}
            self.mistakes.append(RegistryMistake(what="project_name_missing", **place, unit=unit.name))
        self._add_project(
            unit, _Project(counted, running, code, name, given, disclosure, table.sheet, row.number, row.cells)
        )
        return given

    def _add_project(self, unit: _Unit, project: _Project) -> None:
        unit.projects.append(project)
        self.projects.append((unit, project))

    def _add_record(
        self, unit: _Unit, table: RegistryTable, row: RegistryRow, given: Mapping[str, Any], disclosure: Any
    ) -> None:
        """Lay what a row says over the one record that a unit is asked for."""
        if unit.projects:
            record = unit.projects[0]
            record.given = {**record.given, **given}
            record.disclosure = disclosure or record.disclosure
        else:
            record = _Project(0, None, "", self.form.label, given, disclosure, table.sheet, row.number, row.cells)
            self._add_project(unit, record)

    def _check_unit(self, unit: _Unit) -> None:
        """Find what is wrong about a unit and its projects as a whole."""
        if not unit.name:
            place = at(unit.sheet, row=unit.row)
            self.mistakes.append(RegistryMistake(what="name_missing", **place, code=unit.code))
        if self.form.many:
            self._number(unit)
        for part in ("code", "name", "number"):
            seen: dict[Any, _Project] = {}
            for project in unit.projects:
                value = getattr(project, part)
                key = squeeze(value) if isinstance(value, str) else value
                first = seen.setdefault(key, project) if key else project
                if first is not project:
                    place = {**project.at(f"project.{part}"), **before(first.sheet, first.row, project.sheet)}
                    facts = {**place, "value": str(value), "unit": unit.name, "part": part}
                    self.mistakes.append(RegistryMistake(what="project_twice", **facts))
        self._check_control(unit)

    def _number(self, unit: _Unit) -> None:
        """Give the projects of a unit the numbers that they have, or count them."""
        projects = unit.projects
        if any(project.number is not None for project in projects):
            for project in projects:
                if project.number is None and "project.number" not in project.cells:
                    self.mistakes.append(RegistryMistake(what="number_missing", **project.at(), name=project.name))
        elif self._running_numbers_are_taken:
            for project in projects:
                project.number = project.running
        else:
            for place, project in enumerate(projects, start=1):
                project.number = place

    @cached_property
    def _running_numbers_are_taken(self) -> bool:
        """True if the column 序号 numbers each unit's projects, not the rows of the list or the units."""
        if any(project.running is None for _, project in self.projects):
            return False
        by_unit = ([project.running for project in unit.projects] for unit in self.units.values())
        if all(sorted(filter(None, several)) == list(range(1, len(several) + 1)) for several in by_unit):
            return True
        several_units = len({code for code, _ in self.running}) > 1
        numbers = [running for _, running in self.running]
        return not (several_units and all(first < second for first, second in pairwise(numbers)))

    def _check_control(self, unit: _Unit) -> None:
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

        A unit that is named as its own is the uppermost one.
        """
        marks = {**self.by_name, **self.units, **{squeeze(unit.code + unit.name): unit for unit in self.units.values()}}
        for unit in self.units.values():
            named = unit.once.get("unit.parent", "")
            if not named:
                continue
            parent = marks.get(squeeze(named))
            if parent is None:
                near = nearest(named, (*self.units, *(other.name for other in self.units.values() if other.name)))
                place = at(*unit.places["unit.parent"])
                self.mistakes.append(RegistryMistake(what="parent_unknown", **place, found=named, near=near))
            unit.once["unit.parent"] = parent.code if parent is not None and parent is not unit else ""
        for unit in self.units.values():
            above, steps = unit, 0
            while above.once.get("unit.parent") and steps <= len(self.units):
                above, steps = self.units[above.once["unit.parent"]], steps + 1
                if above is unit:
                    place = at(*unit.places["unit.parent"])
                    self.mistakes.append(RegistryMistake(what="parent_circle", **place, name=unit.name))
                    break

    def _make(self) -> Registry:
        """Return the registry of what was read."""
        units = tuple(
            RegisteredUnit(
                unit.code, unit.name, **{column.removeprefix("unit."): value for column, value in unit.once.items()}
            )
            for unit in self.units.values()
        )
        projects = tuple(
            RegisteredProject(
                unit=unit.code,
                form=self.form.name,
                number=project.number or 0,
                code=project.code,
                name=project.name,
                given=project.given,
                disclosure=project.disclosure or "open",
            )
            for unit, project in self.projects
        )
        return Registry(units, projects)


def _split_code(text: str) -> tuple[str, str]:
    """Return the code before a unit's name and the name; an empty code where there is none."""
    match = _CODE_FIRST.fullmatch(text)
    return (match[1], match[2].strip()) if match else ("", text)

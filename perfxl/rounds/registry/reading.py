"""The registry of a round, read: the units that are asked and their projects, with every mistake in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from perfxl.errors import RegistryError, RegistryMistake
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.registry.sums import check_sums
from perfxl.rounds.registry.table import RegistryRow, RegistryTable, find_tables
from perfxl.rounds.registry.units import ProjectDraft, UnitChecks, UnitDraft, split_code
from perfxl.rounds.registry.values import CONTROL, RegistryValues, at, before
from perfxl.rounds.registry.words import GIVEN, heading_to_write, is_part, registry_words, split_heading
from perfxl.rounds.registry.yaml_file import ENDINGS, read_yaml_tables
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.reading.opening import open_package

_ONCE = ("unit.parent", "unit.contact", "unit.phone", CONTROL, "unit.deadline")
"""The columns of which a unit has one value, in however many rows it stands."""

_NEEDED = ("unit.code", "unit.name", "project.code", "project.name")
_UNKNOWN = "?"
"""The beginning of the code under which a unit without a code is kept, so that one mistake does not make others."""


def read_registry(path: Path, form: Form, money_unit: str = "", known: Sequence[RegisteredProject] = ()) -> Registry:
    """Read a registry from a workbook (.xlsx, .xls, .csv …) or a YAML file.

    ``form``: the form that its projects are asked for; where a unit has one record of it only, every unit is asked for
    that one. ``money_unit``: 万元 or 元, where the file does not say in which its amounts are. ``known``: every project
    that there ever was, those that are asked now first: a project that is one of them keeps its number.

    Raises RegistryError with every mistake, PackageError for a file that cannot be opened, FormError for wrong YAML.
    """
    if path.suffix.lower() in ENDINGS:
        tables = read_yaml_tables(path, form)
    else:
        tables = find_tables(Workbook(open_package(path)), form)
    values = RegistryValues(form, money_unit)
    by_unit: dict[str, list[RegisteredProject]] = {}
    for project in known:
        if project.form == form.name:
            by_unit.setdefault(project.unit, []).append(project)
    registry = _Registrar(form, values, by_unit).read(tables)
    values.check_money_unit()
    if values.mistakes:
        found = sorted(values.mistakes, key=lambda mistake: (mistake.sheet, mistake.row, mistake.column))
        if len(tables) == 1:
            found = [RegistryMistake(**{**mistake.facts, "sheet": ""}) for mistake in found]
        raise RegistryError(file=str(path), mistakes=tuple(found))
    return registry


class _Registrar:
    """Puts the rows of all lists together: units by their code or name, projects below their unit."""

    def __init__(self, form: Form, values: RegistryValues, known: Mapping[str, Sequence[RegisteredProject]]) -> None:
        self.form = form
        self.known = known
        self.values = values
        self.mistakes = values.mistakes
        self.units: dict[str, UnitDraft] = {}
        self.projects: list[tuple[UnitDraft, ProjectDraft]] = []
        self.running: list[tuple[str, int]] = []  # the numbers under 序号 in the order of the rows, with their unit
        self.by_name: dict[str, UnitDraft] = {}
        self.ignored: tuple[str, ...] = ()

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
        self.ignored = tuple(dict.fromkeys(heading for table in tables for heading in table.ignored))
        self._find_unread_amounts(tables)
        if not self.units and not self.mistakes:
            self.mistakes.append(RegistryMistake(what="nothing_in_it", **at("")))
        checks = UnitChecks(self.form, self.values, self.units, self.running, self.known)
        checks.check()
        return self._make(tuple(unit.name for unit in checks.named_above))

    def _find_unread_amounts(self, tables: tuple[RegistryTable, ...]) -> None:
        """Add a mistake where amounts stand under headings that are not known, and none under one that is."""
        amount = self.values.amount
        if not amount or any(
            self.values.is_money(column) for table in tables for column in table.columns if column.startswith(GIVEN)
        ):
            return
        for table in tables:
            for heading in table.ignored if table.has_projects else ():
                if split_heading(heading).money:
                    facts = {**at(table.sheet, row=table.header), "heading": heading}
                    wanted = heading_to_write(amount, self.form)
                    self.mistakes.append(RegistryMistake(what="amount_unknown", **facts, wanted=wanted))

    def _read_table(self, table: RegistryTable) -> None:
        """Read the rows of one list, and compare its sums."""
        current: UnitDraft | None = None
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

    def _find_unit(self, table: RegistryTable, row: RegistryRow, current: UnitDraft | None) -> UnitDraft | None:
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
            code, name = split_code(name)
        if not code:
            if known is None:
                self.mistakes.append(RegistryMistake(what="code_missing", **place, name=name))
                known = self._add_unit(UnitDraft(_UNKNOWN + name, name, table.sheet, row.number))
            return known
        unit = self.units.get(code)
        if unit is None:
            if known is not None and not known.code.startswith(_UNKNOWN):
                facts = {**place, **before(known.sheet, known.row, table.sheet), "name": name, "code": code}
                self.mistakes.append(RegistryMistake(what="unit_name_twice", **facts, other=known.code))
            return self._add_unit(UnitDraft(code, name, table.sheet, row.number))
        if not unit.name and name:
            unit.name = name
            self.by_name.setdefault(squeeze(name), unit)
        elif name and squeeze(name) != squeeze(unit.name):
            facts = {**place, **before(unit.sheet, unit.row, table.sheet), "code": code, "name": name}
            self.mistakes.append(RegistryMistake(what="code_of_two", **facts, other=unit.name))
        return unit

    def _add_unit(self, unit: UnitDraft) -> UnitDraft:
        self.units[unit.code] = unit
        if unit.name:
            self.by_name.setdefault(squeeze(unit.name), unit)
        return unit

    def _read_once(self, unit: UnitDraft, table: RegistryTable, row: RegistryRow) -> None:
        """Read what a unit has one of; another value in another row is a mistake."""
        for column in _ONCE:
            value = self.values.read(table, row, column)
            source = column
            if value is None and column == "unit.parent":
                source = "unit.parent_name"
                value = self.values.read(table, row, source)
            if value is None:
                continue
            if column == "unit.parent":
                unit.parent_name = self.values.text(table, row, "unit.parent_name") or unit.parent_name
            cell = row.cells[source]
            first = unit.once.setdefault(column, value)
            sheet, where = unit.places.setdefault(column, (table.sheet, cell))
            if first != value:
                facts = {**at(table.sheet, cell), **before(sheet, where.row, table.sheet), "heading": cell.heading}
                self.mistakes.append(RegistryMistake(what="two_values", **facts, found=str(value), other=str(first)))

    def _read_project(self, unit: UnitDraft, table: RegistryTable, row: RegistryRow) -> Mapping[str, Any]:
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
            if own and not any(column.startswith(GIVEN) for column in row.cells):
                return {}  # a unit without projects
            if own and running is None:
                unit.sums.append((table, row))
                return {}
        if "project.name" not in row.cells:
            place = {**at(table.sheet, row=row.number), "column": table.columns.get("project.name", "")}
            self.mistakes.append(RegistryMistake(what="project_name_missing", **place, unit=unit.name))
        elif is_part(name):
            place = {**at(table.sheet, row.cells["project.name"]), "name": name}
            self.mistakes.append(RegistryMistake(what="part_of_another", **place))
        self._add_project(
            unit, ProjectDraft(counted, running, code, name, given, disclosure, table.sheet, row.number, row.cells)
        )
        return given

    def _add_project(self, unit: UnitDraft, project: ProjectDraft) -> None:
        unit.projects.append(project)
        self.projects.append((unit, project))

    def _add_record(
        self, unit: UnitDraft, table: RegistryTable, row: RegistryRow, given: Mapping[str, Any], disclosure: Any
    ) -> None:
        """Lay what a row says over the one record that a unit is asked for."""
        if unit.projects:
            record = unit.projects[0]
            record.given = {**record.given, **given}
            record.disclosure = disclosure or record.disclosure
        else:
            record = ProjectDraft(0, None, "", self.form.label, given, disclosure, table.sheet, row.number, row.cells)
            self._add_project(unit, record)

    def _make(self, named_above: tuple[str, ...]) -> Registry:
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
        return Registry(units, projects, ignored=self.ignored, named_above=named_above)

"""A registry as a workbook to edit: a list of units and a list of projects, which is read back as the same registry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from perfxl import messages
from perfxl.form.form import Form
from perfxl.form.types.base import AnswerType, Raw
from perfxl.form.types.money import Money
from perfxl.form.types.number import text_or_none
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.registry.values import CONTROL, column_kinds
from perfxl.rounds.registry.words import GIVEN, given_fields, heading_to_write, registry_words
from perfxl.workbook.lists.list_workbook import Column, Tab, Value, write_tabs

_SPARE = 20
_WIDTHS = {"unit.name": 34, "project.code": 26, "project.name": 38, CONTROL: 18, "unit.phone": 18}
_UNIT_COLUMNS = tuple(f"unit.{part}" for part in ("code", "name", "parent", "contact", "phone", "control", "deadline"))


def write_registry(registry: Registry, form: Form) -> bytes:
    """Return an .xlsx with the units, and with the projects that are asked for this form.

    The columns of given values are those of which any project has one, and those that go out filled in.
    """
    projects = [project for project in registry.projects if project.form == form.name]
    given = [
        id
        for id in given_fields(form)
        if any(id in project.given for project in projects) or (form.fields[id].given and id in form.shown)
    ]
    return write_tabs((_units_tab(registry.units, form), _projects_tab(registry, projects, given, form)))


def _units_tab(units: Iterable[RegisteredUnit], form: Form) -> Tab:
    """Return the list of units."""
    values = ((getattr(unit, column.removeprefix("unit.")) for column in _UNIT_COLUMNS) for unit in units)
    rows = (tuple(None if value == "" else value for value in several) for several in values)
    return _tab("units", _UNIT_COLUMNS, rows, form)


def _projects_tab(registry: Registry, projects: list[RegisteredProject], given: list[str], form: Form) -> Tab:
    """Return the list of projects."""
    names = {unit.code: unit.name for unit in registry.units}
    own = ("project.number", "project.code", "project.name") if form.many else ()
    columns = ("unit.code", "unit.name", *own, *(GIVEN + id for id in given), "project.disclosure")
    rows = []
    for project in projects:
        values: list[Value] = [project.unit, names.get(project.unit)]
        if form.many:
            values += [project.number, project.code or None, project.name]
        values += [_show(form.fields[id].type, project.given.get(id)) for id in given]
        rows.append((*values, registry_words().disclosure[project.disclosure][0]))
    return _tab("projects", columns, rows, form)


def _tab(key: str, columns: Iterable[str], rows: Iterable[tuple[Value, ...]], form: Form) -> Tab:
    """Return a list whose name, title and note are the messages below ``sheet.registry.<key>``."""
    name, title, note = (messages.say(f"sheet.registry.{key}.{part}") for part in ("tab", "title", "note"))
    return Tab(name, title, note, tuple(_column(column, form) for column in columns), tuple(rows), _SPARE)


def _column(name: str, form: Form) -> Column:
    """Return a column with its heading, which says the unit of amounts."""
    kind = column_kinds(form)[name]
    heading = heading_to_write(name, form)
    if isinstance(kind, Money):
        heading = f"{heading}（{kind.label}）"
    choices: tuple[str, ...] = ()
    if name == "project.disclosure":
        choices = tuple(several[0] for several in registry_words().disclosure.values())
    return Column(heading, _WIDTHS.get(name, 16), choices)


def _show(kind: AnswerType, value: Any) -> Value:
    """Return a value in a spelling that is read back as the same value from a cell without a number format."""
    if value is None:
        return None
    for shown in (kind.show(value), text_or_none(value), f"{value}%"):
        if kind.read(Raw(shown)).value == value:
            return shown
    return text_or_none(value)

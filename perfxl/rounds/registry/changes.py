"""The differences between two registries: what importing a registry again would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from perfxl.rounds.model import ProjectKey, RegisteredProject, RegisteredUnit, Registry

BaseRecords = Mapping[ProjectKey, Mapping[str, Any]]
RECORD = "record"
"""The path of a change that brings a project its first base record."""


@dataclass(frozen=True)
class RegistryChange:
    """One thing that differs.

    ``unit``: the unit's code; ``project``: the project, as it was where it was dropped or changed, None for a change of
    the unit itself; ``path``: what changed, an attribute (``name``) or a path in the record (``budget.total``), empty
    for what was added or dropped as a whole; ``before``, ``after``: its values, None for none.
    """

    kind: Literal["added", "dropped", "changed"]
    unit: str
    project: RegisteredProject | None = None
    path: str = ""
    before: Any = None
    after: Any = None


def differences(old: Registry, new: Registry) -> tuple[RegistryChange, ...]:
    """Return what the new registry changes: units first, then projects, each in the order of the registries.

    Units are the same by their codes, projects by their keys: which project of a list is which known one was decided
    when it was read.
    The order of units and projects is no difference.
    """
    return (*_unit_changes(old, new), *_project_changes(old, new))


def replace_form(old: Registry, new: Registry, form: str) -> Registry:
    """Return what the round asks once a list of one form's projects is taken in: what it asks of other forms stays.

    A unit that the new list lacks stays as long as it is asked for another form.
    """
    others = tuple(project for project in old.projects if project.form != form)
    listed = {unit.code for unit in new.units}
    asked = {project.unit for project in others} - listed
    return Registry((*new.units, *(unit for unit in old.units if unit.code in asked)), (*new.projects, *others))


def replace_units(old: Registry, new: Registry, form: str) -> Registry:
    """Return what the round asks once the records of some units are taken in: what it asks of others stays."""
    listed = {unit.code: unit for unit in new.units}
    others = (one for one in old.projects if one.form != form or one.unit not in listed)
    known = {unit.code: unit for unit in old.units}
    return Registry(tuple({**known, **listed}.values()), (*new.projects, *others), new.base_records)


def base_differences(old: BaseRecords, new: Registry) -> Iterator[RegistryChange]:
    """Yield what a registry changes of the base records of projects that are known.

    ``old``: those there are; of a project that had none the change as a whole has the path ``record``.
    """
    for project in new.projects:
        record = new.base_records.get(project.key)
        if record is not None:
            before, after = dict(_leaves(old.get(project.key, {}))), dict(_leaves(record))
            if not before:
                yield RegistryChange("changed", project.unit, project, RECORD, None, len(after))
                continue
            for path, first, second in _changed(before, after):
                yield RegistryChange("changed", project.unit, project, path, first, second)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a record that are filled in, by their paths."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from _leaves(item, f"{path}[{at}]")
    elif value is not None:
        yield path, value


def _unit_changes(old: Registry, new: Registry) -> Iterator[RegistryChange]:
    """Yield the changes of units, which are known by their codes."""
    before = {unit.code: unit for unit in old.units}
    after = {unit.code: unit for unit in new.units}
    for code, unit in before.items():
        if code not in after:
            yield RegistryChange("dropped", code, before=unit.name)
        else:
            for path, first, second in _changed(_values(unit), _values(after[code])):
                yield RegistryChange("changed", code, None, path, first, second)
    for code, unit in after.items():
        if code not in before:
            yield RegistryChange("added", code, after=unit.name)


def _project_changes(old: Registry, new: Registry) -> Iterator[RegistryChange]:
    """Yield the changes of projects."""
    before = {project.key: project for project in old.projects}
    after = {project.key: project for project in new.projects}
    for key, project in before.items():
        if key not in after:
            yield RegistryChange("dropped", project.unit, project, before=project.name)
        else:
            for path, first, second in _changed(_values(project), _values(after[key])):
                yield RegistryChange("changed", project.unit, project, path, first, second)
    for key, project in after.items():
        if key not in before:
            yield RegistryChange("added", project.unit, project, after=project.name)


def _values(thing: RegisteredUnit | RegisteredProject) -> Mapping[str, Any]:
    """Return all values of a unit or a project, what it was given by the paths in the record."""
    values = {**vars(thing)}
    given = values.pop("given", {})
    return {**values, **given}


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the paths whose values differ, with both values."""
    for path in dict.fromkeys((*before, *after)):
        if before.get(path) != after.get(path):
            yield path, before.get(path), after.get(path)

"""The differences between two registries: what importing a registry again would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from perfxl.form.characters import squeeze
from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry


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

    A project is the same one if its code is the same, else its name, else its number without a code on either side.
    The order of units and projects is no difference.
    """
    return (*_unit_changes(old, new), *_project_changes(old, new))


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
    pairs = dict(_pairs(old.projects, new.projects))
    for at, project in enumerate(old.projects):
        if at not in pairs:
            yield RegistryChange("dropped", project.unit, project, before=project.name)
        else:
            for path, first, second in _changed(_values(project), _values(new.projects[pairs[at]])):
                yield RegistryChange("changed", project.unit, project, path, first, second)
    taken = {*pairs.values()}
    for at, project in enumerate(new.projects):
        if at not in taken:
            yield RegistryChange("added", project.unit, project, after=project.name)


def _pairs(old: tuple[RegisteredProject, ...], new: tuple[RegisteredProject, ...]) -> Iterator[tuple[int, int]]:
    """Yield the places of projects that are the same one, found by the surest mark first."""
    left, right = {*range(len(old))}, {*range(len(new))}
    for mark in (_by_code, _by_name, _by_number):
        places = {key: at for at in sorted(right, reverse=True) if (key := mark(new[at]))}
        for at in sorted(left):
            key = mark(old[at])
            if key in places:
                left.discard(at)
                found = places.pop(key)
                right.discard(found)
                yield at, found


def _by_code(project: RegisteredProject) -> tuple[Any, ...]:
    """Return the mark of a project by its code; nothing where it has none."""
    return (project.unit, project.form, project.code) if project.code else ()


def _by_name(project: RegisteredProject) -> tuple[Any, ...]:
    """Return the mark of a project by its name."""
    return project.unit, project.form, squeeze(project.name)


def _by_number(project: RegisteredProject) -> tuple[Any, ...]:
    """Return the mark of a project by its number; nothing where a code says better which it is."""
    return () if project.code else project.key


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

"""The registry of a round, taken into its store and read from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perfxl.form.form import Form
from perfxl.json_data import as_kept
from perfxl.rounds.desk.author import now, whoever
from perfxl.rounds.desk.round_store import is_begun
from perfxl.rounds.model import ProjectKey, RegisteredProject, Registry
from perfxl.rounds.registry.changes import (
    RegistryChange,
    base_differences,
    differences,
    replace_form,
    replace_units,
)
from perfxl.rounds.registry.reading import read_registry
from perfxl.rounds.registry.records_files import read_records_registry, records_files
from perfxl.rounds.round import Round
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.store import Store


@dataclass(frozen=True)
class RegistryPreview:
    """A registry that was read, and the consequences of taking it in.

    ``registry``: what the round asks then; ``listed``: what stands in the file; ``reported``: the projects that it
    drops although a draft of them counts.
    """

    registry: Registry
    listed: Registry
    changes: tuple[RegistryChange, ...]
    reported: frozenset[ProjectKey] = frozenset()


def preview(round: Round, source: Path, form: Form, money_unit: str = "", write: bool = False) -> RegistryPreview:
    """Read a registry for a round, and say what taking it in would change. Raises RegistryError with every mistake.

    ``source``: a list of units and projects; or a records file, or a folder of them, whose records are what the
    projects go out with. ``write``: it is going to be taken in, so that an older store is brought up to date first.
    """
    if files := records_files(source):
        return _preview_records(round, files, form, write)
    if not is_begun(round):
        found = read_registry(source, form, money_unit)
        return RegistryPreview(found, found, differences(Registry(), found))
    with open_store(round.store, write=write) as store:
        found = read_registry(source, form, money_unit, _known_projects(store, form))
        old = store.registry()
        made = replace_form(old, found, form.name)
        return _compare(store, old, made, found)


def _preview_records(round: Round, files: Sequence[Path], form: Form, write: bool) -> RegistryPreview:
    """Read records files for a round, and say what taking them in would change."""
    if not is_begun(round):
        found = read_records_registry(files, form)
        return RegistryPreview(found, found, differences(Registry(), found))
    with open_store(round.store, write=write) as store:
        old = store.registry()
        found = read_records_registry(files, form, old, _known_projects(store, form))
        made = replace_units(old, found, form.name)
        return _compare(store, old, made, found)


def _compare(store: Store, old: Registry, made: Registry, found: Registry) -> RegistryPreview:
    """Return what the round asks then, with what is new in it; ``found``: what stands in the file."""
    known = {project.key for project in old.projects}
    again = [project for project in found.projects if project.key in known and project.key in made.base_records]
    kept = store.base_records(project.key for project in again)
    changes = [*differences(old, made)]
    said = {(one.project.key, one.path) for one in changes if one.project}
    changed = base_differences(kept, Registry((), tuple(again), made.base_records))
    changes += [one for one in changed if one.project and (one.project.key, one.path) not in said]
    dropped = [one.project.key for one in changes if one.kind == "dropped" and one.project]
    # what goes out already is not kept twice
    fresh = {key: record for key, record in made.base_records.items() if as_kept(record) != kept.get(key)}
    made = replace(made, base_records=fresh)
    return RegistryPreview(made, found, tuple(changes), store.counted().intersection(dropped))


def _known_projects(store: Store, form: Form) -> tuple[RegisteredProject, ...]:
    """Return every project there ever was, those that are asked first; one that only came in as its sheet has it."""
    known = []
    for one in sorted(store.projects(), key=lambda one: one.state != "active"):
        project = one.project
        if one.state == "unasked" and project.form == form.name and (drafts := store.submissions(project.key)):
            record = drafts[-1].record
            project = replace(project, code=form.code(record) or "", name=str(record.get("name") or ""))
        known.append(project)
    return tuple(known)


def import_registry(round: Round, registry: Registry) -> None:
    """Take a registry into the store; what it lacks is dropped there and stays readable."""
    is_begun(round)
    with open_store(round.store, write=True, make=True) as store, store.group(whoever(), now()) as group:
        group.put_registry(registry)

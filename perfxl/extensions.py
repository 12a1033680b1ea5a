"""Additions of installed packages, found by their entry points: forms, types of answer, checks, languages, stages.

A package says in its own metadata what it brings, as perfxl itself does for ``perfxl.budget``::

    [options.entry_points]
    perfxl.forms =
        travel = travel_forms
    perfxl.types =
        iban = travel_forms.iban:Iban
    perfxl.checks =
        travel = travel_forms
    perfxl.languages =
        fr = perfxl_fr
    perfxl.stages =
        monitoring = travel_forms.stages:MONITORING
    perfxl.last_year =
        travel = travel_forms.texts:LAST_YEAR

``perfxl.forms``: a package with a ``form.yaml``, by the form's name. ``perfxl.types``: the class of a type of answer,
by its word in form.yaml. ``perfxl.checks``: the package whose modules hold the rules of a set that forms name.
``perfxl.languages``: a package of YAML files, as ``perfxl/messages/en``. ``perfxl.stages``: what makes the records of a
form of approved records of another one (``batch.stage.InstalledStage``). ``perfxl.last_year``: what reads the names and
texts of last year's records, for the forms that name a set of checks (``form.last_year.OldTextReader``). The words of
kinds and checks stand in a folder ``messages`` of the package that brings them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

Group = Literal[
    "perfxl.forms", "perfxl.types", "perfxl.checks", "perfxl.languages", "perfxl.stages", "perfxl.last_year"
]


@lru_cache(maxsize=8)
def found(group: Group) -> Mapping[str, EntryPoint]:
    """Return the entry points of one group, by name, sorted."""
    return {entry.name: entry for entry in sorted(_entry_points().select(group=group), key=lambda entry: entry.name)}


@lru_cache(maxsize=1)
def _entry_points() -> Any:  # SelectableGroups before Python 3.12, EntryPoints since
    """Return those of all packages, by which to ``select``: to look for one group takes as long as to look for all."""
    return entry_points()


def doubled(group: Group) -> tuple[EntryPoint, ...]:
    """Return the entry points whose name another one has as well that leads elsewhere, and which ``found`` has."""
    return tuple(
        entry
        for entry in sorted(set(_entry_points().select(group=group)), key=lambda entry: (entry.name, entry.value))
        if entry.value != found(group)[entry.name].value
    )


def load(group: Group, name: str) -> Any:
    """Load the class or the package that an entry point names. Raises KeyError for a name that nobody brings."""
    return found(group)[name].load()


@lru_cache(maxsize=1)
def message_folders() -> tuple[Path, ...]:
    """List the folders ``messages`` of packages that bring kinds or checks, without importing these packages."""
    groups: tuple[Group, ...] = ("perfxl.checks", "perfxl.types")
    modules = (entry.module for group in groups for entry in found(group).values())
    return tuple(dict.fromkeys(filter(None, map(message_folder, modules))))


def message_folder(module: str) -> Path | None:
    """Return the folder ``messages`` of a package, or of the package that a module lies in; None without one."""
    folder = _package_folder(module)
    return folder / "messages" if folder and (folder / "messages").is_dir() else None


def form_folder(name: str) -> Traversable | None:
    """Return the folder of a form that an installed package brings, which may lie in a zip, or None."""
    folder = _folder("perfxl.forms", name)
    if folder is None or folder.is_dir():
        return folder
    return _folder_in_zip(found("perfxl.forms")[name].module)


def _folder_in_zip(module: str) -> Traversable | None:
    """Return the folder of a package that is imported from a zip, without importing it, or None."""
    spec = find_spec(module)
    read: Any = getattr(spec.loader, "get_resource_reader", None) if spec else None
    reader = read(module) if read else None
    folder: Traversable | None = reader.files() if reader else None
    return folder


def language_folder(name: str) -> Path | None:
    """Return the folder of a language that an installed package brings, or None."""
    return _folder("perfxl.languages", name)


def _folder(group: Group, name: str) -> Path | None:
    entry = found(group).get(name)
    return _package_folder(entry.module) if entry else None


def _package_folder(module: str) -> Path | None:
    """Return the folder of a package, or of the package that a module lies in, or None."""
    spec = find_spec(module)
    if spec is not None and spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    parent = module.rpartition(".")[0]
    return _package_folder(parent) if parent else None

"""The file ``perfxl.yaml`` of a working folder: which forms are known in it, its language, its way of checking."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from perfxl import messages
from perfxl.errors import FormError
from perfxl.form.search_path import FormPlace, forms_in
from perfxl.form.source import Entries, Node, parse, read_text

MOST_BYTES = 100_000


@dataclass(frozen=True)
class WorkingFolder:
    """The settings of a working folder and all below it, but where a call says otherwise.

    ``rules``: the county's file of checks. The language is read by itself (``read_language``).
    """

    forms: tuple[FormPlace, ...] = ()
    rules: Path | None = None


def read_settings(file: Path) -> WorkingFolder:
    """Read the settings of a working folder. Raises FormError for a mistake in them."""
    entries = _read_entries(file)
    if entries is None:
        return WorkingFolder()
    _language_of(entries)  # raises
    return WorkingFolder(
        forms=tuple(place for node in _folders(entries) for place in _forms_of(node, file.parent)),
        rules=file.parent / entries.text("rules") if "rules" in entries else None,
    )


def read_language(file: Path) -> str:
    """Return the language of a working folder, empty where it names none, whatever is wrong with its forms."""
    entries = _read_entries(file)
    return _language_of(entries) if entries else ""


def _read_entries(file: Path) -> Entries | None:
    """Return what stands in the file; None for one without settings."""
    try:
        return parse(read_text(file, MOST_BYTES), _shown(file)).entries((), ("forms", "language", "rules"))
    except FormError as error:
        if error.facts["what"] == "empty":
            return None
        raise FormError(**{**error.facts, "file": _shown(file)}) from error


def _language_of(entries: Entries) -> str:
    return entries["language"].one_of(messages.languages()) if "language" in entries else ""


def _folders(entries: Entries) -> list[Node]:
    """Return the folders of forms: a list, or one alone."""
    if "forms" in entries and isinstance(entries["forms"].value, str):
        return [entries["forms"]]
    return entries.sequence("forms")


def _forms_of(node: Node, base: Path) -> tuple[FormPlace, ...]:
    """Return the forms in a folder; one that is still empty is no mistake."""
    try:
        return forms_in(_shown(base / node.text()), "working_folder")
    except FormError as error:
        if error.facts["what"] == "no_forms":
            return ()
        raise node.mistake("wrong_forms", mistakes=(error,)) from error


def _shown(path: Path) -> str:
    """Return a path as messages name it: from here on where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)

"""The files of a form beside its definition: lists, translations, released versions. A form's folder is its world."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from perfxl.errors import reason_of
from perfxl.form.late_pattern import late_pattern
from perfxl.form.source import MOST_BYTES, Node

VERSIONS = "versions"
"""The folder of a form's released definitions."""

_PART = late_pattern(r"(?!\.{1,2}$)[^\\/:*?\"<>|\x00-\x1f]+")
_VERSION = late_pattern(r"(?!\.)[\w.+-]{1,60}")


class NamedText(NamedTuple):
    """The text of a file, and its name below the form's folder."""

    name: str
    text: str


def form_file(folder: Traversable | None, node: Node, most: int = MOST_BYTES) -> str:
    """Return the text of the file in a form's folder that an entry of its definition names.

    ``folder``: None for a form that has none. Raises FormError, with the place of the entry: for a name that leads out
    of the folder, also by a link, and a file that is missing, larger than ``most`` bytes or no text.
    """
    name = node.text()
    parts = name.split("/")
    if not all(map(_PART.fullmatch, parts)):
        raise node.mistake("outside_of_form", name=name)
    if folder is None:
        raise node.mistake("no_form_folder", name=name)
    file = folder.joinpath(*parts)
    if isinstance(folder, Path) and not _lies_in(folder / name, folder):
        raise node.mistake("outside_of_form", name=name)
    try:
        if not file.is_file():
            raise node.mistake("no_form_file", name=name)
        with file.open("rb") as stream:
            data: bytes = stream.read(most + 1)
    except (OSError, ValueError) as error:
        raise node.mistake("unreadable_form_file", name=name, reason=reason_of(error)) from error
    if len(data) > most:
        raise node.mistake("large_form_file", name=name, limit=most)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise node.mistake("form_file_not_utf8", name=name, at=data[: error.start].count(b"\n") + 1) from error


def _lies_in(file: Path, folder: Path) -> bool:
    """Return whether a file really lies in a folder, wherever links lead; a circle of links lies nowhere."""
    try:
        return file.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def released_versions(folder: Traversable) -> tuple[str, ...]:
    """Return the versions of a form that are kept in its folder, sorted."""
    kept = folder.joinpath(VERSIONS)
    names = [entry.name for entry in kept.iterdir()] if kept.is_dir() else []
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def version_text(folder: Traversable, version: str) -> NamedText | None:
    """Return the definition of a form's released version; None where it is not kept. Raises FormError.

    ``version`` may come from anybody's workbook, and is no name of a file unless it looks like one.
    """
    name = f"{VERSIONS}/{version}.yaml"
    if not _VERSION.fullmatch(version) or not folder.joinpath(VERSIONS, f"{version}.yaml").is_file():
        return None
    return NamedText(name, form_file(folder, Node(name, 0, name, name)))

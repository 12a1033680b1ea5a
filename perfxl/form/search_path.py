"""The search path: the places where forms are looked for, level after level; the first that has a form wins."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal, get_args

import yaml

from perfxl import extensions
from perfxl.errors import FormError, reason_of
from perfxl.form import library
from perfxl.form.late_pattern import late_pattern
from perfxl.form.source import read_text

Level = Literal["path", "option", "working_folder", "package", "perfxl"]
"""By its path, in a folder that was named, in one that perfxl.yaml names, of a package, perfxl's own."""

DEFINITION = "form.yaml"
"""The file that makes a folder a form's."""

_HEADING = ("form", "record")
_SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE = late_pattern(r"^(form|record):[ ]*[\"']?([\w-]+(?:\[\])?)", re.MULTILINE)
_MOST_KEYS = 40


@dataclass(frozen=True)
class FormPlace:
    """The place where a form stands.

    ``file``: its definition as messages name it; ``path``: the same from the root of the file system, empty for a form
    of a package or of perfxl; ``stamp``: the time and size of the files in its folder, by which a form that was edited
    is read anew.
    """

    name: str
    level: Level
    file: str
    path: str = ""
    stamp: tuple[int, int] = (0, 0)

    @property
    def folder(self) -> Traversable | None:
        """The folder of the form; None for a package that is gone."""
        if self.path:
            return Path(self.path).parent
        return extensions.form_folder(self.name) if self.level == "package" else library.path(self.name)

    @property
    def definition(self) -> Traversable | None:
        """The file of the form; None for a package that is gone."""
        return Path(self.path) if self.path else self.folder and self.folder / DEFINITION

    def text(self) -> str:
        """Return the text of the definition. Raises FormError where it cannot be read."""
        if self.path:
            return _read(self.path, self.file)
        found = self.definition
        if found is None or not found.is_file():
            raise FormError(file=self.file, line=0, what="no_file")
        return found.read_text(encoding="utf-8")


def _read(path: str, shown: str) -> str:
    """Return the text of a file. Raises FormError, which names it as it is to be shown."""
    try:
        return read_text(Path(path))
    except FormError as error:
        raise FormError(**{**error.facts, "file": shown}) from error


@dataclass(frozen=True)
class SearchPath:
    """The forms of one's own that are known beside those of packages and of perfxl; the default knows none."""

    own: tuple[FormPlace, ...] = ()

    def __hash__(self) -> int:
        return self._hash  # asked for every sheet that is read

    def __reduce__(self) -> tuple[object, ...]:
        return SearchPath, (self.own,)  # the hashes of texts differ in another process

    @cached_property
    def _hash(self) -> int:
        return hash(self.own)

    def extended(self, places: Iterable[FormPlace]) -> SearchPath:
        """Return this search path with further forms; the same file counts once, at its first level."""
        by_file: dict[str, FormPlace] = {}
        for place in sorted((*self.own, *places), key=lambda place: get_args(Level).index(place.level)):
            by_file.setdefault(os.path.realpath(place.path), place)
        own = tuple(by_file.values())
        return self if own == self.own else SearchPath(own)

    def places(self, name: str) -> tuple[FormPlace, ...]:
        """Return the places of all forms of a name: the first is used, the others are hidden by it."""
        return _places_by_name(self).get(name, ())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all forms, sorted."""
        return tuple(_places_by_name(self))

    def doubled(self, name: str) -> tuple[FormPlace, ...]:
        """Return the places of a form that stands more than once at its first level; none where it stands there once.

        No order is right among them, so that such a form is a mistake.
        """
        places = self.places(name)
        first = tuple(place for place in places if place.level == places[0].level)
        return first if len(first) > 1 else ()


@lru_cache(maxsize=32)
def _places_by_name(search: SearchPath) -> Mapping[str, tuple[FormPlace, ...]]:
    found: dict[str, tuple[FormPlace, ...]] = {}
    for place in (*search.own, *_shipped_places()):
        found[place.name] = (*found.get(place.name, ()), place)
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def _shipped_places() -> tuple[FormPlace, ...]:
    """Return the forms of packages, then those of perfxl."""
    packages = [FormPlace(name, "package", f"{name}/{DEFINITION}") for name in extensions.found("perfxl.forms")]
    packages += [
        FormPlace(entry.name, "package", f"{entry.value} ({entry.name})/{DEFINITION}")
        for entry in extensions.doubled("perfxl.forms")
    ]
    own = (entry.name for entry in library.path().iterdir() if entry.is_dir() and (entry / DEFINITION).is_file())
    return (*packages, *(FormPlace(name, "perfxl", f"{name}/{DEFINITION}") for name in sorted(own)))


def form_at(path: str | Path, level: Level = "path") -> FormPlace:
    """Return the place of a form by its folder or its file. Raises FormError where there is none."""
    given = Path(path)
    file = given / DEFINITION if given.is_dir() else given
    whole = Path(os.path.abspath(file))  # noqa: PTH100  (a link stays a link: its folder is the form's)
    try:
        stamp = _stamp(whole)
    except FileNotFoundError as error:
        raise FormError(file=str(file), line=0, what="no_file") from error
    except (OSError, ValueError) as error:
        raise FormError(file=str(file), line=0, what="unreadable", reason=reason_of(error)) from error
    return FormPlace(_name_of(str(whole), stamp), level, str(file), str(whole), stamp)


def is_form_path(form: str | Path) -> bool:
    """Return whether a form is named by its path: one with a folder or an ending, and not a bare name."""
    return isinstance(form, Path) or bool(Path(form).suffix) or "/" in form or "\\" in form


def forms_in(folder: str | Path, level: Level = "option") -> tuple[FormPlace, ...]:
    """Return the forms in a folder, each a folder with a ``form.yaml``, or the one form that the folder itself is.

    Raises FormError where it is no folder, or has no form.
    """
    given = Path(folder)
    try:
        if (given / DEFINITION).is_file():
            return (form_at(given, level),)
        inside = sorted(entry.name for entry in os.scandir(given) if not entry.name.startswith("."))
        named = tuple(form_at(given / name, level) for name in inside if (given / name / DEFINITION).is_file())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FormError(file=str(folder), line=0, what="no_folder") from error
    except (OSError, ValueError) as error:
        raise FormError(file=str(folder), line=0, what="unreadable", reason=reason_of(error)) from error
    if not named:
        raise FormError(file=str(folder), line=0, what="no_forms")
    return named


def _stamp(file: Path) -> tuple[int, int]:
    """Return the newest time, and the size in all, of a form's file and the files in its folder."""
    own = file.stat()
    if file.name != DEFINITION:  # it stands among files that are not its own
        return own.st_mtime_ns, own.st_size
    inside = [*os.scandir(file.parent)]
    below = [entry for folder in inside if folder.is_dir() for entry in os.scandir(folder)]  # texts, versions
    told = [entry.stat() for entry in (*inside, *below) if entry.is_file()]
    return max(one.st_mtime_ns for one in told), sum(one.st_size for one in told)


@lru_cache(maxsize=256)
def _name_of(path: str, stamp: tuple[int, int]) -> str:
    """Return the name that a form gives itself; that of its folder or file where none can be read."""
    file = Path(path)
    try:
        name = heading(read_text(file)).get("form", "")
    except FormError:  # said when the form is needed
        name = ""
    return name or (file.parent.name if file.name == DEFINITION else file.stem)


@lru_cache(maxsize=256)
def record_path(place: FormPlace) -> str:
    """Return the place of a form's records in a records file (``projects[]``); empty where it cannot be read."""
    try:
        return heading(place.text()).get("record", "")
    except FormError:
        return ""


def heading(text: str) -> dict[str, str]:
    """Return the name and the record path of a form, as far as they can be read; the rest may be wrong.

    No more is parsed than needed, since this is asked of every form that a folder holds.
    """
    found: dict[str, str] = {}
    try:
        for key, value in _top_texts(yaml.parse(text, Loader=_SafeLoader)):
            if key in _HEADING:
                found.setdefault(key, value)
            if len(found) == len(_HEADING):
                break
    except yaml.YAMLError:  # said when the form is needed, which its name must tell
        for key, value in _LINE.findall(text):
            found.setdefault(key, value)
    return found


def _top_texts(events: Iterator[yaml.Event]) -> Iterator[tuple[str, str]]:
    """Yield the entries of a mapping at the top of a file whose values are plain texts."""
    depth, keys, key = 0, 0, None
    for event in events:
        if depth == 1 and not isinstance(event, yaml.CollectionEndEvent):
            if key is None:
                key, keys = getattr(event, "value", ""), keys + 1
            else:
                if isinstance(event, yaml.ScalarEvent):
                    yield key, event.value
                key = None
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if keys > _MOST_KEYS or (depth == 1 and isinstance(event, yaml.SequenceStartEvent) and not keys):
            return

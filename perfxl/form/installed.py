"""The forms that are known, found and loaded by name: one's own, those of packages, and perfxl's.

Which forms of one's own are known is said once for a command or a call (``use_search_path``). A form with a mistake is
known by its name, and says its mistake to whoever needs it; nobody else hears of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from perfxl.errors import FormError, UnknownForm
from perfxl.form.definition.inheritance import MOST, Definitions
from perfxl.form.definition.loader import read_form
from perfxl.form.form import Form, TranslationFile
from perfxl.form.form_file import form_file, released_versions, version_text
from perfxl.form.late_pattern import late_pattern
from perfxl.form.search_path import FormPlace, SearchPath, form_at, is_form_path, record_path
from perfxl.form.source import Entries, Node, nearest, parse

DEFAULT = "project-target"

Asked = ParamSpec("Asked")
Made = TypeVar("Made")

_SEARCH_PATH: ContextVar[SearchPath] = ContextVar("search_path", default=SearchPath())  # noqa: B039  (it is frozen)


def search_path() -> SearchPath:
    """Return the places where forms are looked for now."""
    return _SEARCH_PATH.get()


@contextmanager
def use_search_path(search: SearchPath) -> Iterator[None]:
    """Look for forms in these places until the block ends."""
    token = _SEARCH_PATH.set(search)
    try:
        yield
    finally:
        _SEARCH_PATH.reset(token)


def set_search_path(search: SearchPath) -> None:
    """Look for forms in these places from now on; for a process that works for another."""
    _SEARCH_PATH.set(search)


class BySearchPath(Generic[Asked, Made]):
    """A function whose answers are kept, those for each search path apart."""

    def __init__(self, make: Callable[Asked, Made]) -> None:
        self.__doc__ = make.__doc__

        @lru_cache(maxsize=512)
        def kept(search: SearchPath, *args: Any, **options: Any) -> Made:
            return make(*args, **options)

        self._kept: Any = kept

    def cache_clear(self) -> None:
        """Forget the answers."""
        self._kept.cache_clear()

    def __call__(self, *args: Asked.args, **options: Asked.kwargs) -> Made:
        """Return the answer for the present search path."""
        made: Made = self._kept(_SEARCH_PATH.get(), *args, **options)
        return made


def names() -> tuple[str, ...]:
    """Return the names of the known forms, sorted; a form with a mistake among them."""
    return search_path().names


def place(name: str) -> FormPlace:
    """Return the place of the form that has a name. Raises UnknownForm, or FormError where two have it."""
    search = search_path()
    if not (places := search.places(name)):
        raise UnknownForm(form=name, near=nearest(name, names()), known=names())
    if doubled := search.doubled(name):
        files = tuple(other.file for other in doubled)
        raise FormError(file=files[0], line=0, what="two_forms", form=name, files=files)
    return places[0]


def hidden_by(name: str) -> tuple[FormPlace, ...]:
    """Return the places of the forms that the form of this name hides: those of its name at later levels."""
    places = search_path().places(name)
    return tuple(other for other in places if other.level != places[0].level)


def folder(name: str) -> Traversable | None:
    """Return the folder of a known form; None where there is none."""
    places = search_path().places(name)
    return places[0].folder if places else None


@BySearchPath
def roots() -> Mapping[str, bool | None]:
    """Return the top-level keys of records files that known forms use, sorted.

    Each key maps to True if several records stand below it, None where one form has several and another has one. Only
    the heading of each form is read for this.
    """
    found: dict[str, bool | None] = {}
    for name in names():
        if path := record_path(search_path().places(name)[0]):
            root, many = path.removesuffix("[]"), path.endswith("[]")
            found[root] = many if found.get(root, many) is many else None
    return dict(sorted(found.items()))


@BySearchPath
def issue_names() -> frozenset[str]:
    """Return the names of the issue values of all known forms."""
    return frozenset(name for form in forms() for name in form.issue)


@BySearchPath
def load(name: str, version: str = "") -> Form:
    """Load a known form by its name; with a version that form as it was released under it, or else the present one.

    Raises UnknownForm, or FormError for a mistake in its definition.
    """
    found = place(name)
    present = load_at(found)
    if version in ("", present.version):
        return present
    return _load_version(found, version) or present


def load_at(found: FormPlace) -> Form:
    """Load the form at a place. Raises FormError."""
    return _load_extending(found, _bases(found))


@lru_cache(maxsize=64)
def _load_extending(found: FormPlace, bases: tuple[FormPlace, ...]) -> Form:
    return replace(load_text(found.text(), found.file, found.folder), translations=_read_translations(found))


def _read_translations(found: FormPlace) -> Mapping[str, TranslationFile]:
    """Return the translations that stand beside a form, by language. Raises FormError for one that is no text."""
    folder = found.folder
    texts = folder / "texts" if folder is not None else None
    if folder is None or texts is None or not texts.is_dir():
        return {}
    names = sorted(file.name for file in texts.iterdir() if file.name.endswith(".yaml"))
    return {
        name.removesuffix(".yaml"): TranslationFile(
            _beside(found, f"texts/{name}"),
            form_file(folder, Node(f"texts/{name}", 0, found.file, f"texts/{name}")),
        )
        for name in names
    }


_EXTENDS = late_pattern(r"^extends:[ ]*[\"']?([^@\"'\n]+)@", re.MULTILINE)


@BySearchPath
def _bases(found: FormPlace) -> tuple[FormPlace, ...]:
    """Return the places of the forms that a form extends, by which it is read anew where one of them is another."""
    bases: list[FormPlace] = []
    while len(bases) <= MOST and (match := _EXTENDS.search(found.text())):
        if not (places := search_path().places(match[1])):
            break
        found = places[0]
        bases.append(found)
    return tuple(bases)


def find_definitions(name: str, version: str) -> Definitions:
    """Return the definition of a version of a known form, and which others there are. Raises UnknownForm, FormError."""
    found = place(name)
    text, at = found.text(), found.folder
    present = Entries(parse(text, found.file).mapping()).text("version")
    versions = (present, *(released_versions(at) if at else ()))
    if version == present:
        return Definitions(versions, found.file, text, at)
    read = version_text(at, version) if at else None
    return Definitions(versions, _beside(found, read.name), read.text, at) if read else Definitions(versions)


def _beside(found: FormPlace, name: str) -> str:
    """Return the name of a file in a form's folder as messages have it."""
    return f"{found.file.rpartition('/')[0]}/{name}".lstrip("/")


def _load_version(found: FormPlace, version: str) -> Form | None:
    return _load_version_extending(found, version, _bases(found))


@lru_cache(maxsize=64)
def _load_version_extending(found: FormPlace, version: str, bases: tuple[FormPlace, ...]) -> Form | None:
    """Return a released form; None where it is not at hand. Raises FormError, also where it is another form."""
    at = found.folder
    read = version_text(at, version) if at is not None else None
    if read is None:
        return None
    file = _beside(found, read.name)
    form = load_text(read.text, file, at)
    if (form.name, form.version) != (load_at(found).name, version):
        facts = {"form": form.name, "version": form.version}
        raise FormError(file=file, line=1, what="wrong_version", name=load_at(found).name, wanted=version, **facts)
    return form


def place_named(form: str | Path) -> FormPlace:
    """Return the place of a form by its name, or by the path of its folder or file. Raises UnknownForm, FormError."""
    return form_at(form) if is_form_path(form) else place(str(form))


def load_named(form: str | Path) -> Form:
    """Load a form by its name, or by the path of its folder or file. Raises UnknownForm, FormError."""
    return load_at(form_at(form)) if is_form_path(form) else load(str(form))


def forms() -> tuple[Form, ...]:
    """Return the known forms that have no mistake in their definition, by name."""
    return tuple(form for name in names() if (form := _without_mistake(name)))


def _without_mistake(name: str) -> Form | None:
    try:
        return load(name)
    except FormError:
        return None


def mistakes() -> Mapping[str, FormError]:
    """Return the mistake of each known form whose definition has one, by name."""
    found: dict[str, FormError] = {}
    for name in names():
        try:
            load(name)
        except FormError as error:
            found[name] = error
    return found


def load_text(text: str, file: str = "form.yaml", folder: Traversable | None = None) -> Form:
    """Return the form that a definition's text describes. Raises FormError with file, line and what to do.

    ``folder``: where the files lie that the definition names.
    """
    return read_form(text, file, folder, find_definitions)

"""The forms that are installed, found and loaded by name: a folder each below ``templates/``, or of another package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources.abc import Traversable

from perfxl import extensions
from perfxl.errors import UnknownForm
from perfxl.form import library
from perfxl.form.form import Form
from perfxl.form.loader import read_form
from perfxl.form.source import nearest

DEFAULT = "project-target"


def names() -> tuple[str, ...]:
    """The names of the installed forms."""
    own = (entry.name for entry in library.path().iterdir() if entry.is_dir() and (entry / "form.yaml").is_file())
    return tuple(sorted({*own, *extensions.found("perfxl.forms")}))


def folder(name: str) -> Traversable | None:
    """The folder of an installed form: below ``templates/``, or another package's; None where there is none."""
    own = library.path(name) if re.fullmatch(r"[\w-]+", name) else None
    if own is not None and (own / "form.yaml").is_file():
        return own
    return extensions.form_folder(name)


@lru_cache(maxsize=1)
def roots() -> Mapping[str, bool]:
    """The tops of records files that installed forms have, sorted, and whether several records stand below each.

    No form is read whole for it.
    """
    texts = ((place / "form.yaml").read_text(encoding="utf-8") for name in names() if (place := folder(name)))
    found = {match[1]: bool(match[2]) for text in texts if (match := _RECORD.search(text))}
    return dict(sorted(found.items()))


_RECORD = re.compile(r"""^record:\s*["']?(\w+)(\[\])?""", re.MULTILINE)


@lru_cache(maxsize=64)
def load(name: str) -> Form:
    """The installed form of that name. Raises UnknownForm, or FormError for a mistake in its definition."""
    place = folder(name)
    if place is None or not (place / "form.yaml").is_file():
        raise UnknownForm(form=name, near=nearest(name, names()), known=names())
    return load_text((place / "form.yaml").read_text(encoding="utf-8"), f"{name}/form.yaml")


def load_text(text: str, file: str = "form.yaml") -> Form:
    """The form that a definition's text describes. Raises FormError with file, line and what to do."""
    return read_form(text, file)

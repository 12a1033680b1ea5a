"""The installed forms, found and loaded by name.

Each form is a folder with a ``form.yaml``, below ``templates/`` or in another package.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources.abc import Traversable

from perfxl import extensions
from perfxl.errors import UnknownForm
from perfxl.form import library
from perfxl.form.definition.loader import read_form
from perfxl.form.form import Form
from perfxl.form.source import nearest

DEFAULT = "project-target"


def names() -> tuple[str, ...]:
    """Return the names of the installed forms, sorted."""
    own = (entry.name for entry in library.path().iterdir() if entry.is_dir() and (entry / "form.yaml").is_file())
    return tuple(sorted({*own, *extensions.found("perfxl.forms")}))


def folder(name: str) -> Traversable | None:
    """Return the folder of an installed form, below ``templates/`` or in another package; None where there is none."""
    own = library.path(name) if re.fullmatch(r"[\w-]+", name) else None
    if own is not None and (own / "form.yaml").is_file():
        return own
    return extensions.form_folder(name)


@lru_cache(maxsize=1)
def roots() -> Mapping[str, bool]:
    """Return the top-level keys of records files that installed forms use, sorted.

    Each key maps to True if several records stand below it. Only the line ``record:`` of each form is read for this.
    """
    texts = ((place / "form.yaml").read_text(encoding="utf-8") for name in names() if (place := folder(name)))
    several = {match[1]: bool(match[2]) for text in texts if (match := _RECORD_LINE.search(text))}
    return dict(sorted(several.items()))


_RECORD_LINE = re.compile(r"""^record:\s*["']?(\w+)(\[\])?""", re.MULTILINE)


@lru_cache(maxsize=64)
def load(name: str) -> Form:
    """Load an installed form by its name. Raises UnknownForm, or FormError for a mistake in its definition."""
    place = folder(name)
    if place is None or not (place / "form.yaml").is_file():
        raise UnknownForm(form=name, near=nearest(name, names()), known=names())
    return load_text((place / "form.yaml").read_text(encoding="utf-8"), f"{name}/form.yaml", place)


def load_text(text: str, file: str = "form.yaml", folder: Traversable | None = None) -> Form:
    """Return the form that a definition's text describes. Raises FormError with file, line and what to do.

    ``folder``: where the files lie that the definition names.
    """
    return read_form(text, file, folder)

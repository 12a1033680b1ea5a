"""The forms that are installed: one folder each below ``templates/``, found and loaded by name."""

from __future__ import annotations

import re
from functools import lru_cache

from perfxl.errors import UnknownForm
from perfxl.form import library
from perfxl.form.form import Form
from perfxl.form.loader import read_form
from perfxl.form.source import near

DEFAULT = "project-target"


def names() -> tuple[str, ...]:
    """The names of the installed forms."""
    found = (entry.name for entry in library.path().iterdir() if entry.is_dir() and (entry / "form.yaml").is_file())
    return tuple(sorted(found))


@lru_cache(maxsize=64)
def load(name: str) -> Form:
    """The installed form of that name. Raises UnknownForm, or FormError for a mistake in its definition."""
    source = library.path(name, "form.yaml") if re.fullmatch(r"[\w-]+", name) else None
    if source is None or not source.is_file():
        raise UnknownForm(form=name, near=near(name, names()), known=names())
    return loads(source.read_text(encoding="utf-8"), f"{name}/form.yaml")


def loads(text: str, file: str = "form.yaml") -> Form:
    """The form that a definition's text describes. Raises FormError with file, line and what to do."""
    return read_form(text, file)

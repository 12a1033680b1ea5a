"""The arguments of the verbs: workbooks by path, by URL or as bytes, a form, a way of checking."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

from perfxl.batch.inbox import Item, Listed, list_items, places_of
from perfxl.batch.known_forms import with_forms
from perfxl.batch.urls import is_url
from perfxl.errors import PerfxlError
from perfxl.form import installed
from perfxl.form.form import Form
from perfxl.rules import Policy, load_policy

Source = str | Path | bytes
"""A file, a folder or a zip by its path or, as a text, by its URL; or the bytes of a workbook."""

FormSource = str | Path | Form
"""A known form by its name, a form's folder or form.yaml by its path, or a form."""

RulesSource = str | Path | Policy | None
"""A county's file of checks by its path, or a policy; None for the pack 一般 (ordinary)."""


def list_sources(sources: Iterable[Source]) -> Listed:
    """List the files that are named, the errors of folders and zips that cannot be listed, and what else these hold.

    Raises TypeError for a source that is neither a path, a URL nor bytes.
    """
    listed = Listed([], [], [])
    for number, source in enumerate(sources, start=1):
        if isinstance(source, bytes):
            name = f"workbook-{number}.xlsx"
            listed.items.append(Item(name, PurePosixPath(name), Path(name), data=source))
            continue
        if not isinstance(source, (str, Path)):
            raise TypeError(f"{_WORKBOOK}, not {type(source).__name__}{_hint(source)}")
        if isinstance(source, Path) and _was_url(source):
            raise TypeError("a URL is given as a text (str): a Path drops one of its slashes")
        try:
            places = places_of(source)
        except PerfxlError as error:
            listed.refused.append(error)
            continue
        for place in places:
            try:
                listed = Listed(*map(operator.add, listed, list_items(place)))
            except PerfxlError as error:
                listed.refused.append(error)
    return listed


_WORKBOOK = "a workbook is a path (str, Path), a URL (str), bytes, or what read or check gave to another verb"


def _was_url(path: Path) -> bool:
    """Return whether a URL was made a path, such as ``s3:/bucket``."""
    return bool(path.parts) and is_url(f"{path.parts[0]}//") and not path.exists()


def _hint(source: object) -> str:
    """Return what was probably meant."""
    return ": its ``data``" if hasattr(source, "data") else ""


@with_forms
def load_form(form: FormSource, *, forms: Collection[str | Path] = ()) -> Form:
    """Return the form that is meant; ``forms``: folders of further forms.

    Raises UnknownForm, FormError, or TypeError for what names none.
    """
    if isinstance(form, Form):
        return form
    if not isinstance(form, (str, Path)):
        raise TypeError(f"form is a name, a path or a Form, not {type(form).__name__}")
    return installed.load_named(form)


@with_forms
def load_rules(rules: RulesSource, *, forms: Collection[str | Path] = ()) -> Policy:
    """Return the way of checking that is meant; ``forms``: folders of forms whose checks it may name.

    Raises FormError, or TypeError for what names none.
    """
    if isinstance(rules, Policy):
        return rules
    if rules is not None and not isinstance(rules, (str, Path)):
        raise TypeError(f"rules is a path, a Policy or None, not {type(rules).__name__}")
    return load_policy(Path(rules) if rules is not None else None)

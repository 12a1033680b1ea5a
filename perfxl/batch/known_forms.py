"""The forms that a call knows: those that it names, and those that were known already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from perfxl.form.installed import search_path, use_search_path
from perfxl.form.search_path import FormPlace, SearchPath, form_at, forms_in, is_form_path

Asked = ParamSpec("Asked")
Made = TypeVar("Made")


def with_forms(verb: Callable[Asked, Made]) -> Callable[Asked, Made]:
    """Return a verb that knows the forms in its argument ``forms``, and the one that ``form`` names by its path.

    What an earlier call gave, and is given to this one, brings the forms that were known then.
    """

    @wraps(verb)
    def run(*sources: Asked.args, **options: Asked.kwargs) -> Made:
        search = search_path()
        for source in sources:
            known = getattr(source, "search", None)
            if isinstance(known, SearchPath):
                search = search.extended(known.own)
        search = search.extended(_named_places(options))
        with use_search_path(search):
            return verb(*sources, **options)

    return run


def _named_places(options: Mapping[str, object]) -> Iterator[FormPlace]:
    form, forms = options.get("form"), options.get("forms", ())
    if isinstance(form, (str, Path)) and is_form_path(form):
        yield form_at(form)
    if isinstance(forms, (str, bytes, Mapping)) or not isinstance(forms, Collection):
        raise TypeError(f'forms is a list of paths such as ["forms"], not {forms!r}')
    for path in forms:
        if not isinstance(path, (str, Path)):
            raise TypeError(f'forms is a list of paths such as ["forms"], not {forms!r}')
        yield from forms_in(path)

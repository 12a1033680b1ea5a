"""All mistakes of a form in one pass: those of its definition, of the codes of its checks, and of its translations."""

from __future__ import annotations

from perfxl.errors import FormError
from perfxl.form import installed, texts
from perfxl.form.definition.loader import read_definition
from perfxl.form.search_path import FormPlace
from perfxl.rules.assertion import find_bad_codes


def mistakes_of(place: FormPlace) -> tuple[FormError, ...]:
    """Return the mistakes of the form at a place, by line; none where it can be used."""
    try:
        definition = read_definition(place.text(), place.file, place.folder, installed.find_definitions)
    except FormError as error:
        return (error,)
    found = [*definition.mistakes]
    if definition.form:
        found += find_bad_codes(definition.form)
    if not found:
        return _mistakes_of_texts(place)
    return tuple(sorted(found, key=lambda error: error.line))


def _mistakes_of_texts(place: FormPlace) -> tuple[FormError, ...]:
    """Return the mistakes in the translations of a form that has none itself."""
    try:
        form = installed.load_at(place)
        return tuple(error for lang in form.translations for error in texts.stale(form, lang))
    except FormError as error:
        return (error, *error.others)

"""The commands that say something of forms: the list of them, their mistakes, their schemas, one described."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from perfxl import messages, records, rules
from perfxl.errors import FormError
from perfxl.form import installed
from perfxl.form.language_schema import language_schema
from perfxl.form.search_path import FormPlace, form_at, forms_in, is_form_path
from perfxl.report import form_list
from perfxl.report.console import data, say, show_line
from perfxl.report.form_words import language_words
from perfxl.rules.lint import mistakes_of


def list_forms(as_json: bool, lang: str) -> int:
    """List the known forms."""
    listed = list(form_list.list_forms(lang))
    if as_json:
        data(as_json_text([form.plain() for form in listed]))
    else:
        for form in listed:
            data(form_list.line_of(form, lang))
    return 0


def as_json_text(value: object) -> str:
    """Return data as JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def lint(words: Sequence[str], as_json: bool, lang: str) -> int:
    """Say all mistakes of the forms that are named, or of all known ones; return 1 where there is one."""
    places, found = _places(words)
    for place in places:
        found += mistakes_of(place)
    if as_json:
        told = [{**_where(mistake), "sentence": messages.sentence(mistake, lang)} for mistake in found]
        data(as_json_text(told))
    else:
        for mistake in found:
            show_line(messages.sentence(mistake, lang))
    say(messages.say("forms.linted", {"forms": len(places), "mistakes": len(found)}, lang))
    return 1 if found else 0


def _where(mistake: FormError) -> dict[str, object]:
    return {"file": mistake.facts.get("file", ""), "line": mistake.facts.get("line", 0), "what": mistake.what}


def _places(words: Sequence[str]) -> tuple[list[FormPlace], list[FormError]]:
    """Return the places of the forms that are named, and the mistakes of names that two forms have.

    Raises UnknownForm, or FormError for a path where there is none.
    """
    places: list[FormPlace] = []
    mistakes: list[FormError] = []
    for word in words or installed.names():
        if words and (is_form_path(word) or (word not in installed.names() and Path(word).exists())):
            places += forms_in(word, "path") if Path(word).is_dir() else [form_at(word)]
            continue
        try:
            places.append(installed.place(word))
        except FormError as error:
            mistakes.append(error)
    return places, mistakes


def schema(records_of: str, output_format: str, lang: str) -> int:
    """Print the JSON Schema of the form language or of a form's records, or the page of the language."""
    if records_of:
        data(as_json_text(records.schema(installed.load_named(records_of))))
    elif output_format == "markdown":
        from perfxl.report.form_reference import reference_page  # late: the pages know the verbs over many files

        data(reference_page(lang))
    else:
        data(as_json_text(language_schema(partial(language_words, lang=lang))))
    return 0


def show(name: str, as_json: bool, county: Path | None, lang: str) -> int:
    """Describe a form."""
    policy = rules.load_policy(county)
    form = policy.form(installed.load_named(name))
    from perfxl.report import form_show  # late: it knows the workbook

    shown = form_show.describe_form(form, policy, lang)
    if as_json:
        data(as_json_text(shown.plain()))
    else:
        for line in form_show.lines_of(shown, form, policy, lang):
            show_line(line)
    return 0

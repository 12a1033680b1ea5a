"""The types of answer of a form in its language: their words for yes and no, and the signs of their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perfxl.form.form import Field, Form
from perfxl.form.languages import Language
from perfxl.form.types.base import AnswerType
from perfxl.form.types.boolean import Boolean


def with_types_in(form: Form, language: Language) -> Form:
    """Return a form whose cells say yes and no, and whose numbers are written, as in this language.

    It is the same object where nothing differs.
    """
    fields = _worded(form.fields, language)
    columns = {id: _worded(table.columns, language) for id, table in form.tables.items()}
    same = fields is form.fields and all(columns[id] is table.columns for id, table in form.tables.items())
    if same and form.signs == language.signs:
        return form
    tables = {id: replace(table, columns=columns[id]) for id, table in form.tables.items()}
    return replace(form, fields=fields, tables=tables, signs=language.signs)


def _worded(fields: Mapping[str, Field], language: Language) -> Mapping[str, Field]:
    """Return fields with the words and signs of a language; the same object where none differs."""
    types = {id: _in_language(field.type, language) for id, field in fields.items()}
    changed = {id: replace(fields[id], type=kind) for id, kind in types.items() if kind is not fields[id].type}
    return {**fields, **changed} if changed else fields


def _in_language(kind: AnswerType, language: Language) -> AnswerType:
    words = (language.yes, language.no)
    if isinstance(kind, Boolean) and kind.words != words:
        kind = replace(kind, words=words)
    return replace(kind, signs=language.signs) if kind.signs != language.signs else kind

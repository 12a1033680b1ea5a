"""The words for yes and no in a form's cells, which are those of its workbook's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perfxl.form.form import Field, Form
from perfxl.form.types.boolean import Boolean, words_of


def with_truth_words(form: Form, language: str) -> Form:
    """Return a form whose cells say yes and no in this language; the same object where none does."""
    fields = _worded(form.fields, language)
    columns = {id: _worded(table.columns, language) for id, table in form.tables.items()}
    if fields is form.fields and all(columns[id] is table.columns for id, table in form.tables.items()):
        return form
    tables = {id: replace(table, columns=columns[id]) for id, table in form.tables.items()}
    return replace(form, fields=fields, tables=tables)


def _worded(fields: Mapping[str, Field], language: str) -> Mapping[str, Field]:
    """Return fields with the words of a language; the same object where none is yes or no."""
    words = words_of(language)
    found = {id: one.type for id, one in fields.items() if isinstance(one.type, Boolean) and one.type.words != words}
    if not found:
        return fields
    changed = {id: replace(fields[id], type=replace(kind, words=words)) for id, kind in found.items()}
    return {**fields, **changed}

"""What the cells of calculated texts show, where that is not the text that the record has.

Such a text is a word of the calculation, which a translation shows in its language, or an answer whose own cell shows
it otherwise: an entry of a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from perfxl.form.calculation import CalculatedAnswer, calculations, in_order
from perfxl.form.expression import tree
from perfxl.form.form import Field, Form, shown_values
from perfxl.form.types.text import Text


def shows_results(form: Form) -> bool:
    """Return True if the cell of a calculated text shows something else than the record has."""
    return any(isinstance(one.field.type, Text) and one.field.type.shown for one in _calculated(form))


def with_shown_results(form: Form) -> Form:
    """Return a form whose calculated texts show answers as their own cells do; the same object where none differs."""
    if not any(isinstance(one.field.type, Text) for one in _calculated(form)):
        return form
    for answer in in_order(form):
        kind = answer.field.type
        if isinstance(kind, Text) and (shown := _shown_answers(form, answer)) and {**kind.shown, **shown} != kind.shown:
            form = _with_field(form, answer, replace(answer.field, type=replace(kind, shown={**kind.shown, **shown})))
    return form


def _calculated(form: Form) -> tuple[CalculatedAnswer, ...]:
    return tuple(calculations(form.fields, form.tables))


def _shown_answers(form: Form, answer: CalculatedAnswer) -> Mapping[str, str]:
    """Return what the answers show that a calculated one may come to."""
    named = (node for node in tree.results(answer.calculation.value.tree) if isinstance(node, tree.AnswerReference))
    asked = ((form.tables[node.table].columns if node.table else form.fields)[node.path] for node in named)
    return {value: text for field in asked for value, text in shown_values(field.type).items()}


def _with_field(form: Form, answer: CalculatedAnswer, field: Field) -> Form:
    """Return a form with another field in the place of a calculated one."""
    if not answer.table:
        return replace(form, fields={**form.fields, field.id: field})
    table = form.tables[answer.table]
    table = replace(table, columns={**table.columns, field.id: field})
    return replace(form, tables={**form.tables, table.id: table})

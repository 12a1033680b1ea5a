"""The texts of a definition: templates, labels, hints, and sentences with expressions in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from perfxl.form import template
from perfxl.form.definition.expressions import read_expression
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.expression import Expression, Scope
from perfxl.form.form import Form, Hint
from perfxl.form.late_pattern import late_pattern
from perfxl.form.source import Entries, Node, nearest

_EXPRESSION = late_pattern(r"\{\{(.*?)\}\}", re.DOTALL)


def read_template(node: Node) -> str:
    """Return a node's text after checking that it parses as a Jinja template."""
    text = node.text()
    if "{" in text:
        from jinja2 import TemplateSyntaxError

        try:
            template.uses(text)
        except TemplateSyntaxError as error:
            raise node.mistake("not_jinja", problem=error.message or "", text=text) from error
    return text


def read_label(node: Node | None) -> tuple[str, ...]:
    """Read a label: one text, or a list of texts, outermost first; empty where there is none."""
    if node is None:
        return ()
    return tuple(map(read_template, node.sequence())) if isinstance(node.value, list) else (read_template(node),)


def read_hint(node: Node, label: tuple[str, ...]) -> Hint:
    """Read the message that Excel shows beside a selected cell; a plain text has the answer's label as its title."""
    if isinstance(node.value, dict):
        entries = Entries(node.mapping())
        hint = Hint(entries.text("title"), entries.text("text"))
    else:
        hint = Hint(label[-1][:_LONGEST_TITLE] if label else "", node.text())
    for text, limit in ((hint.title, _LONGEST_TITLE), (hint.text, _LONGEST_TEXT)):
        if len(text) > limit:
            raise node.mistake("too_long", length=len(text), limit=limit)
    return hint


_LONGEST_TITLE, _LONGEST_TEXT = 32, 255
"""Excel's limits for the title and the text of an input message (ECMA-376 part 1, 18.3.1.32)."""


def read_sentence(node: Node, scope: Scope, mistakes: Mistakes) -> tuple[str | Expression, ...]:
    """Split a sentence with expressions in it, such as ``{{ budget.total }}``, into its pieces."""
    pieces = _EXPRESSION.split(node.text())
    # texts at even places, expressions at odd ones
    return tuple(
        read_expression(replace(node, value=piece.strip(), written=piece.strip()), scope, mistakes, sentence=True)
        if at % 2
        else piece
        for at, piece in enumerate(pieces)
    )


def check_template_names(form: Form, top: Entries, mistakes: Mistakes) -> None:
    """Note the names in the form's texts that are neither answers nor known of the issue (``template.ISSUE``)."""
    known = template.known_names(form)
    for text, node in _templates(form, top):
        for use in template.uses(text):
            if mistakes.broken.isdisjoint(
                (use.path, use.path.split(".")[0], "fields", "tables")
            ) and not template.resolve_name(use.path, known):
                mistakes.note(node.mistake("unknown_name", name=use.path, near=nearest(use.path, known), known=known))


def _templates(form: Form, top: Entries) -> Iterator[tuple[str, Node]]:
    """Yield the form's texts, each with the node that a message about it refers to."""
    if "title" in top:
        yield form.title, top["title"]
    sheet = top.mapping("sheet")
    for key, text in (("name", form.sheet.name), ("footer", form.sheet.footer or "")):
        if key in sheet:
            yield text, sheet[key]
    for id, node in top.mapping("tables").items():
        columns = node.mapping()["columns"].mapping()
        labels = form.tables[id].labels if id in form.tables else {}
        yield from ((part, columns[column]) for column in labels for part in labels[column])
    lines = {row.line: row for row in form.layout}
    for node in top.sequence("layout"):
        if row := lines.get(node.line):
            yield from ((piece.text, node) for piece in row.pieces)
    yield from zip(form.help, top.sequence("help"), strict=False)

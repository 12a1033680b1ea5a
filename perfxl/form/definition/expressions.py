"""Expressions in a definition: their mistakes, with the line on which they stand."""

from __future__ import annotations

import re

from perfxl.errors import FormError
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.expression import Expression, ExpressionError, Scope
from perfxl.form.setting import settings
from perfxl.form.source import Node, nearest

_SINGLE_EQUALS = re.compile(r"(?<![=!<>])=(?!=)")


def read_expression(
    node: Node, scope: Scope, mistakes: Mistakes, logical: bool = False, sentence: bool = False
) -> Expression:
    """Read an expression, checking its names and the settings it uses.

    ``logical``: it must be a condition. ``sentence``: it stands in a sentence. Raises FormError, or Consequence.
    """
    expression = Expression(node.text(), scope)
    try:
        expression.check(logical)
    except ExpressionError as error:
        raise _mistake(node, scope, mistakes, error, sentence) from error
    for name in expression.settings:
        known = settings()
        if name not in known:
            raise node.mistake("unknown_field", field=name, near=nearest(name, known), known=tuple(known)) from None
    return expression


def _mistake(node: Node, scope: Scope, mistakes: Mistakes, error: ExpressionError, sentence: bool) -> FormError:
    """Return what is wrong with an expression. Raises Consequence where it names a part that is broken."""
    what, piece = str(error.args[0]), str(error.args[1])
    if what.startswith("unknown_"):
        mistakes.require(piece, piece.split(".")[0], "fields", "tables")
        known = tuple(error.args[2]) if len(error.args) > 2 else scope.names
        table = str(error.args[3]) if len(error.args) > 3 else scope.row
        if sentence:
            columns = tuple(scope.tables.get(table, ()))
            name = piece if table == scope.row else f"{table}.{piece}"
            facts = {"name": name, "near": nearest(piece, known), "table": table, "columns": columns}
            return node.mistake("unknown_in_message", **facts, known=known)
        return node.mistake("unknown_field", field=piece, near=nearest(piece, known), known=known)
    text = node.text()
    if what == "moment_beside_other":
        return node.mistake("moment_beside_other", text=text, type=piece)
    if what == "syntax" and _SINGLE_EQUALS.search(text):
        return node.mistake("single_equals", text=text)
    return node.mistake("not_an_expression", problem=piece, text=text)

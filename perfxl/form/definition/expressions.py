"""Expressions in a definition: their mistakes, with the line on which they stand."""

from __future__ import annotations

from collections.abc import Mapping

from perfxl.errors import FormError
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.expression import Expression, ExpressionError, Scope
from perfxl.form.late_pattern import late_pattern
from perfxl.form.setting import settings
from perfxl.form.source import Node, nearest

_TIME = late_pattern(r"(?<![\"'0-9:])[0-9]{1,2}:[0-5][0-9](?![\"'0-9:])")
_USAGE: Mapping[str, str] = {
    "lookup": 'country | lookup("per_diem")', "sum": "legs | sum(nights)", "first": "legs | first(town)",
    "all": "legs | all(nights > 0)", "any": "legs | any(nights > 0)", "count": "legs | count",
    "round": "score | round(0)", "left": "code | left(2)", "right": "code | right(1)", "mid": "code | mid(2, 1)",
    "contains": 'mode | contains("train")', "none": "“is blank” or “is filled”", "if": "a if b else c",
}  # fmt: skip
"""The right spelling of functions, by their names."""
_SINGLE_EQUALS = late_pattern(r"(?<![=!<>])=(?!=)")


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
            facts = {"field": name, "near": nearest(name, known), "known": tuple(known), "quoted": ""}
            raise node.mistake("unknown_field", **facts) from None
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
        of, _, column = piece.partition(".")
        if column in scope.tables.get(of, ()):
            return node.mistake("column_alone", table=of, column=column)
        near = nearest(piece, known)
        quoted = piece if piece.isidentifier() and not near else ""
        return node.mistake("unknown_field", field=piece, near=near, known=known, quoted=quoted)
    text = node.text()
    if what == "moment_beside_other":
        return node.mistake("moment_beside_other", text=text, type=piece)
    if what == "entries_compared":
        return node.mistake("entries_compared", field=piece)
    if what == "syntax" and (time := _TIME.search(text)):
        return node.mistake("unquoted_time", text=text, time=time[0].zfill(5))
    if what == "syntax" and _SINGLE_EQUALS.search(text):
        return node.mistake("single_equals", text=text)
    return node.mistake("not_an_expression", problem=piece, text=text, usage=_USAGE.get(piece, ""))

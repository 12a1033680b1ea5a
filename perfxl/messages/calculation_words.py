"""An answer in one sentence: what is to be filled in, or how the workbook calculates it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from perfxl import messages
from perfxl.form.calculation import in_order, path_of
from perfxl.form.expression import tree
from perfxl.form.expression.tree import Node
from perfxl.form.form import Form
from perfxl.form.types.number import decimal, spelled
from perfxl.form.types.number import plain as plain_number
from perfxl.messages.places import answer_label


def describe_answer(form: Form, path: str, facts: Mapping[str, Any], lang: str = messages.DEFAULT) -> str:
    """Return the sentence about an answer, by its path without numbers of rows; ``facts``: those of its type."""
    answer = next((one for one in in_order(form) if path_of(form, one) == path), None)
    if answer is None:
        asked = form.by_path[path]
        return messages.say(f"types.describe.{asked.type.name}", facts, lang)
    formula = _formula(answer.calculation.value.tree, answer.field.label, form, lang)
    words = messages.say("types.calculated.as", {"formula": formula}, lang) if formula else ""
    words = words or messages.say("types.calculated.otherwise", {}, lang)
    if answer.calculation.when is None:
        return words
    typed = messages.say(f"types.describe.{answer.field.type.name}", facts, lang)
    return messages.say("types.calculated.partly", {"words": typed}, lang)


_SIGNS = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ "}


def _formula(node: Node, beside: tuple[str, ...], form: Form, lang: str, inside: str = "") -> str:
    """Return a calculation with the labels of its answers; empty for one that is more than sums and products.

    ``beside``: the label of the calculated answer; ``inside``: the sign of the calculation that it is a part of.
    """
    label = partial(answer_label, form=form, beside=beside)
    match node:
        case tree.Const(float() | int() as number):
            return spelled(plain_number(decimal(number)), form.signs)
        case tree.AnswerReference(path, _, table):
            issued = not table and path in form.issue
            return messages.say("conditions.issue", {"name": path}, lang) if issued else label(table, path)
        case tree.Rows("sum", table, where=None, of=tree.AnswerReference(path)):
            return messages.say("types.calculated.sum", {"column": label(table, path)}, lang)
        case tree.Arithmetic(sign, left, right):
            one, other = (
                _formula(part, beside, form, lang, where) for part, where in ((left, sign), (right, f"{sign}right"))
            )
            if not (one and other):
                return ""
            weak = sign in "+-" and inside not in ("", "+", "-", "+right")
            strong = sign in "*/" and inside == "/right"
            text = f"{one}{_SIGNS[sign]}{other}"
            return f"({text})" if weak or strong else text
    return ""

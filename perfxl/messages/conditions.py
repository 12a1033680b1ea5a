"""Conditions in words: of an expression that a form's author wrote, what a person who fills the form in can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from perfxl.form.expression import tree
from perfxl.form.types.number import decimal, plain, spelled
from perfxl.form.types.time import clock
from perfxl.messages.places import answer_label

if TYPE_CHECKING:
    from perfxl.form.form import Form


def condition_facts(node: tree.Node, form: Form) -> Any:
    """Return a condition as plain data, its answers by their labels, of which a sentence is made in any language."""
    match node:
        case tree.Compare(sign, left, right):
            sides = [condition_facts(_shown(node, beside), form) for node, beside in ((left, right), (right, left))]
            return ["compare", sign, *sides]
        case tree.Many(every, parts):
            return ["all" if every else "any", *(condition_facts(part, form) for part in parts)]
        case tree.Not(part):
            return ["not", condition_facts(part, form)]
        case tree.In(item, listed) | tree.Contains(item, listed):
            entries = [str(_number(tree.shown_beside(item, value), form)) for value in listed.values]
            return ["in", condition_facts(item, form), entries]
        case tree.Blank(item):
            return ["blank", condition_facts(item, form)]
        case tree.AnswerReference(path, _, "") if path in form.issue:
            return ["issue", path]
        case tree.AnswerReference():
            return ["yes" if node.type == "logical" else "answer", _label(node, form)]
        case tree.Const(value):
            return ["value", _number(value, form)]
        case tree.Day(value):
            return ["value", value.isoformat()] if value else ["today"]
        case tree.Clock(minutes):
            return ["value", clock(minutes)]
        case tree.Arithmetic(sign, left, right):
            return ["sum", sign, condition_facts(left, form), condition_facts(right, form)]
    return ["other"]


def _shown(node: tree.Node, beside: tree.Node) -> tree.Node:
    """Return a constant as the cell of the answer that it is compared with shows it, any other node as it is."""
    return tree.Const(tree.shown_beside(beside, node.value)) if isinstance(node, tree.Const) else node


def label_of_answer(node: tree.Node, form: Form) -> str:
    """Return the label of an answer that stands alone; empty for anything else."""
    if not isinstance(node, tree.AnswerReference) or (not node.table and node.path in form.issue):
        return ""
    return _label(node, form)


def _label(node: tree.AnswerReference, form: Form) -> str:
    """Return the label of an answer."""
    return answer_label(node.table, node.path, form)


def _number(value: Any, form: Form) -> Any:
    """Return a constant of an expression, a whole number without a point, another with the signs of the language."""
    if not isinstance(value, float):
        return value
    return int(value) if value.is_integer() else spelled(plain(decimal(value)), form.signs)


Say = Callable[[str, Mapping[str, Any]], str]
"""Makes a sentence of a key and facts in a language."""


def in_words(facts: Sequence[Any], say: Say) -> str:
    """Return a condition, or a value in it, in words; ``facts``: as ``condition_facts`` gives them."""
    word, *rest = facts
    match word:
        case "compare" | "sum":
            sign, one, other = rest
            key = f"conditions.{word}.{_SIGNS[sign]}"
            return say(key, {"one": in_words(one, say), "other": in_words(other, say)})
        case "all" | "any":
            return say(f"conditions.{word}", {"parts": [in_words(part, say) for part in rest]})
        case "not":
            inner = rest[0]
            if inner[0] in _OPPOSITES:
                return say(f"conditions.{_OPPOSITES[inner[0]]}", {"one": _inner(inner, say)})
            return say("conditions.not", {"one": in_words(inner, say)})
        case "in":
            return say("conditions.in", {"one": in_words(rest[0], say), "entries": rest[1]})
        case "yes" | "blank":
            return say(f"conditions.is_{word}", {"one": _inner(facts, say)})
        case "answer":
            return say("conditions.answer", {"label": rest[0]})
        case "issue":
            return say("conditions.issue", {"name": rest[0]})
        case "value":
            return str(rest[0])
    return say(f"conditions.{word}", {})


def _inner(facts: Sequence[Any], say: Say) -> str:
    """Return the answer that a condition is about."""
    return say("conditions.answer", {"label": facts[1]}) if facts[0] == "yes" else in_words(facts[1], say)


_OPPOSITES = {"yes": "is_no", "blank": "is_filled"}
_SIGNS = {
    "==": "same", "!=": "differs", "<": "below", "<=": "at_most", ">": "above", ">=": "at_least", "+": "plus",
    "-": "minus", "*": "times", "/": "by",
}  # fmt: skip

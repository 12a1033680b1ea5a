"""Rule expressions: a small subset of Jinja's expression language, compiled to Python and to Excel.

Values are what the record holds: money in the field's unit, percent as points (0–100). Both sides of
a comparison are rounded to two decimals, so that ``==`` on money means equal to the last shown digit.
A blank is 0 in a sum beside something that is filled; a comparison with no answer on one side is not
applicable (None) and never broken. A value that is no number makes the whole expression not applicable.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import nodes

Lookup = Callable[[str], Any]
Formula = Callable[[str], str]
DECIMALS = 2

_COMPARE: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "eq": (operator.eq, "="),
    "ne": (operator.ne, "<>"),
    "lt": (operator.lt, "<"),
    "lteq": (operator.le, "<="),
    "gt": (operator.gt, ">"),
    "gteq": (operator.ge, ">="),
}
_OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "gteq", "gteq": "lt", "gt": "lteq", "lteq": "gt"}
_ARITHMETIC: Mapping[str, tuple[Callable[[float, float], float], str]] = {
    "Add": (operator.add, "+"),
    "Sub": (operator.sub, "-"),
    "Mul": (operator.mul, "*"),
    "Div": (operator.truediv, "/"),
}


class ExpressionError(Exception):
    """The text is no expression of the language; ``args[0]`` is the reason in one word, ``args[1]`` the piece."""


class _Unreadable(Exception):
    """An input is no number: the expression has no value."""


@dataclass(frozen=True)
class Expression:
    """One expression of a form's rule, as written. Raises ExpressionError at ``check()`` when it is none."""

    source: str

    @cached_property
    def _tree(self) -> nodes.Expr:
        return _parse(self.source)

    def check(self, logical: bool = False) -> tuple[str, ...]:
        """The fields it names, in order. Raises ExpressionError for what the language does not have.

        ``logical``: it must be something that holds or does not, not a number.
        """
        if logical or _is_logical(self._tree):
            _check_logical(self._tree)
        elif not _is_text(self._tree):
            _check_number(self._tree)
        return self.fields

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The ids of the fields it names, in order, once each."""
        return _names(self._tree)

    def evaluate(self, lookup: Lookup) -> Any:
        """Its value over the record's values; None where it is not applicable."""
        tree = self._tree
        if _is_text(tree):
            return tree.as_const()
        if _is_name(tree):  # an answer by itself, which a sentence may name, need not be a number
            value = lookup(_dotted(tree))
            return None if value == "" else value
        try:
            return _holds(tree, lookup) if _is_logical(tree) else _answered(tree, lookup)
        except (_Unreadable, ZeroDivisionError, OverflowError):
            return None

    def excel(self, value: Formula, raw: Formula) -> str:
        """The same as an Excel formula without the leading ``=``: true where a comparison is not applicable.

        ``value`` gives the formula of a field's number as the record holds it, ``raw`` that of its cell as it is.
        """
        if _is_logical(self._tree):
            return _excel_logical(self._tree, _Cells(value, raw), True)
        return _excel_number(self._tree, value)


@dataclass(frozen=True)
class _Cells:
    value: Formula
    raw: Formula


@lru_cache(maxsize=1024)
def _parse(source: str) -> nodes.Expr:
    from jinja2 import TemplateSyntaxError, nodes
    from jinja2.sandbox import SandboxedEnvironment

    try:
        template = SandboxedEnvironment().parse("{{ " + source + " }}")
    except TemplateSyntaxError as error:
        raise ExpressionError("syntax", error.message or source) from error
    output = template.body[0] if len(template.body) == 1 else None
    inside = output.nodes if isinstance(output, nodes.Output) else []
    if len(inside) != 1 or isinstance(inside[0], nodes.TemplateData):
        raise ExpressionError("syntax", source)
    return inside[0]


def _word(node: nodes.Node) -> str:
    return type(node).__name__


def _is_name(node: nodes.Node) -> bool:
    return _word(node) in ("Name", "Getattr")


def _is_text(node: nodes.Node) -> bool:
    return _word(node) == "Const" and isinstance(node.value, str)  # type: ignore[attr-defined]


def _is_logical(node: nodes.Node) -> bool:
    return _word(node) in ("Compare", "And", "Or", "Not")


def _dotted(node: Any) -> str:
    if _word(node) == "Name":
        return str(node.name)
    if _word(node) == "Getattr":
        return f"{_dotted(node.node)}.{node.attr}"
    raise ExpressionError("unsupported", _word(node))


@lru_cache(maxsize=4096)
def _names(node: nodes.Node) -> tuple[str, ...]:
    """The fields that a part of an expression names, once each."""
    return tuple(dict.fromkeys(_all_names(node)))


def _all_names(node: nodes.Node) -> Iterator[str]:
    if _is_name(node):
        yield _dotted(node)
    else:
        for child in node.iter_child_nodes():
            yield from _all_names(child)


def _check_logical(node: Any) -> None:
    """Raises ExpressionError unless it is made of comparisons, ``and``, ``or`` and ``not``."""
    match _word(node):
        case "Compare":
            for operand in node.ops:
                if operand.op not in _COMPARE:
                    raise ExpressionError("unsupported", operand.op)
            for side in _sides(node):
                _check_number(side)
        case "And" | "Or":
            _check_logical(node.left)
            _check_logical(node.right)
        case "Not":
            _check_logical(node.node)
        case word:
            raise ExpressionError("not_logical", word)


def _check_number(node: Any) -> None:
    """Raises ExpressionError unless it is made of numbers, answers and arithmetic."""
    match _word(node):
        case "Name" | "Getattr":
            _dotted(node)
        case "Const" if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            pass
        case "Neg":
            _check_number(node.node)
        case word if word in _ARITHMETIC:
            _check_number(node.left)
            _check_number(node.right)
        case "Const":
            raise ExpressionError("unsupported", repr(node.value))
        case word:
            raise ExpressionError("unsupported", word)


def _sides(node: Any) -> list[nodes.Expr]:
    return [node.expr, *(operand.expr for operand in node.ops)]


def _pairs(node: Any) -> Iterable[tuple[nodes.Expr, str, nodes.Expr]]:
    """A chain of comparisons two by two: ``a <= b <= c`` is ``a <= b`` and ``b <= c``."""
    sides = _sides(node)
    return zip(sides, (operand.op for operand in node.ops), sides[1:], strict=False)


# Python ---------------------------------------------------------------------------------------------------------------


def _holds(node: Any, lookup: Lookup) -> bool | None:
    """Kleene's three values: None for what is not applicable."""
    match _word(node):
        case "Compare":
            return _all(_compare(*pair, lookup) for pair in _pairs(node))
        case "And":
            return _all(_holds(side, lookup) for side in (node.left, node.right))
        case "Or":
            found = [_holds(side, lookup) for side in (node.left, node.right)]
            return True if True in found else None if None in found else False
        case _:
            value = _holds(node.node, lookup)
            return None if value is None else not value


def _all(found: Iterable[bool | None]) -> bool | None:
    found = list(found)
    return False if False in found else None if None in found else True


def _compare(left: nodes.Expr, word: str, right: nodes.Expr, lookup: Lookup) -> bool | None:
    one, other = _answered(left, lookup), _answered(right, lookup)
    return None if one is None or other is None else _COMPARE[word][0](_round(one), _round(other))


def _answered(node: nodes.Expr, lookup: Lookup) -> float | None:
    """A side's number; None where it names answers and all of them are blank."""
    value = _calculate(node, lookup)
    names = _names(node)
    return None if names and all(_number(lookup(name)) is None for name in names) else value


def _calculate(node: Any, lookup: Lookup) -> float:
    """A number, with 0 for a blank."""
    match _word(node):
        case "Const":
            return float(node.value)
        case "Neg":
            return -_calculate(node.node, lookup)
        case "Name" | "Getattr":
            return _number(lookup(_dotted(node))) or 0.0
        case word:
            return _finite(_ARITHMETIC[word][0](_calculate(node.left, lookup), _calculate(node.right, lookup)))


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Unreadable
    return _finite(float(value))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise _Unreadable
    return value


def _round(value: float) -> float:
    # half away from zero, as Excel's ROUND; the tiny nudge undoes binary fractions such as 0.285
    if abs(value) >= 1e13:  # no decimals left to round
        return value
    scaled = int(abs(value) * 10**DECIMALS + 0.5 + 1e-7)
    return math.copysign(scaled / 10**DECIMALS, value) if scaled else 0.0


# Excel ----------------------------------------------------------------------------------------------------------------


def _excel_logical(node: Any, cells: _Cells, wanted: bool) -> str:
    """The formula of the expression, or with ``wanted`` false of its contrary.

    Negations are carried down to the comparisons, since of these each is true where it is not applicable.
    """
    match _word(node):
        case "Compare":
            pairs = [_excel_compare(*pair, cells, wanted) for pair in _pairs(node)]
            return _call("AND" if wanted else "OR", pairs)
        case "And" | "Or" as word:
            sides = [_excel_logical(side, cells, wanted) for side in (node.left, node.right)]
            return _call("AND" if (word == "And") == wanted else "OR", sides)
        case _:
            return _excel_logical(node.node, cells, not wanted)


def _excel_compare(left: nodes.Expr, word: str, right: nodes.Expr, cells: _Cells, wanted: bool) -> str:
    one, other = (f"ROUND({_excel_number(side, cells.value)},{DECIMALS})" for side in (left, right))
    named = [names for side in (left, right) if (names := _names(side))]
    blanks = [_call("AND", [f"LEN({cells.raw(name)})=0" for name in names]) for names in named]
    sign = _COMPARE[word if wanted else _OPPOSITE[word]][1]
    return _call("OR", [*blanks, f"{one}{sign}{other}"])


def _call(word: str, arguments: list[str]) -> str:
    return arguments[0] if len(arguments) == 1 else f"{word}({','.join(arguments)})"


def _excel_number(node: Any, value: Formula) -> str:
    match _word(node):
        case "Const":
            return '"' + node.value.replace('"', '""') + '"' if _is_text(node) else repr(node.value)
        case "Neg":
            return f"-({_excel_number(node.node, value)})"
        case "Name" | "Getattr":
            return value(_dotted(node))
        case word:
            sign = _ARITHMETIC[word][1]
            return f"({_excel_number(node.left, value)}{sign}{_excel_number(node.right, value)})"

"""Rule expressions: a small subset of Jinja's expression language, compiled to Python and to Excel.

Values are what the record holds: money in the field's unit, percent as points (0–100). Both sides of
a comparison are rounded to two decimals, so that ``==`` on money means equal to the last shown digit.
A blank is 0 in a sum beside something that is filled; a comparison with nothing on one side is not
applicable (None) and never broken. A value that is no number makes the whole expression not applicable.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import nodes

Lookup = Callable[[str], Any]
Formula = Callable[[str], str]
DECIMALS = 2

_COMPARE: Mapping[str, tuple[Callable[[Any, Any], bool], str]] = {
    "eq": (operator.eq, "="),
    "ne": (operator.ne, "<>"),
    "lt": (operator.lt, "<"),
    "lteq": (operator.le, "<="),
    "gt": (operator.gt, ">"),
    "gteq": (operator.ge, ">="),
}
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

    def check(self) -> tuple[str, ...]:
        """The fields it names, in order. Raises ExpressionError for what the language does not have."""
        self.excel(str, str)
        return self.fields

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The ids of the fields it names, in order, once each."""
        return tuple(dict.fromkeys(_names(self._tree)))

    def evaluate(self, lookup: Lookup) -> Any:
        """Its value over the record's values; None where it is not applicable."""
        try:
            return _evaluate(self._tree, lookup)
        except (_Unreadable, ZeroDivisionError):
            return None

    def excel(self, value: Formula, raw: Formula) -> str:
        """The same as an Excel formula without the leading ``=``.

        ``value`` gives the formula of a field's number as the record holds it, ``raw`` that of its cell as it is.
        """
        return _excel(self._tree, _Cells(value, raw))


@dataclass(frozen=True)
class _Cells:
    value: Formula
    raw: Formula


@lru_cache(maxsize=1024)
def _parse(source: str) -> nodes.Expr:
    import jinja2
    from jinja2 import nodes

    try:
        template = jinja2.Environment(autoescape=False).parse("{{ " + source + " }}")
    except jinja2.TemplateSyntaxError as error:
        raise ExpressionError("syntax", error.message or source) from error
    output = template.body[0] if len(template.body) == 1 else None
    if not isinstance(output, nodes.Output) or len(output.nodes) != 1 or isinstance(output.nodes[0], nodes.TemplateData):
        raise ExpressionError("syntax", source)
    return output.nodes[0]


def _dotted(node: nodes.Node) -> str:
    from jinja2 import nodes

    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    raise ExpressionError("unsupported", type(node).__name__)


def _names(node: nodes.Node) -> Iterator[str]:
    from jinja2 import nodes

    if isinstance(node, (nodes.Name, nodes.Getattr)):
        yield _dotted(node)
    else:
        for child in node.iter_child_nodes():
            yield from _names(child)


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Unreadable
    return float(value) if isinstance(value, float) else value


def _evaluate(node: nodes.Node, lookup: Lookup) -> Any:
    from jinja2 import nodes

    if isinstance(node, nodes.Const):
        return node.value
    if isinstance(node, (nodes.Name, nodes.Getattr)):
        return _number(lookup(_dotted(node)))
    if isinstance(node, nodes.Neg):
        value = _evaluate(node.node, lookup)
        return None if value is None else -value
    if isinstance(node, nodes.Compare):
        return _compare(node, lookup)
    if isinstance(node, nodes.BinExpr):
        left, right = _evaluate(node.left, lookup), _evaluate(node.right, lookup)
        if isinstance(node, (nodes.And, nodes.Or)):
            return _both(left, right) if isinstance(node, nodes.And) else _either(left, right)
        if left is None and right is None:
            return None
        return _ARITHMETIC[type(node).__name__][0](left or 0, right or 0)
    if isinstance(node, nodes.Not):
        value = _evaluate(node.node, lookup)
        return None if value is None else not value
    raise ExpressionError("unsupported", type(node).__name__)


def _compare(node: nodes.Compare, lookup: Lookup) -> bool | None:
    left = _evaluate(node.expr, lookup)
    for operand in node.ops:
        right = _evaluate(operand.expr, lookup)
        if left is None or right is None:
            return None
        if not _COMPARE[operand.op][0](_round(left), _round(right)):
            return False
        left = right
    return True


def _round(value: float) -> float:
    # half away from zero, as Excel's ROUND; the tiny nudge undoes binary fractions such as 0.285
    scaled = abs(value) * 10**DECIMALS + 0.5 + 1e-7
    return float(int(scaled) / 10**DECIMALS) * (1 if value >= 0 else -1)


def _both(left: bool | None, right: bool | None) -> bool | None:
    return False if left is False or right is False else None if left is None or right is None else True


def _either(left: bool | None, right: bool | None) -> bool | None:
    return True if left or right else None if left is None or right is None else False


def _excel(node: nodes.Node, cells: _Cells) -> str:
    from jinja2 import nodes

    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        return '"' + node.value.replace('"', '""') + '"'
    if isinstance(node, nodes.Const) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return repr(node.value)
    if isinstance(node, (nodes.Name, nodes.Getattr)):
        return cells.value(_dotted(node))
    if isinstance(node, nodes.Neg):
        return f"-({_excel(node.node, cells)})"
    if isinstance(node, nodes.Not):
        return f"NOT({_excel(node.node, cells)})"
    if isinstance(node, nodes.Compare):
        return _excel_compare(node, cells)
    if isinstance(node, (nodes.And, nodes.Or)):
        word = "AND" if isinstance(node, nodes.And) else "OR"
        return f"{word}({_excel(node.left, cells)},{_excel(node.right, cells)})"
    if isinstance(node, nodes.BinExpr) and type(node).__name__ in _ARITHMETIC:
        sign = _ARITHMETIC[type(node).__name__][1]
        return f"({_excel(node.left, cells)}{sign}{_excel(node.right, cells)})"
    raise ExpressionError("unsupported", type(node).__name__)


def _excel_compare(node: nodes.Compare, cells: _Cells) -> str:
    sides = [node.expr, *(operand.expr for operand in node.ops)]
    pairs = []
    for left, operand, right in zip(sides, node.ops, sides[1:], strict=False):
        blanks = [blank for blank in (_excel_blank(left, cells), _excel_blank(right, cells)) if blank]
        values = [f"ROUND({_excel(side, cells)},{DECIMALS})" for side in (left, right)]
        pair = f"{values[0]}{_COMPARE[operand.op][1]}{values[1]}"
        pairs.append(f"OR({','.join([*blanks, pair])})" if blanks else pair)
    return pairs[0] if len(pairs) == 1 else f"AND({','.join(pairs)})"


def _excel_blank(node: nodes.Node, cells: _Cells) -> str:
    """The formula that says that this side has no input at all, empty for a side of constants."""
    names = list(dict.fromkeys(_names(node)))
    if not names:
        return ""
    blanks = [f"LEN({cells.raw(name)})=0" for name in names]
    return blanks[0] if len(blanks) == 1 else f"AND({','.join(blanks)})"

"""The parser of expressions.

The language is a subset of Jinja's expression language: Jinja parses the text, and its tree is turned into the nodes of
``tree``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache, reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from perfxl.form.expression.scope import ANY, Scope, Type
from perfxl.form.expression.tree import (
    FUNCTIONS,
    MOMENTS,
    NUMBERS,
    QUANTITIES,
    ROWS,
    AnswerPart,
    AnswerReference,
    Arithmetic,
    Blank,
    Call,
    Clock,
    Compare,
    Const,
    Contains,
    Day,
    ExpressionError,
    If,
    In,
    Limit,
    LogicalConst,
    Lookup,
    Many,
    Node,
    Not,
    Rows,
    WordList,
    type_of,
)
from perfxl.form.late_pattern import late_pattern

if TYPE_CHECKING:
    from jinja2 import nodes

COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
ARITHMETIC = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/"}
_INPUT_TYPES: Mapping[str, tuple[Type, ...]] = {"number": (*QUANTITIES, "date"), "text": ("text",), "date": ("date",)}
_DAY = late_pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = late_pattern(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def parse(source: str, scope: Scope = ANY) -> Node:
    """Parse an expression; a date or a time alone, as YAML writes one, is that date or time.

    Raises ExpressionError for what the language does not have.
    """
    if (moment := _read_moment(source.strip())) is not None:
        return moment
    return _Parser(scope).node(_parse_with_jinja(source))


@lru_cache(maxsize=1024)
def _parse_with_jinja(source: str) -> nodes.Expr:
    """Return Jinja's tree of an expression. Raises ExpressionError ``syntax`` for anything but one expression."""
    from jinja2 import TemplateSyntaxError, nodes
    from jinja2.sandbox import SandboxedEnvironment

    try:
        template = SandboxedEnvironment().parse("{{ " + source + " }}")
    except TemplateSyntaxError as error:
        raise ExpressionError("syntax", error.message or source) from error
    except RecursionError as error:
        raise ExpressionError("syntax", source[:40]) from error
    output = template.body[0] if len(template.body) == 1 else None
    inside = output.nodes if isinstance(output, nodes.Output) else []
    if len(inside) != 1 or isinstance(inside[0], nodes.TemplateData):
        raise ExpressionError("syntax", source)
    return inside[0]


class _Parser:
    """The translation of Jinja's tree into ours. ``table``: the table whose columns may be named without a prefix."""

    def __init__(self, scope: Scope, table: str = "") -> None:
        self.scope = scope
        self.table = table or scope.row
        self.columns = scope.tables.get(self.table, {})

    def node(self, tree: Any) -> Node:
        """Translate any expression."""
        word = type(tree).__name__
        if word in ARITHMETIC:
            return self.arithmetic(ARITHMETIC[word], tree.left, tree.right)
        match word:
            case "Const":
                return LogicalConst(tree.value) if isinstance(tree.value, bool) else Const(_read_constant(tree))
            case "Name" | "Getattr" | "Getitem":
                return self.name(_dotted_name(tree))
            case "Neg":
                number = self.number(tree.node)
                _refuse_other_beside_time({"number", type_of(number)})
                return Arithmetic("-", Const(0.0), number)
            case "Compare":
                return self.compared(tree)
            case "And" | "Or":
                return Many(word == "And", (self.logical(tree.left), self.logical(tree.right)))
            case "Not":
                return Not(self.logical(tree.node))
            case "CondExpr":
                return self.conditional(tree)
            case "Test":
                return self.test(tree)
            case "Filter":
                return self.filtered(tree)
        raise ExpressionError("unsupported", word)

    def name(self, path: str) -> Node:
        """Resolve a dotted name: a limit, a column of the current table, an answer of the head or a part of one."""
        if path.startswith("limits."):
            return Limit(path.removeprefix("limits."))
        answer = self.answer(path)
        if answer is not None:
            return answer
        base, _, name = path.rpartition(".")
        if (whole := self.answer(base)) is not None and (part := self.part(whole, name)) is not None:
            return part
        if path == "today" and self.scope.today:
            return Day(None)
        if self.scope.open and path != "none":
            if re.search(r"\.[0-9]", path):
                raise ExpressionError("unsupported", path)
            return AnswerReference(path, "number")
        if self.table not in ("", self.scope.row):  # within a function of another table's rows
            raise ExpressionError("unknown_name", path, tuple(self.scope.tables[self.table]), self.table)
        raise ExpressionError("unknown_name", path)

    def answer(self, path: str) -> AnswerReference | None:
        """Return the answer with this path: a column of the current table, or an answer of the head."""
        for table, known in ((self.table, self.columns), ("", self.scope.answers)):
            if path in known:
                return self.reference(table, path, known[path])
        return None

    def reference(self, table: str, path: str, type: Type) -> AnswerReference:
        """Return the node of an answer, with what the scope knows of it."""
        place = (table, path)
        joined, shown = self.scope.joined.get(place), self.scope.shown.get(place, {})
        return AnswerReference(path, type, table, joined, place in self.scope.calculated, shown)

    def part(self, answer: AnswerReference, name: str) -> AnswerPart | None:
        """Return a part of an answer; None where the answer has no parts.

        Raises ExpressionError ``unknown_part`` where it has parts, but not this one.
        """
        type = self.scope.parts.get((answer.table, answer.path))
        if type is None:
            return None
        if name not in type.parts:
            known = tuple(f"{answer.path}.{part}" for part in type.parts)
            raise ExpressionError("unknown_part", f"{answer.path}.{name}", known)
        beside = self.scope.tables.get(answer.table, {}) if answer.table else self.scope.answers
        like = self.reference(answer.table, type.like, beside[type.like]) if type.like in beside else None
        return AnswerPart(answer, name, type.parts[name], type, like)

    def arithmetic(self, sign: str, left: Any, right: Any) -> Arithmetic:
        """Translate a calculation; a text beside a date or a time is that date or time."""
        one, other = _as_moments(self.node(left), self.node(right))
        types = [type_of(one), type_of(other)]
        if "time" in types and not _is_of_times(sign, *types):
            raise ExpressionError("moment_beside_other", "time")
        return Arithmetic(sign, self.require(one, left, *NUMBERS), self.require(other, right, *NUMBERS))

    def number(self, tree: Any) -> Node:
        """Translate an expression that must be a number."""
        return self._of_type(tree, *NUMBERS)

    def logical(self, tree: Any) -> Node:
        """Translate an expression that must be a condition."""
        return self._of_type(tree, "logical")

    def _of_type(self, tree: Any, *types: Type) -> Node:
        """Translate an expression that must be of one of these types, or ``none``."""
        return self.require(self.node(tree), tree, *types)

    def require(self, node: Node, tree: Any, *types: Type) -> Node:
        """Return the node of ``tree``; raises ExpressionError where it is neither of these types nor ``none``."""
        if node != Const(None) and type_of(node) not in types:
            reason = "not_logical" if types == ("logical",) else "unsupported"
            piece = repr(_describe(node)) if type_of(node) == "text" else type(tree).__name__
            raise ExpressionError(reason, piece)
        return node

    def compared(self, tree: Any) -> Node:
        """Translate a chain of comparisons pair by pair: ``a <= b <= c`` is ``a <= b`` and ``b <= c``."""
        sides = [tree.expr, *(operand.expr for operand in tree.ops)]
        parts = [self.pair(operand.op, *pair) for operand, pair in zip(tree.ops, pairwise(sides), strict=True)]
        return parts[0] if len(parts) == 1 else Many(True, tuple(parts))

    def pair(self, op: str, left: Any, right: Any) -> Node:
        """Translate one comparison; ``op`` is Jinja's name of the operator."""
        if op in ("in", "notin"):
            membership = self.contained(left, right)
            return Not(membership) if op == "notin" else membership
        one, other = _as_moments(self.node(left), self.node(right))
        types = {type_of(one), type_of(other)}
        if Const(None) in (one, other):
            raise ExpressionError("unsupported", "none")
        if several := next((side for side in (one, other) if type_of(side) == "items"), None):
            raise ExpressionError("entries_compared", _describe(several))
        if types == {"logical"} and op in ("eq", "ne"):
            same = _same_truth(one, other)
            return Not(same) if op == "ne" else same
        _refuse_other_beside_time(types)
        numbers = types <= set(NUMBERS)
        if not numbers and types & set(MOMENTS):
            raise ExpressionError("moment_beside_other", "date")
        if not numbers and (types != {"text"} or op not in ("eq", "ne")):
            wrong = next((side for side in (one, other) if type_of(side) == "text"), one)
            raise ExpressionError("unsupported", repr(_describe(wrong)))
        return Compare(COMPARISONS[op], one, other)

    def contained(self, left: Any, right: Any) -> Node:
        """Translate the operator ``in``: ``level2 in ["成本指标"]``, ``level2 in words.x``, ``"已" in purpose``."""
        if type(right).__name__ in ("List", "Tuple") or _is_word_list(right):
            item = self.node(left)
            return In(item, _listed_moments(self.listed(right), type_of(item)))
        text = self._of_type(right, "text", "items")
        piece = self._of_type(left, "text")
        if not isinstance(piece, Const) or not isinstance(piece.value, str):
            raise ExpressionError("unsupported", "in")
        return self.containing(text, WordList((piece.value,)))

    def containing(self, text: Node, listed: WordList) -> Contains:
        """Return a test that a text contains one of a list; of an answer with entries, that it has one as an entry."""
        if isinstance(text, AnswerReference) and text.joined is not None:
            for entry in listed.values:
                if entry not in text.joined.entries:
                    raise ExpressionError("unknown_entry", str(entry), text.joined.entries)
        return Contains(text, listed)

    def listed(self, tree: Any) -> WordList:
        """Translate a list of constants, one constant, or the name of a word list."""
        if _is_word_list(tree):
            return WordList(name=tree.attr)
        values = tuple(_read_constant(item) for item in getattr(tree, "items", [tree]))
        if None in values or not values:
            raise ExpressionError("unsupported", "none")
        return WordList(tuple(value for value in values if value is not None))

    def conditional(self, tree: Any) -> Node:
        """Translate ``a if test else b``, whose two values must be of the same kind."""
        if tree.expr2 is None:
            raise ExpressionError("unsupported", "if")
        then, other = _as_moments(self.node(tree.expr1), self.node(tree.expr2))
        kinds = {type_of(side) for side in (then, other) if side != Const(None)}
        _refuse_other_beside_time(kinds)
        if len(kinds) > 1 and not kinds <= set(NUMBERS):
            raise ExpressionError("unsupported", "if")
        return If(self.logical(tree.test), then, other)

    def test(self, tree: Any) -> Node:
        """Translate ``is blank`` or ``is filled``."""
        item = self.node(tree.node)
        if tree.name not in ("blank", "filled") or not isinstance(item, (AnswerReference, AnswerPart)):
            raise ExpressionError("unsupported", f"is {tree.name}")
        return Not(Blank(item)) if tree.name == "filled" else Blank(item)

    def filtered(self, tree: Any) -> Node:
        """Translate a filter: ``contains``, a function of one value or a function of a table's rows."""
        name = tree.name
        if name == "contains":
            return self.containing(self._of_type(tree.node, "text", "items"), self.listed(*tree.args))
        if name == "lookup":
            return self.looked_up(tree)
        if name in FUNCTIONS:
            return self.called(tree)
        if name in ROWS:
            return self.rows(tree)
        raise ExpressionError("unsupported", name)

    def looked_up(self, tree: Any) -> Lookup:
        """Translate ``country | lookup("per_diem")``, the value that a column of a list has for the chosen entry."""
        item = self._of_type(tree.node, "text")
        listed = self.scope.lists.get((item.table, item.path)) if isinstance(item, AnswerReference) else None
        if not isinstance(item, AnswerReference) or listed is None or len(tree.args) != 1:
            raise ExpressionError("unsupported", "lookup")
        column = _read_constant(tree.args[0])
        if not isinstance(column, str) or column not in listed.columns:
            raise ExpressionError("unknown_column", str(column), tuple(listed.columns))
        return Lookup(item, listed, column)

    def called(self, tree: Any) -> Node:
        """Translate a function of one value and check its constants."""
        takes, _, also = FUNCTIONS[tree.name]
        wanted: tuple[Type, ...] = _INPUT_TYPES[takes]
        item = self.node(tree.node)
        if tree.name == "number" and isinstance(item, AnswerReference):
            part = self.part(item, "number")
            if part is not None and not tree.args:
                return part
        item = self.require(item, tree.node, *wanted)
        constants = tuple(_read_constant(argument) for argument in tree.args)
        for constant, kind in zip(constants, also, strict=False):
            if isinstance(constant, str) != (kind is str):
                raise ExpressionError("unsupported", tree.name)
        if len(constants) != len(also) or None in constants:
            raise ExpressionError("unsupported", tree.name)
        scheme = self.scope.schemes.get(item.path) if isinstance(item, AnswerReference) else None
        if tree.name == "check_character" and scheme is None:
            raise ExpressionError("unsupported", tree.name)
        return Call(tree.name, item, tuple(constant for constant in constants if constant is not None), scheme)

    def rows(self, tree: Any) -> Node:
        """Translate a function of a table's rows: ``table | where(condition) | count``; also ``d | sum`` of a row."""
        source, where = tree.node, None
        if type(source).__name__ == "Filter" and source.name == "where":
            source, where = source.node, source.args[0]
        table = _dotted_name(source)
        if table not in self.scope.tables:
            if tree.name == "sum" and not tree.args and where is None and (repeated := self.repeated(table)):
                return reduce(lambda one, other: Arithmetic("+", one, other), repeated)
            raise ExpressionError("unknown_name", table)
        inside = _Parser(self.scope, table)
        of: Node | None = None
        if tree.name in ("all", "any"):
            of = inside.logical(*tree.args)
        elif tree.name != "count":
            of = inside.node(*tree.args)
            column = of.item if isinstance(of, AnswerPart) else of
            if not isinstance(column, AnswerReference) or column.table != table:
                raise ExpressionError("unsupported", tree.name)
            if tree.name == "sum" and type_of(of) in MOMENTS:
                raise ExpressionError("moment_beside_other", type_of(of))
        columns = tuple(inside.reference(table, path, inside.columns[path]) for path in self.scope.begun[table])
        return Rows(tree.name, table, columns, inside.logical(where) if where is not None else None, of)

    def repeated(self, name: str) -> list[Node]:
        """Return the columns of the current table that a repeated column stands for: ``d.1``, ``d.2`` …"""
        paths = [path for path in self.columns if re.fullmatch(rf"{re.escape(name)}\.[0-9]+", path)]
        if not {self.columns[path] for path in paths} <= set(QUANTITIES):
            raise ExpressionError("unsupported", name)
        return [self.reference(self.table, path, self.columns[path]) for path in paths]


def _read_constant(tree: Any) -> float | str | None:
    """Return the value of a constant. Raises ExpressionError for anything else."""
    word = type(tree).__name__
    if word == "Name" and tree.name == "none":
        return None
    if word == "Neg":
        inner = _read_constant(tree.node)
        if isinstance(inner, float):
            return -inner
    value = getattr(tree, "value", True) if word == "Const" else True
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ExpressionError("unsupported", repr(value) if word == "Const" else word)
    return float(value)


def _is_word_list(tree: Any) -> bool:
    """Return True for the name of a word list: ``words.running_costs``."""
    return type(tree).__name__ == "Getattr" and _dotted_name(tree).startswith("words.")


def _dotted_name(tree: Any) -> str:
    """Return a name with its attributes: ``budget.total``. Raises ExpressionError for anything else."""
    match type(tree).__name__:
        case "Name":
            return str(tree.name)
        case "Getattr":
            return f"{_dotted_name(tree.node)}.{tree.attr}"
        case "Getitem" if type(getattr(tree.arg, "value", None)) is int:  # the attribute 1 of d.1
            return f"{_dotted_name(tree.node)}.{tree.arg.value}"
        case word:
            raise ExpressionError("unsupported", word)


def _read_day(text: str) -> Day | None:
    """Return the date of a text in ISO notation, None for any other text."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return Day(date.fromisoformat(text))
    except ValueError:
        return None


def _read_clock(text: str) -> Clock | None:
    """Return the time of a text such as 17:30, None for any other text."""
    match = _CLOCK.fullmatch(text)
    return Clock(int(match[1]) * 60 + int(match[2])) if match else None


def _read_moment(text: str) -> Day | Clock | None:
    """Return the date or the time of a text, None for any other text."""
    return _read_day(text) or _read_clock(text)


def _moment_beside(node: Node, type: Type) -> Node:
    """Return a node; a text beside a date or a time (``type``) is that date or time, where it states one."""
    text = node.value if isinstance(node, Const) and isinstance(node.value, str) else ""
    moment = _read_moment(text) if type in MOMENTS else None
    return moment if moment is not None and type_of(moment) == type else node


def _as_moments(one: Node, other: Node) -> tuple[Node, Node]:
    """Return two nodes, of which a text beside a date or a time has become that date or time."""
    return _moment_beside(one, type_of(other)), _moment_beside(other, type_of(one))


def _listed_moments(listed: WordList, type: Type) -> WordList:
    """Return a list whose texts have become the numbers of these days or times, where it is about such (``type``)."""
    moments = [_moment_beside(Const(value), type) for value in listed.values]
    numbers = (_number_of_moment(moment) for moment in moments)
    values = zip(numbers, listed.values, strict=True)
    return WordList(tuple(value if number is None else number for number, value in values), listed.name)


def _number_of_moment(node: Node) -> float | None:
    """Return the number that stands for a written date or time, None for anything else."""
    match node:
        case Day():
            return node.serial
        case Clock(minutes):
            return float(minutes)
    return None


def _is_of_times(sign: str, one: Type, other: Type) -> bool:
    """Return whether a calculation with a time has a meaning: the minutes between two, a time some minutes away."""
    if sign == "-":
        return one == "time" and (other == "time" or other in QUANTITIES)
    return sign == "+" and {one, other} - {"time"} <= set(QUANTITIES) and one != other


def _refuse_other_beside_time(types: set[Type]) -> None:
    """Raise ExpressionError where a time stands beside what is none."""
    if "time" in types and len(types) > 1:
        raise ExpressionError("moment_beside_other", "time")


def _same_truth(one: Node, other: Node) -> Node:
    """Return a condition that two conditions are both true or both false; not applicable where one of them is not."""
    for side, beside in ((one, other), (other, one)):
        if isinstance(side, LogicalConst):
            return beside if side.value else Not(beside)
    return Many(False, (Many(True, (one, other)), Many(True, (Not(one), Not(other)))))


def _describe(node: Node) -> str:
    """Return a short text that names a node in an error."""
    return str(node.value) if isinstance(node, Const) else getattr(node, "path", type(node).__name__)

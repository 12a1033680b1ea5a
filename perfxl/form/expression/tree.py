"""What an expression says, as a tree of a few kinds of node; parsed by Jinja, whose expression language it is part of.

Every node has a type: a number, a text, or something that holds or does not. Blank answers are no type of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Union, get_args

from perfxl.form.fields.base import ValueType

if TYPE_CHECKING:
    from jinja2 import nodes

    from perfxl.form.code_scheme import CodeScheme

Type = ValueType
"""``percent`` and ``date`` are numbers whose cells hold something else: a fraction, a serial."""

NUMBERS: tuple[Type, ...] = ("number", "percent", "date")


class ExpressionError(Exception):
    """The text is no expression of the language; ``args[0]`` is the reason in one word, ``args[1]`` the piece."""


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use. ``answers``: of the head, by id; ``tables``: the columns of each.

    ``begun``: the columns of each table of which one must be filled for a row to count; ``row``: the table of whose
    rows the expression speaks, empty for none; ``schemes``: the code scheme of a field that holds a code.
    """

    answers: Mapping[str, Type] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    begun: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    row: str = ""
    schemes: Mapping[str, CodeScheme] = field(default_factory=dict)
    open: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that may stand by itself."""
        return (*self.tables.get(self.row, ()), *self.answers, *self.tables)


ANY = Scope(open=True)
"""For an expression by itself: every name is a number of the head."""


@dataclass(frozen=True)
class Const:
    """A number, a text; None for ``none``, which is not applicable."""

    value: float | str | None


@dataclass(frozen=True)
class Limit:
    """A number of the county's: ``limits.trivial_amount``."""

    name: str


@dataclass(frozen=True)
class AnswerReference:
    """An answer of the head, or of the row that is looked at."""

    path: str
    type: Type
    table: str = ""


@dataclass(frozen=True)
class Arithmetic:
    """Two numbers and ``+ - * /``."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare:
    """Two numbers, or two texts, and ``== != < <= > >=``."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Many:
    """``and`` (all of the parts hold) or ``or`` (one of them)."""

    every: bool
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """The contrary."""

    part: Node


@dataclass(frozen=True)
class If:
    """``a if test else b``."""

    test: Node
    then: Node
    other: Node


@dataclass(frozen=True)
class WordList:
    """A list of texts or numbers: as written, or a word list of the county's by its name."""

    values: tuple[float | str, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class In:
    """Is it one of the list?"""

    item: Node
    listed: WordList


@dataclass(frozen=True)
class Contains:
    """Does the text contain one of the list?"""

    text: Node
    pieces: WordList


@dataclass(frozen=True)
class Blank:
    """Does the answer hold nothing, or white space only?"""

    item: AnswerReference


@dataclass(frozen=True)
class Call:
    """A function of one value: its name, the value, further constants."""

    name: str
    item: Node
    also: tuple[float | str, ...] = ()
    scheme: CodeScheme | None = None


@dataclass(frozen=True)
class Rows:
    """Something about a table's rows that were begun: ``count``, ``sum``, ``first``, ``all`` or ``any``.

    ``where``: the rows that are meant, None for all of them; ``of``: the column, or the condition.
    """

    function: str
    table: str
    columns: tuple[AnswerReference, ...]
    where: Node | None = None
    of: Node | None = None


Node = Union[Const, Limit, AnswerReference, Arithmetic, Compare, Many, Not, If, In, Contains, Blank, Call, Rows]  # noqa: UP007 - PEP 604 needs the classes themselves

NODES = get_args(Node)

COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
ARITHMETIC = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/"}
FUNCTIONS: Mapping[str, tuple[str, str, tuple[type, ...]]] = {
    "round": ("number", "number", (int,)),
    "length": ("text", "number", ()),
    "count_of": ("text", "number", (str,)),
    "left": ("text", "text", (int,)),
    "right": ("text", "text", (int,)),
    "mid": ("text", "text", (int, int)),
    "number": ("text", "number", ()),
    "year": ("date", "number", ()),
    "month": ("date", "number", ()),
    "day": ("date", "number", ()),
    "check_character": ("text", "text", ()),
}
"""The functions of one value: what it takes, what it gives, its further constants. ``amount | round(0)``."""

_TAKES: Mapping[str, tuple[Type, ...]] = {"number": NUMBERS, "text": ("text",), "date": ("date",)}

ROWS = ("count", "sum", "first", "all", "any")
"""What may be asked of a table's rows: ``measures | where(level2 == '成本指标') | count``."""


def type_of(node: Node) -> Type:
    """What a node gives."""
    match node:
        case Const(value):
            return "text" if isinstance(value, str) else "number"
        case AnswerReference():
            return node.type
        case Call(name):
            return "text" if FUNCTIONS[name][1] == "text" else "number"
        case If():
            return type_of(node.other) if node.then == Const(None) else type_of(node.then)
        case Rows("first", of=AnswerReference() as column):
            return column.type
        case Limit() | Arithmetic() | Rows("count" | "sum"):
            return "number"
    return "logical"


def parse(source: str, scope: Scope = ANY) -> Node:
    """The tree of an expression. Raises ExpressionError for what the language does not have."""
    return _Parser(scope).node(_jinja(source))


@lru_cache(maxsize=1024)
def _jinja(source: str) -> nodes.Expr:
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


class _Parser:
    """Turns Jinja's tree into ours. ``table``: the table whose columns may stand by themselves."""

    def __init__(self, scope: Scope, table: str = "") -> None:
        self.scope = scope
        self.table = table or scope.row

    def node(self, tree: Any) -> Node:
        word = type(tree).__name__
        if word in ARITHMETIC:
            return Arithmetic(ARITHMETIC[word], self.number(tree.left), self.number(tree.right))
        match word:
            case "Const":
                return Const(_constant(tree))
            case "Name" | "Getattr":
                return self.name(_dotted(tree))
            case "Neg":
                return Arithmetic("-", Const(0.0), self.number(tree.node))
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
        if path.startswith("limits."):
            return Limit(path.removeprefix("limits."))
        columns = self.scope.tables.get(self.table, {})
        if path in columns:
            return AnswerReference(path, columns[path], self.table)
        if path in self.scope.answers:
            return AnswerReference(path, self.scope.answers[path])
        if self.scope.open and path != "none":
            return AnswerReference(path, "number")
        raise ExpressionError("unknown_name", path)

    def number(self, tree: Any) -> Node:
        return self._of(tree, *NUMBERS)

    def logical(self, tree: Any) -> Node:
        return self._of(tree, "logical")

    def _of(self, tree: Any, *types: Type) -> Node:
        node = self.node(tree)
        if node != Const(None) and type_of(node) not in types:
            reason = "not_logical" if types == ("logical",) else "unsupported"
            raise ExpressionError(reason, type(tree).__name__ if type_of(node) != "text" else repr(_text_of(node)))
        return node

    def compared(self, tree: Any) -> Node:
        """A chain of comparisons two by two: ``a <= b <= c`` is ``a <= b`` and ``b <= c``."""
        sides = [tree.expr, *(operand.expr for operand in tree.ops)]
        parts = [self.pair(operand.op, *pair) for operand, pair in zip(tree.ops, pairwise(sides), strict=True)]
        return parts[0] if len(parts) == 1 else Many(True, tuple(parts))

    def pair(self, op: str, left: Any, right: Any) -> Node:
        if op in ("in", "notin"):
            found = self.contained(left, right)
            return Not(found) if op == "notin" else found
        one, other = self.node(left), self.node(right)
        types = {type_of(one), type_of(other)}
        if Const(None) in (one, other):
            raise ExpressionError("unsupported", "none")
        numbers = types <= set(NUMBERS)
        if not numbers and (types != {"text"} or op not in ("eq", "ne")):
            wrong = next((side for side in (one, other) if type_of(side) == "text"), one)
            raise ExpressionError("unsupported", repr(_text_of(wrong)))
        return Compare(COMPARISONS[op], one, other)

    def contained(self, left: Any, right: Any) -> Node:
        """``level2 in ["成本指标"]``, ``level2 in words.x``, ``"已" in purpose``."""
        if type(right).__name__ in ("List", "Tuple") or _is_words(right):
            return In(self.node(left), self.listed(right))
        text = self._of(right, "text", "items")
        piece = self._of(left, "text")
        if not isinstance(piece, Const) or not isinstance(piece.value, str):
            raise ExpressionError("unsupported", "in")
        return Contains(text, WordList((piece.value,)))

    def listed(self, tree: Any) -> WordList:
        if _is_words(tree):
            return WordList(name=tree.attr)
        values = tuple(_constant(item) for item in getattr(tree, "items", [tree]))
        if None in values or not values:
            raise ExpressionError("unsupported", "none")
        return WordList(tuple(each for each in values if each is not None))

    def conditional(self, tree: Any) -> Node:
        if tree.expr2 is None:
            raise ExpressionError("unsupported", "if")
        then, other = self.node(tree.expr1), self.node(tree.expr2)
        kinds = {type_of(side) for side in (then, other) if side != Const(None)}
        if len(kinds) > 1 and not kinds <= set(NUMBERS):
            raise ExpressionError("unsupported", "if")
        return If(self.logical(tree.test), then, other)

    def test(self, tree: Any) -> Node:
        item = self.node(tree.node)
        if tree.name not in ("blank", "filled") or not isinstance(item, AnswerReference):
            raise ExpressionError("unsupported", f"is {tree.name}")
        return Not(Blank(item)) if tree.name == "filled" else Blank(item)

    def filtered(self, tree: Any) -> Node:
        name = tree.name
        if name == "contains":
            return Contains(self._of(tree.node, "text", "items"), self.listed(*tree.args))
        if name in FUNCTIONS:
            return self.called(tree)
        if name in ROWS:
            return self.rows(tree)
        raise ExpressionError("unsupported", name)

    def called(self, tree: Any) -> Node:
        takes, _, also = FUNCTIONS[tree.name]
        wanted: tuple[Type, ...] = _TAKES[takes]
        item = self._of(tree.node, *wanted)
        constants = tuple(_constant(each) for each in tree.args)
        for constant, kind in zip(constants, also, strict=False):
            if isinstance(constant, str) != (kind is str):
                raise ExpressionError("unsupported", tree.name)
        if len(constants) != len(also) or None in constants:
            raise ExpressionError("unsupported", tree.name)
        scheme = self.scope.schemes.get(item.path) if isinstance(item, AnswerReference) else None
        if tree.name == "check_character" and scheme is None:
            raise ExpressionError("unsupported", tree.name)
        return Call(tree.name, item, tuple(each for each in constants if each is not None), scheme)

    def rows(self, tree: Any) -> Node:
        """``table | where(condition) | count``."""
        source, where = tree.node, None
        if type(source).__name__ == "Filter" and source.name == "where":
            source, where = source.node, source.args[0]
        table = _dotted(source)
        if table not in self.scope.tables:
            raise ExpressionError("unknown_name", table)
        inside = _Parser(self.scope, table)
        of: Node | None = None
        if tree.name in ("all", "any"):
            of = inside.logical(*tree.args)
        elif tree.name != "count":
            of = inside.node(*tree.args)
            if not isinstance(of, AnswerReference) or of.table != table:
                raise ExpressionError("unsupported", tree.name)
        columns = tuple(
            AnswerReference(path, self.scope.tables[table][path], table) for path in self.scope.begun[table]
        )
        return Rows(tree.name, table, columns, inside.logical(where) if where is not None else None, of)


def _constant(tree: Any) -> float | str | None:
    word = type(tree).__name__
    if word == "Name" and tree.name == "none":
        return None
    if word == "Neg":
        inner = _constant(tree.node)
        if isinstance(inner, float):
            return -inner
    value = getattr(tree, "value", True) if word == "Const" else True
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ExpressionError("unsupported", repr(value) if word == "Const" else word)
    return float(value)


def _is_words(tree: Any) -> bool:
    return type(tree).__name__ == "Getattr" and _dotted(tree).startswith("words.")


def _dotted(tree: Any) -> str:
    match type(tree).__name__:
        case "Name":
            return str(tree.name)
        case "Getattr":
            return f"{_dotted(tree.node)}.{tree.attr}"
        case word:
            raise ExpressionError("unsupported", word)


def _text_of(node: Node) -> str:
    return str(node.value) if isinstance(node, Const) else getattr(node, "path", type(node).__name__)


def nodes_inside(node: Node) -> Iterator[Node]:
    """The node and everything in it."""
    yield node
    for name in node.__dataclass_fields__:
        child = getattr(node, name)
        for each in child if isinstance(child, tuple) else (child,):
            if isinstance(each, NODES):
                yield from nodes_inside(each)


def answers(node: Node) -> tuple[str, ...]:
    """The answers it names, in order, once each: of the head by their id, of a table by ``table.column``."""
    found: list[str] = []
    for each in nodes_inside(node):
        if isinstance(each, Rows):
            found.append(each.table)
        elif isinstance(each, AnswerReference) and not each.table:
            found.append(each.path)
    return tuple(dict.fromkeys(found))

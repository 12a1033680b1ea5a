"""The syntax tree of an expression, and its parser.

The language is a subset of Jinja's expression language: Jinja parses the text, and its tree is turned into the few
kinds of node defined here. Every node has a type: a number (also a percent or a date), a text, a list of items, or a
logical value. A blank answer has the type of its field, not a type of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Union, get_args

from perfxl.form.types.base import ValueType

if TYPE_CHECKING:
    from jinja2 import nodes

    from perfxl.form.code_scheme import CodeScheme

Type = ValueType
"""The type of a node.

``percent`` and ``date`` are numbers whose cells hold something else: a fraction, or a date serial.
"""

NUMBERS: tuple[Type, ...] = ("number", "percent", "date")


class ExpressionError(Exception):
    """A text that is not an expression of the language.

    ``args[0]``: the reason in one word; ``args[1]``: the piece of the text that is wrong.
    """


@dataclass(frozen=True)
class Scope:
    """The names that an expression may use, with their types.

    ``answers``: the head's answers by id; ``tables``: the columns of each table. ``begun``: for each table the columns
    of which one must be filled for a row to count. ``row``: the table whose rows the expression is about, empty for
    none. ``schemes``: the code scheme of each head field that holds a code. ``open``: any other name is accepted as a
    number of the head.
    """

    answers: Mapping[str, Type] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    begun: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    row: str = ""
    schemes: Mapping[str, CodeScheme] = field(default_factory=dict)
    open: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names that may stand without a prefix: the columns of ``row``, the head's answers, the tables."""
        return (*self.tables.get(self.row, ()), *self.answers, *self.tables)


ANY = Scope(open=True)
"""The scope of an expression without a form: every name is a number of the head."""


@dataclass(frozen=True)
class Const:
    """A constant: a number or a text; None for ``none``, which is not applicable."""

    value: float | str | None


@dataclass(frozen=True)
class Limit:
    """A limit that the county sets, by its name: ``limits.trivial_amount``."""

    name: str


@dataclass(frozen=True)
class AnswerReference:
    """An answer of the head (``table`` is empty), or of a column in the current row of a table."""

    path: str
    type: Type
    table: str = ""


@dataclass(frozen=True)
class Arithmetic:
    """A calculation with two numbers: ``+ - * /``."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare:
    """A comparison of two numbers (``== != < <= > >=``) or of two texts (``== !=``)."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Many:
    """Conditions joined by ``and`` (``every``: all of the parts must hold) or by ``or`` (one of them must)."""

    every: bool
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """The negation of a condition."""

    part: Node


@dataclass(frozen=True)
class If:
    """A choice between two values: ``then if test else other``."""

    test: Node
    then: Node
    other: Node


@dataclass(frozen=True)
class WordList:
    """A list of texts or numbers: either as written (``values``), or one of the county's word lists (``name``)."""

    values: tuple[float | str, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class In:
    """A test that a value is one of a list."""

    item: Node
    listed: WordList


@dataclass(frozen=True)
class Contains:
    """A test that a text contains at least one text of a list."""

    text: Node
    pieces: WordList


@dataclass(frozen=True)
class Blank:
    """A test that an answer is empty or holds only white space."""

    item: AnswerReference


@dataclass(frozen=True)
class Call:
    """A call of one of ``FUNCTIONS``.

    ``item``: the value it is applied to; ``also``: its further arguments, which are constants; ``scheme``: the code
    scheme of ``item``, where it is an answer that holds a code.
    """

    name: str
    item: Node
    also: tuple[float | str, ...] = ()
    scheme: CodeScheme | None = None


@dataclass(frozen=True)
class Rows:
    """A function over those rows of a table that were begun: ``count``, ``sum``, ``first``, ``all`` or ``any``.

    ``columns``: a row was begun where one of them is filled. ``where``: a condition that selects rows, None for all of
    them. ``of``: the column (``sum``, ``first``) or the condition (``all``, ``any``); None for ``count``.
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
"""The functions of one value (``amount | round(0)``): input type, result type, types of the further constants."""

_INPUT_TYPES: Mapping[str, tuple[Type, ...]] = {"number": NUMBERS, "text": ("text",), "date": ("date",)}

ROWS = ("count", "sum", "first", "all", "any")
"""The functions of a table's rows: ``measures | where(level2 == '成本指标') | count``."""


def type_of(node: Node) -> Type:
    """Return the type of a node's value."""
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
    """Parse an expression. Raises ExpressionError for what the language does not have."""
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

    def node(self, tree: Any) -> Node:
        """Translate any expression."""
        word = type(tree).__name__
        if word in ARITHMETIC:
            return Arithmetic(ARITHMETIC[word], self.number(tree.left), self.number(tree.right))
        match word:
            case "Const":
                return Const(_read_constant(tree))
            case "Name" | "Getattr":
                return self.name(_dotted_name(tree))
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
        """Resolve a dotted name: a limit, a column of the current table or an answer of the head."""
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
        """Translate an expression that must be a number."""
        return self._of_type(tree, *NUMBERS)

    def logical(self, tree: Any) -> Node:
        """Translate an expression that must be a condition."""
        return self._of_type(tree, "logical")

    def _of_type(self, tree: Any, *types: Type) -> Node:
        """Translate an expression that must be of one of these types, or ``none``."""
        node = self.node(tree)
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
        one, other = self.node(left), self.node(right)
        types = {type_of(one), type_of(other)}
        if Const(None) in (one, other):
            raise ExpressionError("unsupported", "none")
        numbers = types <= set(NUMBERS)
        if not numbers and (types != {"text"} or op not in ("eq", "ne")):
            wrong = next((side for side in (one, other) if type_of(side) == "text"), one)
            raise ExpressionError("unsupported", repr(_describe(wrong)))
        return Compare(COMPARISONS[op], one, other)

    def contained(self, left: Any, right: Any) -> Node:
        """Translate the operator ``in``: ``level2 in ["成本指标"]``, ``level2 in words.x``, ``"已" in purpose``."""
        if type(right).__name__ in ("List", "Tuple") or _is_word_list(right):
            return In(self.node(left), self.listed(right))
        text = self._of_type(right, "text", "items")
        piece = self._of_type(left, "text")
        if not isinstance(piece, Const) or not isinstance(piece.value, str):
            raise ExpressionError("unsupported", "in")
        return Contains(text, WordList((piece.value,)))

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
        then, other = self.node(tree.expr1), self.node(tree.expr2)
        kinds = {type_of(side) for side in (then, other) if side != Const(None)}
        if len(kinds) > 1 and not kinds <= set(NUMBERS):
            raise ExpressionError("unsupported", "if")
        return If(self.logical(tree.test), then, other)

    def test(self, tree: Any) -> Node:
        """Translate ``is blank`` or ``is filled``."""
        item = self.node(tree.node)
        if tree.name not in ("blank", "filled") or not isinstance(item, AnswerReference):
            raise ExpressionError("unsupported", f"is {tree.name}")
        return Not(Blank(item)) if tree.name == "filled" else Blank(item)

    def filtered(self, tree: Any) -> Node:
        """Translate a filter: ``contains``, a function of one value or a function of a table's rows."""
        name = tree.name
        if name == "contains":
            return Contains(self._of_type(tree.node, "text", "items"), self.listed(*tree.args))
        if name in FUNCTIONS:
            return self.called(tree)
        if name in ROWS:
            return self.rows(tree)
        raise ExpressionError("unsupported", name)

    def called(self, tree: Any) -> Node:
        """Translate a function of one value and check its constants."""
        takes, _, also = FUNCTIONS[tree.name]
        wanted: tuple[Type, ...] = _INPUT_TYPES[takes]
        item = self._of_type(tree.node, *wanted)
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
        """Translate a function of a table's rows: ``table | where(condition) | count``."""
        source, where = tree.node, None
        if type(source).__name__ == "Filter" and source.name == "where":
            source, where = source.node, source.args[0]
        table = _dotted_name(source)
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
        case word:
            raise ExpressionError("unsupported", word)


def _describe(node: Node) -> str:
    """Return a short text that names a node in an error."""
    return str(node.value) if isinstance(node, Const) else getattr(node, "path", type(node).__name__)


def nodes_inside(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes below it."""
    yield node
    for name in node.__dataclass_fields__:
        child = getattr(node, name)
        for part in child if isinstance(child, tuple) else (child,):
            if isinstance(part, NODES):
                yield from nodes_inside(part)


def answers(node: Node) -> tuple[str, ...]:
    """Return the ids of the head's answers and of the tables that a node names, in order, without repetition.

    Columns of a table are not among them.
    """
    ids: list[str] = []
    for part in nodes_inside(node):
        if isinstance(part, Rows):
            ids.append(part.table)
        elif isinstance(part, AnswerReference) and not part.table:
            ids.append(part.path)
    return tuple(dict.fromkeys(ids))

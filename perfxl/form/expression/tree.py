"""The syntax tree of an expression.

Every node has a type: a number (also a percent, a date or a time), a text, a list of items, or a logical value. A blank
answer has the type of its field, not a type of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Union, get_args

from perfxl.form.expression.scope import JoinedEntries, LookupList, Type
from perfxl.form.types.base import AnswerType

if TYPE_CHECKING:
    from perfxl.form.code_scheme import CodeScheme

DAY_MINUTES = 24 * 60
"""The minutes of a day, in which times are counted."""

DAY_ZERO = 693594
"""The ordinal of the day before the first of the 1900 date system, from 1 March 1900 on."""

MOMENTS: tuple[Type, ...] = ("date", "time")
"""The types of which a blank is no 0 in a calculation, and which are compared with their like alone."""

QUANTITIES: tuple[Type, ...] = ("number", "percent")
NUMBERS: tuple[Type, ...] = (*QUANTITIES, *MOMENTS)


class ExpressionError(Exception):
    """A text that is not an expression of the language.

    ``args[0]``: the reason in one word; ``args[1]``: the piece of the text that is wrong; ``args[2]``, for a name that
    is unknown where only a few are possible: those names.
    """


@dataclass(frozen=True)
class Const:
    """A constant: a number or a text; None for ``none``, which is not applicable."""

    value: float | str | None


@dataclass(frozen=True)
class Limit:
    """A limit that the county sets, by its name: ``limits.trivial_amount``."""

    name: str


@dataclass(frozen=True)
class LogicalConst:
    """A constant condition: ``true`` or ``false``."""

    value: bool


@dataclass(frozen=True)
class Day:
    """A date that is written in the expression, or ``today`` where ``value`` is None."""

    value: date | None

    @property
    def serial(self) -> float:
        """The serial of a written date in the 1900 date system (ECMA-376 part 1, 18.17.4.1)."""
        assert self.value is not None
        return float(self.value.toordinal() - DAY_ZERO)


@dataclass(frozen=True)
class Clock:
    """A time of day that is written in the expression, in minutes since midnight."""

    minutes: int


@dataclass(frozen=True)
class AnswerReference:
    """An answer of the head (``table`` is empty), or of a column in the current row of a table.

    ``joined``: the entries of an answer that may have several of them; ``calculated``: the workbook calculates it;
    ``shown``: what its cell shows for a value, where that is not the value itself.
    """

    path: str
    type: Type
    table: str = ""
    joined: JoinedEntries | None = None
    calculated: bool = False
    shown: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class AnswerPart:
    """A part of an answer, ``target.number``.

    ``of``: the type of the answer, which tells the part; ``like``: the answer in whose unit a number is counted.
    """

    item: AnswerReference
    name: str
    type: Type
    of: AnswerType
    like: AnswerReference | None = None


@dataclass(frozen=True)
class Lookup:
    """The value that a column of a list has for the entry in an answer: ``country | lookup("per_diem")``."""

    item: AnswerReference
    listed: LookupList
    column: str


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

    item: AnswerReference | AnswerPart


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
    them. ``of``: the column or the part of one (``sum``, ``first``), or the condition (``all``, ``any``); None for
    ``count``.
    """

    function: str
    table: str
    columns: tuple[AnswerReference, ...]
    where: Node | None = None
    of: Node | None = None


Node = Union[  # noqa: UP007 - PEP 604 needs the classes themselves
    Const, LogicalConst, Limit, Day, Clock, AnswerReference, AnswerPart, Lookup, Arithmetic, Compare, Many, Not, If, In,
    Contains, Blank, Call, Rows,
]  # fmt: skip

NODES = get_args(Node)

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

ROWS = ("count", "sum", "first", "all", "any")
"""The functions of a table's rows: ``measures | where(level2 == '成本指标') | count``."""


def type_of(node: Node) -> Type:
    """Return the type of a node's value."""
    match node:
        case Const(value):
            return "text" if isinstance(value, str) else "number"
        case Day():
            return "date"
        case Clock():
            return "time"
        case AnswerReference() | AnswerPart():
            return node.type
        case Lookup(listed=listed):
            return listed.columns[node.column]
        case Call(name):
            return "text" if FUNCTIONS[name][1] == "text" else "number"
        case If():
            types = {type_of(side) for side in (node.then, node.other) if side != Const(None)}
            return types.pop() if len(types) == 1 else "number"
        case Rows("first", of=AnswerReference() | AnswerPart() as column):
            return column.type
        case Arithmetic("+" | "-"):
            moments = [type_of(side) for side in (node.left, node.right) if type_of(side) in MOMENTS]
            return moments[0] if len(moments) == 1 and (node.sign == "+" or type_of(node.left) in MOMENTS) else "number"
        case Limit() | Arithmetic() | Rows("count" | "sum"):
            return "number"
    return "logical"


def results(node: Node) -> Iterator[Node]:
    """Yield the nodes of which one is the value of a node: both sides of a choice, the column of a first row."""
    match node:
        case If(_, then, other):
            yield from (*results(then), *results(other))
        case Rows("first", of=AnswerReference() | AnswerPart() as column):
            yield column
        case _:
            yield node


NOTHING: Mapping[str, str] = {}


def shown_by(node: Node) -> Mapping[str, str]:
    """Return what the cell of an answer, or of a column's first row, shows for a value that it shows otherwise."""
    answer = node.of if isinstance(node, Rows) and node.function == "first" else node
    if not isinstance(answer, AnswerReference):
        return NOTHING
    return answer.joined.shown if answer.joined else answer.shown


def shown_beside(answer: Node, value: Any) -> Any:
    """Return what the cell of an answer shows for a value that is compared with it; any other value as it is."""
    return shown_by(answer).get(value, value) if isinstance(value, str) else value


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

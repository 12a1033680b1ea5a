"""An expression as a Python function of a record's values.

Three values: what is not applicable is None, in logic as in numbers and texts. A blank is 0 in a sum beside something
that is filled; a value of another type than is wanted (a text where a number belongs) makes its comparison not
applicable.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from perfxl.form import code_scheme
from perfxl.form.expression import tree
from perfxl.form.expression.tree import AnswerReference, Node

if TYPE_CHECKING:
    import datetime

DECIMALS = 2
"""Both sides of a comparison of numbers are rounded to so many: as money is shown."""

Row = Mapping[str, Any]


class Told(Protocol):
    """What a county says: word lists and limits by name."""

    @property
    def words(self) -> Mapping[str, tuple[str, ...]]: ...

    @property
    def limits(self) -> Mapping[str, Decimal]: ...


@dataclass(frozen=True)
class Nothing:
    """No words and no limits."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: Mapping[str, Decimal] = field(default_factory=dict)


NOTHING = Nothing()


def _no_rows(table: str) -> Sequence[Row]:
    return ()


class Values(NamedTuple):
    """Where an expression finds its values. ``get``: the head's answers; ``rows``: a table's, column id → value."""

    get: Callable[[str], Any]
    rows: Callable[[str], Sequence[Row]] = _no_rows
    told: Told = NOTHING
    row: Row | None = None


Function = Callable[[Values], Any]


class _Unreadable(Exception):
    """An input is of another type: what needs it is not applicable."""


@lru_cache(maxsize=2048)
def compile_function(node: Node) -> Function:
    """The expression as a function: True, False or None for what holds or does not; else a number, a text, None."""
    if tree.type_of(node) == "logical" and not isinstance(node, AnswerReference):
        return _logical(node)
    value = _value(node)

    def found(values: Values) -> Any:
        try:
            return value(values)
        except (_Unreadable, ZeroDivisionError, OverflowError):
            return None

    return found


def is_begun(columns: Iterable[str], row: Row) -> bool:
    """Does one of these columns hold something?"""
    return any(not is_blank(row.get(column)) for column in columns)


# What holds or does not


def _logical(node: Node) -> Function:
    match node:
        case tree.Compare():
            return _compile_comparison(node)
        case tree.Many(every, parts):
            found = [_logical(part) for part in parts]
            return lambda values: _join(every, [part(values) for part in found])
        case tree.Not(part):
            inner = _logical(part)
            return lambda values: None if (held := inner(values)) is None else not held
        case tree.If(test, then, other):
            asked, sides = _logical(test), {True: _logical(then), False: _logical(other)}
            return lambda values: None if (held := asked(values)) is None else sides[held](values)
        case tree.Const():
            return lambda values: None
        case tree.Blank(item):
            answer = _raw(item)
            return lambda values: is_blank(answer(values))
        case tree.In() | tree.Contains():
            return _in_list(node)
        case tree.Rows():
            return _of_rows(node)
    raise AssertionError(node)


def _join(every: bool, found: list[bool | None]) -> bool | None:
    """Kleene's and, or."""
    decisive = not every
    return decisive if decisive in found else None if None in found else every


_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _compile_comparison(node: tree.Compare) -> Function:
    sign = _SIGNS[node.sign]
    text = "text" in (tree.type_of(node.left), tree.type_of(node.right))
    one, other = ((_text if text else _compile_side)(side) for side in (node.left, node.right))

    def compared(values: Values) -> bool | None:
        try:
            left, right = one(values), other(values)
        except (_Unreadable, ZeroDivisionError, OverflowError):
            return None
        return None if left is None or right is None else sign(left, right)

    return compared


def _in_list(node: tree.In | tree.Contains) -> Function:
    contains = isinstance(node, tree.Contains)
    item, listed = (node.text, node.pieces) if isinstance(node, tree.Contains) else (node.item, node.listed)
    text = contains or tree.type_of(item) == "text"
    one = (_text if text else _compile_side)(item)

    def found(values: Values) -> bool | None:
        try:
            value = one(values)
        except (_Unreadable, ZeroDivisionError, OverflowError):
            return None
        if value is None:
            return None
        entries = values.told.words[listed.name] if listed.name else listed.values
        return any(str(entry) in value for entry in entries) if contains else value in _entries(entries)

    return found


@lru_cache(maxsize=512)
def _entries(entries: tuple[float | str, ...]) -> frozenset[float | str]:
    """The entries of a list as values are held against them."""
    return frozenset(fold_spaces(entry) if isinstance(entry, str) else round_half_up(entry) for entry in entries)


# Numbers and texts


def _value(node: Node) -> Function:
    match node:
        case AnswerReference(type="number" | "percent" | "date"):
            # an answer by itself, which a sentence may name, need not be a number
            answer = _raw(node)
            return lambda values: None if (value := answer(values)) == "" else value
        case _ if tree.type_of(node) in ("text", "items"):
            return _text(node)
    return _side(node)


def _raw(answer: AnswerReference) -> Function:
    path = answer.path
    if answer.table:
        return lambda values: values.row.get(path) if values.row is not None else None
    return lambda values: values.get(path)


def _compile_side(node: Node) -> Function:
    side = _side(node)
    return lambda values: None if (value := side(values)) is None else round_half_up(value)


def _side(node: Node) -> Function:
    """A number; None where it names answers and none of them is filled."""
    number, named = _number(node), [_raw(each) for each in _added(node)]
    if not named or isinstance(node, AnswerReference):
        return number

    def side(values: Values) -> float | None:
        value = number(values)
        return None if all(is_blank(each(values)) for each in named) else 0.0 if value is None else value

    return side


def _added(node: Node) -> list[AnswerReference]:
    """The answers that are calculated with as they are, not by way of a function or a table."""
    if isinstance(node, tree.Arithmetic):
        return [*_added(node.left), *_added(node.right)]
    return [node] if isinstance(node, AnswerReference) else []


def _number(node: Node) -> Function:
    match node:
        case tree.Const(value):
            return lambda values: value
        case tree.Limit(name):
            return lambda values: float(values.told.limits[name])
        case AnswerReference():
            answer, is_date = _raw(node), node.type == "date"
            return lambda values: _number_of(answer(values), is_date)
        case tree.Arithmetic():
            return _compile_arithmetic(node)
        case tree.If(test, then, other):
            asked, sides = _logical(test), {True: _number(then), False: _number(other)}
            return lambda values: None if (held := asked(values)) is None else sides[held](values)
        case tree.Call():
            return _compile_call(node)
        case tree.Rows(of=of):
            # a column's first answer is as raw as one of the head
            found, of_days = _of_rows(node), isinstance(of, AnswerReference) and of.type == "date"
            return lambda values: _number_of(found(values), of_days)
    raise AssertionError(node)


_CALCULATE: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


def _compile_arithmetic(node: tree.Arithmetic) -> Function:
    """A number, with 0 for a blank; what a function or a table has no number for, it has none for either."""
    calculate, left, right = _CALCULATE[node.sign], _number(node.left), _number(node.right)
    blanks = [isinstance(side, (AnswerReference, tree.Arithmetic, tree.Const)) for side in (node.left, node.right)]

    def calculated(values: Values) -> float:
        sides = [left(values), right(values)]
        for at, (side, blank) in enumerate(zip(sides, blanks, strict=True)):
            if side is None:
                if not blank:
                    raise _Unreadable
                sides[at] = 0.0
        return _finite(calculate(*sides))

    return calculated


def _text(node: Node) -> Function:
    """A text; None for a blank."""
    match node:
        case tree.Const(value):
            text = fold_spaces(str(value)) if value is not None else None
            return lambda values: text
        case AnswerReference():
            answer = _raw(node)
            return lambda values: _text_of(answer(values))
        case tree.If(test, then, other):
            asked, sides = _logical(test), {True: _text(then), False: _text(other)}
            return lambda values: None if (held := asked(values)) is None else sides[held](values)
        case tree.Rows():
            found = _of_rows(node)
            return lambda values: _text_of(found(values))
        case tree.Call():
            return _compile_call(node)
    raise AssertionError(node)


def _compile_call(node: tree.Call) -> Function:
    name, also, scheme = node.name, node.also, node.scheme
    if tree.FUNCTIONS[name][0] == "text":
        item = _text(node.item)
    elif name == "round":
        item = _side(node.item)
    else:
        item = _raw(node.item)  # type: ignore[arg-type]

    def called(values: Values) -> Any:
        value = item(values)
        if is_blank(value):
            return None
        found = _call(name, value, also, scheme)
        if found is None:
            raise _Unreadable
        return found

    return called


def _call(name: str, value: Any, also: tuple[float | str, ...], scheme: code_scheme.CodeScheme | None) -> Any:
    numbers = [int(each) for each in also if isinstance(each, float)]
    match name:
        case "round":
            return round_half_up(value, numbers[0])
        case "length":
            return float(units(value))
        case "count_of":
            return float(value.count(str(also[0])))
        case "left":
            return value[: numbers[0]]
        case "right":
            return value[-numbers[0] :]
        case "mid":
            return value[numbers[0] - 1 : numbers[0] - 1 + numbers[1]]
        case "number":
            return float(value) if _DECIMAL.fullmatch(value) else None
        case "year" | "month" | "day":
            return float(getattr(_day(value), name))
        case "check_character" if scheme:
            return code_scheme.check_character(value, scheme)
    raise AssertionError(name)


_DECIMAL = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def _of_rows(node: tree.Rows) -> Function:
    table, columns = node.table, tuple(column.path for column in node.columns)
    where = _logical(node.where) if node.where is not None else None
    of = node.of
    asked = _logical(of) if of is not None and node.function in ("all", "any") else None
    column = of.path if isinstance(of, AnswerReference) else ""

    def found(values: Values) -> Any:
        rows = [row for row in values.rows(table) if is_begun(columns, row)]
        if not rows:
            return None
        meant = [row for row in rows if where is None or where(_in_row(values, row)) is True]
        if node.function == "count":
            return float(len(meant))
        if asked is not None:
            return _join(node.function == "all", [asked(_in_row(values, row)) for row in meant] or [None])
        filled = [row[column] for row in meant if not is_blank(row.get(column))]
        if node.function == "sum":
            return _finite(sum(_number_of(each) or 0.0 for each in filled)) if filled else None
        return meant[0].get(column) if meant else None

    return found


def _in_row(values: Values, row: Row) -> Values:
    return values._replace(row=row)


# Values


def is_blank(value: Any) -> bool:
    """Nothing there, or white space only."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _number_of(value: Any, date: bool = False) -> float | None:
    if is_blank(value):
        return None
    if date and isinstance(value, str):
        return _serial(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise _Unreadable
    return _finite(float(value))


def _serial(text: str) -> float:
    """A day's serial in the 1900 system (ECMA-376 part 1, 18.17.4.1)."""
    return float(_day(text).toordinal() - 693594)


def _day(value: Any) -> datetime.date:
    import datetime

    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _Unreadable from error


def _text_of(value: Any) -> str | None:
    if is_blank(value):
        return None
    if isinstance(value, (list, tuple)):
        value = "\n".join(each for each in value if isinstance(each, str))
    if not isinstance(value, str):
        raise _Unreadable
    return fold_spaces(value)


def fold_spaces(text: str) -> str:
    """A text as Excel's TRIM leaves it: no space at its ends, none doubled."""
    return " ".join(part for part in text.split(" ") if part) if " " in text else text


def units(text: str) -> int:
    """A text's length as Excel counts it: in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise _Unreadable
    return value


def round_half_up(value: float, decimals: int = DECIMALS) -> float:
    """Half away from zero, as Excel's ROUND; the tiny nudge undoes binary fractions such as 0.285."""
    if abs(value) >= 1e13:  # no decimals left to round
        return value
    scaled = int(abs(value) * 10**decimals + 0.5 + 1e-7)
    return math.copysign(scaled / 10**decimals, value) if scaled else 0.0

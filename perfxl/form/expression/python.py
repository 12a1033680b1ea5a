"""Compilation of an expression to a Python function of a record's values.

Logic has three values: True, False, and None for what is not applicable; numbers and texts are None likewise. A blank
answer counts as 0 in a calculation in which another answer is filled. A value of the wrong type (a text in place of a
number) makes the comparison it stands in not applicable.
"""

from __future__ import annotations

import datetime
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from perfxl.form import code_scheme
from perfxl.form.characters import is_blank_text, utf16_length
from perfxl.form.expression import tree
from perfxl.form.expression.scope import Type
from perfxl.form.expression.tree import AnswerReference, Node
from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.number import whole_or_float
from perfxl.form.types.time import clock, minutes_of

DECIMALS = 2
"""Decimals to which both sides of a comparison of numbers are rounded: as many as money is shown with."""

FINEST = 9
"""Decimals to which a calculated number is rounded before it is rounded to a whole one."""

FIRST_SERIAL, LAST_SERIAL = 61, 2958465
"""The serials of 1 March 1900, before which Excel counts a day that never was, and of 31 December 9999."""

Row = Mapping[str, Any]


class Told(Protocol):
    """The word lists and limits that a county sets."""

    @property
    def words(self) -> Mapping[str, tuple[str, ...]]:
        """The word lists by name."""
        ...

    @property
    def limits(self) -> Mapping[str, Decimal]:
        """The limits by name."""
        ...


@dataclass(frozen=True)
class Nothing:
    """A county without word lists and limits."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: Mapping[str, Decimal] = field(default_factory=dict)


NOTHING = Nothing()


def _no_rows(table: str) -> Sequence[Row]:
    return ()


class Values(NamedTuple):
    """The values that an expression is evaluated with.

    ``get``: the value of a head's answer by its id; ``rows``: the rows of a table, each column id → value; ``told``:
    word lists and limits; ``row``: the current row, for an expression about one row of a table; ``today``: the day that
    ``today`` means, None where there is none.
    """

    get: Callable[[str], Any]
    rows: Callable[[str], Sequence[Row]] = _no_rows
    told: Told = NOTHING
    row: Row | None = None
    today: datetime.date | None = None


Function = Callable[[Values], Any]


class _Unreadable(Exception):
    """A value is of the wrong type: the expression that needs it is not applicable."""


_NOT_APPLICABLE = (_Unreadable, ZeroDivisionError, OverflowError)


@lru_cache(maxsize=2048)
def compile_function(node: Node) -> Function:
    """Return an expression as a function of the values.

    The function returns True, False or None (not applicable) for a condition; for any other expression a number, a
    text, a date in ISO notation or None. An answer that stands alone is returned as the record has it, but for a
    logical one that is neither true nor false: it is None.
    """
    if tree.type_of(node) == "logical":
        return _compile_condition(node)
    return _none_for_not_applicable(_compile_value(node))


@lru_cache(maxsize=2048)
def compile_calculation(node: Node, decimals: int | None = None) -> Function:
    """Return an expression as a function that gives what the record holds for an answer calculated by it.

    The function returns a number (whole ones as int), rounded to ``decimals`` where that is given, a text, a date in
    ISO notation, True or False, or None: also for an answer of the wrong type, such as a text in place of a number.
    """
    type = tree.type_of(node)
    if type == "logical":
        return _compile_condition(node)
    if type in ("text", "items"):
        return _none_for_not_applicable(_compile_text(node))
    if type in tree.MOMENTS:
        return _none_for_not_applicable(_compile_moment(node))
    number = _compile_filled_number(node)
    return _none_for_not_applicable(lambda values: _rounded(number(values), decimals))


def _none_for_not_applicable(value: Function) -> Function:
    """Return a function that gives None where this one finds no value."""

    def evaluate(values: Values) -> Any:
        try:
            return value(values)
        except _NOT_APPLICABLE:
            return None

    return evaluate


def is_begun(columns: Iterable[str], row: Row) -> bool:
    """Return True if the row holds something in at least one of these columns."""
    for column in columns:  # noqa: SIM110  # asked of every row by every rule of rows: a generator doubles the time
        if not is_blank(row.get(column)):
            return True
    return False


# Conditions


def _compile_condition(node: Node) -> Function:
    """Compile a condition; the function returns True, False or None, and never raises."""
    match node:
        case tree.Compare():
            return _compile_comparison(node)
        case tree.Many(every, parts):
            conditions = [_compile_condition(part) for part in parts]
            return lambda values: _combine(every, [condition(values) for condition in conditions])
        case tree.Not(part):
            inner = _compile_condition(part)
            return lambda values: None if (held := inner(values)) is None else not held
        case tree.If(test, then, other):
            return _compile_choice(test, _compile_condition(then), _compile_condition(other))
        case tree.Const():
            return lambda values: None
        case tree.LogicalConst(held):
            return lambda values: held
        case AnswerReference() | tree.Lookup() | tree.AnswerPart():
            answer = _compile_reference(node)
            return lambda values: value if isinstance(value := answer(values), bool) else None
        case tree.Blank(item):
            answer = _compile_reference(item)
            return lambda values: is_blank(answer(values))
        case tree.In() | tree.Contains():
            return _compile_membership(node)
        case tree.Rows():
            result = _compile_rows(node)
            return lambda values: value if isinstance(value := result(values), bool) else None
    raise AssertionError(node)


def _compile_choice(test: Node, then: Function, other: Function) -> Function:
    """Compile ``then if test else other``; not applicable where the test is not."""
    condition, sides = _compile_condition(test), {True: then, False: other}
    return lambda values: None if (held := condition(values)) is None else sides[held](values)


def _combine(every: bool, results: list[bool | None]) -> bool | None:
    """Join three-valued results by Kleene's "and" (``every``) or "or"."""
    decisive = not every
    if decisive in results:
        return decisive
    return None if None in results else every


_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _compile_comparison(node: tree.Compare) -> Function:
    """Compile a comparison; not applicable where a side is blank or of the wrong type."""
    sign = _SIGNS[node.sign]
    text = "text" in (tree.type_of(node.left), tree.type_of(node.right))
    one, other = ((_compile_text if text else _compile_rounded)(side) for side in (node.left, node.right))

    def compare(values: Values) -> bool | None:
        try:
            left, right = one(values), other(values)
        except _NOT_APPLICABLE:
            return None
        return None if left is None or right is None else sign(left, right)

    return compare


def _compile_membership(node: tree.In | tree.Contains) -> Function:
    """Compile a test that a value is in a list, or that a text contains a text of a list."""
    if isinstance(node, tree.Contains) and isinstance(node.text, AnswerReference) and node.text.joined is not None:
        return _compile_entries(node.text, node.pieces)
    contains = isinstance(node, tree.Contains)
    item, listed = (node.text, node.pieces) if isinstance(node, tree.Contains) else (node.item, node.listed)
    text = contains or tree.type_of(item) == "text"
    operand = (_compile_text if text else _compile_rounded)(item)

    def test(values: Values) -> bool | None:
        try:
            value = operand(values)
        except _NOT_APPLICABLE:
            return None
        if value is None:
            return None
        entries = values.told.words[listed.name] if listed.name else listed.values
        return any(str(entry) in value for entry in entries) if contains else value in _normalise(entries)

    return test


def _compile_entries(answer: AnswerReference, listed: tree.WordList) -> Function:
    """Compile a test that one of the entries that were chosen is in a list; whole entries are compared."""
    chosen = _compile_lookup(answer)

    def test(values: Values) -> bool | None:
        value = chosen(values)
        if is_blank(value) or not isinstance(value, (list, tuple)):
            return None
        entries = _normalise(values.told.words[listed.name] if listed.name else listed.values)
        return any(isinstance(entry, str) and fold_spaces(entry) in entries for entry in value)

    return test


@lru_cache(maxsize=512)
def _normalise(entries: tuple[float | str, ...]) -> frozenset[float | str]:
    """Return the entries of a list in the form that values are compared in: spaces folded, numbers rounded."""
    return frozenset(fold_spaces(entry) if isinstance(entry, str) else round_half_up(entry) for entry in entries)


# Numbers and texts


def _compile_value(node: Node) -> Function:
    """Compile an expression that is not a condition."""
    match node:
        case AnswerReference(type="number" | "percent" | "date" | "time"):
            # a sentence may name an answer by itself; then its value need not be a number
            answer = _compile_lookup(node)
            return lambda values: None if (value := answer(values)) == "" else value
        case _ if tree.type_of(node) in ("text", "items"):
            return _compile_text(node)
        case _ if tree.type_of(node) in tree.MOMENTS:
            return _compile_moment(node)
    return _compile_filled_number(node)


def _compile_moment(node: Node) -> Function:
    """Compile a date or a time; the function returns it as the record has it."""
    number, spell = _compile_filled_number(node), _to_date if tree.type_of(node) == "date" else _to_clock
    return lambda values: spell(number(values))


def _compile_lookup(answer: AnswerReference) -> Function:
    """Compile a reference to an answer; the function returns its value as the record has it."""
    path = answer.path
    if answer.table:
        return lambda values: values.row.get(path) if values.row is not None else None
    return lambda values: values.get(path)


def _compile_reference(node: AnswerReference | tree.AnswerPart | tree.Lookup) -> Function:
    """Compile an answer, a part of one, or what a list has for its entry; the function returns None for a blank."""
    if isinstance(node, AnswerReference):
        return _compile_lookup(node)
    answer = _compile_lookup(node.item)
    if isinstance(node, tree.AnswerPart):
        of, name = node.of, node.name
        if node.like is None:  # a type that counts in no other unit need not know of one
            return lambda values: None if is_blank(value := answer(values)) else of.part(value, name)
        like = _compile_lookup(node.like)
        return lambda values: None if is_blank(value := answer(values)) else of.part(value, name, like(values))
    rows = {fold_spaces(entry): row.get(node.column) for entry, row in node.listed.rows.items()}
    return lambda values: rows.get(fold_spaces(value)) if isinstance(value := answer(values), str) else None


def _compile_rounded(node: Node) -> Function:
    """Compile a number that is compared: rounded to ``DECIMALS``."""
    number = _compile_filled_number(node)
    return lambda values: None if (value := number(values)) is None else round_half_up(value)


def _compile_filled_number(node: Node) -> Function:
    """Compile a number; the function returns None where it names answers and none of them is filled."""
    number, answers = _compile_number(node), [_compile_lookup(answer) for answer in _operand_answers(node)]
    if not answers or isinstance(node, AnswerReference):
        return number

    def evaluate(values: Values) -> float | None:
        value = number(values)
        if all(is_blank(answer(values)) for answer in answers):
            return None
        return 0.0 if value is None else value

    return evaluate


def _operand_answers(node: Node) -> list[AnswerReference]:
    """Return the answers that are operands of a calculation themselves, not arguments of a function or a choice."""
    if isinstance(node, tree.Arithmetic):
        return [*_operand_answers(node.left), *_operand_answers(node.right)]
    return [node] if isinstance(node, AnswerReference) else []


def _compile_number(node: Node) -> Function:
    """Compile a number; the function may return None, and raises _Unreadable for a value of the wrong type."""
    match node:
        case tree.Const(value):
            return lambda values: value
        case tree.Limit(name):
            return lambda values: float(values.told.limits[name])
        case AnswerReference() | tree.AnswerPart() | tree.Lookup():
            answer, type = _compile_reference(node), tree.type_of(node)
            return lambda values: _to_number(answer(values), type)
        case tree.Day(None):
            return lambda values: None if values.today is None else _serial(values.today)
        case tree.Day():
            serial = node.serial
            return lambda values: serial
        case tree.Clock(minutes):
            return lambda values: float(minutes)
        case tree.Arithmetic():
            return _compile_arithmetic(node)
        case tree.If(test, then, other):
            return _compile_choice(test, _compile_filled_number(then), _compile_filled_number(other))
        case tree.Call():
            return _compile_call(node)
        case tree.Rows():
            # ``first`` gives the answer as the record has it, like an answer of the head
            result, type = _compile_rows(node), tree.type_of(node)
            return lambda values: _to_number(result(values), type)
    raise AssertionError(node)


_CALCULATE: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


def _compile_arithmetic(node: tree.Arithmetic) -> Function:
    """Compile a calculation. A blank answer counts as 0, but for a date or a time.

    These, and a function or a table that gives no number, make the calculation not applicable.
    """
    calculate, left, right = _CALCULATE[node.sign], _compile_number(node.left), _compile_number(node.right)
    blanks = [
        isinstance(side, (AnswerReference, tree.Arithmetic, tree.Const)) and tree.type_of(side) not in tree.MOMENTS
        for side in (node.left, node.right)
    ]

    def evaluate(values: Values) -> float:
        sides = [left(values), right(values)]
        for at, (side, blank) in enumerate(zip(sides, blanks, strict=True)):
            if side is None:
                if not blank:
                    raise _Unreadable
                sides[at] = 0.0
        return _require_finite(calculate(*sides))

    return evaluate


def _compile_text(node: Node) -> Function:
    """Compile a text; the function returns None for a blank."""
    match node:
        case tree.Const(value):
            text = fold_spaces(str(value)) if value is not None else None
            return lambda values: text
        case AnswerReference() | tree.AnswerPart() | tree.Lookup():
            answer = _compile_reference(node)
            return lambda values: _to_text(answer(values))
        case tree.If(test, then, other):
            return _compile_choice(test, _compile_text(then), _compile_text(other))
        case tree.Rows():
            result = _compile_rows(node)
            return lambda values: _to_text(result(values))
        case tree.Call():
            return _compile_call(node)
    raise AssertionError(node)


def _compile_call(node: tree.Call) -> Function:
    """Compile a function of one value; None for a blank, _Unreadable for a value it cannot take."""
    name, also, scheme = node.name, node.also, node.scheme
    if tree.FUNCTIONS[name][0] == "text":
        item = _compile_text(node.item)
    elif tree.FUNCTIONS[name][0] == "number":
        item = _compile_filled_number(node.item)
    else:
        item = _compile_value(node.item)

    def evaluate(values: Values) -> Any:
        value = item(values)
        if is_blank(value):
            return None
        result = _call_function(name, value, also, scheme)
        if result is None:
            raise _Unreadable
        return result

    return evaluate


def _call_function(name: str, value: Any, also: tuple[float | str, ...], scheme: code_scheme.CodeScheme | None) -> Any:
    """Apply a function of one value; None where the value has no such result."""
    numbers = [int(constant) for constant in also if isinstance(constant, float)]
    match name:
        case "round":
            return round_half_up(value, numbers[0])
        case "length":
            return float(utf16_length(value))
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
            return float(getattr(_parse_date(value), name))
        case "check_character" if scheme:
            return code_scheme.check_character(value, scheme)
    raise AssertionError(name)


_DECIMAL = late_pattern(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def _compile_rows(node: tree.Rows) -> Function:
    """Compile a function of a table's rows; not applicable where no row was begun."""
    table, columns = node.table, tuple(column.path for column in node.columns)
    where = _compile_condition(node.where) if node.where is not None else None
    of = node.of
    condition = _compile_condition(of) if of is not None and node.function in ("all", "any") else None
    part = _compile_reference(of) if isinstance(of, tree.AnswerPart) else None
    column = of.path if isinstance(of, AnswerReference) else ""

    def evaluate(values: Values) -> Any:
        rows = [row for row in values.rows(table) if is_begun(columns, row)]
        if not rows:
            return None
        selected = [row for row in rows if where is None or where(_with_row(values, row)) is True]
        if node.function == "count":
            return float(len(selected))
        if condition is not None:
            results = [condition(_with_row(values, row)) for row in selected]
            return _combine(node.function == "all", results or [None])
        items = [part(_with_row(values, row)) if part else row.get(column) for row in selected]
        if node.function == "sum":
            filled = [_to_number(value) or 0.0 for value in items if not is_blank(value)]
            return _require_finite(sum(filled)) if filled else None
        return items[0] if items else None

    return evaluate


def _with_row(values: Values, row: Row) -> Values:
    """Return the values with this row as the current one."""
    return values._replace(row=row)


# Values


def is_blank(value: Any) -> bool:
    """Return True for None, an empty list and a text that shows nothing."""
    return is_blank_text(value) if isinstance(value, str) else value is None or value == []


def _to_number(value: Any, type: Type = "number") -> float | None:
    """Return a number, None for a blank; raises _Unreadable for anything else.

    ``type``: of a date it is the serial, of a time the minutes since midnight.
    """
    if is_blank(value):
        return None
    if type in tree.MOMENTS and isinstance(value, str):
        return _date_serial(value) if type == "date" else _minutes(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise _Unreadable
    return _require_finite(float(value))


def _date_serial(text: str) -> float:
    """Return the serial of an ISO date in the 1900 date system (ECMA-376 part 1, 18.17.4.1)."""
    return _serial(_parse_date(text))


def _serial(day: datetime.date) -> float:
    """Return the serial of a date in the 1900 date system."""
    return float(day.toordinal() - tree.DAY_ZERO)


def _to_date(serial: float | None) -> str | None:
    """Return the date of a calculated serial in ISO notation; raises _Unreadable where a sheet has no such date."""
    if serial is None:
        return None
    day = math.floor(round_half_up(serial))
    if not FIRST_SERIAL <= day <= LAST_SERIAL:
        raise _Unreadable
    return datetime.date.fromordinal(day + tree.DAY_ZERO).isoformat()


def _minutes(text: str) -> float:
    """Return the minutes since midnight of a time; raises _Unreadable for anything else."""
    if (minutes := minutes_of(text)) is None:
        raise _Unreadable
    return float(minutes)


def _to_clock(minutes: float | None) -> str | None:
    """Return the time of day of calculated minutes; raises _Unreadable where it lies in another day."""
    if minutes is None:
        return None
    whole = math.floor(round_half_up(minutes))
    if not 0 <= whole < tree.DAY_MINUTES:
        raise _Unreadable
    return clock(whole)


def _parse_date(value: Any) -> datetime.date:
    """Return the date of an ISO text, the first of a month (2024-11); raises _Unreadable for anything else."""
    try:
        return datetime.date.fromisoformat(f"{value}-01" if len(value) == 7 else value)
    except (TypeError, ValueError) as error:
        raise _Unreadable from error


def _to_text(value: Any) -> str | None:
    """Return a text with its spaces folded, None for a blank; a list's texts become lines. May raise _Unreadable."""
    if is_blank(value):
        return None
    if isinstance(value, (list, tuple)):
        value = "\n".join(item for item in value if isinstance(item, str))
    if not isinstance(value, str):
        raise _Unreadable
    return fold_spaces(value)


def fold_spaces(text: str) -> str:
    """Return a text as Excel's TRIM does: without spaces at its ends, and each run of spaces as one."""
    return " ".join(part for part in text.split(" ") if part) if " " in text else text


def _require_finite(value: float) -> float:
    """Return the value; raises _Unreadable for an infinite one or a NaN."""
    if not math.isfinite(value):
        raise _Unreadable
    return value


def round_half_up(value: float, decimals: int = DECIMALS) -> float:
    """Round half away from zero, as Excel's ROUND does.

    The 1e-7 that is added makes up for binary fractions: 0.285 is stored as slightly less.
    """
    if abs(value) >= 1e13:  # no decimals left to round
        return value
    scaled = int(abs(value) * 10**decimals + 0.5 + 1e-7)
    return math.copysign(scaled / 10**decimals, value) if scaled else 0.0


def _rounded(value: Any, decimals: int | None) -> float | int | None:
    """Return a calculated number as a record holds it, rounded half away from zero; whole numbers as int."""
    if value is None:
        return None
    if decimals is not None and abs(value) < 1e15:
        # 15 digits are what Excel shows and rounds by: 1.005 is stored as slightly less
        number = Decimal(f"{value:.15g}")
        for places in (FINEST, 0) if decimals == 0 else (decimals,):
            number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        return whole_or_float(number)
    return int(value) if float(value).is_integer() else float(value)

"""The limits of a definition's answers, the words that may stand in their place, and the values they start with."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from perfxl.form import types
from perfxl.form.definition.expressions import read_expression
from perfxl.form.definition.mistakes import Mistakes
from perfxl.form.definition.row_key import named_rows
from perfxl.form.definition.texts import read_sentence
from perfxl.form.expression import Expression, ExpressionError, Scope
from perfxl.form.expression.tree import MOMENTS, NUMBERS
from perfxl.form.form import Field, Table, scope_of
from perfxl.form.late_pattern import late_pattern
from perfxl.form.limits import FieldLimit, LimitName, limit_of
from perfxl.form.pattern import Pattern, PatternMistake
from perfxl.form.source import Entries, Node, nearest
from perfxl.form.types.base import AnswerType, Raw
from perfxl.form.types.choice import Choice
from perfxl.form.types.number import decimal, plain

KEYS: tuple[LimitName, ...] = (
    "minimum", "maximum", "min_length", "max_length", "min_items", "max_items", "pattern", "constraint", "unique",
    "required", "relevant",
)  # fmt: skip
"""The keys of an answer that are limits."""

_PAIRS: tuple[tuple[LimitName, LimitName], ...] = (
    ("minimum", "maximum"),
    ("min_length", "max_length"),
    ("min_items", "max_items"),
)
_NEEDS: Mapping[str, str] = {
    "minimum": "minimum", "maximum": "maximum", "min_length": "max_length", "max_length": "max_length",
    "min_items": "max_items", "max_items": "max_items", "pattern": "max_length",
}  # fmt: skip
"""The option by which a type shows that it can have a limit."""

_DAY = late_pattern(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CONSTANT_TEXT = late_pattern(r"[0-9]{4}(-[0-9]{2}){0,2}|[0-9]{2}:[0-9]{2}")
_LOOKS_LIKE_MOMENT = late_pattern(r"[0-9]{1,4}(?:[.:/-][0-9]{1,4}){1,2}")
_SIGNS: Mapping[str, str] = {"minimum": ">=", "maximum": "<=", "min_length": ">=", "max_length": "<="}


@dataclass(frozen=True)
class _Written:
    """A limit as it is written: the node of its value, and what stands beside it."""

    value: Node
    severity: Any = "error"
    message: Node | None = None


def is_flagged(entries: Entries, key: str, default: bool) -> bool:
    """Return whether a limit such as ``required`` is set for everywhere; ``default``: where nothing is written."""
    return _written(entries[key]).value.value is True if key in entries else default


def _written(node: Node) -> _Written:
    """Return a limit as it is written, with or without a severity and words."""
    if not isinstance(node.value, dict):
        return _Written(node)
    entries = Entries(node.mapping())
    severity = entries.one_of("severity", ("error", "warning", "hint"), "error")
    return _Written(entries["value"], severity, entries.nodes.get("message"))


def type_bounds(entries: Entries, answer_type: type[AnswerType]) -> dict[str, Any]:
    """Return the limits that a type takes as its options: the constants that refuse.

    Raises FormError for a limit that the type cannot have, an impossible day, and bounds that leave nothing.
    """
    options = dict(types.options(answer_type))
    if "multiple" in options and not entries.flag("multiple"):
        del options["max_items"]  # one entry is no list
    for name, needed in _NEEDS.items():
        if name in entries and needed not in options:
            allowed = tuple(key for key in KEYS if key not in _NEEDS or _NEEDS[key] in options)
            raise entries[name].mistake("no_such_limit", key=name, type=answer_type.name, allowed=allowed)
    constants: dict[str, Any] = {}
    for name in _NEEDS:
        if name in entries and name != "pattern":
            written = _written(entries[name])
            constant = _constant(written.value, answer_type)
            if constant is not None:
                constants[name] = constant
    _check_pairs(entries, constants)
    refusing = {name: value for name, value in constants.items() if _written(entries[name]).severity == "error"}
    return {name: value for name, value in refusing.items() if name in options}


def check_decimals(entries: Entries, answer_type: AnswerType) -> None:
    """Raise FormError for a limit that nobody can type, since it has more decimals than the answer may have."""
    most = answer_type.limits().decimals
    for name in ("minimum", "maximum"):
        if most is None or name not in entries:
            continue
        node = _written(entries[name]).value
        bound = _constant(node, type(answer_type))
        digits = decimal(bound).normalize().as_tuple().exponent if isinstance(bound, (int, float)) else 0
        if isinstance(digits, int) and -digits > most:
            raise node.mistake("limit_of_more_decimals", key=name, found=node.written, decimals=most)


def _constant(node: Node, answer_type: type[AnswerType]) -> Any:
    """Return the constant of a limit; None for an expression. Raises FormError for an impossible day."""
    if isinstance(node.value, bool):
        return None
    if (day := _DAY.fullmatch(node.written)) and not isinstance(node.value, datetime.date):
        refuse_impossible_day(node, *map(int, day.groups()))
    if answer_type.name in ("date", "time"):
        if isinstance(node.value, datetime.date):
            return node.value
        if _LOOKS_LIKE_MOMENT.fullmatch(node.written) and not _CONSTANT_TEXT.fullmatch(node.written):
            example = "2026-03-31" if answer_type.name == "date" else "17:30"
            raise node.mistake("no_constant", found=node.written, type=answer_type.name, example=example)
        return node.written if _CONSTANT_TEXT.fullmatch(node.written) else None
    return node.value if isinstance(node.value, (int, float)) else None


def refuse_impossible_day(node: Node, year: int, month: int, day: int) -> None:
    """Raise FormError for a day that the calendar does not have."""
    if not 1 <= month <= 12:
        raise node.mistake("impossible_month", found=node.written, month=month)
    if not year or not 1 <= day <= (last := calendar.monthrange(year, month)[1]):
        raise node.mistake("impossible_day", found=node.written, year=year, month=month, last=last if year else 31)


def _check_pairs(entries: Entries, constants: Mapping[str, Any]) -> None:
    """Raise FormError where a minimum is above its maximum."""
    for low, high in _PAIRS:
        if low in constants and high in constants and _above(constants[low], constants[high]):
            facts = {"low": low, "found": str(constants[low]), "high": high, "bound": str(constants[high])}
            raise entries[low].mistake("limits_crossed", **facts, other=entries[high].line)


def _above(low: Any, high: Any) -> bool:
    """Return whether one constant is above another; dates and times compare as texts."""
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        return low > high
    return str(low) > str(high)


def read_also(entries: Entries) -> tuple[str, ...]:
    """Read the words that may stand in the place of a value."""
    return tuple(node.text() for node in entries.sequence("also"))


def read_default(field: Field, entries: Entries) -> Any:
    """Return the value that a blank book starts with, as the form says. Raises FormError where the type has none."""
    node, answer_type = entries["default"], field.type
    value = node.plain()
    if isinstance(value, bool) and answer_type.value_type == "logical":
        return value
    if isinstance(value, list):
        return [str(item) for item in value]
    numeric = answer_type.value_type in NUMBERS and isinstance(value, (int, float))
    raw = Raw(answer_type.show(value), answer_type.number_format) if numeric else Raw(node.text())
    understood = field.read(raw)
    if understood.problem == "not_in_list":
        listed = answer_type.drop_down()
        name = answer_type.listed.name if isinstance(answer_type, Choice) else ""
        facts = {"found": node.written, "near": nearest(node.written, listed), "allowed": listed, "list": name}
        raise node.mistake("default_not_in_list", **facts)
    if understood.problem or understood.value is None:
        raise node.mistake("unreadable_default", found=node.written, problem=understood.problem or "not_in_list")
    _check_default(field, node, understood.value)
    return understood.value


def _check_default(field: Field, node: Node, value: Any) -> None:
    """Raise FormError where a default lies beyond the limits that the sheet refuses."""
    limits = field.type.limits()
    low, high, found = limits.minimum, limits.maximum, value
    if isinstance(value, (int, float)) != isinstance(low if low is not None else high, (int, float)):
        low = high = None  # a word in the place of a value, or dates beside texts
    long = limits.max_length is not None and len(str(field.type.show(value) or "")) > limits.max_length
    if long or (low is not None and found < low) or (high is not None and found > high):
        words = [
            f"{name}: {plain(decimal(bound)) if isinstance(bound, (int, float)) else bound}"
            for name, bound in (("minimum", low), ("maximum", high))
            if bound is not None
        ]
        words += [f"max_length: {limits.max_length}"] if long else []
        raise node.mistake("default_beyond_limits", found=node.written, limits=", ".join(words))


def add_limits(
    top: Entries,
    fields: Mapping[str, Field],
    tables: Mapping[str, Table],
    issue: tuple[str, ...],
    mistakes: Mistakes,
) -> tuple[dict[str, Field], dict[str, Table]]:
    """Return fields and tables with their limits, which may name any of the form's answers and issue values."""
    scope = scope_of(fields, tables, "", issue, today=True)
    limited = {id: _with_limits(field, top.mapping("fields")[id], scope, mistakes, id) for id, field in fields.items()}
    changed: dict[str, Table] = {}
    for id, table in tables.items():
        row = scope_of(fields, tables, id, issue, today=True)
        nodes = named_rows(top.mapping("tables")[id].mapping()["columns"].mapping(), table.key)
        columns = {
            name: _with_limits(column, nodes[name], row, mistakes, name) for name, column in table.columns.items()
        }
        same = all(columns[name] is column for name, column in table.columns.items())
        changed[id] = table if same else replace(table, columns=columns)
    return limited, changed


def _with_limits(field: Field, node: Node, scope: Scope, mistakes: Mistakes, id: str) -> Field:
    """Return a field with the limits that its type does not say."""
    entries = Entries(node.mapping())
    limits: list[FieldLimit] = []
    for name in KEYS:
        if name in entries:
            with mistakes.caught(id):
                limits += _read_limit(name, field, entries[name], scope, mistakes)
    if not limits:
        return field
    relevant, required = limit_of(limits, "relevant"), limit_of(limits, "required")
    where = [limit.condition.source for limit in (relevant, required) if limit and limit.condition]
    asked = field.required or (required is not None and required.condition is not None)
    condition = Expression(" and ".join(f"({text})" for text in where), scope) if where and asked else None
    required_always = field.required and condition is None
    return replace(field, limits=tuple(limits), required=required_always, required_where=condition)


def _read_limit(name: LimitName, field: Field, node: Node, scope: Scope, mistakes: Mistakes) -> Iterator[FieldLimit]:
    """Yield the limit that stands at a key, unless the type of the answer says all of it."""
    written = _written(node)
    message = read_sentence(written.message, scope, mistakes) if written.message else ()
    limit = FieldLimit(name, written.severity, message, line=node.line)
    match name:
        case "required" | "relevant":
            if not isinstance(written.value.value, bool):
                yield replace(limit, condition=read_expression(written.value, scope, mistakes, logical=True))
            elif name == "relevant":
                facts = {"problem": written.value.written, "text": node.written, "usage": ""}
                raise written.value.mistake("not_an_expression", **facts)
            elif message or written.severity != "error":
                yield limit
        case "constraint":
            _require_words(name, written, node)
            yield replace(limit, condition=read_expression(written.value, scope, mistakes, logical=True))
        case "pattern":
            _require_words(name, written, node)
            yield replace(limit, pattern=_read_pattern(written.value))
        case "unique":
            if written.value.value is not False:
                word = "table" if written.value.value is True else written.value.one_of(_UNIQUE)
                yield replace(limit, within=cast("Any", word))
        case "min_items" | "max_items":
            if name == "min_items" or written.severity != "error" or message:
                bounds = name == "max_items" and written.severity == "error"
                yield replace(limit, items=written.value.count(), bounds_type=bounds)
        case _:
            yield from _read_bound(limit, field, written, scope, mistakes)


_UNIQUE = ("table", "unit", "batch")


def _require_words(name: str, written: _Written, node: Node) -> None:
    """Raise FormError for a limit that only its author can say in words."""
    if written.message is None:
        raise node.mistake("limit_without_words", key=name, value=written.value.written)


def _read_pattern(node: Node) -> Pattern:
    """Read a pattern."""
    try:
        pattern = Pattern(node.text())
        pattern.fullmatch("")
    except PatternMistake as error:
        raise node.mistake("bad_pattern", cause=error.args[0], piece=error.args[1], text=node.text()) from error
    return pattern


def _read_bound(
    limit: FieldLimit, field: Field, written: _Written, scope: Scope, mistakes: Mistakes
) -> Iterator[FieldLimit]:
    """Yield a bound that is no constant, or has a severity or words of its own."""
    node = written.value
    constant = _constant(node, type(field.type))
    refuses = written.severity == "error" and limit.name in types.options(type(field.type))
    if constant is not None and refuses and not limit.message:
        return
    if constant is not None:
        quoted = f'"{node.written}"' if field.type.name in ("date", "time") else node.written
        value = Expression(quoted, scope)
    else:
        value = read_expression(node, scope, mistakes)
    if constant is not None and refuses:
        yield replace(limit, value=value, bounds_type=True)
        return
    of = f"({field.id} | length)" if limit.name in ("min_length", "max_length") else field.id
    condition = Expression(f"{of} {_SIGNS[limit.name]} ({value.source})", scope)
    try:
        condition.check(logical=True)
        moments = {value.type, field.type.value_type} & set(MOMENTS)
        fits = "length" in limit.name or constant is not None or not moments or value.type == field.type.value_type
    except ExpressionError:
        fits = False
    if not fits:
        raise node.mistake("bound_of_other_type", key=limit.name, text=node.written, type=field.type.name)
    yield replace(limit, value=value, condition=condition)

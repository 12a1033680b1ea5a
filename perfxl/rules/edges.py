"""The edges of the limits of answers: values that are just allowed, and values just beyond."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, NamedTuple

from perfxl.form.expression import Values
from perfxl.form.form import Field
from perfxl.form.limits import limit_of
from perfxl.form.types.base import AnswerLimits, AnswerType, Raw
from perfxl.form.types.number import whole_or_float

_SIGN = "a"
_LONGEST = 4_000
"""A limit above this is not tried at its edge: a cell holds few more characters."""


_DIGITS = 15
"""The digits of a number that a workbook keeps (Excel specifications and limits)."""


class Edge(NamedTuple):
    """A value at the edge of a limit. ``limit``: its name in a form; ``kept``: whether the value keeps it."""

    limit: str
    value: Any
    kept: bool


def value_of_entry(kind: AnswerType, entry: str) -> Any:
    """Return the value of a record in which an entry of a list was chosen."""
    if kind.value_type == "logical":  # the record has true and false
        return kind.read(Raw(entry, kind.number_format)).value
    return [entry] if getattr(kind, "multiple", False) else entry


def edges_of(kind: AnswerType) -> Iterator[Edge]:
    """Yield the values on both sides of every limit of a type of answer."""
    limits = kind.limits()
    if limits.entries:
        return
    if isinstance(limits.minimum, str) or isinstance(limits.maximum, str):
        yield from _edges_of_times(limits)
    else:
        yield from _edges_of_numbers(limits, kind)
    if limits.max_length is not None and limits.max_length <= _LONGEST and kind.value_type == "text":
        yield Edge("max_length", _SIGN * limits.max_length, True)
        yield Edge("max_length", _SIGN * (limits.max_length + 1), False)
    if limits.max_items is not None:
        yield Edge("max_items", [f"{_SIGN}{at}" for at in range(limits.max_items)], True)
        yield Edge("max_items", [f"{_SIGN}{at}" for at in range(limits.max_items + 1)], False)


def edges_of_field(asked: Field, values: Values, usual: Any = None) -> Iterator[Edge]:
    """Yield the edges of the limits of a field: of its type's, and of its own lengths, bounds and pattern.

    ``values``: the answers beside it, by which a bound may be calculated; ``usual``: a value that keeps its limits.
    """
    own = {str(limit.name) for limit in asked.limits if not limit.bounds_type}
    narrowed = own | (
        {"decimals"} if own & {"minimum", "maximum"} else set()
    )  # its own bound may lie within the type's
    yield from (edge for edge in edges_of(asked.type) if edge.limit not in narrowed)
    yield from _edges_of_shape(asked, usual)
    for limit in asked.limits:
        if limit.value is not None and asked.type.value_type == "date" and limit.name in ("minimum", "maximum"):
            yield from _edges_of_day(limit.name, limit.value.calculate(values))
            continue
        bound = limit.items or (limit.value.evaluate(values) if limit.value else None)
        if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not 0 < bound <= _LONGEST:
            continue
        sign = -1 if limit.name.startswith("min") else 1
        if limit.name in ("minimum", "maximum") and asked.type.value_type == "number":
            yield Edge(limit.name, bound, True)
            yield Edge(limit.name, bound + sign, False)
        elif limit.name in ("min_length", "max_length") and asked.type.value_type == "text":
            yield Edge(limit.name, _SIGN * int(bound), True)
            if bound + sign > 0:
                yield Edge(limit.name, _SIGN * (int(bound) + sign), False)


def _edges_of_shape(asked: Field, usual: Any) -> Iterator[Edge]:
    """Yield a text that has the pattern or the format of an answer, and one that no format and hardly a pattern has."""
    limit, shown = limit_of(asked.limits, "pattern"), asked.type.show(usual)
    if not isinstance(shown, str) or not (limit or getattr(asked.type, "format", None)):
        return
    for text, kept in ((shown, True), (f"<{shown}>", False)):
        if limit is None or limit.pattern is None or limit.pattern.fullmatch(text) is kept:
            yield Edge("pattern", text, kept)


def _edges_of_day(name: str, bound: Any) -> Iterator[Edge]:
    """Yield the edges of a day that is a bound; none where it is not known, or is a month or a year."""
    if isinstance(bound, str) and (beyond := _next(bound, -1 if name == "minimum" else 1)):
        yield Edge(name, bound, True)
        yield Edge(name, beyond, False)


def _edges_of_numbers(limits: AnswerLimits, kind: AnswerType) -> Iterator[Edge]:
    whole = kind.validation() is not None and kind.validation().kind == "whole"  # type: ignore[union-attr]
    digits = 0 if whole else limits.decimals if limits.decimals is not None else 2
    step = Decimal(1).scaleb(-digits)
    for name, limit, sign in (("minimum", limits.minimum, -1), ("maximum", limits.maximum, 1)):
        if limit is not None:
            edge = Decimal(str(limit))
            beyond = max(step, Decimal(1).scaleb(edge.adjusted() + 1 - _DIGITS))
            yield Edge(name, whole_or_float(edge), True)
            yield Edge(name, whole_or_float(edge + sign * beyond), False)
    if limits.decimals is not None:
        start = max(Decimal(0), Decimal(str(limits.minimum or 0)).quantize(step, ROUND_CEILING))
        yield Edge("decimals", whole_or_float(start + step), True)
        yield Edge("decimals", whole_or_float(start + step / 10), False)


def _edges_of_times(limits: AnswerLimits) -> Iterator[Edge]:
    """Yield the edges of dates and times of day; those of months and years are whole periods and are left out."""
    yield from _edges_of_day("minimum", limits.minimum)
    yield from _edges_of_day("maximum", limits.maximum)


def _next(limit: str, sign: int) -> str:
    """Return the day or the minute after a limit, or before it; empty where there is none."""
    try:
        if ":" in limit:
            hour, minute = map(int, limit.split(":"))
            minutes = hour * 60 + minute + sign
            return f"{minutes // 60:02d}:{minutes % 60:02d}" if 0 <= minutes < 24 * 60 else ""
        return (date.fromisoformat(limit) + timedelta(days=sign)).isoformat()
    except (ValueError, OverflowError):
        return ""

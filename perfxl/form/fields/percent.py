"""A percentage: 0–100 in the record, a fraction under the format 0% in the cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

from perfxl.form.fields.base import Kind, Raw, Understood, Validation
from perfxl.form.fields.spelling import (
    decimal,
    half_width,
    is_blank,
    is_date,
    is_number,
    is_percent,
    number_in,
    plain,
    text_or_none,
    trim,
    unreadable,
    whole_or_float,
)

_SIGNS = ("%", "百分比", "百分之")


def _points(number: Decimal, format_is_percent: bool) -> tuple[Decimal, tuple[str, ...]] | None:
    """Percent points of the number in a cell; None where both readings are as good.

    Under a percent format the sheet shows what is meant, 105% for 1.05; only from 2 on (200% and
    more) the number was pasted as points. Under another format 1 is 1 % or 100 %: nobody can tell.
    """
    if format_is_percent:
        return (number * 100, ()) if abs(number) < 2 else (number, ("percent_points",))
    if abs(number) == 1:
        return None
    return (number * 100, ()) if abs(number) < 1 else (number, ("percent_points",))


@dataclass(frozen=True)
class Percent(Kind):
    """A share, a plan, a rate; 25 in the record is 25 %. Decimals beyond the format's are kept."""

    name: ClassVar[str] = "percent"
    number_format: ClassVar[str] = "0%"
    align: ClassVar[Literal["left", "center"]] = "center"
    decimals: int = 0

    def __post_init__(self) -> None:
        # As in money: an option decides the format.
        object.__setattr__(self, "number_format", "0" + ("." + "0" * self.decimals if self.decimals > 0 else "") + "%")

    def read(self, raw: Raw) -> Understood:
        if raw.error:
            return unreadable(raw, "error_value")
        if is_blank(raw):
            return Understood(None)
        if isinstance(raw.value, str):
            return self._read_text(raw, raw.value)
        if isinstance(raw.value, bool) or raw.value is None or not is_number(raw.value):
            return unreadable(raw, "not_a_number")
        if is_date(raw.format):
            return unreadable(raw, "looks_like_date")
        points = _points(decimal(raw.value), is_percent(raw.format))
        if points is None:
            return unreadable(raw, "ambiguous_percent")
        return Understood(whole_or_float(points[0]), points[1])

    def _read_text(self, raw: Raw, text: str) -> Understood:
        before = half_width(trim(text))
        found = number_in(text.replace("百分之", "", 1) if before.startswith("百分之") else text)
        if found is None or found.currency:
            return unreadable(raw, "not_a_number")
        sign = "百分之" if before.startswith("百分之") else found.rest
        if sign in _SIGNS and not (before.startswith("百分之") and found.rest):
            return Understood(whole_or_float(found.number), (*found.how, "percent_sign"))
        if found.rest:
            return unreadable(raw, "not_a_number")
        points = _points(found.number, False)
        if points is None:
            return unreadable(raw, "ambiguous_percent")
        return Understood(whole_or_float(points[0]), (*found.how, "number_as_text", *points[1]))

    def show(self, value: Any) -> str | float | None:
        if not is_number(value):
            return text_or_none(value)
        number = decimal(value)
        # 2.5 in the cell would be read as 2.5 points: what lies beyond 200 % keeps its sign.
        return float(number / 100) if abs(number) < 200 else plain(number) + "%"

    def validation(self) -> Validation:
        return Validation("percent", 0.0, 100.0)  # fractions and points: the reader tells them apart

    def schema(self) -> Mapping[str, Any]:
        return {"type": "number", "minimum": 0, "maximum": 100}

    def facts(self) -> Mapping[str, Any]:
        return {"decimals": self.decimals}

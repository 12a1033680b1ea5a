"""A percentage: 0–100 in the record, a fraction under the format 0% in the cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

from perfxl.form.fields.base import Kind, Raw, Understood, Validation, ValueType
from perfxl.form.fields.spelling import (
    arabic_share,
    clean_text,
    decimal,
    is_blank,
    is_error_text,
    is_number,
    nature,
    number_in,
    plain,
    shown_text,
    text_or_none,
    unreadable,
    whole_or_float,
)

_SIGNS = ("%", "百分比")
_OF_HUNDRED = "百分之"


def as_fractions(values: Sequence[Raw]) -> bool | None:
    """How the percent answers of one sheet were written, so that a bare 1 among them can be understood.

    True: as fractions (some between 0 and 1, none above 1), so that 1 is 100 %; False: as points
    (some above 1, none between 0 and 1), so that 1 is 1 %; None: they do not tell. ``values``: all
    of them, the bare 1 too; those with a sign or under a percent format are no witnesses.
    """
    written = [abs(number) for raw in values if (number := _bare(raw)) is not None]
    fractions, points = any(0 < number < 1 for number in written), any(number > 1 for number in written)
    return None if fractions == points else fractions


def _bare(raw: Raw) -> Decimal | None:
    """The number of an answer that has neither a sign nor a format to say what it counts; else None."""
    if raw.error or raw.value is None:
        return None
    if isinstance(raw.value, str):
        found = number_in(raw.value)
        return found.number if found and not (found.rest or found.currency or found.scientific) else None
    return decimal(raw.value) if is_number(raw.value) and nature(raw.format).plain else None


def _points(number: Decimal, format_is_percent: bool, fractions: bool | None) -> Understood | None:
    """Percent points of the number in a cell; None where both readings are as good.

    Under a percent format the sheet shows what is meant, 105% for 1.05; only from 2 on (200% and
    more) the number was pasted as points. Under another format 1 is 1 % or 100 %: its siblings say
    which (``as_fractions``), or nobody can tell.
    """
    if format_is_percent:
        as_shown = abs(number) < 2
        return Understood(whole_or_float(number * 100 if as_shown else number), () if as_shown else ("percent_points",))
    if abs(number) == 1 and fractions is None:
        return None
    if not number:
        return Understood(0)
    if abs(number) < 1 or (abs(number) == 1 and fractions):
        return Understood(whole_or_float(number * 100), ("percent_fraction",))
    return Understood(whole_or_float(number), ("percent_points",))


@dataclass(frozen=True)
class Percent(Kind):
    """A share, a plan, a rate; 25 in the record is 25 %. Decimals beyond the format's are kept."""

    name: ClassVar[str] = "percent"
    value_type: ClassVar[ValueType] = "percent"
    number_format: ClassVar[str] = "0%"
    align: ClassVar[Literal["left", "center"]] = "center"
    decimals: int = 0

    def __post_init__(self) -> None:
        # As in money: an option decides the format.
        object.__setattr__(self, "number_format", "0" + ("." + "0" * self.decimals if self.decimals > 0 else "") + "%")

    def read(self, raw: Raw, fractions: bool | None = None) -> Understood:
        """``fractions``: what the sheet's other percent answers say of a bare 1, see ``as_fractions``."""
        if raw.error:
            return unreadable(raw, "error_value")
        if is_blank(raw):
            return Understood(None)
        if isinstance(raw.value, str):
            return self._read_text(raw, raw.value, fractions)
        if not is_number(raw.value):
            return unreadable(raw, "not_a_number")
        format = nature(raw.format)
        if format.date or format.scaled:
            return unreadable(raw, "looks_like_date" if format.date else "scaled_format")
        if format.text:
            return self._read_text(raw, shown_text(raw), fractions)
        return _points(decimal(raw.value), format.percent, fractions) or unreadable(raw, "ambiguous_percent")

    def _read_text(self, raw: Raw, text: str, fractions: bool | None) -> Understood:
        bare, how = clean_text(text)
        of_hundred = bare.startswith(_OF_HUNDRED)
        found = number_in(arabic_share(bare)[len(_OF_HUNDRED) :] if of_hundred else text)
        if found is None or found.currency:
            return unreadable(raw, "error_value" if is_error_text(text) else "not_a_number")
        if found.scientific:
            return unreadable(raw, "digits_lost")
        how = tuple(dict.fromkeys((*how, *found.how)))
        if (of_hundred and not found.rest) or (found.rest in _SIGNS and not of_hundred):
            return Understood(whole_or_float(found.number), (*how, "percent_sign"))
        if found.rest:
            return unreadable(raw, "not_a_number")
        points = _points(found.number, False, fractions)
        if points is None:
            return unreadable(raw, "ambiguous_percent")
        return Understood(points.value, (*how, "number_as_text", *points.how))

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

"""A percentage: 0–100 in the record, a fraction under the format 0% in the cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

from perfxl.form.languages import POINT, NumberSigns
from perfxl.form.types.base import AnswerType, Raw, Understood, Validation, ValueType
from perfxl.form.types.number import bounds_as_texts, decimal, is_number, plain, spelled, text_or_none, whole_or_float
from perfxl.form.types.number_format import nature, shown_text
from perfxl.form.types.spelling import (
    arabic_share,
    clean_text,
    in_points,
    is_blank,
    is_error_text,
    number_in,
    unreadable,
)

_SIGNS = ("%", "百分比")  # 百分比: percentage
_OF_HUNDRED = "百分之"  # of a hundred, before the number: 百分之95 is 95 %


def as_fractions(values: Sequence[Raw], signs: NumberSigns = POINT) -> bool | None:
    """Return True if the percent answers of a sheet were typed as fractions, False if as points, None if unknown.

    This decides how a bare 1 among them is understood. True: some lie between 0 and 1 and none above 1, so that 1 is
    100 %. False: some lie above 1 and none between 0 and 1, so that 1 is 1 %. None: there are both, or neither.
    ``values``: all percent answers of the sheet, the bare 1 too; those with a percent sign or under a percent format
    do not count. ``signs``: those of numbers in the sheet's language.
    """
    written = [abs(number) for raw in values if (number := _bare(raw, signs)) is not None]
    fractions, points = any(0 < number < 1 for number in written), any(number > 1 for number in written)
    return None if fractions == points else fractions


def _bare(raw: Raw, signs: NumberSigns) -> Decimal | None:
    """Return the number of an answer without a sign and a format that would say what it counts; None for others."""
    if raw.error or raw.value is None:
        return None
    if isinstance(raw.value, str):
        parsed = number_in(in_points(raw.value, signs) or "")
        return parsed.number if parsed and not (parsed.rest or parsed.currency or parsed.scientific) else None
    return decimal(raw.value) if is_number(raw.value) and nature(raw).plain else None


def _points(number: Decimal, format_is_percent: bool, fractions: bool | None) -> Understood | None:
    """Return the percent points that a number in a cell means; None where it may be read either way.

    Under a percent format the sheet shows what is meant, 105% for 1.05; only a number from 2 on (200% and
    more) was pasted as points. Under another format 1 is 1 % or 100 %: the other answers of the sheet decide
    (``fractions``, see ``as_fractions``), or it cannot be known.
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
class Percent(AnswerType):
    """A share, a planned percentage or a rate; 25 in the record is 25 %.

    ``decimals``: the digits after the point that the cell shows; the record keeps all that were typed. ``minimum``,
    ``maximum``: in points.
    """

    name: ClassVar[str] = "percent"
    value_type: ClassVar[ValueType] = "percent"
    number_format: ClassVar[str] = "0%"
    align: ClassVar[Literal["left", "center"]] = "center"
    decimals: int = 0
    minimum: float = 0
    maximum: float = 100

    def __post_init__(self) -> None:
        # As in the kind money, an option decides the format.
        object.__setattr__(self, "number_format", "0" + ("." + "0" * self.decimals if self.decimals > 0 else "") + "%")

    def read(self, raw: Raw, fractions: bool | None = None) -> Understood:
        """Interpret the content of a cell as percent points.

        ``fractions``: whether the percent answers of the sheet are fractions, for a bare 1; see ``as_fractions``.
        """
        if raw.error:
            return unreadable(raw, "error_value")
        if is_blank(raw):
            return Understood(None)
        format = nature(raw)
        if format.date or format.problem:
            return unreadable(raw, format.problem or "looks_like_date")
        if isinstance(raw.value, str):
            text = in_points(raw.value, self.signs)
            return unreadable(raw, "unclear_sign") if text is None else self._read_text(raw, text, fractions)
        if not is_number(raw.value):
            return unreadable(raw, "not_a_number")
        if format.text:
            return self._read_text(raw, shown_text(raw), fractions)
        return _points(decimal(raw.value), format.percent, fractions) or unreadable(raw, "ambiguous_percent")

    def _read_text(self, raw: Raw, text: str, fractions: bool | None) -> Understood:
        """Interpret ``text``, which is the content of the cell or the number in it as the cell shows it."""
        bare, how = clean_text(text)
        of_hundred = bare.startswith(_OF_HUNDRED)
        parsed = number_in(arabic_share(bare)[len(_OF_HUNDRED) :] if of_hundred else text)
        if parsed is None or parsed.currency:
            return unreadable(raw, "error_value" if is_error_text(text) else "not_a_number")
        if parsed.scientific:
            return unreadable(raw, "digits_lost")
        how = tuple(dict.fromkeys((*how, *parsed.how)))
        if (of_hundred and not parsed.rest) or (parsed.rest in _SIGNS and not of_hundred):
            return Understood(whole_or_float(parsed.number), (*how, "percent_sign"))
        if parsed.rest:
            return unreadable(raw, "not_a_number")
        points = _points(parsed.number, False, fractions)
        if points is None:
            return unreadable(raw, "ambiguous_percent")
        return Understood(points.value, (*how, "number_as_text", *points.how))

    def show(self, value: Any) -> str | float | None:
        """Return the percentage as a fraction (0.25 for 25); from 200 % on as a text with the sign."""
        if not is_number(value):
            return text_or_none(value)
        number = decimal(value)
        # 2.5 in the cell would be read as 2.5 points: a percentage of 200 or more is written with its sign.
        return float(number / 100) if abs(number) < 200 else spelled(plain(number), self.signs) + "%"

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        # both fractions and points; ``read`` tells them apart
        return Validation("percent", float(self.minimum), float(self.maximum))

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "number", "minimum": self.minimum, "maximum": self.maximum}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        return {"decimals": self.decimals, **bounds_as_texts(self.minimum, self.maximum, self.signs)}

"""Numbers as values: what counts as one, and how people write it; shared by all kinds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeGuard

from perfxl.form.languages import POINT, NumberSigns

HUGE = 10**100  # far beyond Excel's 15 digits and well within a float; from here on a number is taken for a text


def is_number(value: Any) -> TypeGuard[int | float | Decimal]:
    """Return whether a record's value is a number to calculate with; a bool, NaN and numbers from 10^100 on are not."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return False
    return (isinstance(value, int) or math.isfinite(value)) and -HUGE < value < HUGE


def decimal(number: float | int | Decimal) -> Decimal:
    """Return a number as a Decimal; a float is rounded to the 15 digits that Excel shows, against binary noise."""
    return Decimal(format(number, ".15g")) if isinstance(number, float) else Decimal(number)


def spelled(text: str, signs: NumberSigns) -> str:
    """Return a number that is written with a point, and commas between thousands, with the signs of a language."""
    if signs == POINT:
        return text
    return text.translate({ord("."): signs.decimal, ord(","): signs.thousands})


def plain(number: Decimal) -> str:
    """Return a number as people write it: without an exponent and without trailing zeros after the point."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def whole_or_float(number: Decimal) -> int | float:
    """Return a whole number as an int, any other as a float, so that JSON has 25 and not 25.0."""
    return int(number) if number == number.to_integral_value() else float(number)


def text_or_none(value: Any) -> str | None:
    """Return the text of a value that is not of its kind's type, as ``show`` writes it; None for a blank one."""
    if value is None or value == "" or value == [] or value == ():
        return None
    if is_number(value):
        return plain(decimal(value))
    if isinstance(value, str):
        return value
    # str() refuses a whole number of more than 4,300 digits
    return f"{Decimal(value):.14E}" if isinstance(value, int) and not -HUGE < value < HUGE else str(value)


def bounds_as_texts(minimum: float | None, maximum: float | None, signs: NumberSigns) -> Mapping[str, str]:
    """Return bounds as the sentences about a type need them: plain texts, empty for none."""
    bounds = {"minimum": minimum, "maximum": maximum}
    return {name: "" if bound is None else spelled(plain(decimal(bound)), signs) for name, bound in bounds.items()}

"""Comparison of the numbers of records: exact, and equal where they are shown the same."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Any

from perfxl.form.expression.python import is_blank

TOLERANCE = Decimal("0.005")
"""Two amounts in 万元 (10 000 yuan) that differ by no more than this are the same amount."""


def to_number(value: Any) -> Decimal | None:
    """Return a number of a record exactly as it is written; None for any other value, NaN and infinity."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    return exact if exact.is_finite() else None


blank = is_blank
"""The function that tells whether a value is blank (nothing, or white space only), for rules as for expressions."""


def are_close(one: Decimal, other: Decimal) -> bool:
    """Return whether two amounts in 万元 are the same within the tolerance."""
    return abs(one - other) <= TOLERANCE


def excess_digits(value: Decimal, places: int = 0) -> Decimal:
    """Return by how much a number differs from itself rounded to ``places`` decimals.

    Works for numbers of any length, for which ``round`` and ``%`` fail in the default context.
    """
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or exponent >= -places:
        return Decimal(0)
    with localcontext(Context(prec=len(digits) + places + 10)):
        return abs(value - round(value, places))


def plain_number(value: Decimal) -> str:
    """Return a number as a text without an exponent and without trailing zeros after the point."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"

"""Numbers of records as the checks compare them: exact, and equal to the last shown digit."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import Any

from perfxl.form.expression.python import is_blank

TOLERANCE = Decimal("0.005")
"""Two amounts in 万元 that differ by no more are the same amount."""


def to_number(value: Any) -> Decimal | None:
    """A number of a record, exact as it is written; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    return exact if exact.is_finite() else None


blank = is_blank
"""Nothing there, or white space only: for the rules as for expressions."""


def are_close(one: Decimal, other: Decimal) -> bool:
    """Are two amounts in 万元 the same?"""
    return abs(one - other) <= TOLERANCE


def excess_digits(value: Decimal, places: int = 0) -> Decimal:
    """By how much a number differs from one of so many decimals; of any length, where ``round`` and ``%`` fail."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or exponent >= -places:
        return Decimal(0)
    with localcontext(Context(prec=len(digits) + places + 10)):
        return abs(value - round(value, places))


def plain_number(value: Decimal) -> str:
    """A number without an exponent and without trailing zeros."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"

"""Numbers of the stages as sentences show them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from perfxl.rules.numbers import plain_number

CENT = Decimal("0.01")


def rounded(value: Fraction) -> Decimal:
    """Return a number rounded half up to two decimals."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(CENT, ROUND_HALF_UP)


def show(value: Fraction) -> str:
    """Return a number rounded half up to two decimals, without zeros at its end."""
    return plain_number(rounded(value))

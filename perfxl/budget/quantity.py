"""Quantities with a unit, and the unit in which others are counted: 1.2公里 is 1200米, 3名 are 3人."""

from decimal import Decimal

PEOPLE = ("人", "名", "位", "员", "生", "人员", "学生", "口")
"""The units in which people are counted; they are equivalent."""
_BASES: dict[str, tuple[str, int]] = {
    **dict.fromkeys(PEOPLE, ("人", 1)),
    "万人": ("人", 10000),
    "万户": ("户", 10000),
    "万人次": ("人次", 10000),
    "万次": ("次", 10000),
    "万亩": ("亩", 10000),
    "公顷": ("亩", 15),
    "公里": ("米", 1000),
    "千米": ("米", 1000),
    "里": ("米", 500),
    "延米": ("米", 1),
    "延长米": ("米", 1),
    "万平方米": ("平方米", 10000),
    "㎡": ("平方米", 1),
    "场次": ("场", 1),
}


def base(unit: str) -> tuple[str, int]:
    """Return the unit in which a unit is counted, and how many of these it is: 米 and 1000 for 公里."""
    return _BASES.get(unit, (unit, 1))


def in_base(number: Decimal, unit: str) -> Decimal:
    """Return a number of a unit in the unit in which it is counted."""
    return number * base(unit)[1]

"""The parts of an answer that a sheet's own formulas find: those of plain spellings such as ≥95%, 217人 and 2万元.

Any other spelling is understood on return alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from perfxl.form.calculation import Place
from perfxl.form.expression.tree import AnswerPart, nodes_inside
from perfxl.form.form import Form
from perfxl.form.types.base import AnswerType

PERCENT = "%"
"""The unit in which a bare number of at most 1 is a fraction: 0.8 beside 95% is 80%."""

SIGNS = "≥≤><"
DIGITS = "0123456789."
MOST_DIGITS = 19
LONGEST_UNIT = 6
NO_UNIT = "-~～－—至到、,，/"
"""What begins something else than a unit, such as the end of a range."""

WORDS = "以左"
"""What stands in a word behind the unit that says more: 以上, 以内 (or more, within), 左右 (about)."""


class PlainParts(NamedTuple):
    """The parts of a plain spelling. ``digits``: how many the number has, found even where the rest is not plain."""

    digits: int
    number: float | None = None
    operator: str | None = None
    unit: str | None = None


def plain_parts(value: Any, asked: AnswerType | None = None, like: Any = None) -> PlainParts:
    """Return the parts of a value as formulas find them.

    ``asked``: its type, where its number is counted in the unit of another value, ``like``.
    """
    found = _parted(value)
    if asked is None or not asked.like or found.number is None:
        return found
    number = _converted(found, _parted(like), asked.units)
    return PlainParts(found.digits) if number is None else found._replace(number=number)


def _converted(found: PlainParts, like: PlainParts, units: Mapping[str, tuple[str, float]]) -> float | None:
    """Return a number in the unit of another one; None where the units do not agree."""
    number = found.number
    if number is None or like.number is None or found.unit == like.unit:
        return number
    if found.unit is None:
        return number * 100 if like.unit == PERCENT and 0 < number <= 1 else number
    one, other = units.get(found.unit), units.get(like.unit or "")
    return number * one[1] / other[1] if one and other and one[0] == other[0] else None


def _parted(value: Any) -> PlainParts:
    text = " ".join(part for part in str(value if value is not None else "").split(" ") if part)
    operator = text[:1] if text[:1] and text[:1] in SIGNS else ""
    rest = text[len(operator) :][:40]
    count = next((at for at, sign in enumerate(f"{rest}x"[: MOST_DIGITS + 1]) if sign not in DIGITS), MOST_DIGITS + 1)
    digits, unit = rest[:count], rest[count:]
    plain = 0 < count <= MOST_DIGITS and digits.count(".") <= 1 and digits != "." and len(unit) <= LONGEST_UNIT
    if (
        not plain
        or any(sign.isascii() and sign.isdigit() for sign in unit)
        or unit[:1] in tuple(NO_UNIT)
        or set(unit) & set(WORDS)
    ):
        return PlainParts(count)
    return PlainParts(count, float(digits), operator or None, unit or None)


@lru_cache(maxsize=64)
def answers_with_parts(form: Form) -> tuple[Place, ...]:
    """Return the answers of which expressions of a form name parts, and those in whose unit these are counted."""
    trees = (expression.tree for expression in form.expressions)
    parts = [node for tree in trees for node in nodes_inside(tree) if isinstance(node, AnswerPart)]
    named = (answer for part in parts for answer in (part.item, part.like) if answer is not None)
    return tuple(dict.fromkeys((answer.table, answer.path) for answer in named))


def type_of_place(form: Form, place: Place) -> AnswerType:
    """Return the type of an answer."""
    table, id = place
    return (form.tables[table].columns if table else form.fields)[id].type


def is_plain(form: Form, place: Place, answers: Mapping[str, Any]) -> bool:
    """Return True if formulas find the same parts of an answer as its type does; ``answers``: those of its row."""
    asked, value = type_of_place(form, place), answers.get(place[1])
    like = answers.get(asked.like) if asked.like else None
    found = plain_parts(value, asked, like)
    beside = (like,) if asked.like else ()
    names = (name for name in asked.parts if name in PlainParts._fields)  # no formula names another part
    return all(getattr(found, name) == asked.part(value, name, *beside) for name in names)

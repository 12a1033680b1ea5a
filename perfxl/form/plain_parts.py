"""The parts of an answer that a sheet's own formulas find: those of plain spellings such as ≥95%, 217人 and 2万元.

Any other spelling is understood on return alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from perfxl.form.calculation import Place, in_order
from perfxl.form.expression.tree import AnswerPart, nodes_inside
from perfxl.form.form import Form

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


def plain_parts(value: Any) -> PlainParts:
    """Return the parts of a value as formulas find them."""
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
    """Return the answers of which expressions of a form name parts."""
    trees = [expression.tree for expression in (*_calculations(form), *(line.assert_ for line in form.rules))]
    parts = (node for tree in trees for node in nodes_inside(tree) if isinstance(node, AnswerPart))
    return tuple(dict.fromkeys((part.item.table, part.item.path) for part in parts))


def is_plain(form: Form, place: Place, value: Any) -> bool:
    """Return True if formulas find the same parts of a value as its type does."""
    table, id = place
    asked = (form.tables[table].columns if table else form.fields)[id].type
    found = plain_parts(value)
    return all(getattr(found, name, None) == asked.part(value, name) for name in asked.parts)


def _calculations(form: Form) -> list[Any]:
    return [answer.calculation.value for answer in in_order(form)]

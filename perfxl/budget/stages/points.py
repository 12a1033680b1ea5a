"""The points of a project's indicators: those of a class, shared equally by its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from perfxl.form.scheme import Scheme
from perfxl.form.taxonomy import Taxonomy

CENT = Decimal("0.01")


def class_of(row: Mapping[str, Any], scheme: Scheme, classes: Taxonomy | None) -> str:
    """Return the class whose points a row shares; "" where the scheme has none for it."""
    level1, level2 = str(row.get("level1") or ""), str(row.get("level2") or "")
    pair = classes.canonical(level1, level2) if classes else None
    return scheme.class_of(*(pair or (level1, level2)))


def share_points(rows: Sequence[Mapping[str, Any]], scheme: Scheme, classes: Taxonomy | None) -> list[Decimal | None]:
    """Return the points of each row; None for one of a class without points.

    The rows of a class have the same, rounded half up to two decimals; its last row has what is left.
    """
    of = [class_of(row, scheme, classes) for row in rows]
    points: list[Decimal | None] = []
    for at, name in enumerate(of):
        if not name:
            points.append(None)
            continue
        weight, count = scheme.weights[name], of.count(name)
        share = (weight / count).quantize(CENT, ROUND_HALF_UP)
        if share * (count - 1) > weight:  # so many rows that nothing, and less, would be left for the last one
            share = (weight / count).quantize(CENT, ROUND_DOWN)
        points.append(weight - share * (count - 1) if name not in of[at + 1 :] else share)
    return points


def classes_without_rows(
    rows: Sequence[Mapping[str, Any]], scheme: Scheme, classes: Taxonomy | None
) -> tuple[str, ...]:
    """Return the classes that have points and no row to share them."""
    there = {class_of(row, scheme, classes) for row in rows}
    return tuple(name for name, points in scheme.weights.items() if points and name not in there)

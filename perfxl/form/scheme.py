"""Schemes by which projects are judged after their targets, as data: templates/schemes, or a county's own.

A scheme has the points of each class, how scores, grades and lights come of them, and when a reason is asked for. Its
numbers go out with a workbook as given values, so that a book that comes back is judged by those it was made with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from perfxl.errors import FormError
from perfxl.form import library
from perfxl.form.source import Entries, Node, nearest, parse, read_text

DEFAULT = "cn-2015"
"""The scheme that holds where none is named."""

WHOLE = Decimal(100)
"""The points of all classes together, with those for the money that was spent."""

Less = Literal["ratio", "linear"]
How = Literal["by-kind", "prorate-all"]

_LESS: tuple[Less, ...] = ("ratio", "linear")
_HOW: tuple[How, ...] = ("by-kind", "prorate-all")
_PARTS: Mapping[str, tuple[str, ...]] = {
    "bands": ("met", "partly"),
    "grades": ("excellent", "good", "fair"),
    "explain": ("above", "low_rate", "ahead", "ahead_reason"),
    "months": ("first", "last"),
    "lights": ("how", "yellow", "green", "blue"),
}


@dataclass(frozen=True)
class Scheme:
    """A way of judging.

    ``id``: the name of one that comes with perfxl, else the whole of it as JSON; ``load`` takes both. ``weights``: the
    points of each class, of level 1 or 2; ``execution``: those for the money that was spent; all are 100 together.
    ``less``: how a value counts that should be low and is not. ``numbers``: the other numbers by part and name, in
    percent, points or months: ``bands.met``.
    """

    id: str
    label: str
    weights: Mapping[str, Decimal] = field(hash=False)
    execution: Decimal
    less: Less
    lights: How
    numbers: Mapping[str, Decimal] = field(hash=False)

    def number(self, name: str) -> Decimal | None:
        """Return one of its numbers, None where it has none: ``explain.ahead``."""
        return self.numbers.get(name)

    def class_of(self, level1: str, level2: str) -> str:
        """Return the class whose points a row shares: that of level 2 where it has points of its own; "" for none."""
        return next((name for name in (level2, level1) if name in self.weights), "")


def names() -> tuple[str, ...]:
    """Return the names of the schemes that come with perfxl, sorted."""
    return library.names("schemes")


@lru_cache(maxsize=64)
def load(name: str) -> Scheme:
    """Load a scheme by its name, by its file, or from its text as JSON. Raises FormError."""
    if name.startswith("{"):
        return _read(parse(name, ""), name, ())
    if name.endswith((".yaml", ".yml")):
        return read(parse(read_text(Path(name)), name))
    return _load_known(name, ())


def _load_known(name: str, above: tuple[str, ...]) -> Scheme:
    known = names()
    if name not in known:
        near = nearest(name, known)
        raise FormError(file=None, line=None, what="unknown_scheme", name=name, near=near, known=known)
    file = f"{name}.yaml"
    return _read(parse(library.path("schemes", file).read_text("utf-8"), file), name, above)


def read(node: Node) -> Scheme:
    """Read a county's own scheme. Raises FormError with the line."""
    made = _read(node, "", ())
    whole: dict[str, Any] = {"label": made.label, "execution": float(made.execution), "less": made.less}
    whole["weights"] = {name: float(points) for name, points in made.weights.items()}
    for name, number in made.numbers.items():
        part, _, word = name.partition(".")
        whole.setdefault(part, {})[word] = float(number)
    whole.setdefault("lights", {})["how"] = made.lights
    return load(json.dumps(whole, ensure_ascii=False, separators=(",", ":")))


def _read(node: Node, id: str, above: tuple[str, ...]) -> Scheme:
    """Read a scheme; ``above``: the names of those that are like it, against a circle."""
    entries = node.entries((), ("like", "label", "weights", "execution", "less", *_PARTS))
    base = _read_base(entries, above) if "like" in entries else None
    if base is None:
        for key in ("weights", "execution", *(part for part in _PARTS)):
            if key not in entries:
                raise node.mistake("missing_key", key=key)
    weights = {name: _number(value) for name, value in entries.mapping("weights").items()}
    numbers = dict(base.numbers) if base else {}
    lights = base.lights if base else _HOW[0]
    for part, words in _PARTS.items():
        values = entries.entries(part, (), words) if part in entries else Entries({})
        if "how" in values:
            lights = values.one_of("how", _HOW, lights)
        numbers |= {f"{part}.{word}": _number(values[word]) for word in words if word != "how" and word in values}
    made = Scheme(
        id=id,
        label=entries.text("label", base.label if base else ""),
        weights=weights or (base.weights if base else {}),
        execution=_number(entries["execution"]) if "execution" in entries or base is None else base.execution,
        less=entries.one_of("less", _LESS, base.less if base else _LESS[0]),
        lights=lights,
        numbers=numbers,
    )
    _check(made, entries.nodes.get("weights", node), node)
    return made


def _read_base(entries: Entries, above: tuple[str, ...]) -> Scheme:
    node = entries["like"]
    name = node.text()
    if name in above:
        raise node.mistake("scheme_circle", name=name)
    try:
        return _load_known(name, (*above, name))
    except FormError as error:
        if error.facts.get("line") is not None:
            raise
        raise node.mistake("unknown_scheme", name=name, near=nearest(name, names()), known=names()) from error


def _number(node: Node) -> Decimal:
    return Decimal(str(node.number()))


def _check(made: Scheme, weights: Node, node: Node) -> None:
    """Raise FormError for points that are not 100 together, and for limits that are not in order."""
    total = made.execution + sum(made.weights.values())
    if total != WHOLE:
        raise weights.mistake("points_not_100", found=float(total), execution=float(made.execution))
    orders = (
        ("bands.partly", "bands.met"),
        ("grades.fair", "grades.good", "grades.excellent"),
        ("lights.yellow", "lights.green", "lights.blue"),
        ("months.first", "months.last"),
    )
    for order in orders:
        missing = next((name for name in order if name not in made.numbers), None)
        if missing is not None:
            raise node.mistake("missing_key", key=missing)
        found = [made.numbers[name] for name in order]
        if found != sorted(found):
            raise node.mistake("not_in_order", names=order, values=[float(number) for number in found])
    if not 1 <= made.numbers["months.first"] <= made.numbers["months.last"] <= 12:
        raise node.mistake("not_in_order", names=("months.first", "months.last"), values=[1, 12])

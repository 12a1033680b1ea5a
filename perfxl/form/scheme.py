"""Schemes by which projects are judged after their targets, as data: templates/schemes, or a county's own.

A scheme has the points of each class, how scores, grades and lights come of them, and when a reason is asked for. Its
numbers go out with a workbook as given values, so that a book that comes back is judged by those it was made with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from perfxl.errors import FormError
from perfxl.form import library
from perfxl.form.source import Entries, Node, nearest, parse, read_text
from perfxl.form.types.number import whole_or_float

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


def load(name: str) -> Scheme:
    """Load a scheme by its name, by its file, or from its text as JSON. Raises FormError."""
    return read(parse(read_text(Path(name)), name)) if name.endswith((".yaml", ".yml")) else _load(name)


@lru_cache(maxsize=64)
def _load(name: str) -> Scheme:
    return _read(parse(name, ""), name, ()) if name.startswith("{") else _load_known(name, ())


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
    whole: dict[str, Any] = {"label": made.label, "execution": whole_or_float(made.execution), "less": made.less}
    whole["weights"] = {name: whole_or_float(points) for name, points in made.weights.items()}
    for name, number in made.numbers.items():
        part, _, word = name.partition(".")
        whole.setdefault(part, {})[word] = whole_or_float(number)
    whole.setdefault("lights", {})["how"] = made.lights
    return load(json.dumps(whole, ensure_ascii=False, separators=(",", ":")))


def _points_in_words(weights: Mapping[str, Decimal]) -> str:
    """Return a label for a scheme that has none of its own: its classes with their points."""
    return "、".join(f"{name}{points.normalize():f}" for name, points in weights.items())


def _read(node: Node, id: str, above: tuple[str, ...]) -> Scheme:
    """Read a scheme; ``above``: the names of those that are like it, against a circle."""
    entries = node.entries((), ("like", "label", "weights", "execution", "less", *_PARTS))
    base = _read_base(entries, above) if "like" in entries else None
    if base is None:
        for key in ("weights", "execution", *_PARTS):
            if key not in entries:
                raise node.mistake("missing_key", key=key)
    weights = {name: _number(value) for name, value in entries.mapping("weights").items()}
    numbers = dict(base.numbers) if base else {}
    lights = base.lights if base else _HOW[0]
    for part, words in _PARTS.items():
        values = entries.entries(part, (), words) if part in entries else Entries({})
        if "how" in values:
            lights = values.one_of("how", _HOW, lights)
        said = {word: values[word] for word in words if word != "how" and word in values}
        numbers |= {f"{part}.{word}": _number(value, whole=part == "months") for word, value in said.items()}
    made = Scheme(
        id=id,
        label=entries.text("label", "" if weights or base is None else base.label) or _points_in_words(weights),
        weights=weights or (base.weights if base else {}),
        execution=_number(entries["execution"]) if "execution" in entries or base is None else base.execution,
        less=entries.one_of("less", _LESS, base.less if base else _LESS[0]),
        lights=lights,
        numbers=numbers,
    )
    _check(made, lambda part: entries.nodes.get(part, node))
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


def _number(node: Node, whole: bool = False) -> Decimal:
    return Decimal(node.count()) if whole else Decimal(str(node.number()))


_ORDERS: tuple[tuple[str, ...], ...] = (
    ("bands.partly", "bands.met", "100"),
    ("grades.fair", "grades.good", "grades.excellent", "100"),
    ("lights.yellow", "lights.green", "lights.blue"),
    ("1", "months.first", "months.last", "12"),
)
"""Numbers that must go up from one to the next, by their names, or as they are."""


def _check(made: Scheme, node_of: Callable[[str], Node]) -> None:
    """Raise FormError for points that are not 100 together, and for limits that are not in order.

    ``node_of``: gives the node of a part, that of the whole where the part is not written.
    """
    total = made.execution + sum(made.weights.values())
    if total != WHOLE:
        raise node_of("weights").mistake("points_not_100", total=float(total), execution=float(made.execution))
    for order in _ORDERS:
        part = order[1].partition(".")[0]
        missing = next((name for name in order if "." in name and name not in made.numbers), None)
        if missing is not None:
            raise node_of(part).mistake("missing_key", key=missing)
        found = [made.numbers[name] if "." in name else Decimal(name) for name in order]
        if found != sorted(found):
            raise node_of(part).mistake(
                "not_in_order", names=order, values=[str(whole_or_float(number)) for number in found]
            )

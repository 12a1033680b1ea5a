"""The kinds of answer: one file each in this folder, and those that installed packages bring (``perfxl.types``)."""

from __future__ import annotations

import dataclasses
import datetime
import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from perfxl import extensions
from perfxl.form.fields.base import Kind


class UnknownOption(Exception):
    """A kind, or an option of one, that does not exist, is missing or has a value it cannot have.

    ``name``: the kind asked for; ``option``: the option, empty where the kind itself is unknown;
    ``allowed``: the names or values there are, or in words of YAML the type (``integer``, ``text``,
    ``list``, ``mapping``); ``what``: ``kind``, ``option``, ``value`` or ``missing``. The loader
    knows the line and makes a FormError of it.
    """

    def __init__(self, name: str, option: str, allowed: tuple[str, ...], what: str) -> None:
        super().__init__(f"{what}: {name} {option}; allowed: {', '.join(allowed)}")
        self.name, self.option, self.allowed, self.what = name, option, allowed, what


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, type[Kind]]:
    """Every kind of answer by its word in form.yaml, sorted: those of this folder, and those of installed packages."""
    found: dict[str, type[Kind]] = {
        name: extensions.load("perfxl.types", name) for name in extensions.found("perfxl.types")
    }
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for thing in vars(import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, Kind) and thing.__module__ == module.name and thing.name:
                found[thing.name] = thing
    return dict(sorted(found.items()))


_WORDS = {int: "integer", str: "text", bool: "true or false", tuple: "list", Mapping: "mapping", type(None): "null"}


def options(kind: type[Kind]) -> dict[str, Any]:
    """The options a form may give to a kind and the type of each, by their names in YAML (``from``, not ``from_``)."""
    hints = get_type_hints(kind)
    return {
        field.name.rstrip("_"): hints[field.name]
        for field in dataclasses.fields(kind)
        if field.init and not field.metadata.get("internal")
    }


def make(name: str, options_given: Mapping[str, Any]) -> Kind:
    """The kind ``name`` with the options of a form; raises UnknownOption.

    An example may stand in YAML as a number, a date or, for items, a list.
    """
    if name not in kinds():
        raise UnknownOption(name, "", tuple(kinds()), "kind")
    kind = kinds()[name]
    known = options(kind)
    values = {}
    example = None
    for option, value in options_given.items():
        if option not in known:
            raise UnknownOption(name, option, tuple(known), "option")
        if option == "example" and isinstance(value, (int, float, datetime.date, list)):
            example = value
            continue
        values[option] = _fit(name, option, value, known[option])
    for field in dataclasses.fields(kind):
        option = field.name.rstrip("_")
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if needed and option in known and option not in values:
            raise UnknownOption(name, option, _words(known[option]), "missing")
    fields = {field.name.rstrip("_"): field.name for field in dataclasses.fields(kind)}
    made = kind(**{fields[option]: value for option, value in values.items()})
    if example is None:
        return made
    shown = str(made.show(example)) if isinstance(example, list) else str(example)
    return dataclasses.replace(made, example=shown)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _words(hint: Any) -> tuple[str, ...]:
    """What a type lets in, in words of YAML."""
    words: list[str] = []
    for each in _alternatives(hint):
        if get_origin(each) is Literal:
            words.extend(str(value) for value in get_args(each))
        else:
            words.append(_WORDS.get(_plain(each), str(each)))
    return tuple(words)


def _plain(hint: Any) -> Any:
    """The class of a type: tuple for ``tuple[str, ...]``."""
    origin = get_origin(hint) or hint
    return Mapping if isinstance(origin, type) and issubclass(origin, Mapping) else origin


def _fit(name: str, option: str, value: Any, hint: Any) -> Any:
    """The value as the option's type has it, lists as tuples; raises UnknownOption where it does not fit."""
    for each in _alternatives(hint):
        plain = _plain(each)
        if plain is Literal:
            fits = isinstance(value, str) and value in get_args(each)
        elif plain is tuple:
            fits = isinstance(value, (list, tuple)) and bool(value)
            # YAML reads 2024 or 是 (yes) as it likes; a list of entries is a list of texts
            fits = fits and all(isinstance(entry, (str, int)) and not isinstance(entry, bool) for entry in value)
            value = tuple(str(entry) for entry in value) if fits else value
        elif plain is Mapping:
            fits = isinstance(value, Mapping) and all(isinstance(part, str) for pair in value.items() for part in pair)
        else:
            fits = isinstance(value, plain) and (plain is bool or not isinstance(value, bool))
        if fits:
            return value
    raise UnknownOption(name, option, _words(hint), "value")


__all__ = ["Kind", "UnknownOption", "kinds", "make", "options"]

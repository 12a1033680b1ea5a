"""The types of answer: one module each in this folder, and those of installed packages.

Installed packages offer further kinds through the entry point group ``perfxl.types``.
"""

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
from perfxl.form.choice_list import ChoiceLevel
from perfxl.form.types.base import AnswerType, UnknownOption


@lru_cache(maxsize=1)
def types() -> Mapping[str, type[AnswerType]]:
    """Return every type of answer by its name in form.yaml, sorted by name.

    A kind of this folder wins over one of an installed package with the same name.
    """
    by_name: dict[str, type[AnswerType]] = {
        name: extensions.load("perfxl.types", name) for name in extensions.found("perfxl.types")
    }
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for member in vars(import_module(module.name)).values():
            is_kind = isinstance(member, type) and issubclass(member, AnswerType) and member.__module__ == module.name
            if is_kind and vars(member).get("name"):  # not a class that serves a name already there
                by_name[member.name] = member
    return dict(sorted(by_name.items()))


_TYPE_NAMES = {
    int: "integer",
    float: "number",
    str: "text",
    bool: "true or false",
    tuple: "list",
    ChoiceLevel: "name of a list",
    Mapping: "mapping",
    type(None): "null",
}


def options(kind: type[AnswerType]) -> Mapping[str, Any]:
    """Return the type of every option that a form may give to a kind, by its name in YAML (``with``, not ``with_``)."""
    asked: Any = kind
    return _options(asked)


@lru_cache(maxsize=64)
def _options(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {
        field.name.rstrip("_"): hints[field.name]
        for field in dataclasses.fields(kind)
        if field.init and not field.metadata.get("internal")
    }


def make(name: str, options_given: Mapping[str, Any]) -> AnswerType:
    """Create the kind ``name`` with the options that a form gives.

    The option ``example`` may also be a number, a date or, for items, a list in YAML. Raises UnknownOption for a kind
    or an option that does not exist, a value that does not fit, and a required option that is missing.
    """
    if name not in types():
        raise UnknownOption(name, "", tuple(types()), "kind")
    kind = types()[name]
    known = options(kind)
    values = {}
    example = None
    for option, value in options_given.items():
        if option not in known:
            raise UnknownOption(name, option, tuple(known), "option")
        if option == "example" and isinstance(value, (int, float, datetime.date, list)):
            example = value
            continue
        values[option] = _check_value(name, option, value, known[option])
    for field in dataclasses.fields(kind):
        option = field.name.rstrip("_")
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and option in known and option not in values:
            raise UnknownOption(name, option, _allowed_values(known[option]), "missing")
    # types() has imported every module, so that the classes for an option are known
    kind = next((other for other in kind.__subclasses__() if other.option and values.get(other.option)), kind)
    fields = {field.name.rstrip("_"): field.name for field in dataclasses.fields(kind)}
    instance = kind(**{fields[option]: value for option, value in values.items()})
    if example is None:
        return instance
    shown = str(instance.show(example)) if isinstance(example, list) else str(example)
    return dataclasses.replace(instance, example=shown)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union type, or the type itself as the only one."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _allowed_values(hint: Any) -> tuple[str, ...]:
    """Return the values of a literal type, or the names in YAML of the types that a type hint allows."""
    allowed: list[str] = []
    for alternative in _alternatives(hint):
        if get_origin(alternative) is Literal:
            allowed.extend(str(value) for value in get_args(alternative))
        else:
            allowed.append(_TYPE_NAMES.get(_plain(alternative), str(alternative)))
    return tuple(allowed)


def _plain(hint: Any) -> Any:
    """Return the class of a type hint: tuple for ``tuple[str, ...]``, Mapping for any mapping."""
    origin = get_origin(hint) or hint
    return Mapping if isinstance(origin, type) and issubclass(origin, Mapping) else origin


def _check_value(name: str, option: str, value: Any, hint: Any) -> Any:
    """Return the value of an option, a list as a tuple of texts; raise UnknownOption where it does not fit the type."""
    for alternative in _alternatives(hint):
        plain = _plain(alternative)
        if plain is Literal:
            fits = isinstance(value, str) and value in get_args(alternative)
        elif plain is tuple:
            fits = isinstance(value, (list, tuple)) and bool(value)
            # YAML makes a number of an entry such as 2024; a list of entries is a list of texts
            fits = fits and all(isinstance(entry, (str, int)) and not isinstance(entry, bool) for entry in value)
            value = tuple(str(entry) for entry in value) if fits else value
        elif plain is Mapping:
            fits = isinstance(value, Mapping) and _are_parts(value, get_args(alternative))
        elif plain is str and type(value) is datetime.date:  # YAML makes a date of 2024-11-05
            return value.isoformat()
        elif plain is float:
            fits = isinstance(value, (int, float)) and not isinstance(value, bool)
        else:
            fits = isinstance(value, plain) and (plain is bool or not isinstance(value, bool))
        if fits:
            return value
    raise UnknownOption(name, option, _allowed_values(hint), "value")


def _are_parts(value: Mapping[Any, Any], hints: tuple[Any, ...]) -> bool:
    """Return whether the keys of a mapping are texts, and its values texts or, where the type has them, numbers."""
    allowed = tuple(part for part in _alternatives(hints[-1] if hints else str) if isinstance(part, type))
    whole = all(isinstance(key, str) for key in value)
    return whole and all(isinstance(part, allowed) and not isinstance(part, bool) for part in value.values())


__all__ = ["AnswerType", "UnknownOption", "make", "options", "types"]

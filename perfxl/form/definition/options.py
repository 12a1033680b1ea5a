"""The options of the types of answer, in the terms of the table of keys."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from perfxl.form import types
from perfxl.form.definition.keys import FLAG, NUMBER, TEXT, TEXTS, Shape, mapping_of, one_of
from perfxl.form.types import AnswerType


class TypeOption(NamedTuple):
    """One option of a type of answer. ``default``: None where it must be given."""

    name: str
    shape: Shape
    default: Any


def type_options(answer_type: type[AnswerType]) -> Iterator[TypeOption]:
    """Yield the options of a type."""
    defaults = {field.name.rstrip("_"): field.default for field in dataclasses.fields(answer_type)}
    for name, hint in types.options(answer_type).items():
        default = defaults[name]
        yield TypeOption(name, _shape_of(hint), None if default is dataclasses.MISSING else default)


def _shape_of(hint: Any) -> Shape:
    """Return the shape that a type hint stands for."""
    if get_origin(hint) in (Union, UnionType):
        first, *others = (_shape_of(part) for part in get_args(hint) if part is not type(None))
        return dataclasses.replace(first, either=tuple(others))
    if get_origin(hint) is Literal:
        return one_of(*get_args(hint))
    plain = get_origin(hint) or hint
    if isinstance(plain, type) and issubclass(plain, Mapping):
        return mapping_of(TEXT)
    shapes = {bool: FLAG, int: Shape("count"), float: NUMBER, tuple: TEXTS}
    return shapes.get(plain, TEXT)

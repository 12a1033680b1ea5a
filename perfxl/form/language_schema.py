"""The JSON Schema of the form language, by which an editor completes, explains and judges a ``form.yaml``.

It comes from the table of keys and from the options of the types of answer. Its version is draft-07, since editors
promise no later one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from perfxl.form import types
from perfxl.form.definition.keys import SECTIONS, Key, Shape
from perfxl.form.definition.options import TypeOption, type_options

Say = Callable[[str], str]
"""Gives the sentence for ``keys.<section>.<key>``, ``options.<option>`` or ``types.<type>``; empty for none."""

_SCALAR = ["string", "number", "boolean"]
"""A text may be written as 2024.10 or as yes: it is taken as it is written."""

_LIST = {
    "anyOf": [
        # an entry is a text and stands there once; a number is none, and an editor takes yes for a text
        {"type": "array", "items": {"type": ["string", "boolean"]}, "minItems": 1, "uniqueItems": True},
        {"type": "object", "minProperties": 1},
    ]
}
"""A list of entries."""

_CELLS = {"type": "array", "items": {"anyOf": [{"$ref": "#/definitions/cell"}, {"type": _SCALAR}]}}
_ROW = {"anyOf": [_CELLS, {"$ref": "#/definitions/row"}, {"$ref": "#/definitions/table_row"}]}

_WORDED = {"allOf": [{"$ref": "#/definitions/limit"}], "required": ["value", "message"]}
"""A limit that nobody understands without words."""

_JUDGED: Mapping[tuple[str, str], dict[str, Any]] = {
    ("form", "layout"): {"type": "array", "items": _ROW},
    ("field", "pattern"): _WORDED,
    ("field", "constraint"): _WORDED,
    ("form", "choices"): {"type": "object", "additionalProperties": _LIST},
}
"""Keys whose reader judges by itself what stands there."""


def language_schema(say: Say) -> dict[str, Any]:
    """Return the schema of the form language; ``say`` gives the sentence about each key."""
    definitions: dict[str, Any] = {name: _section(name, say) for name in SECTIONS if name not in ("form", "field")}
    definitions["field"] = _field(say)
    for name in types.types():
        definitions[f"field_{name}"] = _field_of_type(name, say)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        **_section("form", say),
        "definitions": definitions,
    }


def _section(name: str, say: Say) -> dict[str, Any]:
    """Return the schema of a section of the table."""
    return {
        "type": "object",
        "properties": {key.name: _key(name, key, say) for key in SECTIONS[name]},
        "required": [key.name for key in SECTIONS[name] if key.required],
        "additionalProperties": False,
    }


def _key(name: str, key: Key, say: Say) -> dict[str, Any]:
    """Return the schema of one key, with what an editor shows about it."""
    judged = _JUDGED.get((name, key.name))
    told: dict[str, Any] = {"description": say(f"keys.{name}.{key.name}")}
    if key.default:
        told["default"] = _plain(key.default)
    return {**(judged or _shape(key.shape)), **told, "examples": [_plain(key.example)]}


def _plain(text: str) -> Any:
    """Return the value of a YAML text; a date as it is written."""
    value = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts, lists and mappings alone
    if not isinstance(value, str):
        return value
    parsed = yaml.safe_load(text)
    return parsed if isinstance(parsed, (bool, int, float)) else value


def _shape(shape: Shape) -> dict[str, Any]:
    """Return the schema of what may stand at a key."""
    if shape.either:
        return {"anyOf": [_one_shape(shape), *map(_shape, shape.either)]}
    return _one_shape(shape)


def _one_shape(shape: Shape) -> dict[str, Any]:
    """Return the schema of a shape without its alternatives."""
    items = _shape(shape.items) if shape.items else {}
    schemas: dict[str, dict[str, Any]] = {
        "number": {"type": "number", "minimum": shape.minimum},
        "count": {"type": "integer", "minimum": shape.minimum},
        "flag": {"type": "boolean"},
        "word": {"enum": list(shape.words)},
        "list": {"type": "array", "items": items},
        "mapping": {"type": "object", "additionalProperties": items},
        "section": {"$ref": f"#/definitions/{shape.section}"},
        "any": {},
    }
    return schemas.get(shape.kind, {"type": _SCALAR})


def _field(say: Say) -> dict[str, Any]:
    """Return the schema of an answer: its type decides which options it has."""
    names = list(types.types())
    chosen = [
        {
            "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
            "then": {"$ref": f"#/definitions/field_{name}"},
        }
        for name in names
    ]
    return {"type": "object", "properties": {"type": _type_names(say)}, "required": ["type"], "allOf": chosen}


def _type_names(say: Say) -> dict[str, Any]:
    """Return the schema of the name of a type, with a sentence about each."""
    listed = "\n".join(f"{name}: {sentence}" for name in types.types() if (sentence := say(f"types.{name}")))
    return {"enum": list(types.types()), "description": f"{say('keys.field.type')}\n{listed}"}


def _field_of_type(name: str, say: Say) -> dict[str, Any]:
    """Return the schema of an answer of one type; a key of the table comes before an option of the same name."""
    options = {
        option.name: {**_option(option), "description": say(f"options.{option.name}")}
        for option in type_options(types.types()[name])
    }
    keys = _section("field", say)["properties"]
    properties = {**options, **keys, "type": {"const": name, "description": say(f"types.{name}")}}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _option(option: TypeOption) -> dict[str, Any]:
    """Return the schema of an option of a type."""
    return {"anyOf": [{"type": "string"}, _LIST]} if option.name == "choices" else _shape(option.shape)

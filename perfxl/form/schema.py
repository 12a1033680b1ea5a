"""The JSON Schema (2020-12) of a form's record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from perfxl.form.form import Field, Form, Table

DISCLOSURES: Mapping[str, Literal["open", "closed", "secret"]] = {
    "公开": "open",
    "不公开": "closed",
    "涉密": "secret",
    "open": "open",
    "closed": "closed",
    "secret": "secret",
}
"""The words that a record may say of its publication under ``disclosure``; one that says nothing is published."""


def record_schema(form: Form) -> dict[str, Any]:
    """Return the schema of one record. Every answer may be null, since it may be left blank."""
    schema = _object()
    for field in form.fields.values():
        _put(schema, field.id.split("."), _answer(field))
    for table in form.tables.values():
        _put_table(schema, table)
    if form.many and "disclosure" not in schema["properties"]:  # no answer: how the record is published
        schema["properties"]["disclosure"] = {"enum": [*DISCLOSURES, None]}
    if form.base:  # a record of the form that it extends is taken with all it holds
        _add_missing(schema, record_schema(form.base.form))
    return schema


def _add_missing(schema: dict[str, Any], further: dict[str, Any]) -> None:
    """Add the properties of another object's schema that a schema lacks, also within its objects and lists."""
    for name, value in further.get("properties", {}).items():
        own = schema["properties"].setdefault(name, value)
        for mine, theirs in ((own, value), (own.get("items", {}), value.get("items", {}))):
            if "properties" in mine and "properties" in theirs:
                _add_missing(mine, theirs)


def _object() -> dict[str, Any]:
    """Return the schema of an object without properties so far, which allows no others."""
    return {"type": "object", "properties": {}, "additionalProperties": False}


def _answer(field: Field) -> dict[str, Any]:
    """Return the schema of a field's value."""
    # a text is allowed everywhere, since an answer that could not be understood is kept verbatim
    either = {"anyOf": [dict(field.type.schema()), {"type": ["string", "null"]}]}
    # nobody fills in what is calculated; a record may leave it out
    return either if field.open or field.given else {**either, "readOnly": True}


def _put(schema: dict[str, Any], path: list[str], value: dict[str, Any]) -> None:
    """Put the schema of a value at a path of nested objects."""
    for part in path[:-1]:
        schema = schema["properties"].setdefault(part, _object())
    schema["properties"][path[-1]] = value


def _put_table(schema: dict[str, Any], table: Table) -> None:
    """Put the schemas of a table's columns at their paths of nested objects and arrays."""
    for id, field in table.columns.items():
        place, parts = schema, table.path(id).split(".")
        for at, part in enumerate(parts):
            last = at == len(parts) - 1
            if at < len(table.lists) and table.lists[at] == part:
                items = _answer(field) if last else _object()
                array = place["properties"].setdefault(part, {"type": ["array", "null"], "items": items})
                place = array["items"]
            elif part.isdigit():  # a repeated column
                array = place["properties"][parts[at - 1]]
                array |= {"items": _answer(field), "maxItems": int(part)}
            elif last:
                place["properties"][part] = _answer(field)
            elif parts[at + 1].isdigit():
                place["properties"].setdefault(part, {"type": ["array", "null"]})
            else:
                place = place["properties"].setdefault(part, _object())

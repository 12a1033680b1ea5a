"""The JSON Schema (2020-12) of a form's record."""

from __future__ import annotations

from typing import Any

from perfxl.form.form import Field, Form, Table


def record_schema(form: Form) -> dict[str, Any]:
    """The schema of one record; every answer may be null, since a blank is one."""
    schema = _object()
    for field in form.fields.values():
        _put(schema, field.id.split("."), _answer(field))
    for table in form.tables.values():
        _put_table(schema, table)
    return schema


def _object() -> dict[str, Any]:
    return {"type": "object", "properties": {}, "additionalProperties": False}


def _answer(field: Field) -> dict[str, Any]:
    # a text is legal everywhere: what could not be understood is kept verbatim
    return {"anyOf": [dict(field.kind.schema()), {"type": ["string", "null"]}]}


def _put(schema: dict[str, Any], path: list[str], value: dict[str, Any]) -> None:
    for part in path[:-1]:
        schema = schema["properties"].setdefault(part, _object())
    schema["properties"][path[-1]] = value


def _put_table(schema: dict[str, Any], table: Table) -> None:
    for id, field in table.columns.items():
        place, parts = schema, table.path(id).split(".")
        for at, part in enumerate(parts):
            last = at == len(parts) - 1
            if at < len(table.lists) and table.lists[at] == part:
                items = _answer(field) if last else _object()
                found = place["properties"].setdefault(part, {"type": ["array", "null"], "items": items})
                place = found["items"]
            elif last:
                place["properties"][part] = _answer(field)
            else:
                place = place["properties"].setdefault(part, _object())

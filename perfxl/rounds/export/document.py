"""An export as one JSON document: the round, its units and its projects with their records; and its schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

from perfxl.form import installed
from perfxl.form.schema import record_schema
from perfxl.json_data import dumps
from perfxl.rounds.export.project import ExportedProject
from perfxl.rounds.model import Disclosure, RegisteredUnit
from perfxl.rounds.round import Round
from perfxl.rounds.states import STATES

_UNIT = ("code", "name", "parent", "control", "deadline")
"""What is told of a unit: whom to call there is nobody else's business."""


def document_lines(round: Round, units: Sequence[RegisteredUnit], projects: Iterable[ExportedProject]) -> Iterator[str]:
    """Yield the lines of the document: a unit and a project on each, so that two exports can be compared by line."""
    about = {
        "name": round.name,
        "year": round.year,
        "phase": round.phase,
        "deadline": round.deadline,
        "office": round.office,
        "forms": list(round.forms),
    }
    yield f'{{"round": {dumps(about)},'
    yield '"units": ['
    yield from _listed(dumps({name: getattr(unit, name) for name in _UNIT}) for unit in units)
    yield '],\n"projects": ['
    yield from _listed(dumps(project.plain()) for project in projects)
    yield "]}"


def _listed(items: Iterable[str]) -> Iterator[str]:
    """Yield items with a comma after each but the last."""
    before = None
    for item in items:
        if before is not None:
            yield f"{before},"
        before = item
    if before is not None:
        yield before


_TEXT, _LIST = {"type": "string"}, {"type": "array", "items": {"type": "object"}}


def document_schema(round: Round) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document."""
    forms = {name: record_schema(installed.load(name)) for name in round.forms}
    unit = {**dict.fromkeys(_UNIT, _TEXT), "control": {"type": ["number", "null"]}}
    project = {
        **dict.fromkeys(("unit", "unit_name", "parent", "code", "name", "file", "sheet", "arrived"), _TEXT),
        "form": {"enum": list(round.forms)},
        "number": {"type": "integer", "minimum": 0},
        "disclosure": {"enum": [word for word in get_args(Disclosure) if word != "secret"]},
        "state": {"enum": list(STATES)},
        "resubmitted": {"type": "boolean"},
        "draft": {"type": ["integer", "null"]},
        "given": {"type": "object"},
        "record": {"type": ["object", "null"]},
        **dict.fromkeys(("findings", "remarks", "questions", "decisions"), _LIST),
    }
    records = [
        {
            "if": {"properties": {"form": {"const": name}}},
            "then": {"properties": {"record": {"anyOf": [{"$ref": f"#/$defs/{name}"}, {"type": "null"}]}}},
        }
        for name in forms
    ]
    about = {**dict.fromkeys(("name", "phase", "deadline", "office"), _TEXT), "year": {"type": "integer"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": round.name,
        **_object({
            "round": _object({**about, "forms": {"type": "array", "items": _TEXT}}),
            "units": {"type": "array", "items": _object(unit)},
            "projects": {"type": "array", "items": {**_object(project), "allOf": records}},
        }),
        "$defs": forms,
    }  # fmt: skip


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has these keys, all of them and no others."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}

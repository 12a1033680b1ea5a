"""A rule's bad and good examples: values laid over the form's own example record, which has no findings.

A rule that applies to every form names answers by stand-ins: ``@head.0`` is the first typed answer of the form's head,
``@row.2.0`` the first column in the third row of its first table, ``@table.target`` that table's column ``target``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from perfxl import records
from perfxl.form import installed
from perfxl.form.answers import put
from perfxl.form.calculation import calculate_record
from perfxl.form.form import Form
from perfxl.form.invented import invented_record
from perfxl.rules.policy import default_policy
from perfxl.rules.subject import Record, Seen, Subject, Unit
from perfxl.submission import Doubt

EXAMPLE = "example.yaml"
"""The file with a form's example, in the form's folder: a record alone, or a records file of one record."""

_OTHERS_OWN = {"purpose": None, "goals": None}
"""Answers that other projects of the unit do not share with the example: two equal projects would be copies."""

_UNIT = {"year": 2024, "code": "990001", "name": "清溪县柳河镇人民政府本级"}


def subject(form: Form, patch: Mapping[str, Any] | None = None) -> Subject:
    """Return the form's example with a rule's values laid over it, its sheet and its unit (see ``Rule``).

    Values of answers that the form does not have are left out. A doubt may be a mapping: {kind, fields, facts, unsure}.
    """
    patch = dict(patch or {})
    example = record(form)
    neighbours = patch.pop(f"unit.{form.root}", []) if form.many else []
    around = {key: patch.pop(key) for key in [*patch] if key.startswith(("unit.", "seen."))}
    own = {path: value for path, value in patch.items() if _has_answer(path, form)}
    said = {name: sending(form).get(name) for name in form.issue}
    if any(said.values()):
        around = {**{f"unit.{name}": value for name, value in said.items() if name != "year"}, **around}
    full, wrong = calculate_record(form, _lay_over(example, own), said)
    laid = _lay_over(full, own)
    limits = {name: Decimal(str(limit)) for name, limit in around.pop("unit.limits", {}).items()}
    if limits:
        around["unit.policy"] = replace(default_policy(), limits={**default_policy().limits, **limits})
    unit = _unit_facts({key[5:]: value for key, value in around.items() if key.startswith("unit.")})
    seen = {key[5:]: value for key, value in around.items() if key.startswith("seen.")}
    if "headers" in seen:
        seen["headers"] = {own_path(form, path): label for path, label in seen["headers"].items()}
    if "doubts" in seen:
        seen["doubts"] = tuple(_doubt(form, doubt) for doubt in seen["doubts"])
    others = (_lay_over(example, {**_OTHERS_OWN, **values}) for values in neighbours)
    all_records = {**unit.pop("records"), form.root: (laid, *others)}
    known = Unit(**unit, records=all_records)
    return Subject(form, laid, known, Seen(**seen) if seen else None, miscalculated=wrong)


def _unit_facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the example's Unit.

    ``values``: the values laid over it. A record or a list of records among them belongs to another form; all others
    besides the unit's own fields are facts that were issued with it.
    """
    own = {key: value for key, value in values.items() if key in (*_UNIT, "policy")}
    others = {key: value for key, value in values.items() if key not in own}
    of_forms = {
        key: (value,) if isinstance(value, Mapping) else tuple(value)
        for key, value in others.items()
        if isinstance(value, (Mapping, list))
    }
    known = {key: value for key, value in others.items() if key not in of_forms}
    return {**_UNIT, **own, "records": of_forms, "known": known}


def _doubt(form: Form, given: Doubt | Mapping[str, Any]) -> Doubt:
    """Return a doubt of an example with the form's own answers in the place of stand-ins."""
    doubt = given if isinstance(given, Doubt) else Doubt(**{**given, "fields": tuple(given.get("fields", ()))})
    return replace(doubt, fields=tuple(own_path(form, path) for path in doubt.fields))


def own_path(form: Form, path: str) -> str:
    """Return the path of the form's own answer for a stand-in; any other path is returned unchanged."""
    word, *steps = path.split(".")
    table = next(iter(form.tables.values()), None)
    if word == "@table":
        column = ".".join(steps)
        return f"{table.id}.{column}" if table and column in table.columns else path
    if word not in ("@head", "@row"):
        return path
    *rows, at = map(int, steps)
    typed = [id for id, asked in form.fields.items() if asked.open]
    if table is None or (word == "@head" and typed):
        return typed[at % len(typed)]
    row, *inner = (*rows, *[0] * len(table.lists))[: len(table.lists)]
    return table.address([*table.columns][at % len(table.columns)], row, *inner)


def is_shown_on(form: Form, patch: Mapping[str, Any]) -> bool:
    """Return whether this form has all answers of an example, which may be named by stand-ins."""
    around = (value for key, value in patch.items() if key.startswith("seen.") and isinstance(value, dict))
    seen = (path for value in around for path in value if not path.startswith("unit."))
    laid = (path for path in patch if not path.startswith(("unit.", "seen.")))
    return all(_has_answer(own_path(form, path), form) for path in (*seen, *laid))


def has_example(form: Form) -> bool:
    """Return whether the form has an example record."""
    folder = installed.folder(form.name)
    return folder is not None and (folder / EXAMPLE).is_file()


def record(form: Form) -> Record:
    """Return the form's example record; an invented one where it brings none (see ``has_example``)."""
    loaded = _loaded(form)
    if not _is_records_file(loaded, form):
        return loaded or invented_record(form)
    return next((held for _, held in form.records(loaded)), {})


def sending(form: Form) -> Mapping[str, Any]:
    """Return what the form's example says of its sending: year, unit and issue values; empty for a record alone."""
    loaded = _loaded(form)
    return {key: value for key, value in loaded.items() if key != form.root} if _is_records_file(loaded, form) else {}


def _is_records_file(loaded: Record, form: Form) -> bool:
    return "unit" in loaded and form.root in loaded


@lru_cache(maxsize=64)
def _loaded(form: Form) -> Record:
    """Return the content of the form's example; empty where it brings none."""
    folder = installed.folder(form.name)
    if folder is None or not (folder / EXAMPLE).is_file():
        return {}
    loaded: Record = records.parse_yaml((folder / EXAMPLE).read_text(encoding="utf-8"), f"{form.name}/{EXAMPLE}")
    return loaded


def _has_answer(path: str, form: Form) -> bool:
    """Return whether the form has any answer under the first name of a path."""
    return _root(path) in {*map(_root, form.fields), *(table.lists[0] for table in form.tables.values())}


def _root(path: str) -> str:
    """Return the first name of a path."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _lay_over(example: Record, patch: Mapping[str, Any]) -> Record:
    """Return a copy of a record with some values put in its place."""
    laid: dict[str, Any] = copy.deepcopy(dict(example))
    for path, value in patch.items():
        if path.endswith("]") and isinstance(value, Mapping):  # some answers of a row
            for id, answer in value.items():
                put(laid, f"{path}.{id}", answer)
        else:
            put(laid, path, value)
    return laid

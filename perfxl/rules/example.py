"""A rule's bad and good examples: values laid over the form's own example record, in which nothing is to be found."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from perfxl.form import library
from perfxl.form.answers import put
from perfxl.form.form import Form
from perfxl.rules.base import Record, Seen, Subject, Unit

_UNIT = {"year": 2024, "code": "990001", "name": "清溪县柳河镇人民政府本级"}


def subject(form: Form, patch: Mapping[str, Any] | None = None) -> Subject:
    """The form's example with a rule's values laid over it and its surroundings (see ``Rule``)."""
    patch = dict(patch or {})
    example = record(form)
    neighbours = patch.pop("unit.projects", [])
    around = {key: patch.pop(key) for key in [*patch] if key.startswith(("unit.", "seen."))}
    laid = _laid(example, patch)
    unit = {**_UNIT, **{key[5:]: value for key, value in around.items() if key.startswith("unit.")}}
    seen = {key[5:]: value for key, value in around.items() if key.startswith("seen.")}
    projects = (laid, *(_laid(example, each) for each in neighbours))
    return Subject(form, laid, Unit(**unit, projects=projects), Seen(**seen) if seen else None)


def exists(form: Form) -> bool:
    """Has the form an example?"""
    return library.path(form.name, "example.yaml").is_file()


@lru_cache(maxsize=64)
def record(form: Form) -> Record:
    """The form's example record."""
    loaded: Record = yaml.safe_load(library.path(form.name, "example.yaml").read_text(encoding="utf-8"))
    return loaded


def _laid(example: Record, patch: Mapping[str, Any]) -> Record:
    laid: dict[str, Any] = copy.deepcopy(dict(example))
    for path, value in patch.items():
        put(laid, path, value)
    return laid

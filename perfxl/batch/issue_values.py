"""The issue values of a form: taken from what is set for a call, else from the records file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from perfxl.errors import RecordsError
from perfxl.form.form import Form
from perfxl.form.source import nearest

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,9})?")
OWN = ("year",)
"""The issue values that every records file has."""


def typed(text: str) -> str | int | float:
    """Return a text that looks like a number as that number: ``3``, ``2.5``, but not ``007``."""
    match = _NUMBER.fullmatch(text)
    if not match:
        return text
    return float(text) if match[2] else int(text)


def as_text(value: Any) -> str:
    """Return an issue value as a text that is the same whether it was typed, read from a file or from a cell."""
    found = typed(value.strip()) if isinstance(value, str) else value
    return str(int(found)) if isinstance(found, float) and found.is_integer() else str(found)


def issue_values(form: Form, records: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return the issue values of a form. Raises RecordsError for one that is missing or not known.

    ``told``: the values that are set, before which those of the records file give way.
    """
    wanted = tuple(name for name in form.issue if name not in OWN)
    for name in told:
        if name not in wanted:
            facts = {"name": name, "near": nearest(name, wanted), "known": wanted, "form": form.name}
            raise RecordsError(file="", place="", what="unknown_issue_value", **facts)
    return tuple((name, _value(form, name, told.get(name, records.get(name)))) for name in wanted)


def _value(form: Form, name: str, value: Any) -> Any:
    """Return one value. Raises RecordsError where there is none, or no number where a check calculates with it."""
    value = typed(value.strip()) if isinstance(value, str) else value
    if value is None or value == "":
        raise RecordsError(file="", place="", what="no_issue_value", name=name, form=form.name)
    if not isinstance(value, (str, int, float)) or isinstance(value, bool) or len(str(value)) > _LONGEST:
        raise RecordsError(file="", place=name, what="bad_issue_value", name=name, limit=_LONGEST)
    if isinstance(value, str) and name in form.calculated_issue:
        raise RecordsError(file="", place=name, what="issue_value_no_number", name=name, value=value)
    return value


_LONGEST = 200


def split_settings(texts: Iterable[str]) -> dict[str, str]:
    """Return the values of ``quarter=3`` by name. Raises RecordsError for a text that is not so, and a name twice."""
    told: dict[str, str] = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not name or name in told:
            raise RecordsError(file="", place="", what="bad_setting", text=text, twice=name in told)
        told[name] = value
    return told

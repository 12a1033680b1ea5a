"""The place that a remark is about, as a person names it: a cell, a path, or the form's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from perfxl import messages
from perfxl.form import installed
from perfxl.form.answers import get
from perfxl.form.characters import squeeze
from perfxl.form.form import Form

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")


def find_place(place: str, form: str, record: Mapping[str, Any]) -> tuple[str, str]:
    """Return the path and the cell that a text names, one of them empty; both where it names none.

    A text is a cell (H13), a path (budget.total, measures[2].target), or words (预算数, 质量指标第2条·描述).
    """
    wanted = squeeze(place)
    if not wanted:
        return "", ""
    if cell := _CELL.fullmatch(wanted):
        return "", f"{cell[1]}{cell[2]}".upper()
    asked = installed.load(form)
    paths = list(_paths(asked, record))
    if wanted in paths:
        return wanted, ""
    named = [path for path in paths if wanted in (_words(path, asked, record, lang) for lang in messages.languages())]
    return (named[0] if len(named) == 1 else ""), ""


def _words(path: str, form: Form, record: Mapping[str, Any], lang: str) -> str:
    return squeeze(messages.place(path, form, record, lang))


def _paths(form: Form, record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of all answers of a record."""
    yield from form.fields
    for table in form.tables.values():
        for row in _rows(record, table.lists):
            for id in table.columns:
                yield table.address(id, *row)


def _rows(record: Mapping[str, Any], lists: tuple[str, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the numbers of the rows of nested lists, from 0."""
    if not lists:
        yield ()
        return
    inner = get(record, lists[0])
    for at, item in enumerate(inner if isinstance(inner, (list, tuple)) else ()):
        yield from ((at, *rest) for rest in _rows(item, lists[1:]))

"""The records of one form: records files, and the content of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from perfxl import records as records_file
from perfxl.batch.output import is_folder
from perfxl.batch.urls import is_url, shown_url
from perfxl.errors import NothingToDo, RecordsError
from perfxl.form.form import Form
from perfxl.form.schema import record_schema
from perfxl.records import ENDINGS


def list_records(paths: Iterable[Path]) -> list[Path]:
    """Return records files, those of a folder by their names. Raises NothingToDo for a folder without any."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(one for one in path.iterdir() if one.suffix.lower() in ENDINGS) if is_folder(path) else [path]
        if not inside:
            raise NothingToDo(what="no_records", file=str(path))
        found += inside
    return list(dict.fromkeys(found))


def load_records(path: str | Path, form: Form) -> dict[str, Any]:
    """Read a records file whose records are this form's, with a year. Raises RecordsError, or TypeError for no path."""
    if not isinstance(path, (str, Path)):
        raise TypeError(f"records is a path or a mapping, not {type(path).__name__}")
    if is_url(path):
        raise NothingToDo(what="path_only", file=shown_url(str(path)))
    return records_file.load(path, lambda records: _find_mistakes(records, form))


def check_records_shape(records: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """Return the content of a records file as it is, if its records are this form's. Raises RecordsError."""
    plain: dict[str, Any] = records_file.with_dates_as_texts(records)
    unfit = [*records_file.find_unfit_values(plain)]
    mistakes = unfit or [*records_file.check_shape(plain, records_file.shape(plain))] or [*_find_mistakes(plain, form)]
    if mistakes:
        raise RecordsError(**{**mistakes[0].facts, "file": ""})
    return plain


def _find_mistakes(records: dict[str, Any], form: Form) -> Iterator[RecordsError]:
    schema = record_schema(form)
    listed = {"type": ["array", "null"], "items": schema} if form.many else schema
    if records.get("year") is None:
        yield RecordsError(place="", what="missing_key", key="year")
    if records.get(form.root):
        yield from records_file.check_shape(records[form.root], listed, form.root)

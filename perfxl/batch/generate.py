"""A records file becomes workbooks, one a unit or one a project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfxl import records as read_records
from perfxl.batch import output as files
from perfxl.errors import RecordsError
from perfxl.form.form import Form
from perfxl.form.installed import load
from perfxl.form.schema import record_schema
from perfxl.workbook.sheet.page import Prefill
from perfxl.workbook.writing.books import By, issue_of, make_books
from perfxl.workbook.writing.stamp import stamp_book


@dataclass(frozen=True)
class WrittenWorkbook:
    """A workbook that was written: where, and how many form sheets it holds."""

    path: Path
    sheets: int


def generate(
    records: Path,
    output: Path,
    form: str = "project-target",
    *,
    by: By = "unit",
    prefill: Prefill = "given",
    force: bool = False,
    password: str = "",
    **options: Any,
) -> tuple[WrittenWorkbook, ...]:
    """Writes a records file's workbooks below ``output``; ``options``: phase, draft, office, phone of the Issue.

    Raises RecordsError for a mistake in the file, OutputExists where something stands there already.
    """
    asked = load(form)
    held = load_records(records, asked)
    try:
        found = list(make_books(held, asked, issue_of(held, **options), by, prefill, password))
    except RecordsError as error:
        raise RecordsError(**{**error.facts, "file": str(records)}) from error
    if not found:
        raise RecordsError(file=str(records), place="", what="nothing_for_form", form=form)
    files.check_free([output / path for path, _ in found], force)
    written = []
    for path, book in found:
        files.write_file(output / path, stamp_book(book))
        written.append(WrittenWorkbook(output / path, len(book.pages)))
    return tuple(written)


def load_records(path: Path, form: Form) -> dict[str, Any]:
    """A records file whose records are this form's, with a year. Raises RecordsError."""
    schema = record_schema(form)
    listed = {"type": ["array", "null"], "items": schema} if form.many else schema

    def check(held: dict[str, Any]) -> Iterator[RecordsError]:
        if held.get("year") is None:
            yield RecordsError(place="", what="missing_key", key="year")
        if held.get(form.root):
            yield from read_records.check_shape(held[form.root], listed, form.root)

    return read_records.load(path, check)

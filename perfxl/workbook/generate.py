"""Records become books: one a unit, or one a project, under the names that offices know them by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from perfxl import output as files
from perfxl import records as read_records
from perfxl.errors import RecordsError
from perfxl.form.form import Form, load
from perfxl.form.schema import record_schema
from perfxl.workbook.compile import Book
from perfxl.workbook.page import Issue, Page, Prefill, page
from perfxl.workbook.stamp import stamp

By = Literal["unit", "project"]
MAX_SHEETS = 60
"""Projects in one unit's book; above that it is split (a sheet list longer than the screen is not found through)."""


def issue_of(records: Mapping[str, Any], **options: Any) -> Issue:
    """What a records file says of the sending, with what the caller adds (stage, draft, office, phone)."""
    unit = records.get("unit") or {}
    code, name = (str(unit.get(key) or "") for key in ("code", "name"))
    return Issue(year=int(records["year"]), unit_code=code, unit_name=name, **options)


def books(
    records: Mapping[str, Any],
    form: Form,
    issue: Issue,
    by: By = "unit",
    prefill: Prefill = "given",
    password: str = "",
) -> Iterator[tuple[str, Book]]:
    """The books to be written, each with its path below the output folder, with ``/`` between folders."""
    pages = _distinct([page(form, record, issue, prefill) for record in _records(records, form)])
    unit = _safe(f"{issue.unit_code}{issue.unit_name}")
    if form.record == "department":
        for each in pages:
            yield f"{unit}/{_safe(form.label)}.xlsx", Book(form, issue, (each,), listed=False, password=password)
    elif by == "project":
        for each in pages:
            name = _safe(f"{each.identity.number:02d}.{each.given.get('name') or each.title}")
            yield f"{unit}/{name}.xlsx", Book(form, issue, (each,), listed=False, password=password)
    else:
        for at in range(0, len(pages), MAX_SHEETS):
            volume = f"-{at // MAX_SHEETS + 1}" if len(pages) > MAX_SHEETS else ""
            yield f"{unit}{volume}.xlsx", Book(form, issue, tuple(pages[at : at + MAX_SHEETS]), password=password)


def _records(records: Mapping[str, Any], form: Form) -> list[Mapping[str, Any]]:
    if form.record == "department":
        return [records["department"]] if records.get("department") else []
    return list(records.get("projects") or ())


def _distinct(pages: list[Page]) -> list[Page]:
    """The pages, with tabs that no two share; Excel takes names that differ only in case for the same."""
    used: set[str] = set()
    found: list[Page] = []
    for each in pages:
        name, count = each.name, 1
        while name.lower() in used:
            count += 1
            name = f"{each.name[:10]}-{count}"
        used.add(name.lower())
        found.append(replace(each, name=name))
    return found


def _safe(name: str) -> str:
    """A file name that Windows takes: none of ``<>:"/\\|?*``, no dot or space at its end, at most 80 characters."""
    return re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", name)[:80].rstrip(" .") or "_"


@dataclass(frozen=True)
class Written:
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
) -> tuple[Written, ...]:
    """Writes a records file's workbooks below ``output``; ``options``: stage, draft, office, phone of the Issue.

    Raises RecordsError for a mistake in the file, OutputExists where something stands there already.
    """
    asked = load(form)
    held = load_records(records, asked)
    found = list(books(held, asked, issue_of(held, **options), by, prefill, password))
    if not found:
        raise RecordsError(file=str(records), place="", what="nothing_for_form", form=form)
    files.free([output / path for path, _ in found], force)
    written = []
    for path, book in found:
        files.write(output / path, stamp(book))
        written.append(Written(output / path, len(book.pages)))
    return tuple(written)


def load_records(path: Path, form: Form) -> dict[str, Any]:
    """A records file whose records are this form's, with a year. Raises RecordsError."""
    key = "department" if form.record == "department" else "projects"
    schema = record_schema(form)
    listed = schema if key == "department" else {"type": ["array", "null"], "items": schema}

    def check(held: dict[str, Any]) -> Iterator[RecordsError]:
        if held.get("year") is None:
            yield RecordsError(place="", what="missing_key", key="year")
        if held.get(key):
            yield from read_records.check_shape(held[key], listed, key)

    return read_records.load(path, check)

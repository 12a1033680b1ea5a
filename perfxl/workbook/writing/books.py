"""Records become books: one a unit, or one a project, under the names that offices know them by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from perfxl import records as read_records
from perfxl.errors import RecordsError
from perfxl.form import template
from perfxl.form.answers import flatten, get
from perfxl.form.form import Form
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.page import Issue, Page, Prefill, answers_sent, make_page

By = Literal["unit", "project"]
MAX_SHEETS = 60
"""Projects in one unit's book; above that it is split (a sheet list longer than the screen is not found through)."""


def issue_of(records: Mapping[str, Any], **options: Any) -> Issue:
    """What a records file says of the sending, with what the caller adds (phase, draft, office, phone)."""
    unit = records.get("unit") or {}
    code, name = (str(unit.get(key) or "") for key in ("code", "name"))
    return Issue(year=int(records["year"]), unit_code=code, unit_name=name, control=unit.get("control"), **options)


def make_books(
    records: Mapping[str, Any],
    form: Form,
    issue: Issue,
    by: By = "unit",
    prefill: Prefill = "given",
    password: str = "",
) -> Iterator[tuple[str, Book]]:
    """The books to be written, each with its path below the output folder, with ``/`` between folders.

    Raises RecordsError for a record that no sheet can be made of: without what its title names, with too many rows.
    """
    listed = form.records(records)
    for problem in (problem for place, record in listed for problem in find_unfit(form, record, place, prefill)):
        raise problem
    pages = make_distinct([make_page(form, record, issue, prefill) for _, record in listed])
    unit = _safe(f"{issue.unit_code}{issue.unit_name}")
    if not form.many:
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


def find_unfit(form: Form, record: Mapping[str, Any], place: str, prefill: Prefill) -> Iterator[RecordsError]:
    """Why no sheet can be made of a record."""
    uses = {use.path: use.needed for use in template.record_uses(form)}
    if form.many and form.key:
        uses.setdefault(form.key, False)  # it is in the sheet's identity
    for path, needed in uses.items():
        value = get(record, path)
        if value is None and needed:
            yield RecordsError(file="", place=place, what="missing_key", key=path)
        elif isinstance(value, str) and path in form.fields:
            # a text may stand wherever an answer does, but no title counts with it
            found = read_records.check_shape(value, form.fields[path].kind.schema(), f"{place}.{path}")
            yield from (each for each in found if each.facts["what"] == "wrong_type")
    filled = answers_sent(form, flatten(form, record), prefill)
    for table in form.tables.values():
        if (rows := len(filled.rows.get(table.id, ()))) > table.maximum:
            where = f"{place}.{table.lists[0]}"
            yield RecordsError(file="", place=where, what="too_many_rows", rows=rows, maximum=table.maximum)


def make_distinct(pages: Iterable[Page]) -> list[Page]:
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

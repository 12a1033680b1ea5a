"""Making books out of records: one per unit or one per project, under the file names that offices know them by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from perfxl import records as read_records
from perfxl.errors import RecordsError
from perfxl.form import template
from perfxl.form.answers import flatten, get
from perfxl.form.form import Form
from perfxl.workbook.sheet.book import Book, By
from perfxl.workbook.sheet.file_name import safe_name
from perfxl.workbook.sheet.page import Issue, Page, Prefill, Value, answers_sent, make_page

LONGEST = 32_767
"""The most UTF-16 units in a cell (Excel specifications and limits)."""
MAX_SHEETS = 60
"""The most projects in one unit's book. With more it is split: a sheet list longer than the screen is hard to use."""


def issue_of(records: Mapping[str, Any], **options: Any) -> Issue:
    """Return the facts of a sending: year and unit from a records file, the rest from the caller.

    ``options``: other fields of Issue (phase, draft, office, phone, policy).
    """
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
    """Yield the books to be written, each with its path below the output folder (``/`` between folders).

    ``by``: one book per unit or one per project; ``prefill``: which answers go out filled in.
    Raises RecordsError for a record of which no sheet can be made: it lacks a value that its title names, has too
    many rows, a text that no cell holds, or the number of another one.
    """
    listed = form.records(records)
    for place, record in listed:
        for problem in (*find_unfit(form, record, place, prefill), *_find_not_given(form, record, place)):
            raise problem
    for problem in _find_repeated(form, listed):
        raise problem
    made = [
        make_page(form, record, issue, prefill, 0 if form.numbered or not form.many else number)
        for number, (_, record) in enumerate(listed, start=1)
    ]
    for page, (place, _) in zip(made, listed, strict=True):
        for problem in find_too_long(page, place):
            raise problem
    pages = make_distinct(made)
    unit = safe_name(f"{issue.unit_code}{issue.unit_name}".strip() or form.label)
    if not form.many:
        for page in pages:
            yield f"{unit}/{safe_name(form.label)}.xlsx", Book(form, issue, (page,), listed=False, password=password)
    elif by == "project":
        for page in pages:
            name = safe_name(f"{page.identity.number:02d}.{page.given.get('name') or page.title}")
            yield f"{unit}/{name}.xlsx", Book(form, issue, (page,), listed=False, password=password)
    else:
        for at in range(0, len(pages), MAX_SHEETS):
            volume = f"-{at // MAX_SHEETS + 1}" if len(pages) > MAX_SHEETS else ""
            yield f"{unit}{volume}.xlsx", Book(form, issue, tuple(pages[at : at + MAX_SHEETS]), password=password)


def _find_repeated(form: Form, listed: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[RecordsError]:
    """Yield each record that has the number of an earlier one, or none as that has: both would have one 识别码."""
    first: dict[Any, str] = {}
    given = form.many and bool(form.key) and form.fields[form.key].given
    for place, record in listed if given else ():
        number = form.number(record) if form.numbered else str(get(record, form.key) or "").strip()
        if number in first:
            facts = {"key": form.key, "number": number, "first": first[number]}
            yield RecordsError(file="", place=place, what="same_number", **facts)
        first[number] = place


def _find_not_given(form: Form, record: Mapping[str, Any], place: str) -> Iterator[RecordsError]:
    """Yield the given answers of the head that are required and that a record does not have."""
    for path, asked in form.fields.items():
        if asked.given and asked.required and get(record, path) is None:
            yield RecordsError(file="", place=place, what="missing_key", key=path)


def find_unfit(form: Form, record: Mapping[str, Any], place: str, prefill: Prefill) -> Iterator[RecordsError]:
    """Yield the reasons why no sheet can be made of a record, each with its place below ``place``."""
    uses = {use.path: use.needed for use in template.record_uses(form)}
    if form.many and form.key:
        uses.setdefault(form.key, False)  # it is part of the sheet's identity
    for path, asked in form.fields.items():
        if asked.given:
            uses.setdefault(path, False)
    for path, needed in uses.items():
        value = get(record, path)
        if value is None and needed:
            yield RecordsError(file="", place=place, what="missing_key", key=path)
        elif isinstance(value, str) and path in form.fields:
            # a text may stand in place of any answer, but a title cannot calculate with it, nor is it to be issued
            errors = read_records.check_shape(value, form.fields[path].type.schema(), f"{place}.{path}")
            yield from (error for error in errors if error.facts["what"] == "wrong_type")
    filled = answers_sent(form, flatten(form, record), prefill)
    for table in form.tables.values():
        if (rows := len(filled.rows.get(table.id, ()))) > table.maximum:
            where = f"{place}.{table.lists[0]}"
            yield RecordsError(file="", place=where, what="too_many_rows", rows=rows, maximum=table.maximum)


def find_too_long(page: Page, place: str) -> Iterator[RecordsError]:
    """Yield the texts of a page that are too long for a cell, each with its place below ``place``; answers first."""
    texts = ((box, page.cells.get((box.row, box.column), box.text)) for box in page.layout.boxes)
    long = [(box, units) for box, text in texts if (units := _utf16_units(text)) > LONGEST]
    for box, units in sorted(long, key=lambda found: found[0].field is None):
        where = ".".join(filter(None, (place, box.table, box.field.id if box.field else "")))
        yield RecordsError(file="", place=where, what="too_long", length=units, limit=LONGEST)


def _utf16_units(value: Value) -> int:
    """Return the length of a text as Excel counts it; 0 for what is no text."""
    return len(value) + sum(sign > "\uffff" for sign in value) if isinstance(value, str) else 0


def make_distinct(pages: Iterable[Page]) -> list[Page]:
    """Return the pages with tab names that no two share. For Excel, names that differ only in case are the same."""
    used: set[str] = set()
    distinct: list[Page] = []
    for page in pages:
        name, count = page.name, 1
        while name.lower() in used:
            count += 1
            name = f"{page.name[:10]}-{count}"
        used.add(name.lower())
        distinct.append(replace(page, name=name))
    return distinct

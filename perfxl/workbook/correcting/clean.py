"""A clean workbook made anew of what came back: the template with the sender's answers, and what was issued with it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perfxl import messages
from perfxl.errors import RecordsError
from perfxl.form.answers import flatten, put
from perfxl.form.form import Form
from perfxl.form.layout import row_order
from perfxl.rules.policy import Policy
from perfxl.workbook.correcting.change import Moves, Record, value_text
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.reading.read import Reading, read_workbook
from perfxl.workbook.sheet.book import CONTACTS, Book
from perfxl.workbook.sheet.identity import PRINTED
from perfxl.workbook.sheet.page import Issue, Page, answers_sent, make_page
from perfxl.workbook.writing.books import find_unfit, make_distinct
from perfxl.workbook.writing.stamp import stamp_book

LONGEST = 32_767  # UTF-16 units in a cell (Excel specifications and limits)
_PHASE = re.compile(r"\d{4}年度\s*(.+)第(\d+)稿")


@dataclass(frozen=True, eq=False)
class CleanBook:
    """A workbook written anew: opened again, its sheets read; where the rows of each went."""

    workbook: Workbook
    readings: tuple[Reading, ...]
    moves: tuple[Moves, ...]


def make_clean_book(before: Sequence[Reading], records: Sequence[Record], issue: Issue, source: Workbook) -> CleanBook:
    """The workbook of these records, one a sheet, sent as the sheets before; the rest as in the source.

    Raises RecordsError where no sheet can be made of a record.
    """
    form, file = before[0].located.form, source.package.file
    pages = [_page(form, reading, record, issue) for reading, record in zip(before, records, strict=True)]
    book = Book(form, issue, tuple(make_distinct(pages)), _listed(before, source), contacts=read_contacts(source))
    workbook = Workbook(Package(stamp_book(book), file))
    return CleanBook(workbook, read_workbook(workbook), tuple(_moves(form, record) for record in records))


def issue_of(reading: Reading, policy: Policy) -> Issue:
    """How a sheet was sent: by the hidden sheet, else by what it shows. Raises RecordsError for one without a year."""
    submission, located = reading.submission, reading.located
    if submission.year is None:
        raise RecordsError(file=submission.file, place=submission.sheet, what="missing_key", key="year")
    printed = PRINTED.search(located.recognised.printed)
    draft = identity.draft if (identity := located.recognised.identity) else int(printed[4]) if printed else 1
    name = submission.unit_name or (submission.unit or "").removeprefix(submission.unit_code)
    control = submission.issued.get("unit.control")
    sent = {**dict(_sent(reading)), **located.recognised.sent}
    return Issue(
        year=submission.year,
        unit_code=submission.unit_code,
        unit_name=name,
        draft=draft,
        control=control if isinstance(control, (int, float)) else None,
        policy=policy,
        **{word: sent[word] for word in ("phase", "office", "phone") if word in sent},
    )


def restore_given(reading: Reading) -> dict[str, Any]:
    """The sheet's record with every given value as it was issued."""
    record: dict[str, Any] = copy.deepcopy(dict(reading.submission.record))
    for id, asked in reading.located.form.fields.items():
        if asked.given and id in reading.submission.issued:
            put(record, id, reading.submission.issued[id])
    return record


def read_contacts(workbook: Workbook) -> tuple[str | None, ...]:
    """What the unit wrote below its 项目清单, by CONTACTS."""
    tab = messages.say("sheet.list.tab")
    sheet = next((workbook.sheet(entry) for entry in workbook.sheets if entry.name == tab and entry.part), None)
    places = {text: at for at, text in sheet.texts.items()} if sheet else {}
    found: list[str | None] = []
    for word in CONTACTS:
        at = places.get(messages.say(f"sheet.list.{word}"))
        found.append(value_text(sheet.raw(at[0], at[1] + 1)) or None if sheet and at else None)
    return tuple(found)


def _page(form: Form, reading: Reading, record: Record, issue: Issue) -> Page:
    submission = reading.submission
    for problem in find_unfit(form, record, submission.sheet, "all"):
        raise RecordsError(**{**problem.facts, "file": submission.file})
    made = make_page(form, record, issue, "all")
    for value in made.cells.values():
        if isinstance(value, str) and len(value.encode("utf-16-le")) > 2 * LONGEST:
            facts = {"value": f"{value[:20]}…", "rule": "maxLength", "wanted": LONGEST}
            raise RecordsError(file=submission.file, place=submission.sheet, what="not_allowed", **facts)
    return made


def _listed(before: Sequence[Reading], source: Workbook) -> bool:
    """Whether it is a unit's book, with a 项目清单."""
    tab = messages.say("sheet.list.tab")
    many = len(before) > 1 or any(entry.name == tab for entry in source.sheets)
    return many and before[0].located.form.many


def _sent(reading: Reading) -> Iterator[tuple[str, str]]:
    """How a sheet of before that was kept was sent, as far as it shows: the phase, and the panel's last line."""
    texts = reading.located.sheet.texts
    if phase := next((found for text in texts.values() if (found := _PHASE.fullmatch(text))), None):
        yield "phase", phase[1]
    locked = messages.say("sheet.panel.blank.locked")
    above = next((at for at, text in texts.items() if text == locked), None)
    if above and (called := texts.get((above[0] + 1, above[1]))):
        office, _, phone = called.partition("　")
        yield from (("office", office), ("phone", phone))


def _moves(form: Form, record: Record) -> Moves:
    """Rows that are grouped stand in their group, whatever their order in the record."""
    filled = answers_sent(form, flatten(form, record), "all")
    found: dict[str, Mapping[int, int]] = {}
    for table in form.tables.values():
        if table.groups and len(table.lists) == 1:
            placed = [old for old in row_order(form, table, filled) if old is not None]
            found[table.lists[0]] = {old: new for new, old in enumerate(placed)}
    return found

"""Making a clean workbook of one that came back: the template with the sender's answers and the issued values."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perfxl import messages
from perfxl.errors import RecordsError
from perfxl.form.answers import flatten, put, without_rows
from perfxl.form.form import Form
from perfxl.form.layout import row_order
from perfxl.rules.policy import Policy
from perfxl.workbook.correcting.change import Moves, Record, moved_path, value_text
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.reading.read import Reading, read_workbook
from perfxl.workbook.sheet.book import CONTACTS, Book
from perfxl.workbook.sheet.identity import PRINTED
from perfxl.workbook.sheet.page import Issue, Page, answers_sent, make_page
from perfxl.workbook.writing.books import find_too_long, find_unfit, make_distinct
from perfxl.workbook.writing.stamp import stamp_book


@dataclass(frozen=True, eq=False)
class CleanBook:
    """A workbook written anew and opened again; the readings of its sheets, and the moves of their rows."""

    workbook: Workbook
    readings: tuple[Reading, ...]
    moves: tuple[Moves, ...]


def make_clean_book(
    before: Sequence[Reading], records: Sequence[Record], issue: Issue, source: Workbook, moves: Sequence[Moves] = ()
) -> CleanBook:
    """Make the workbook of these records, one sheet each.

    ``before``: the sheets that the records come from, in the same order; ``issue``: how they were sent; ``source``:
    the workbook that came back, from which the contacts are taken over; ``moves``: how the rows of each record have
    moved since. Last year's texts that nobody has touched are marked again, however they are spelled now.
    Raises RecordsError where no sheet can be made of a record.
    """
    form, file = before[0].located.form, source.package.file
    carried = [
        frozenset(moved_path(path, move) for path in reading.submission.untouched)
        for reading, move in zip(before, moves or ({},) * len(before), strict=True)
    ]
    some = any(reading.located.recognised.carried for reading in before)
    pages = [
        _make_page(form, reading, record, issue, own if some else None)
        for reading, record, own in zip(before, records, carried, strict=True)
    ]
    book = Book(
        form=form,
        issue=issue,
        pages=tuple(make_distinct(pages)),
        listed=_has_list(before, source),
        contacts=read_contacts(source),
        missing=tuple(known for reading in before for known in reading.located.recognised.missing),
    )
    workbook = Workbook(Package(stamp_book(book), file))
    return CleanBook(workbook, read_workbook(workbook), tuple(_row_moves(form, record) for record in records))


def issue_of(reading: Reading, policy: Policy) -> Issue:
    """Return how a sheet was sent, by the hidden sheet, or else by the texts on the sheet.

    Raises RecordsError for a sheet without a year.
    """
    submission, located = reading.submission, reading.located
    if submission.year is None:
        raise RecordsError(file=submission.file, place=submission.sheet, what="missing_key", key="year")
    name = submission.unit_name or (submission.unit or "").removeprefix(submission.unit_code)
    control = submission.issued.get("unit.control")
    lang = located.form.language
    usual = {word: messages.say(f"sheet.issue.{word}", {}, lang) for word in ("phase", "office")}
    sent = {**usual, **dict(_read_sending(reading)), **located.recognised.sent}
    code, names = PRINTED.search(located.recognised.printed), [name for name in located.form.issue if name != "year"]
    return Issue(
        year=submission.year,
        unit_code=submission.unit_code,
        unit_name=name,
        draft=submission.draft or 1,
        control=control if isinstance(control, (int, float)) else None,
        policy=policy,
        letter=code["letter"] if code else None,
        sign=(code["issue"] or "") if code else None,  # older codes have neither
        values=tuple((name, submission.issued.get(name, submission.said.get(name))) for name in names),
        phase=submission.phase or usual["phase"],
        **{word: sent[word] for word in ("office", "phone") if word in sent},
    )


def restore_given(reading: Reading) -> dict[str, Any]:
    """Return the sheet's record with every given value as it was issued."""
    record: dict[str, Any] = copy.deepcopy(dict(reading.submission.record))
    given = reading.located.form.given
    for path, value in reading.submission.issued.items():
        if without_rows(path) in given:
            put(record, path, value)
    return record


def read_contacts(workbook: Workbook) -> tuple[str | None, ...]:
    """Return what the unit wrote below its 项目清单 (list of projects), in the order of CONTACTS; None for a blank."""
    tabs = messages.spellings("sheet.list.tab")
    sheet = next((workbook.sheet(entry) for entry in workbook.sheets if entry.name in tabs and entry.part), None)
    if sheet is None:
        return (None,) * len(CONTACTS)
    places = {text: at for at, text in sheet.texts.items()}
    contacts: list[str | None] = []
    for word in CONTACTS:
        labels = messages.spellings(f"sheet.list.{word}")
        at = next((places[label] for label in labels if label in places), None)
        contacts.append(value_text(sheet.raw(at[0], at[1] + 1)) or None if at else None)
    return tuple(contacts)


def _make_page(form: Form, reading: Reading, record: Record, issue: Issue, carried: frozenset[str] | None) -> Page:
    """Return the page of a record. Raises RecordsError where it cannot be made, or a text is too long for a cell."""
    submission = reading.submission
    for problem in find_unfit(form, record, submission.sheet, "all"):
        raise RecordsError(**{**problem.facts, "file": submission.file})
    identity = reading.located.recognised.identity
    page = make_page(form, record, issue, "all", identity.number if identity else 0, carried)
    for problem in find_too_long(page, submission.sheet):
        raise RecordsError(**{**problem.facts, "file": submission.file})
    return page


def _has_list(before: Sequence[Reading], source: Workbook) -> bool:
    """Return True if the workbook is a unit's book, which has a 项目清单."""
    tabs = messages.spellings("sheet.list.tab")
    many = len(before) > 1 or any(entry.name in tabs for entry in source.sheets)
    return many and before[0].located.form.many


def _read_sending(reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield office and phone as the panel's last line shows them.

    Needed for sheets that were sent before the hidden sheet kept these values.
    """
    texts = reading.located.sheet.texts
    locked = messages.spellings("sheet.panel.blank.locked")
    above = next((at for at, text in texts.items() if text in locked), None)
    if above and (contact := texts.get((above[0] + 1, above[1]))):
        office, phone = (*re.split("　|  ", contact, maxsplit=1), "")[:2]
        yield from (("office", office), ("phone", phone))


def _row_moves(form: Form, record: Record) -> Moves:
    """Return the moves of rows on the sheet of a record: grouped rows stand in their group, whatever their order."""
    filled = answers_sent(form, flatten(form, record), "all")
    moves: dict[str, Mapping[int, int]] = {}
    for table in form.tables.values():
        if table.groups and len(table.lists) == 1:
            placed = [old for old in row_order(form, table, filled) if old is not None]
            moves[table.lists[0]] = {old: new for new, old in enumerate(placed)}
    return moves

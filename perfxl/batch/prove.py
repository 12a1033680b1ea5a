"""The proof of a form: its workbooks are made and read back, its limits, lists and checks are tried on both sides."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perfxl import messages, rules
from perfxl.batch.office_proof import is_same, office_steps, text_of
from perfxl.batch.proof import (
    MadeBook,
    Proof,
    ProofStep,
    Record,
    TriedValue,
    book_of,
    breaks,
    codes_at,
    laid_over,
    tried_entries,
    tried_values,
    typed_answers,
)
from perfxl.errors import PerfxlError, ProofFailure
from perfxl.form import installed, source
from perfxl.form.answers import flatten, get, put
from perfxl.form.form import Field, Form, FormRule
from perfxl.form.invented import invented_record
from perfxl.form.types.base import Raw
from perfxl.rules import example, limits
from perfxl.rules.edges import edges_of, value_of_entry
from perfxl.workbook.ooxml.cells import Workbook, Worksheet
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing.form_sheet import SIDE_MARGINS
from perfxl.workbook.writing.stamp import stamp_book

_SMALLEST_PRINT = 50
"""Below this percentage a page is too small to be read: ten points are five."""

_WIDTHS = {False: 210 / 25.4, True: 297 / 25.4}  # A4 upright and across, in inches
_MARGINS = sum(SIDE_MARGINS.values())
_PIXELS_OF_DIGIT, _PIXELS_OF_INCH = 7, 96


def prove(form: Form, office: bool = True) -> Proof:
    """Try a form. ``office``: LibreOffice judges its workbooks, too, where there is one."""
    record = _whole_record(form)
    made: list[MadeBook] = []
    steps = [_make_workbooks(form, record, made)]
    if made:
        filled = [book for book in made if book.name != "blank"]
        steps.append(_prove_reading(form, filled))
        steps += [_prove_locks(form, made), _prove_pages(form, made)]
    steps += [_prove_limits(form, record), _prove_entries(form, record), _prove_checks(form)]
    if made:
        steps += office_steps(form, made[:2]) if office else [ProofStep("no_office", {})]
    return Proof(form, tuple(steps), {f"{book.name}.xlsx": book.data for book in made})


def _whole_record(form: Form) -> dict[str, Any]:
    """Return the form's example, with an invented row in each table that has none there."""
    whole = copy.deepcopy(dict(example.record(form)))
    invented = invented_record(form)
    for table in form.tables.values():
        if not get(whole, table.lists[0]):
            whole[table.lists[0]] = invented[table.lists[0]]
    return whole


def _make_workbooks(form: Form, record: Record, made: list[MadeBook]) -> ProofStep:
    """Make the workbooks: blank, filled in, and filled in with the lowest and the highest values."""
    records = {"blank": record, "filled": record, **dict(_extreme_records(form, record))}
    failures: list[PerfxlError] = []
    for name, content in records.items():
        try:
            book = book_of(form, content, "given" if name == "blank" else "all")
        except PerfxlError as error:
            failures.append(error)
            continue
        made.append(MadeBook(name, book, stamp_book(book), content))
    sizes = {book.name: round(len(book.data) / 1024) for book in made}
    facts = {"count": len(made), "blank": sizes.get("blank", 0), "filled": sizes.get("filled", 0)}
    return ProofStep("workbooks", facts, tuple(failures))


def _extreme_records(form: Form, record: Record) -> Iterator[tuple[str, Record]]:
    """Yield the record with the first and with the last value at the edge of each answer's limits."""
    for name, at in (("lowest", 0), ("highest", -1)):
        changed = copy.deepcopy(dict(record))
        for path, asked in typed_answers(form):
            kept = [edge.value for edge in edges_of(asked.type) if edge.kept]
            entries = () if asked.within else asked.type.limits().entries
            kept += [value_of_entry(asked.type, entry) for entry in entries]
            # an edge of one limit may break another: the length of an address is not yet an address
            taken = [value for value in kept if not breaks(form, record, path, value)]
            if taken:
                put(changed, path, taken[at])
        yield name, changed


def _prove_reading(form: Form, made: Sequence[MadeBook]) -> ProofStep:
    """Read filled workbooks back: every answer is what was filled in."""
    failures: list[PerfxlError] = []
    count = 0
    for book in made:
        (reading, *_) = read_workbook(Workbook(open_bytes(book.data, f"{book.name}.xlsx")))
        sent, read = flatten(form, book.record), flatten(form, reading.submission.record)
        pairs = [
            (id, _understood(asked, sent.head[id]), read.head[id])
            for id, asked in form.fields.items()
            if not asked.calculation
        ]
        for id, table in form.tables.items():
            columns = table.columns
            rows = zip(sent.rows[id], read.rows[id], strict=False)
            pairs += [
                (f"{id}.{name}", _understood(columns[name], one[name]), other[name])
                for one, other in rows
                for name in one
                if not columns[name].calculation
            ]
            pairs.append((id, len(sent.rows[id]), len(read.rows[id])))
        count += len(pairs)
        failures += [
            ProofFailure(
                what="read_back", file=form.file, field=path, sent=text_of(one), read=text_of(other), book=book.name
            )
            for path, one, other in pairs
            if not is_same(one, other)
        ]
    return ProofStep("reading", {"count": count}, tuple(failures))


def _understood(asked: Field, value: Any) -> Any:
    """Return a value in the spelling in which it is kept: a person writes an IBAN with spaces, in an example, too."""
    if not isinstance(value, str):
        return value
    understood = asked.type.read(Raw(value, asked.type.number_format))
    return value if understood.value is None else understood.value


def _workbook_sheets(made: MadeBook) -> Iterator[tuple[Page, Worksheet]]:
    """Yield the form sheets of a workbook, each with the page that it was made of."""
    workbook = Workbook(open_bytes(made.data, f"{made.name}.xlsx"))
    entries = {entry.name: entry for entry in workbook.sheets}
    for page in made.book.pages:
        yield page, workbook.sheet(entries[page.name])


def _prove_locks(form: Form, made: Sequence[MadeBook]) -> ProofStep:
    """Look at the locks: what people fill in is open, all else locked, and the sheets are protected."""
    failures: list[PerfxlError] = []
    count = 0
    for book in made:
        for page, sheet in _workbook_sheets(book):
            open_boxes = [box for box in page.layout.boxes if not box.locked]
            inputs = {(box.row, box.column) for box in open_boxes}
            covered = {
                (row, column)
                for box in open_boxes
                for row in range(box.row, box.end[0] + 1)
                for column in range(box.column, box.end[1] + 1)
            }
            unlocked = {at for at in sheet.cells if not sheet.locked(*at)}
            count += len(inputs)
            if wrong := sorted((inputs - unlocked) | (unlocked - covered)):
                failures.append(
                    ProofFailure(what="locks", file=form.file, cells=[address(*at) for at in wrong[:5]], book=book.name)
                )
            if b"<sheetProtection " not in sheet.workbook.package.read(sheet.entry.part):
                failures.append(ProofFailure(what="unprotected", file=form.file, sheet=page.name, book=book.name))
    return ProofStep("locks", {"count": count}, tuple(failures))


def _prove_pages(form: Form, made: Sequence[MadeBook]) -> ProofStep:
    """Look at the print: every sheet is as wide as the page, and large enough to be read."""
    pixels = sum(width * _PIXELS_OF_DIGIT + 5 for width in form.sheet.columns)
    printed = (_WIDTHS[form.sheet.landscape] - _MARGINS) * _PIXELS_OF_INCH
    percent = min(100, round(100 * printed / pixels))
    failures: list[PerfxlError] = []
    if percent < _SMALLEST_PRINT:
        failures.append(ProofFailure(what="small_print", file=form.file, percent=percent, limit=_SMALLEST_PRINT))
    for book in made:
        for page, sheet in _workbook_sheets(book):
            if b'fitToPage="1"' not in sheet.workbook.package.read(sheet.entry.part):
                failures.append(ProofFailure(what="wide", file=form.file, sheet=page.name, book=book.name))
    return ProofStep("pages", {"percent": percent}, tuple(failures))


def _prove_limits(form: Form, record: Record) -> ProofStep:
    """Try every limit at its edge: what keeps it is taken, what breaks it is found."""
    tried = list(tried_values(form, record))
    failures = [failed for one in tried if (failed := _edge_failure(form, record, one))]
    return ProofStep("limits", {"count": len(tried)}, tuple(failures))


_CODES: Mapping[str, str] = {str(name): code for name, code in limits.CODES.items()}


def _edge_failure(form: Form, record: Record, tried: TriedValue) -> ProofFailure | None:
    """Return what is wrong at an edge: a value that keeps the limit is found, or one that breaks it is not."""
    path, edge = tried.path, tried.edge
    expected, found = _CODES.get(edge.limit, limits.RANGE), codes_at(form, tried.put_into(record), path)
    facts = {"field": path, "limit": edge.limit, "value": str(edge.value)[:40]}
    if edge.kept:
        return ProofFailure(what="limit_too_strict", file=form.file, **facts) if expected in found else None
    usual = codes_at(form, laid_over(record, tried.changes), path)
    missed = expected not in found and not found - usual
    return ProofFailure(what="limit_not_found", file=form.file, **facts) if missed else None


def _prove_entries(form: Form, record: Record) -> ProofStep:
    """Try every entry of every list, and what is none."""
    failures: list[PerfxlError] = []
    count = 0
    for one in tried_entries(form, record):
        found = codes_at(form, one.put_into(record), one.path)
        facts = {"field": one.path, "value": one.edge.value}
        count += one.edge.kept
        if one.edge.kept and any(code.startswith(limits.GROUP) for code in found):
            failures.append(ProofFailure(what="entry_refused", file=form.file, **facts))
        if not one.edge.kept and not found:
            failures.append(ProofFailure(what="no_entry_taken", file=form.file, **facts))
    return ProofStep("entries", {"count": count}, tuple(failures))


def _prove_checks(form: Form) -> ProofStep:
    """Try the form's own checks: the example keeps them, their bad answers break them, their good ones do not."""
    failures: list[PerfxlError] = []
    own = {line.code for line in form.rules}
    if example.has_example(form):
        for finding in rules.check(example.subject(form)):
            if finding.code in own or finding.code.startswith(limits.GROUP):
                sentence = messages.message(finding, form.language)
                failures.append(ProofFailure(what="example", file=form.file, code=finding.code, sentence=sentence))
    tried = [(line, word, patch) for line in form.rules for word in _WORDS if (patch := getattr(line, word))]
    for line, word, patch in tried:
        found = {finding.code for finding in rules.check(example.subject(form, patch))}
        if (line.code in found) is not _WORDS[word]:
            at = _line_of(form, line, word)
            failures.append(form.mistake("bad_is_good" if word == "bad" else "good_is_bad", line=at, code=line.code))
    untried = sorted({line.code for line in form.rules if not line.bad})
    return ProofStep("checks", {"count": len(tried), "checks": len(own), "untried": untried}, tuple(failures))


_WORDS = {"bad": True, "good": False}
"""The examples of a check, and whether it finds something in them."""


def _line_of(form: Form, line: FormRule, word: str) -> int:
    """Return the line on which an example of a check stands; that of the check where it cannot be told."""
    try:
        rules_of_form = source.parse(installed.place(form.name).text(), form.file).mapping()["rules"].sequence()
        node = next(node for node in rules_of_form if node.line == line.line)
        return node.mapping()[word].line
    except (PerfxlError, KeyError, StopIteration):
        return line.line

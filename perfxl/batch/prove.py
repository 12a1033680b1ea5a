"""The proof of a form: its workbooks are made and read back, its limits, lists and checks are tried on both sides."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perfxl import messages, rules
from perfxl.batch.generate import books_of
from perfxl.batch.libreoffice import find_soffice, recalculated
from perfxl.errors import PerfxlError, ProofFailure
from perfxl.form import installed, source
from perfxl.form.answers import flatten, get, put
from perfxl.form.expression import Values
from perfxl.form.form import Field, Form, FormRule, Table
from perfxl.form.invented import invented_record
from perfxl.form.types.base import Raw
from perfxl.rules import example, limits
from perfxl.rules.edges import Edge, edges_of, edges_of_field, value_of_entry
from perfxl.rules.subject import Subject, Unit
from perfxl.workbook.ooxml.cells import Workbook, Worksheet
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.reading.read import read_workbook
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing.form_sheet import SIDE_MARGINS
from perfxl.workbook.writing.stamp import stamp_book

Record = Mapping[str, Any]

_YEAR, _UNIT = 2026, {"code": "990001", "name": "perfxl"}
_SMALLEST_PRINT = 50
"""Below this percentage a page is too small to be read: ten points are five."""

_WIDTHS = {False: 210 / 25.4, True: 297 / 25.4}  # A4 upright and across, in inches
_MARGINS = sum(SIDE_MARGINS.values())
_PIXELS_OF_DIGIT, _PIXELS_OF_INCH = 7, 96


@dataclass(frozen=True)
class ProofStep:
    """One thing that was tried. ``what``: which; ``facts``: how often and what came out; ``failures``: none if well."""

    what: str
    facts: Mapping[str, Any]
    failures: tuple[PerfxlError, ...] = ()


@dataclass(frozen=True, eq=False)
class Proof:
    """The proof of a form: its steps, and the workbooks that were made for it, by name."""

    form: Form
    steps: tuple[ProofStep, ...]
    workbooks: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def failures(self) -> tuple[PerfxlError, ...]:
        """Everything that did not hold."""
        return tuple(failure for step in self.steps for failure in step.failures)


@dataclass(frozen=True)
class _MadeBook:
    """A workbook of one record: the book, its bytes, and the record."""

    name: str
    book: Book
    data: bytes
    record: Record


def prove(form: Form, office: bool = True) -> Proof:
    """Try a form. ``office``: LibreOffice calculates its workbooks anew, where there is one."""
    record = _whole_record(form)
    made: list[_MadeBook] = []
    steps = [_make_workbooks(form, record, made)]
    if made:
        filled = [book for book in made if book.name != "blank"]
        steps.append(_prove_reading(form, filled))
        steps += [_prove_locks(form, made), _prove_pages(form, made)]
    steps += [_prove_limits(form, record), _prove_entries(form, record), _prove_checks(form)]
    if made:
        steps.append(_prove_formulas(form, made[:2], office))
    return Proof(form, tuple(steps), {f"{book.name}.xlsx": book.data for book in made})


def _whole_record(form: Form) -> dict[str, Any]:
    """Return the form's example, with an invented row in each table that has none there."""
    whole = copy.deepcopy(dict(example.record(form)))
    invented = invented_record(form)
    for table in form.tables.values():
        if not get(whole, table.lists[0]):
            whole[table.lists[0]] = invented[table.lists[0]]
    return whole


def _make_workbooks(form: Form, record: Record, made: list[_MadeBook]) -> ProofStep:
    """Make the workbooks: blank, filled in, and filled in with the lowest and the highest values."""
    records = {"blank": record, "filled": record, **dict(_extreme_records(form, record))}
    failures: list[PerfxlError] = []
    for name, content in records.items():
        values = dict.fromkeys((name for name in form.issue if name not in ("year", "unit")), 1)
        sent = {"year": _YEAR, "unit": _UNIT, **values, **example.sending(form)}
        held = {**sent, form.root: [content] if form.many else content}
        try:
            ((_, book), *_) = books_of(held, form=form, prefill="given" if name == "blank" else "all")
        except PerfxlError as error:
            failures.append(error)
            continue
        made.append(_MadeBook(name, book, stamp_book(book), content))
    sizes = {book.name: round(len(book.data) / 1024) for book in made}
    facts = {"count": len(made), "blank": sizes.get("blank", 0), "filled": sizes.get("filled", 0)}
    return ProofStep("workbooks", facts, tuple(failures))


def _extreme_records(form: Form, record: Record) -> Iterator[tuple[str, Record]]:
    """Yield the record with the first and with the last value at the edge of each answer's limits."""
    for name, at in (("lowest", 0), ("highest", -1)):
        changed = copy.deepcopy(dict(record))
        for path, asked in _typed(form):
            kept = [edge.value for edge in edges_of(asked.type) if edge.kept]
            entries = () if asked.within else asked.type.limits().entries
            kept += [value_of_entry(asked.type, entry) for entry in entries]
            # an edge of one limit may break another: the length of an address is not yet an address
            taken = [value for value in kept if not _breaks(form, record, path, value)]
            if taken:
                put(changed, path, taken[at])
        yield name, changed


def _typed(form: Form) -> Iterator[tuple[str, Field]]:
    """Yield the answers that people fill in, each with its path; those of tables in their first row."""
    yield from ((id, asked) for id, asked in form.fields.items() if asked.open and not asked.calculation)
    for table in form.tables.values():
        for id, asked in table.columns.items():
            if (
                asked.open
                and not asked.calculation
                and not (table.groups and id in (table.groups.by, table.groups.begin_column))
            ):
                yield _first_cell(table, id), asked


def _first_cell(table: Table, column: str) -> str:
    return table.address(column, *[0] * len(table.lists))


def _prove_reading(form: Form, made: Sequence[_MadeBook]) -> ProofStep:
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
                what="read_back", file=form.file, field=path, sent=_text(one), read=_text(other), book=book.name
            )
            for path, one, other in pairs
            if not _same(one, other)
        ]
    return ProofStep("reading", {"count": count}, tuple(failures))


def _understood(asked: Field, value: Any) -> Any:
    """Return a value in the spelling in which it is kept: a person writes an IBAN with spaces, in an example, too."""
    if not isinstance(value, str):
        return value
    understood = asked.type.read(Raw(value, asked.type.number_format))
    return value if understood.value is None else understood.value


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _same(one: Any, other: Any) -> bool:
    """Return whether two values are the same answer; numbers may differ where no workbook keeps a difference."""
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9 * max(1, abs(one))
    return one == other or (one in (None, "", []) and other in (None, "", []))


def _workbook_sheets(made: _MadeBook) -> Iterator[tuple[Page, Worksheet]]:
    """Yield the form sheets of a workbook, each with the page that it was made of."""
    workbook = Workbook(open_bytes(made.data, f"{made.name}.xlsx"))
    entries = {entry.name: entry for entry in workbook.sheets}
    for page in made.book.pages:
        yield page, workbook.sheet(entries[page.name])


def _prove_locks(form: Form, made: Sequence[_MadeBook]) -> ProofStep:
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


def _prove_pages(form: Form, made: Sequence[_MadeBook]) -> ProofStep:
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


def _codes_at(form: Form, record: Record, path: str, value: Any) -> set[str]:
    """Return the codes of the findings on an answer of the record when it has a value."""
    laid = copy.deepcopy(dict(record))
    put(laid, path, value)
    found = rules.check(_subject(form, laid))
    return {finding.code for finding in found if path in finding.fields}


def _subject(form: Form, record: Record) -> Subject:
    unit = Unit(_YEAR, str(_UNIT["code"]), str(_UNIT["name"]), records={form.root: (record,)})
    return Subject(form, record, unit)


def _breaks(form: Form, record: Record, path: str, value: Any) -> set[str]:
    """Return the codes of the limits that a value breaks."""
    return {code for code in _codes_at(form, record, path, value) if code.startswith(limits.GROUP)}


def _prove_limits(form: Form, record: Record) -> ProofStep:
    """Try every limit at its edge: what keeps it is taken, what breaks it is found."""
    failures: list[PerfxlError] = []
    count = 0
    for path, asked in _typed(form):
        edges = list(edges_of_field(asked, _values_beside(form, record, path)))
        usual = _codes_at(form, record, path, get(record, path)) if edges else set()
        for edge in () if limits.RELEVANT in usual else edges:  # what is not asked for is judged by no other limit
            count += 1
            if failed := _edge_failure(form, record, path, edge, usual):
                failures.append(failed)
    return ProofStep("limits", {"count": count}, tuple(failures))


_CODES: Mapping[str, str] = {str(name): code for name, code in limits.CODES.items()}


def _values_beside(form: Form, record: Record, path: str) -> Values:
    """Return the values that a limit of an answer may name: those of the head, and of its row."""
    values = _subject(form, record).values
    table = next((id for id, table in form.tables.items() if path.startswith(f"{table.lists[0]}[")), "")
    return values._replace(row=values.rows(table)[0]) if table else values


def _edge_failure(form: Form, record: Record, path: str, edge: Edge, usual: set[str]) -> ProofFailure | None:
    """Return what is wrong at an edge: a value that keeps the limit is found, or one that breaks it is not."""
    facts = {"field": path, "limit": edge.limit, "value": str(edge.value)[:40]}
    if edge.kept:
        broken = _CODES.get(edge.limit, limits.RANGE) in _breaks(form, record, path, edge.value)
        return ProofFailure(what="limit_too_strict", file=form.file, **facts) if broken else None
    found, expected = _codes_at(form, record, path, edge.value), _CODES.get(edge.limit, limits.RANGE)
    return None if found - usual or expected in found else ProofFailure(what="limit_not_found", file=form.file, **facts)


_NO_ENTRY = "perfxl?"


def _prove_entries(form: Form, record: Record) -> ProofStep:
    """Try every entry of every list, and what is none."""
    failures: list[PerfxlError] = []
    count = 0
    for path, asked in _typed(form):
        entries = asked.type.limits().entries
        if not entries:
            continue
        for entry in entries:
            count += 1
            if not _is_taken(form, record, path, asked, entry):
                failures.append(ProofFailure(what="entry_refused", file=form.file, field=path, value=entry))
        if not _codes_at(form, record, path, _NO_ENTRY):
            failures.append(ProofFailure(what="no_entry_taken", file=form.file, field=path, value=_NO_ENTRY))
    return ProofStep("entries", {"count": count}, tuple(failures))


def _is_taken(form: Form, record: Record, path: str, asked: Field, entry: str) -> bool:
    """Return whether an entry is taken; where another answer decides about the entries, with one of its entries."""
    value = value_of_entry(asked.type, entry)
    if not asked.within:
        return not _breaks(form, record, path, value)
    above = f"{path.removesuffix(asked.id)}{asked.within}"
    fields = dict(_every_field(form))
    laid = copy.deepcopy(dict(record))
    kind = fields[above].type
    for other in [value_of_entry(kind, entry) for entry in kind.limits().entries] or [get(record, above)]:
        put(laid, above, other)
        if not _breaks(form, laid, path, value):
            return True
    return False


def _every_field(form: Form) -> Iterator[tuple[str, Field]]:
    yield from form.fields.items()
    for table in form.tables.values():
        yield from ((_first_cell(table, id), asked) for id, asked in table.columns.items())


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


def _prove_formulas(form: Form, made: Iterable[_MadeBook], office: bool) -> ProofStep:
    """Have LibreOffice calculate the workbooks anew: every formula comes to what perfxl wrote beside it."""
    if not office or not find_soffice():
        return ProofStep("no_office", {})
    failures: list[PerfxlError] = []
    count = 0
    for book in made:
        try:
            anew = Workbook(open_bytes(recalculated(book.data, f"{book.name}.xlsx"), f"{book.name}.xlsx"))
        except PerfxlError as error:
            failures.append(error)
            continue
        ours = Workbook(open_bytes(book.data, f"{book.name}.xlsx"))
        others = {entry.name: entry for entry in anew.sheets}
        for entry in ours.sheets:
            sheet = ours.sheet(entry)
            other = anew.sheet(others[entry.name]) if entry.name in others else None
            for at, cell in sheet.cells.items():
                if cell.formula is None or other is None:
                    continue
                count += 1
                written, found = sheet.value(*at), other.value(*at)
                if not _same(written, found):
                    place = f"{entry.name}!{address(*at)}"
                    facts = {"cell": place, "written": _text(written), "found": _text(found), "book": book.name}
                    failures.append(ProofFailure(what="formula", file=form.file, **facts))
    return ProofStep("formulas", {"count": count}, tuple(failures))

"""The proof of a form in LibreOffice: its formulas come to what was written, its sheet refuses what the return finds.

The values at the edges of limits are put into their cells, one after the other. What the sheet lets in by design, and
the return finds, is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from perfxl import rules
from perfxl.batch.libreoffice import Judged, OfficeBook, Place, Trial, find_soffice, find_uno_python, worked_on
from perfxl.batch.proof import (
    MadeBook,
    ProofStep,
    Record,
    TriedValue,
    findings_of,
    table_of,
    tried_entries,
    tried_values,
)
from perfxl.errors import PerfxlError, ProofFailure
from perfxl.finding import Finding
from perfxl.form.form import Form
from perfxl.form.layout import Box
from perfxl.form.limits import limit_of
from perfxl.rules import example, limits
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.reading.opening import open_bytes
from perfxl.workbook.sheet.limit_formulas import LimitFormulas
from perfxl.workbook.sheet.page import Page, make_page
from perfxl.workbook.sheet.self_check import UNFILLED

_JUDGED = ("type", "minimum", "maximum", "max_length", "choices")
"""The limits of types that a data validation says."""


def missing() -> str:
    """Return what is missing for LibreOffice to prove anything, a word of ``forms.proof``; empty if nothing is."""
    return "no_office" if not find_soffice() else "no_uno" if not find_uno_python() else ""


def office_steps(form: Form, made: Sequence[MadeBook]) -> Iterator[ProofStep]:
    """Yield what LibreOffice proves of the blank and the filled workbook, in one start."""
    if reason := missing():
        yield ProofStep(reason, {})
        return
    filled = next((book for book in made if book.name == "filled"), None)
    tried = list(_tries(form, filled)) if filled else []
    given = [(book.data, [one.trial for one in tried] if book is filled else []) for book in made]
    try:
        worked = worked_on(given, form.file)
    except PerfxlError as error:
        yield ProofStep("formulas", {"count": 0}, (error,))
        return
    yield prove_formulas(form, made, worked)
    if filled:
        yield _prove_refusals(form, tried, worked[made.index(filled)].judged)


def prove_formulas(form: Form, made: Sequence[MadeBook], worked: Sequence[OfficeBook]) -> ProofStep:
    """Compare the workbooks with those that LibreOffice calculated anew: every formula comes to the same."""
    failures: list[PerfxlError] = []
    count = 0
    for book, anew in zip(made, worked, strict=True):
        ours, theirs = (Workbook(open_bytes(data, f"{book.name}.xlsx")) for data in (book.data, anew.data))
        others = {entry.name: entry for entry in theirs.sheets}
        for entry in ours.sheets:
            sheet = ours.sheet(entry)
            other = theirs.sheet(others[entry.name]) if entry.name in others else None
            for at, cell in sheet.cells.items():
                if cell.formula is None or other is None:
                    continue
                count += 1
                written, found = sheet.value(*at), other.value(*at)
                if not is_same(written, found):
                    place = f"{entry.name}!{address(*at)}"
                    facts = {"cell": place, "written": text_of(written), "found": text_of(found), "book": book.name}
                    failures.append(ProofFailure(what="formula", file=form.file, **facts))
    return ProofStep("formulas", {"count": count}, tuple(failures))


def text_of(value: object) -> str:
    """Return a value as a failure quotes it."""
    return "" if value is None else str(value)


def is_same(one: Any, other: Any) -> bool:
    """Return whether two values are the same answer; numbers may differ where no workbook keeps a difference."""
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9 * max(1, abs(one))
    return one == other or (one in (None, "", []) and other in (None, "", []))


class _Try(NamedTuple):
    """What is tried in the sheet, and what the return finds in the same record; ``cells``: those of the answer."""

    trial: Trial
    page: Page
    found: tuple[Finding, ...]
    value: TriedValue | None = None
    cells: frozenset[Place] = frozenset()
    code: str = ""


def _tries(form: Form, filled: MadeBook) -> Iterator[_Try]:
    """Yield the values at the edges of limits, then the examples of the form's own checks."""
    for value in (*tried_values(form, filled.record), *tried_entries(form, filled.record)):
        tried = _try_of(form, filled, value.put_into(filled.record))
        boxes = {(box.row, box.column): box for box in tried.page.layout.boxes} if tried else {}
        if tried:
            own = [at[:2] for at in tried.trial.values if _is_of(boxes[at[:2]], form, value)]
            yield tried._replace(value=value, cells=frozenset(own))
    for line in form.rules:
        for patch in (line.bad, line.good):
            tried = _try_of(form, filled, dict(example.subject(form, patch).record)) if patch else None
            if tried and tried.trial.values:  # not where the example is about the checking, or about other records
                yield tried._replace(code=line.code)


def _is_of(box: Box, form: Form, value: TriedValue) -> bool:
    """Return whether a cell holds the answer that is tried, in the first row of its table."""
    table = table_of(form, value.path)
    return box.field is not None and box.field.id == value.asked.id and box.table == (table.id if table else "")


def _try_of(form: Form, filled: MadeBook, record: Record) -> _Try | None:
    """Return what to put into the filled sheet for another record; None where that has other rows or given values."""
    try:
        page = make_page(form, record, filled.book.issue, "all")
    except PerfxlError:
        return None
    usual = filled.book.pages[0]
    if page.layout is not usual.layout or (page.given, page.given_rows) != (usual.given, usual.given_rows):
        return None
    inputs = [(box.row, box.column) for box in page.layout.boxes if not box.locked and box.field]
    values = [(*at, page.cells[at]) for at in inputs if page.cells[at] != usual.cells[at]]
    put = tuple((row, column, "" if value is None else value) for row, column, value in values)
    shown = (page.checks.place(UNFILLED), *(page.checks.state(at) for at in range(len(page.checks.lines))))
    return _Try(Trial(usual.name, put, shown), page, tuple(findings_of(form, record)))


def _prove_refusals(form: Form, tried: Sequence[_Try], judged: Sequence[Judged]) -> ProofStep:
    """Compare what the sheet says of each value with what the return finds."""
    failures: list[PerfxlError] = []
    others: dict[str, list[str]] = {"coloured": [], "beyond": []}
    count = 0
    for one, told in zip(tried, judged, strict=True):
        failures += _self_check_failures(form, one, told)
        if one.value is None or not one.cells:
            continue
        count += 1
        refused, codes = bool(one.cells & told.refused), _refusing_codes(form, one)
        if refused == bool(codes):
            continue
        where = _where_judged(one)
        if refused or (not one.value.edge.kept and where == "refused"):
            failures.append(_disagreement(form, one, refused, codes))
        elif not one.value.edge.kept:
            others[where].append(f"{_plain_path(form, one.value)} ({one.value.edge.limit})")
    listed = {name: list(dict.fromkeys(several)) for name, several in others.items()}
    return ProofStep("refusals", {"count": count, **listed}, tuple(failures))


def _plain_path(form: Form, value: TriedValue) -> str:
    table = table_of(form, value.path)
    return table.path(value.asked.id) if table else value.path


def _refusing_codes(form: Form, one: _Try) -> list[str]:
    """Return the codes of the limits, or of rules that say a limit better, that the return finds at the answer."""
    saying = {rule.code for rule in rules.rules(form) if rule.limits or rule.types}
    found = {finding.code for finding in one.found if one.value and one.value.path in finding.fields}
    return sorted(code for code in found if code.startswith(limits.GROUP) or code in saying)


def _where_judged(one: _Try) -> str:
    """Return how the sheet meets a value that breaks a limit: it is refused or only coloured, or it is beyond it."""
    assert one.value is not None
    asked, name = one.value.asked, one.value.edge.limit
    table = table_of(one.page.layout.form, one.value.path)
    formulas = LimitFormulas(one.page.layout, one.page.checks.policy, table.id if table else "", asked)
    if name == "relevant" and formulas.refuses_unasked():
        return "refused"
    own = limit_of(asked.limits, name)  # type: ignore[arg-type]
    if own is not None and not own.bounds_type:
        refusing = [kept.limit for kept in formulas.refusing()[0]]
        coloured = [kept.limit for kept in formulas.kept()]
        return "refused" if own in refusing else "coloured" if own in coloured else "beyond"
    check = asked.type.validation()
    says = check is not None and check.kind != "custom" and not check.open  # a formula of a format says less
    return "refused" if says and name in _JUDGED else "beyond"


def _disagreement(form: Form, one: _Try, refused: bool, codes: Sequence[str]) -> ProofFailure:
    assert one.value is not None
    cell = f"{one.page.name}!{address(*min(one.cells))}"
    facts = {"field": one.value.path, "limit": one.value.edge.limit, "value": str(one.value.edge.value)[:40]}
    if refused:
        return ProofFailure(what="only_sheet", file=form.file, cell=cell, **facts)
    return ProofFailure(what="only_return", file=form.file, cell=cell, codes=list(codes), **facts)


def _self_check_failures(form: Form, one: _Try, told: Judged) -> Iterator[ProofFailure]:
    """Yield the lines of the self-check that say of the same answers something else than the return."""
    states: dict[str, set[float]] = {}
    for line, state in zip(one.page.checks.lines, told.shown[1:], strict=True):
        states.setdefault(line.code, set()).add(state)
    found = {finding.code for finding in one.found}
    what = one.code or (f"{one.value.path}: {str(one.value.edge.value)[:40]}" if one.value else "")
    for code, several in states.items():
        if (-1 in several and code not in found) or (several == {1} and code in found):
            yield ProofFailure(what="self_check", file=form.file, code=code, broken=-1 in several, tried=what)

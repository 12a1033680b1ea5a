"""The sheet 报前自查: for every project a row per check, with its live state, the cell and what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from perfxl import messages
from perfxl.rules import catalogue
from perfxl.workbook.ooxml.formula import Place, absolute, quoted, text
from perfxl.workbook.sheet.book import Book, list_entry, sheet_cell
from perfxl.workbook.sheet.page import Page, Value
from perfxl.workbook.sheet.self_check import ERRORS, UNFILLED, WARNINGS, panel_formula, panel_text, state_words

SEVERITY, TITLE, MUST, STATE, CELL = range(5)
"""The columns."""

WIDTHS = (8.5, 21.0, 46.0, 11.0, 11.0)
FIRST = 3
"""The first row below title, note and header."""


@dataclass(frozen=True)
class CheckRow:
    """One row: ``texts`` that stand there, ``live``: column → a formula without ``=`` and what it comes to now."""

    kind: Literal["project", "unfilled", "check"]
    texts: Mapping[int, str]
    live: Mapping[int, tuple[str, Value]] = field(default_factory=dict)


def check_rows(book: Book) -> Iterator[CheckRow]:
    """The rows, from FIRST on."""
    for page in book.pages:
        yield _project(page)
        yield _unfilled(page)
        for code, lines in page.checks.by_code().items():
            yield _check(page, code, lines)


def varying_cells(book: Book) -> dict[Place, Value]:
    """What differs between books of a form: the projects' names and what the formulas come to."""
    cells: dict[Place, Value] = {}
    for row, each in enumerate(check_rows(book), start=FIRST):
        cells |= {(row, column): value for column, (_, value) in each.live.items()}
        if each.kind == "project":
            cells[row, SEVERITY] = each.texts[SEVERITY]
    return cells


def _project(page: Page) -> CheckRow:
    number, name, _ = list_entry(page)
    title = f"{number}.{name}" if number is not None else name
    places = [page.checks.place(at) for at in (UNFILLED, ERRORS, WARNINGS)]
    now = panel_text([page.cells[place] for place in places])
    formula = panel_formula([sheet_cell(page, place) for place in places])
    return CheckRow("project", {SEVERITY: title}, {STATE: (formula, now)})


def _unfilled(page: Page) -> CheckRow:
    words, place = state_words(), page.checks.place(UNFILLED)
    cell, count = sheet_cell(page, place), page.cells[place]
    texts = {
        SEVERITY: messages.say("report.severity.error"),
        TITLE: messages.say("sheet.self_check.unfilled.title"),
        MUST: messages.say("sheet.self_check.unfilled.must"),
    }
    unit = messages.say("sheet.self_check.unfilled.count", {"count": ""})
    live: dict[int, tuple[str, Value]] = {
        STATE: (f"IF({cell}>0,{text(words[0])},{text(words[1])})", words[0] if count else words[1]),
        CELL: (f"{cell}&{text(unit)}", f"{count}{unit}"),
    }
    return CheckRow("unfilled", texts, live)


def _check(page: Page, code: str, lines: list[int]) -> CheckRow:
    checks, words = page.checks, state_words()
    severity = checks.lines[lines[0]].severity
    states = [page.cells[checks.state(at)] for at in lines]
    worst = -1 if -1 in states else 0 if 0 in states else 1
    first = lines[states.index(worst)]
    range_, where = (_range(page, place(lines[0]), place(lines[-1])) for place in (checks.state, checks.where))
    holds = f"IF(COUNTIF({range_},0)>0,{text(words[0])},{text(words[1])})"
    state = f'IF(COUNTIF({range_},"<0")>0,{text(words[-1])},{holds})'
    cell = f"INDEX({where},IFERROR(MATCH(-1,{range_},0),IFERROR(MATCH(0,{range_},0),1)))"
    link = f"HYPERLINK({text('#' + quoted(page.name) + '!')}&{cell},{cell})"
    texts = {
        SEVERITY: messages.say(f"report.severity.{severity}"),
        TITLE: messages.say(f"rules.{code}.title"),
        MUST: catalogue.check(code).must(checks.policy, form=page.layout.form),
    }
    return CheckRow("check", texts, {STATE: (state, words[worst]), CELL: (link, page.cells[checks.where(first)])})


def _range(page: Page, first: Place, last: Place) -> str:
    whole = f"{quoted(page.name)}!{absolute(*first)}"
    return whole if first == last else f"{whole}:{absolute(*last)}"

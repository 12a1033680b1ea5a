"""The sheet 报前自查: for every project a row per check, with its live state, the cell and what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from xlsxwriter.worksheet import Worksheet

from perfxl import messages
from perfxl.rules import catalogue
from perfxl.workbook.ooxml.formula import Place, absolute_address, quote_sheet, text_literal
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.book import Book, list_entry, sheet_cell
from perfxl.workbook.sheet.page import Page, Value
from perfxl.workbook.sheet.self_check import (
    ERRORS,
    UNFILLED,
    WARNINGS,
    panel_formula,
    panel_text,
    state_words,
)
from perfxl.workbook.writing.writer import BookWriter, check_result

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
        STATE: (f"IF({cell}>0,{text_literal(words[0])},{text_literal(words[1])})", words[0] if count else words[1]),
        CELL: (f"{cell}&{text_literal(unit)}", f"{count}{unit}"),
    }
    return CheckRow("unfilled", texts, live)


def _check(page: Page, code: str, lines: list[int]) -> CheckRow:
    checks, words = page.checks, state_words()
    severity = checks.lines[lines[0]].severity
    states = [page.cells[checks.state(at)] for at in lines]
    worst = -1 if -1 in states else 0 if 0 in states else 1
    first = lines[states.index(worst)]
    range_, where = (_range(page, place(lines[0]), place(lines[-1])) for place in (checks.state, checks.where))
    holds = f"IF(COUNTIF({range_},0)>0,{text_literal(words[0])},{text_literal(words[1])})"
    state = f'IF(COUNTIF({range_},"<0")>0,{text_literal(words[-1])},{holds})'
    cell = f"INDEX({where},IFERROR(MATCH(-1,{range_},0),IFERROR(MATCH(0,{range_},0),1)))"
    link = f"HYPERLINK({text_literal('#' + quote_sheet(page.name) + '!')}&{cell},{cell})"
    check = next(check for check in catalogue.checks_of(page.layout.form) if check.code == code)
    texts = {
        SEVERITY: messages.say(f"report.severity.{severity}"),
        TITLE: check.title(),
        MUST: check.must(checks.policy, form=page.layout.form),
    }
    return CheckRow("check", texts, {STATE: (state, words[worst]), CELL: (link, page.cells[checks.where(first)])})


def _range(page: Page, first: Place, last: Place) -> str:
    whole = f"{quote_sheet(page.name)}!{absolute_address(*first)}"
    return whole if first == last else f"{whole}:{absolute_address(*last)}"


def write_check_sheet(writer: BookWriter) -> None:
    """报前自查: a row per check and project, live."""
    sheet = writer.sheet(messages.say("sheet.self_check.tab"))
    say = messages.say
    for column, width in enumerate(WIDTHS):
        check_result(sheet.set_column(column, column, width, writer.format(look.LOCKED)))
    last = len(WIDTHS) - 1
    writer.merge(sheet, 0, 0, last, say("sheet.self_check.title"), look.LIST_TITLE)
    writer.merge(sheet, 1, 0, last, say("sheet.self_check.note"), look.LIST_NOTE)
    for row, height in enumerate((34, 36, 24)):
        check_result(sheet.set_row(row, height))
    for column, key in enumerate(("severity", "title", "must", "state", "cell")):
        writer.text(sheet, 2, column, say(f"sheet.self_check.headers.{key}"), look.LIST_HEADER)
    for row, each in enumerate(check_rows(writer.book), start=FIRST):
        _write_row(writer, sheet, row, each)
    check_result(sheet.repeat_rows(2, 2))
    sheet.fit_to_pages(1, 0)
    sheet.print_black_and_white()
    _colour(writer, sheet, row)
    writer.protect(sheet)


def _write_row(writer: BookWriter, sheet: Worksheet, row: int, each: CheckRow) -> None:
    if each.kind == "project":
        writer.merge(sheet, row, 0, STATE - 1, each.texts[0], look.LIST_PROJECT)
        writer.merge(sheet, row, STATE, CELL, "", look.LIST_COUNTS)
        check_result(sheet.set_row(row, 22))
    else:
        check_result(sheet.set_row(row, max(22, look.text_height(each.texts[2], WIDTHS[2], 10.5, indent=1))))
        for column, words in each.texts.items():
            writer.text(sheet, row, column, words, look.LIST_TEXT if column else look.LIST_CENTER)
    for column, (formula, value) in each.live.items():
        link = column == CELL and each.kind == "check"
        form = look.LIST_LINKED if link else look.LIST_COUNTS if each.kind == "project" else look.LIST_CENTER
        writer.live(sheet, (row, column), formula, value, form)


def _colour(writer: BookWriter, sheet: Worksheet, last: int) -> None:
    """What is not as it should be is coloured as it would be by a flag."""
    first, column = FIRST, STATE
    state, severity = f"$D{first + 1}", f"$A{first + 1}"
    words = {word: messages.say(f"sheet.self_check.{word}") for word in ("broken", "blank")}
    colours = {f'{state}="{words["blank"]}"': look.REQUIRED_FILL}
    for each, fill in (("error", look.ERROR_FILL), ("warning", look.WARNING_FILL)):
        said = messages.say(f"report.severity.{each}")
        colours[f'AND({state}="{words["broken"]}",{severity}="{said}")'] = fill
    for criteria, fill in colours.items():
        form = writer.workbook.add_format({"bg_color": fill})
        options = {"type": "formula", "criteria": f"={criteria}", "format": form}
        check_result(sheet.conditional_format(first, column, last, column, options))

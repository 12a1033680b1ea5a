"""The sheet 报前自查 (check before sending): a row per project and check, with requirement, live state and cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from xlsxwriter.worksheet import Worksheet

from perfxl import messages
from perfxl.finding import Severity
from perfxl.form.form import Form
from perfxl.rules import catalogue
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import Place, absolute_address, quote_sheet, text_literal
from perfxl.workbook.sheet import colours, look
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
"""The sheet's columns, from 0: severity, name of the check, its requirement, live state, cell concerned."""

WIDTHS = (8.5, 21.0, 46.0, 11.0, 11.0)
FIRST = 3
"""The first row (from 0) below title, note and header."""


@dataclass(frozen=True)
class CheckRow:
    """One row of the sheet.

    ``texts``: column → constant text; ``live``: column → a formula without ``=`` and its present value.
    """

    kind: Literal["project", "unfilled", "carried", "check"]
    texts: Mapping[int, str]
    live: Mapping[int, tuple[str, Value]] = field(default_factory=dict)


def check_rows(book: Book) -> Iterator[CheckRow]:
    """Yield the rows of the sheet in order; the first one stands in row FIRST."""
    for page in book.pages:
        yield _project_row(page)
        yield _unfilled_row(page)
        if page.checks.carries:
            yield _carried_row(page)
        for code, lines in page.checks.by_code().items():
            yield _check_row(page, code, lines)


def varying_cells(book: Book) -> dict[Place, Value]:
    """Return the cells that differ between books of a form: the projects' names and the values of the formulas."""
    return {
        (row, column): value
        for row, values in enumerate(_row_values(book), start=FIRST)
        for column, value in values.items()
    }


def _row_values(book: Book) -> Iterator[Mapping[int, Value]]:
    """Yield what differs of each row, by column: as ``check_rows``, without the texts and formulas of the form."""
    for page in book.pages:
        yield _project_values(page)
        yield _unfilled_values(page)
        if page.checks.carries:
            yield _carried_values(page)
        for lines in page.checks.by_code().values():
            yield _check_values(page, lines)


def _project_values(page: Page) -> Mapping[int, Value]:
    number, name, _ = list_entry(page)
    lang = page.layout.asked.language
    title = messages.say("sheet.self_check.numbered", {"number": number, "name": name}, lang)
    return {SEVERITY: title, STATE: panel_text([page.cells[place] for place in _panel_places(page)], lang)}


def _panel_places(page: Page) -> list[Place]:
    return [page.checks.place(at) for at in (UNFILLED, ERRORS, WARNINGS)]


def _project_row(page: Page) -> CheckRow:
    """Return the row that begins a project: its name, and the live counts of its form sheet."""
    values, lang = _project_values(page), page.layout.asked.language
    formula = panel_formula([sheet_cell(page, place) for place in _panel_places(page)], lang)
    return CheckRow("project", {SEVERITY: str(values[SEVERITY])}, {STATE: (formula, values[STATE])})


def _unfilled_values(page: Page) -> Mapping[int, Value]:
    lang, count = page.layout.asked.language, page.cells[page.checks.place(UNFILLED)]
    words = state_words(lang)
    return {STATE: words[0] if count else words[1], CELL: f"{count}{_unit_of_cells(lang)}"}


def _unit_of_cells(lang: str) -> str:
    return messages.say("sheet.self_check.unfilled.count", {"count": ""}, lang)


def _unfilled_row(page: Page) -> CheckRow:
    """Return the row that says how many cells of a project are still to be filled in."""
    lang = page.layout.asked.language
    words, values = state_words(lang), _unfilled_values(page)
    cell = sheet_cell(page, page.checks.place(UNFILLED))
    texts = {
        SEVERITY: messages.say("sheet.self_check.severity.error", {}, lang),
        TITLE: messages.say("sheet.self_check.unfilled.title", {}, lang),
        MUST: messages.say("sheet.self_check.unfilled.must", {}, lang),
    }
    live: dict[int, tuple[str, Value]] = {
        STATE: (f"IF({cell}>0,{text_literal(words[0])},{text_literal(words[1])})", values[STATE]),
        CELL: (f"{cell}&{text_literal(_unit_of_cells(lang))}", values[CELL]),
    }
    return CheckRow("unfilled", texts, live)


def _carried_values(page: Page) -> Mapping[int, Value]:
    lang, count = page.layout.asked.language, page.cells[page.checks.untouched]
    if not count:
        return {STATE: state_words(lang)[1], CELL: None}
    return {STATE: _say_carried("state", lang), CELL: f"{count}{_say_carried('count', lang)}"}


def _say_carried(word: str, lang: str) -> str:
    return messages.say(f"sheet.self_check.carried.{word}", {"count": ""}, lang)


def _carried_row(page: Page) -> CheckRow:
    """Return the row that says how many of a project's texts still stand as they did last year."""
    lang, values = page.layout.asked.language, _carried_values(page)
    state, unit, holds = _say_carried("state", lang), _say_carried("count", lang), state_words(lang)[1]
    cell = sheet_cell(page, page.checks.untouched)
    texts = {
        SEVERITY: messages.say("sheet.self_check.severity.warning", {}, lang),
        TITLE: _say_carried("title", lang),
        MUST: _say_carried("must", lang),
    }
    live: dict[int, tuple[str, Value]] = {
        STATE: (f"IF({cell}>0,{text_literal(state)},{text_literal(holds)})", values[STATE]),
        CELL: (f'IF({cell}>0,{cell}&{text_literal(unit)},"")', values[CELL]),
    }
    return CheckRow("carried", texts, live)


def _check_values(page: Page, lines: list[int]) -> Mapping[int, Value]:
    checks, lang = page.checks, page.layout.asked.language
    states = [page.cells[checks.state(at)] for at in lines]
    worst = _worst_state(states)
    word = state_words(lang)[worst]
    if not worst and not page.cells[checks.place(UNFILLED)]:
        word = _other_word(lang)
    return {STATE: word, CELL: page.cells[checks.where(lines[states.index(worst)])]}


def _other_word(lang: str) -> str:
    """Return the word for a check of which nothing can be said though nothing is left to fill in: it does not apply."""
    return messages.say("sheet.self_check.other", {}, lang)


def _check_row(page: Page, code: str, lines: list[int]) -> CheckRow:
    """Return the row of one check, which shows the worst state of its lines (numbers in ``page.checks.lines``)."""
    form, checks, values = page.layout.asked, page.checks, _check_values(page, lines)
    words = state_words(form.language)
    range_, where = (_range(page, place(lines[0]), place(lines[-1])) for place in (checks.state, checks.where))
    unfilled, other = sheet_cell(page, checks.place(UNFILLED)), text_literal(_other_word(form.language))
    blank = f"IF({unfilled}=0,{other},{text_literal(words[0])})"
    holds = f"IF(COUNTIF({range_},0)>0,{blank},{text_literal(words[1])})"
    state = f'IF(COUNTIF({range_},"<0")>0,{text_literal(words[-1])},{holds})'
    cell = f"INDEX({where},IFERROR(MATCH(-1,{range_},0),IFERROR(MATCH(0,{range_},0),1)))"
    link = f"HYPERLINK({text_literal('#' + quote_sheet(page.name) + '!')}&{cell},{cell})"
    texts = _check_texts(form, checks.policy, code, checks.lines[lines[0]].severity)
    return CheckRow("check", texts, {STATE: (state, values[STATE]), CELL: (link, values[CELL])})


@lru_cache(maxsize=1024)
def _check_texts(form: Form, policy: Policy, code: str, severity: Severity) -> Mapping[int, str]:
    """Return the texts of a check's row, which are the same for every project."""
    check = next(check for check in catalogue.checks_of(form) if check.code == code)
    return {
        SEVERITY: messages.say(f"sheet.self_check.severity.{severity}", {}, form.language),
        TITLE: check.title(form.language),
        MUST: check.must(policy, form.language, form),
    }


def _worst_state(states: Sequence[Value]) -> int:
    """Return the worst state that occurs: -1 (broken), else 0 (blank), else 1 (holds)."""
    return next((state for state in (-1, 0) if state in states), 1)


def _range(page: Page, first: Place, last: Place) -> str:
    """Return the reference to a range of a form sheet, with the sheet's name; to one cell where first is last."""
    whole = f"{quote_sheet(page.name)}!{absolute_address(*first)}"
    return whole if first == last else f"{whole}:{absolute_address(*last)}"


def write_check_sheet(writer: BookWriter) -> None:
    """Write the sheet 报前自查: for every project a row per check, with live formulas."""
    sheet = writer.sheet(writer.say("sheet.self_check.tab"))
    for column, width in enumerate(WIDTHS):
        check_result(sheet.set_column(column, column, width, writer.format(look.LOCKED)))
    last = len(WIDTHS) - 1
    writer.merge(sheet, 0, 0, last, writer.say("sheet.self_check.title"), look.LIST_TITLE)
    writer.merge(sheet, 1, 0, last, writer.say("sheet.self_check.note"), look.LIST_NOTE)
    for row, height in enumerate((34, 36, 24)):
        check_result(sheet.set_row(row, height))
    for column, key in enumerate(("severity", "title", "must", "state", "cell")):
        writer.text(sheet, 2, column, writer.say(f"sheet.self_check.headers.{key}"), look.LIST_HEADER)
    for row, check_row in enumerate(check_rows(writer.book), start=FIRST):
        _write_row(writer, sheet, row, check_row)
    check_result(sheet.repeat_rows(2, 2))
    sheet.fit_to_pages(1, 0)
    sheet.print_black_and_white()
    _add_colours(writer, sheet, row)
    writer.protect(sheet)


def _write_row(writer: BookWriter, sheet: Worksheet, row: int, check_row: CheckRow) -> None:
    if check_row.kind == "project":
        writer.merge(sheet, row, 0, STATE - 1, check_row.texts[0], look.LIST_PROJECT)
        writer.merge(sheet, row, STATE, CELL, "", look.LIST_COUNTS)
        check_result(sheet.set_row(row, 22))
    else:
        heights = (writer.height(check_row.texts[at], WIDTHS[at], 10.5, indent=1) for at in (TITLE, MUST))
        check_result(sheet.set_row(row, max(22, *heights)))
        for column, words in check_row.texts.items():
            writer.text(sheet, row, column, words, look.LIST_TEXT if column else look.LIST_CENTER)
    for column, (formula, value) in check_row.live.items():
        writer.live(sheet, (row, column), formula, value, _live_format(check_row, column))


def _live_format(check_row: CheckRow, column: int) -> look.Format:
    if column == CELL and check_row.kind == "check":
        return look.LIST_LINKED
    return look.LIST_COUNTS if check_row.kind == "project" else look.LIST_CENTER


def _add_colours(writer: BookWriter, sheet: Worksheet, last: int) -> None:
    """Colour blank and broken states as flags would colour them, by conditional formats down to row ``last``."""
    first, column = FIRST, STATE
    state, severity = f"$D{first + 1}", f"$A{first + 1}"
    words = {word: writer.say(f"sheet.self_check.{word}") for word in ("broken", "blank")}
    fills = {f'{state}="{words["blank"]}"': colours.REQUIRED_FILL}
    for name in ("error", "warning"):
        shown = writer.say(f"sheet.self_check.severity.{name}")
        fills[f'AND({state}="{words["broken"]}",{severity}="{shown}")'] = colours.FLAG_FILLS[name]
    if writer.book.carries:
        fills[f'{state}="{writer.say("sheet.self_check.carried.state")}"'] = colours.CARRIED_FILL
    for criteria, fill in fills.items():
        fill_format = writer.workbook.add_format({"bg_color": fill})
        options = {"type": "formula", "criteria": f"={criteria}", "format": fill_format}
        check_result(sheet.conditional_format(first, column, last, column, options))

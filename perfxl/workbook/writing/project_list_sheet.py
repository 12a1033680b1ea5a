"""The sheet 项目清单 (list of projects): a unit's projects with their live states, and who answers for the book."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from perfxl.workbook.ooxml.formula import quote_sheet
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.book import CONTACTS, amount_unit, list_title, sheet_cell
from perfxl.workbook.sheet.overview import (
    FIRST_ROW,
    live_formula,
    overview_columns,
    overview_totals,
    overview_values,
    total_formula,
)
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.sheet.self_check import ERRORS, UNFILLED, WARNINGS
from perfxl.workbook.writing.writer import BookWriter, check_result, unmark_text

LIVE = {"unfilled": UNFILLED, "errors": ERRORS, "warnings": WARNINGS}
"""The live columns of 项目清单: the key of each heading → the count that the column shows."""


def write_project_list_sheet(writer: BookWriter) -> None:
    """Write the sheet 项目清单: a row per project, their total, and the inputs for who answers for the book."""
    book = writer.book
    sheet = writer.sheet(writer.say("sheet.list.tab"))
    columns = overview_columns(book.form)
    for column, width in enumerate((*[column.width for column in columns], *[8] * len(LIVE))):
        check_result(sheet.set_column(column, column, width, writer.format(look.LOCKED)))
    last = len(columns) - 1 + len(LIVE)
    writer.merge(sheet, 0, 0, last, writer.say("sheet.list.first"), look.LIST_NOTE)
    writer.merge(sheet, 1, 0, last, list_title(book), look.LIST_TITLE)
    if not book.form.overview:
        writer.text(sheet, 2, 2, writer.say("sheet.list.unit", unit=amount_unit(book.form)), look.LIST_UNIT)
    for row, height in enumerate((24, 36, 20, *[24] * (len(book.pages) + 3), *[26] * 3)):
        check_result(sheet.set_row(row, height))
    live = [writer.say(f"sheet.list.headers.{key}") for key in LIVE]
    for at, heading in enumerate((*[column.heading for column in columns], *live)):
        writer.text(sheet, 3, at, heading, look.LIST_HEADER)
    for at, page in enumerate(book.pages):
        _write_project(writer, sheet, FIRST_ROW + at, page)
    row = FIRST_ROW + len(book.pages)
    _write_totals(writer, sheet, row, last)
    for at, key in enumerate(CONTACTS):
        writer.text(sheet, row + 2 + at, 1, writer.say(f"sheet.list.{key}"), look.LIST_HEADER)
        writer.text(sheet, row + 2 + at, 2, book.contacts[at], look.LIST_INPUT)
        refused = writer.say("sheet.refused")
        options = {"validate": "length", "criteria": "<=", "value": 30, "error_title": refused}
        options["error_message"] = writer.say("sheet.refused_length", limit=30)
        check_result(sheet.data_validation(row + 2 + at, 2, row + 2 + at, 2, options))
    sheet.fit_to_pages(1, 0)
    sheet.print_black_and_white()
    writer.protect(sheet)


def _write_project(writer: BookWriter, sheet: Worksheet, row: int, page: Page) -> None:
    """Write a project's row: what the columns show of it, one of them as a link to its sheet, and live counts."""
    columns = overview_columns(writer.book.form)
    for at, (column, value) in enumerate(zip(columns, overview_values(page), strict=True)):
        if column.linked:
            link = f"internal:{quote_sheet(page.name)}!A1"
            check_result(sheet.write_url(row, at, link, writer.format(column.format), unmark_text(str(value))))
        elif column.live:
            writer.live(sheet, (row, at), live_formula(page, column), value, column.format)
        else:
            writer.text(sheet, row, at, value, column.format)
    for at, count in enumerate(LIVE.values(), start=len(columns)):
        place = page.checks.place(count)
        writer.live(sheet, (row, at), sheet_cell(page, place), page.cells[place], look.LIST_NUMBER)


def _write_totals(writer: BookWriter, sheet: Worksheet, row: int, last: int) -> None:
    """Write the row of totals, with their label below the linked column."""
    book = writer.book
    columns, totals = overview_columns(book.form), overview_totals(book)
    labelled = next((at for at, column in enumerate(columns) if column.linked), None)
    for at in range(last + 1):
        if at not in totals:
            text = writer.say("sheet.list.total") if at == labelled and totals else None
            writer.text(sheet, row, at, text, look.LIST_CENTER)
        elif columns[at].live:
            writer.live(sheet, (row, at), total_formula(book, at), totals[at], columns[at].format)
        else:
            writer.text(sheet, row, at, totals[at], columns[at].format)

"""The sheet 项目清单 (list of projects): a unit's projects with their live states, and who answers for the book."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from perfxl.workbook.ooxml.formula import quote_sheet
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.book import CONTACTS, amount_unit, list_entry, list_title, sheet_cell, total
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.sheet.self_check import ERRORS, UNFILLED, WARNINGS
from perfxl.workbook.writing.writer import BookWriter, check_result, unmark_text

LIVE = {"unfilled": UNFILLED, "errors": ERRORS, "warnings": WARNINGS}
"""The live columns of 项目清单: the key of each heading → the count that the column shows."""


def write_project_list_sheet(writer: BookWriter) -> None:
    """Write the sheet 项目清单: a row per project, their total, and the inputs for who answers for the book."""
    book = writer.book
    sheet = writer.sheet(writer.say("sheet.list.tab"))
    for column, width in enumerate((7, 40, 27, *[8] * len(LIVE))):
        check_result(sheet.set_column(column, column, width, writer.format(look.LOCKED)))
    last = 2 + len(LIVE)
    writer.merge(sheet, 0, 0, last, writer.say("sheet.list.first"), look.LIST_NOTE)
    writer.merge(sheet, 1, 0, last, list_title(book), look.LIST_TITLE)
    writer.text(sheet, 2, 2, writer.say("sheet.list.unit", unit=amount_unit(book.form)), look.LIST_UNIT)
    for row, height in enumerate((24, 36, 20, *[24] * (len(book.pages) + 3), *[26] * 3)):
        check_result(sheet.set_row(row, height))
    for column, key in enumerate(("number", "name", "amount", *LIVE)):
        writer.text(sheet, 3, column, writer.say(f"sheet.list.headers.{key}"), look.LIST_HEADER)
    for at, page in enumerate(book.pages):
        _write_project(writer, sheet, 4 + at, page)
    row = 4 + len(book.pages)
    writer.text(sheet, row, 0, None, look.LIST_CENTER)
    writer.text(sheet, row, 1, writer.say("sheet.list.total"), look.LIST_CENTER)
    writer.text(sheet, row, 2, total(book), look.LIST_MONEY)
    for column in range(3, last + 1):
        writer.text(sheet, row, column, None, look.LIST_CENTER)
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
    """Write a project's row: number, name as a link to its sheet, amount, live counts."""
    number, name, amount = list_entry(page)
    writer.text(sheet, row, 0, number, look.LIST_NUMBER)
    link = f"internal:{quote_sheet(page.name)}!A1"
    check_result(sheet.write_url(row, 1, link, writer.format(look.LIST_LINK), unmark_text(name)))
    writer.text(sheet, row, 2, amount, look.LIST_MONEY)
    for column, at in enumerate(LIVE.values(), start=3):
        place = page.checks.place(at)
        writer.live(sheet, (row, column), sheet_cell(page, place), page.cells[place], look.LIST_NUMBER)

"""The very hidden sheet with the identities of the book and of its sheets."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.carried import carried_texts, dump_carried
from perfxl.workbook.sheet.given_rows import dump_rows, has_given_rows
from perfxl.workbook.sheet.page import Page
from perfxl.workbook.writing.writer import BookWriter, check_result


def write_identity_sheet(writer: BookWriter) -> None:
    """Write the very hidden sheet: identities of the book and of its sheets, with the values that they go out with."""
    sheet = writer.sheet(writer.say("sheet.identity"))
    writer.text(sheet, 0, 0, writer.book.identity.printed, look.LOCKED)
    writer.text(sheet, 0, 1, writer.book.identity.dumps(), look.LOCKED)
    for row, page in enumerate(writer.book.pages, start=1):
        writer.text(sheet, row, 0, page.identity.printed, look.LOCKED)
        writer.text(sheet, row, 1, page.identity.dumps(page.given, writer.book.sent), look.LOCKED)
        _write_rows(writer, sheet, row, row_texts(page))
    for row, known in enumerate(writer.book.missing, start=1 + len(writer.book.pages)):
        writer.text(sheet, row, 0, known.identity.printed, look.LOCKED)
        writer.text(sheet, row, 1, known.identity.dumps(known.given, known.sent), look.LOCKED)
        printed = known.identity.printed
        _write_rows(writer, sheet, row, (*dump_rows(printed, known.rows), *dump_carried(printed, known.carried)))
    check_result(sheet.set_column(0, 0, None, writer.format(look.LOCKED)))
    writer.protect(sheet)
    sheet.very_hidden()


def row_texts(page: Page) -> tuple[str, ...]:
    """Return the texts with the given values of a page's rows, and those with last year's texts.

    Of either there is at least one where a sheet may have such rows, or carries texts.
    """
    printed = page.identity.printed
    rows = dump_rows(printed, page.given_rows) or ("",) * has_given_rows(page.layout.asked)
    texts = dump_carried(printed, carried_texts(page.layout, page.cells, page.carried)) if page.carried else ()
    return (*rows, *(texts or ("",) * page.checks.carries))


def _write_rows(writer: BookWriter, sheet: Worksheet, row: int, texts: tuple[str, ...]) -> None:
    """Write the given values of a form sheet's rows, and last year's texts, beside its identity."""
    for column, text in enumerate(texts, start=2):
        writer.text(sheet, row, column, text, look.LOCKED)

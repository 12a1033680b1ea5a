"""The very hidden sheet with the identities of the book and of its sheets."""

from __future__ import annotations

from perfxl.workbook.sheet import look
from perfxl.workbook.writing.writer import BookWriter, check_result


def write_identity_sheet(writer: BookWriter) -> None:
    """Write the very hidden sheet: identities of the book and of its sheets, with the values that they go out with."""
    sheet = writer.sheet(writer.say("sheet.identity"))
    writer.text(sheet, 0, 0, writer.book.identity.printed, look.LOCKED)
    writer.text(sheet, 0, 1, writer.book.identity.dumps(), look.LOCKED)
    for row, page in enumerate(writer.book.pages, start=1):
        writer.text(sheet, row, 0, page.identity.printed, look.LOCKED)
        writer.text(sheet, row, 1, page.identity.dumps(page.given, writer.book.sent), look.LOCKED)
    for row, known in enumerate(writer.book.missing, start=1 + len(writer.book.pages)):
        writer.text(sheet, row, 0, known.identity.printed, look.LOCKED)
        writer.text(sheet, row, 1, known.identity.dumps(known.given, known.sent), look.LOCKED)
    check_result(sheet.set_column(0, 0, None, writer.format(look.LOCKED)))
    writer.protect(sheet)
    sheet.very_hidden()

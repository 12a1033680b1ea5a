"""The two hidden sheets: the lists behind the drop-downs, and the identities of the book and of its sheets."""

from __future__ import annotations

from perfxl import messages
from perfxl.workbook.ooxml.formula import absolute_address, quote_sheet
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.choices import drop_down_lists
from perfxl.workbook.writing.writer import BookWriter, check_result


def write_choices_sheet(writer: BookWriter) -> None:
    """Write the hidden sheet with the lists behind the drop-downs: a list per column, each under a defined name."""
    sheet = writer.sheet(messages.say("sheet.choices"))
    for column, (name, entries) in enumerate(drop_down_lists(writer.book.form).items()):
        for row, entry in enumerate(entries):
            writer.text(sheet, row, column, entry, look.LOCKED)
        target = f"{absolute_address(0, column)}:{absolute_address(len(entries) - 1, column)}"
        check_result(writer.workbook.define_name(name, f"={quote_sheet(sheet.get_name())}!{target}"))
    check_result(sheet.set_column(0, 0, None, writer.format(look.LOCKED)))
    writer.protect(sheet)
    sheet.hide()


def write_identity_sheet(writer: BookWriter) -> None:
    """Write the very hidden sheet: identities of the book and of its sheets, with the values that they go out with."""
    sheet = writer.sheet(messages.say("sheet.identity"))
    writer.text(sheet, 0, 0, writer.book.identity.printed, look.LOCKED)
    writer.text(sheet, 0, 1, writer.book.identity.dumps(), look.LOCKED)
    for row, page in enumerate(writer.book.pages, start=1):
        writer.text(sheet, row, 0, page.identity.printed, look.LOCKED)
        writer.text(sheet, row, 1, page.identity.dumps(page.given, writer.book.issue.sent), look.LOCKED)
    check_result(sheet.set_column(0, 0, None, writer.format(look.LOCKED)))
    writer.protect(sheet)
    sheet.very_hidden()

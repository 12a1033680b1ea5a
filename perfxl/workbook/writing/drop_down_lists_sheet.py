"""The hidden sheet with the lists behind the drop-downs."""

from __future__ import annotations

from perfxl.workbook.ooxml.formula import absolute_address, quote_sheet
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.drop_down_lists import drop_down_lists
from perfxl.workbook.writing.writer import BookWriter, check_result


def write_drop_down_lists_sheet(writer: BookWriter) -> None:
    """Write the hidden sheet with the lists behind the drop-downs, each under a defined name."""
    sheet = writer.sheet(writer.say("sheet.choices"))
    here = quote_sheet(sheet.get_name())
    for column, (entries, names) in enumerate(drop_down_lists(writer.book.form)):
        for row, entry in enumerate(entries):
            writer.text(sheet, row, column, entry, look.LOCKED)
        for name, (first, last) in names.items():
            target = f"{absolute_address(first, column)}:{absolute_address(last, column)}"
            check_result(writer.workbook.define_name(name, f"={here}!{target}"))
    check_result(sheet.set_column(0, 0, None, writer.format(look.LOCKED)))
    writer.protect(sheet)
    sheet.hide()

"""The sheet 填表说明 (how to fill in the form): what to do, then what every field takes; generated from the form."""

from __future__ import annotations

from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.manual import describe_answers
from perfxl.workbook.writing.writer import BookWriter, check_result


def write_help_sheet(writer: BookWriter) -> None:
    """Write the sheet 填表说明: the form's numbered instructions, then a row per field with what it takes."""
    form = writer.book.form
    sheet = writer.sheet(writer.say("sheet.help.tab"))
    for column, width in enumerate((5, 27, 55)):
        check_result(sheet.set_column(column, column, width, writer.format(look.LOCKED)))
    writer.merge(sheet, 0, 0, 2, writer.say("sheet.help.title"), look.LIST_TITLE)
    check_result(sheet.set_row(0, 34))
    row = 1
    carried = (writer.say("sheet.help.carried"),) * writer.book.carries
    for number, line in enumerate((*form.help, *carried), start=1):
        writer.text(sheet, row, 0, f"{number}.", look.LIST_UNIT)
        writer.merge(sheet, row, 1, 2, line, look.LIST_NOTE)
        check_result(sheet.set_row(row, max(22, writer.height(line, 82, 10.5))))
        row += 1
    writer.merge(sheet, row, 0, 2, writer.say("sheet.help.fields"), look.LIST_HEADER)
    check_result(sheet.set_row(row, 26))
    row += 1
    described = describe_answers(form, writer.book.issue.policy, writer.book.carries)
    for number, (label, need, description) in enumerate(described, start=1):
        writer.text(sheet, row, 0, number, look.LIST_NUMBER)
        cells = ((1, writer.say("sheet.help.entry", label=label, need=need), 27), (2, description, 55))
        for column, text, _ in cells:
            writer.text(sheet, row, column, text, look.LIST_TEXT)
        height = max(writer.height(text, width, 10.5, indent=1) for _, text, width in cells)
        check_result(sheet.set_row(row, max(24, height)))
        row += 1
    sheet.fit_to_pages(1, 0)
    writer.protect(sheet)

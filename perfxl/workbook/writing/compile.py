"""Compiling a whole workbook with XlsxWriter: the only place where a form becomes a package.

What stamping (``stamp``) writes must be the same workbook; the tests compare the two.
"""

from __future__ import annotations

import io

from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.drop_down_lists import drop_down_lists
from perfxl.workbook.sheet.identity import BOOK_NAME, PROPERTY
from perfxl.workbook.writing.check_sheet import write_check_sheet
from perfxl.workbook.writing.drop_down_lists_sheet import write_drop_down_lists_sheet
from perfxl.workbook.writing.finish import Parts, finish_parts
from perfxl.workbook.writing.form_sheet import FormSheet
from perfxl.workbook.writing.help_sheet import write_help_sheet
from perfxl.workbook.writing.identity_sheet import write_identity_sheet
from perfxl.workbook.writing.project_list_sheet import write_project_list_sheet
from perfxl.workbook.writing.writer import BookWriter, check_result, new_workbook, read_parts


def compile_book(book: Book) -> Parts:
    """Return the parts of the workbook's package, in the order in which they are zipped."""
    return finish_parts(_write_parts(book))


def compile_frame(book: Book) -> Parts:
    """Return the same parts with empty form sheets, and styles without those of form sheets.

    They are what stamping puts around the form sheets that it stamps.
    """
    parts = _write_parts(book, blank=True)
    first = 2 if book.listed else 1
    blank = {f"xl/worksheets/sheet{first + at}.xml" for at in range(len(book.pages))}
    around = finish_parts({name: data for name, data in parts.items() if name not in blank})
    return {name: around.get(name, b"") for name in parts}


def _write_parts(book: Book, blank: bool = False) -> Parts:
    """Return the parts as XlsxWriter writes them; ``blank``: without the content of the form sheets."""
    stream = io.BytesIO()
    workbook = new_workbook(stream, lang=book.form.language)
    write_book(BookWriter(workbook, book), blank)
    workbook.close()
    return read_parts(stream)


def write_book(writer: BookWriter, blank: bool = False) -> None:
    """Make all calls of XlsxWriter that the book takes; ``blank``: without the content of the form sheets."""
    book, workbook = writer.book, writer.workbook
    identity = book.identity
    check_result(workbook.set_custom_property(PROPERTY, identity.mark, "text"))
    if book.listed:
        write_project_list_sheet(writer)
    for page in book.pages:
        sheet = FormSheet(writer, page)
        if not blank:
            sheet.write()
    write_check_sheet(writer)
    write_help_sheet(writer)
    if drop_down_lists(book.form):
        write_drop_down_lists_sheet(writer)
    write_identity_sheet(writer)
    check_result(workbook.define_name(BOOK_NAME, f'="{identity.mark}"'))

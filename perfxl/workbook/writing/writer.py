"""XlsxWriter as perfxl uses it: nothing is left out silently, no text becomes a formula or a link, no clock is read."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from perfxl import messages
from perfxl.form.form import CHINESE
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.sheet import colours, look
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.page import Value
from perfxl.workbook.writing.finish import NOTHING, PLAIN, Parts


class PlainWorksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """XlsxWriter's worksheet, which writes formulas as they are."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        # XlsxWriter looks for the functions of dynamic arrays, by thirty expressions and in texts, too; perfxl's
        # formulas have none, since Excel before 2021 and WPS do not know them (no public call turns it off)
        return formula.removeprefix("=")


class WriterRefused(AssertionError):
    """XlsxWriter returned a code other than 0: something would silently be missing from the workbook."""


def new_workbook(stream: io.BytesIO, folder: str = "", lang: str = CHINESE) -> Workbook:
    """Return an empty workbook that is written to the stream when it is closed.

    ``folder``: one of temporary files, in which the rows are kept rather than in memory; they are written in order;
    ``lang``: the language whose font is the Normal one.
    """
    kept = {"constant_memory": True, "tmpdir": folder, "use_zip64": True} if folder else {"in_memory": True}
    workbook = xlsxwriter.Workbook(
        stream,
        {
            **kept,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            # Normal is unlocked: in Excel, a paste of foreign text gives a cell the Normal style, which would lock it
            "default_format_properties": {
                "font_name": look.font_of(look.SONG, lang), "font_size": 11, "font_scheme": None, "locked": False,
            },
        },
    )  # fmt: skip
    workbook.set_size(16000, 10000)
    # a fixed date, not the clock: the same input gives the same bytes
    workbook.set_properties({"created": datetime(2000, 1, 1)})
    return workbook


def read_parts(stream: io.BytesIO) -> Parts:
    """Return the parts of the package that was written to the stream."""
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_result(code: Any) -> None:
    """Raise WriterRefused if a call of XlsxWriter left something out.

    XlsxWriter then returns a negative number, or 1 for a bad range.
    """
    if isinstance(code, int) and code != 0:
        raise WriterRefused(code)


def unmark_text(text: str) -> str:
    """Return the text marked so that XlsxWriter writes it as text: from <r> to </r> it would be taken for markup."""
    return f"{PLAIN}{text}" if text.startswith("<r>") and text.endswith("</r>") else text


def write_cell(sheet: Worksheet, row: int, column: int, value: str | float | None, form: Format) -> None:
    """Write a cell; a text is written as a string only, never through a call that makes a formula or a link of it."""
    if value is None or value == "":
        check_result(sheet.write_blank(row, column, None, form))
    elif isinstance(value, str):
        check_result(sheet.write_string(row, column, unmark_text(value), form))
    else:
        check_result(sheet.write_number(row, column, value, form))


def cell_formats(book: Book) -> tuple[look.Format, ...]:
    """Return every cell format of a book in a fixed order: the same for all books of a form, whatever their rows."""
    fixed = [look.LOCKED, look.MARK, look.KEY]
    fixed += [getattr(look, name) for name in sorted(vars(look)) if name.startswith(("PANEL_", "LIST_"))]
    formats = dict.fromkeys(fixed)
    for page in book.pages:
        runs = look.frame_lines(page.layout)
        box_formats = {look.box_format(box, page.layout, runs) for box in page.layout.boxes}
        formats |= dict.fromkeys(sorted(box_formats, key=repr))
    return tuple(formats)


DIFFERENTIALS: tuple[dict[str, str], ...] = (
    {"bg_color": colours.REQUIRED_FILL},
    {"bg_color": colours.OPTIONAL_FILL},
    {"bg_color": colours.FLAG_FILLS["error"]},
    {"bg_color": colours.FLAG_FILLS["warning"]},
    {"num_format": ";;;"},
)
"""The formats that conditional formats apply."""


class BookWriter:
    """The writer of the cells of one book. It holds XlsxWriter's objects and checks the result of every call."""

    def __init__(self, workbook: Workbook, book: Book) -> None:
        self.workbook = workbook
        self.book = book
        self.formats: dict[look.Format, Format] = {}
        for properties in cell_formats(book):
            # XlsxWriter numbers formats when they are first used. Using them all now gives the same numbers in every
            # book of a form, so that sheets compiled apart can share one styles part (no public call does it).
            self.format(properties)._get_xf_index()
        for differential in DIFFERENTIALS:  # the same for conditional formats
            workbook.add_format(dict(differential))._get_dxf_index()

    def format(self, properties: look.Format) -> Format:
        """Return XlsxWriter's object for a cell format, one for all cells that have it."""
        if properties not in self.formats:
            shown = look.in_language(properties, self.book.form.language)
            self.formats[properties] = self.workbook.add_format(dict(shown))
        return self.formats[properties]

    def say(self, key: str, **facts: object) -> str:
        """Return words of the book in its language."""
        return messages.say(key, facts, self.book.form.language)

    def height(self, text: str, width: float, size: float, indent: int = 0) -> float:
        """Return the height of a text in the book's language (see ``look.text_height``)."""
        return look.text_height(text, width, size, indent, 0, self.book.form.language)

    def sheet(self, name: str) -> Worksheet:
        """Add a sheet for A4 paper without gridlines."""
        sheet = self.workbook.add_worksheet(name, PlainWorksheet)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        return sheet

    def protect(self, sheet: Worksheet) -> None:
        """Protect a sheet with the book's password.

        Sizing rows and columns, inserting rows and editing objects stay allowed.
        """
        allowed = {"format_rows": True, "format_columns": True, "insert_rows": True, "objects": True}
        sheet.protect(self.book.password, allowed)

    def text(self, sheet: Worksheet, row: int, column: int, value: Value, form: look.Format) -> None:
        """Write a cell; a text is written as a string only (see ``write_cell``)."""
        write_cell(sheet, row, column, value, self.format(form))

    def live(self, sheet: Worksheet, place: Place, formula: str, value: Value, form: look.Format) -> None:
        """Write a formula with its present value, for viewers that never calculate; None where it shows nothing."""
        # XlsxWriter would write an empty text as a formula that nobody has calculated yet
        shown = NOTHING if value is None else value
        check_result(sheet.write_formula(*place, f"={formula}", self.format(form), shown))

    def merge(self, sheet: Worksheet, row: int, first: int, last: int, value: Value, form: look.Format) -> None:
        """Merge the cells of a row from column ``first`` to ``last`` and write the value there."""
        check_result(sheet.merge_range(row, first, row, last, "", self.format(form)))
        self.text(sheet, row, first, value, form)

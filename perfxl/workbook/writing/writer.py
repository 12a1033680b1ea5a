"""XlsxWriter as perfxl uses it: nothing left out without a word, texts never formulas or links, no clock."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.page import Value
from perfxl.workbook.writing.finish import PLAIN, Parts


class WriterRefused(AssertionError):
    """XlsxWriter returned a negative code: something would be missing from the workbook without a word."""


def new_workbook(stream: io.BytesIO) -> Workbook:
    """An empty workbook that will be written to the stream when it is closed."""
    workbook = xlsxwriter.Workbook(
        stream,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            # Normal is unlocked: in Excel a paste of foreign text gives a cell the Normal style, which would lock it
            "default_format_properties": {
                "font_name": look.SONG, "font_size": 11, "font_scheme": None, "locked": False,
            },
        },
    )  # fmt: skip
    workbook.set_size(16000, 10000)
    # no clock: the same input gives the same bytes
    workbook.set_properties({"created": datetime(2000, 1, 1)})
    return workbook


def read_parts(stream: io.BytesIO) -> Parts:
    """The parts of the package that was written."""
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_result(code: Any) -> None:
    """XlsxWriter answers a negative number, or 1 for a bad range, where it leaves something out."""
    if isinstance(code, int) and code != 0:
        raise WriterRefused(code)


def unmark_text(text: str) -> str:
    """A text that XlsxWriter, which writes one from <r> to </r> as markup, takes for a text."""
    return f"{PLAIN}{text}" if text.startswith("<r>") and text.endswith("</r>") else text


def write_cell(sheet: Worksheet, row: int, column: int, value: str | float | None, form: Format) -> None:
    """Writes a cell; texts as strings only: never through a call that makes formulas or links of them."""
    if value is None or value == "":
        check_result(sheet.write_blank(row, column, None, form))
    elif isinstance(value, str):
        check_result(sheet.write_string(row, column, unmark_text(value), form))
    else:
        check_result(sheet.write_number(row, column, value, form))


def cell_formats(book: Book) -> tuple[look.Format, ...]:
    """Every cell format of a book, in a fixed order: the same for all books of a form, whatever their rows."""
    fixed = [look.LOCKED, look.MARK, look.KEY]
    fixed += [getattr(look, name) for name in sorted(vars(look)) if name.startswith(("PANEL_", "LIST_"))]
    found = dict.fromkeys(fixed)
    for page in book.pages:
        runs = look.frame_lines(page.layout)
        found |= dict.fromkeys(sorted((look.box_format(box, page.layout, runs) for box in page.layout.boxes), key=repr))
    return tuple(found)


DIFFERENTIALS: tuple[dict[str, str], ...] = (
    {"bg_color": look.REQUIRED_FILL},
    {"bg_color": look.OPTIONAL_FILL},
    {"bg_color": look.ERROR_FILL},
    {"bg_color": look.WARNING_FILL},
    {"num_format": ";;;"},
)
"""What conditional formats change."""


class BookWriter:
    """Writes the cells of one book. Holds XlsxWriter's objects; every call's return value is looked at."""

    def __init__(self, workbook: Workbook, book: Book) -> None:
        self.workbook = workbook
        self.book = book
        self.formats: dict[look.Format, Format] = {}
        for properties in cell_formats(book):
            # XlsxWriter numbers formats as they are first used; asking now makes the numbers the same in every book
            # of a form, so that sheets compiled apart can share one styles part (no public call does it)
            self.format(properties)._get_xf_index()
        for differential in DIFFERENTIALS:  # those of conditional formats likewise
            workbook.add_format(dict(differential))._get_dxf_index()

    def format(self, properties: look.Format) -> Format:
        if properties not in self.formats:
            self.formats[properties] = self.workbook.add_format(dict(properties))
        return self.formats[properties]

    def sheet(self, name: str) -> Worksheet:
        sheet = self.workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        return sheet

    def protect(self, sheet: Worksheet) -> None:
        allowed = {"format_rows": True, "format_columns": True, "insert_rows": True, "objects": True}
        sheet.protect(self.book.password, allowed)

    def text(self, sheet: Worksheet, row: int, column: int, value: Value, form: look.Format) -> None:
        """Writes texts as strings only: never through a call that makes formulas or links of them."""
        write_cell(sheet, row, column, value, self.format(form))

    def live(self, sheet: Worksheet, place: Place, formula: str, value: Value, form: look.Format) -> None:
        """Writes a formula with the value that it comes to now, for viewers that never calculate."""
        check_result(sheet.write_formula(*place, f"={formula}", self.format(form), value))

    def merge(self, sheet: Worksheet, row: int, first: int, last: int, value: Value, form: look.Format) -> None:
        check_result(sheet.merge_range(row, first, row, last, "", self.format(form)))
        self.text(sheet, row, first, value, form)

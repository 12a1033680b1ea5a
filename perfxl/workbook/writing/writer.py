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

from perfxl.workbook.sheet import look
from perfxl.workbook.writing.finish import PLAIN, Parts


class WriterRefused(AssertionError):
    """XlsxWriter returned a negative code: something would be missing from the workbook without a word."""


def opened(stream: io.BytesIO) -> Workbook:
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


def parts(stream: io.BytesIO) -> Parts:
    """The parts of the package that was written."""
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sure(code: Any) -> None:
    """XlsxWriter answers a negative number, or 1 for a bad range, where it leaves something out."""
    if isinstance(code, int) and code != 0:
        raise WriterRefused(code)


def unmarked(text: str) -> str:
    """A text that XlsxWriter, which writes one from <r> to </r> as markup, takes for a text."""
    return f"{PLAIN}{text}" if text.startswith("<r>") and text.endswith("</r>") else text


def put(sheet: Worksheet, row: int, column: int, value: str | float | None, form: Format) -> None:
    """Writes a cell; texts as strings only: never through a call that makes formulas or links of them."""
    if value is None or value == "":
        sure(sheet.write_blank(row, column, None, form))
    elif isinstance(value, str):
        sure(sheet.write_string(row, column, unmarked(value), form))
    else:
        sure(sheet.write_number(row, column, value, form))

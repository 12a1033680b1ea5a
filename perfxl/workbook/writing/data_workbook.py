"""A workbook of data for pivot tables: numbers are numbers, codes texts, the headings stay in view and have filters.

While it is written its rows are kept on disk (XlsxWriter's constant memory); only the finished zip is not.
"""

from __future__ import annotations

import io
import tempfile
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from perfxl.workbook.sheet.colours import LABEL_FILL
from perfxl.workbook.writing.writer import check_result, new_workbook

LONGEST_TEXT = 32_767
"""The most characters of a cell, in units of UTF-16 (Excel specifications and limits)."""
MOST_ROWS = 1_048_576
"""The most rows of a sheet."""
TEXT, NUMBER = "@", "General"

Value = str | int | float | None


@dataclass(frozen=True)
class DataColumn:
    """A column: its heading, its width in digits, its number format (``TEXT`` for texts)."""

    heading: str
    width: float = 14
    format: str = TEXT


@dataclass(frozen=True)
class DataSheet:
    """A sheet: its name, as Excel takes it, its columns, and fewer than MOST_ROWS rows with a value for each column."""

    name: str
    columns: Sequence[DataColumn]
    rows: Iterable[Sequence[Value]]


class _PlainSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A sheet in which no text is markup: XlsxWriter takes one for it that goes from <r> to </r>."""

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[tuple[str, Any]] = ()) -> None:
        self._xml_inline_string(string, True, attributes)


def write_data_workbook(sheets: Iterable[DataSheet], stream: BinaryIO) -> None:
    """Write a workbook. The same sheets give the same bytes. Raises OSError where the system refuses."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        package = io.BytesIO()  # not the stream: where that refuses, XlsxWriter's zip would complain a second time
        workbook = new_workbook(package, folder)
        header = workbook.add_format({"bold": True, "bg_color": LABEL_FILL, "num_format": TEXT})
        for sheet in sheets:
            _write_sheet(workbook, sheet, header)
        try:
            workbook.close()
        except FileCreateError as error:
            (refused,) = error.args
            traceback.clear_frames(refused.__traceback__)  # with them goes a zip that would complain once more
            raise refused from None
        stream.write(package.getbuffer())


def _write_sheet(workbook: Workbook, sheet: DataSheet, header: Format) -> None:
    page = workbook.add_worksheet(sheet.name, _PlainSheet)
    page.set_paper(9)
    page.set_landscape()
    page.freeze_panes(1, 0)
    for at, column in enumerate(sheet.columns):
        check_result(page.set_column(at, at, column.width, workbook.add_format({"num_format": column.format})))
        check_result(page.write_string(0, at, column.heading, header))
    number = 0
    for number, row in enumerate(sheet.rows, start=1):
        for at, value in enumerate(row):
            if isinstance(value, str):
                _write_text(page, number, at, value)
            elif value is not None:
                check_result(page.write_number(number, at, value))
    check_result(page.autofilter(0, 0, max(number, 1), len(sheet.columns) - 1))


def _write_text(page: Worksheet, row: int, column: int, text: str) -> None:
    """Write a text; one that is too long ends in dots."""
    if 2 * len(text) > LONGEST_TEXT and len(text.encode("utf-16-le")) > 2 * LONGEST_TEXT:
        text = text.encode("utf-16-le")[: 2 * LONGEST_TEXT - 2].decode("utf-16-le", "ignore") + "…"
    if text:
        check_result(page.write_string(row, column, text))

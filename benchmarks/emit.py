"""Writing a workbook: all from values and formats that are ready to its bytes; perfxl from a record as well.

No peer runs code of perfxl: the calls that a workbook takes are noted once and made again.
"""

from __future__ import annotations

import copy
import io
import zlib
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import openpyxl
from openpyxl.cell.cell import MergedCell

from benchmarks.measure import Peers, comparison, measure
from benchmarks.sample import FORM, ISSUE, OTHER, PROJECT, book, compiled, parts
from perfxl.workbook.sheet.book import Book
from perfxl.workbook.sheet.page import make_page
from perfxl.workbook.writing.compile import write_book
from perfxl.workbook.writing.stamp import stamp_book
from perfxl.workbook.writing.writer import BookWriter, new_workbook


def tables(times: int) -> Iterator[str]:
    """Yield the table."""
    yield comparison("emit", measure(peers(), times))


def peers() -> Peers:
    """perfxl makes two different workbooks in turn, so that nothing of the last one serves for the next."""
    made = book()
    records = cycle([PROJECT, OTHER])
    books = cycle([made, book(OTHER)])

    def from_record() -> bytes:
        return stamp_book(Book(FORM, ISSUE, (make_page(FORM, next(records), ISSUE, "all"),), listed=False))

    return {
        "perfxl: a ready book": lambda: stamp_book(next(books)),
        "perfxl: a record (its page worked out, too)": from_record,
        "XlsxWriter, in memory": xlsxwriter_writer(made),
        "openpyxl": openpyxl_writer(compiled(made)),
        "floor: deflate what changes": floor(),
    }


class Noted:
    """Stands for an object of XlsxWriter and notes the calls that would be made of it.

    ``number``: that of the call which would return the object, 0 for the workbook; ``calls``: all calls, each with the
    object, the method, and the arguments.
    """

    def __init__(self, number: int, calls: list[tuple[Noted, str, tuple[Any, ...], dict[str, Any]]]) -> None:
        self.number = number
        self.calls = calls

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def note(*arguments: Any, **named: Any) -> Any:
            if method == "get_name":
                return self.calls[self.number - 1][2][0]
            if method == "add_worksheet":
                arguments = arguments[:1]  # XlsxWriter's own class rather than perfxl's
            self.calls.append((self, method, arguments, named))
            return Noted(len(self.calls), self.calls)

        return note


def xlsxwriter_writer(made: Book) -> Callable[[], bytes]:
    """Writes the same workbook: the calls that perfxl makes of XlsxWriter for it, noted once, are made again."""
    noted = Noted(0, [])
    write_book(BookWriter(noted, made))
    calls = [call for call in noted.calls if not call[1].startswith("_")]
    numbers = [number for number, call in enumerate(noted.calls, start=1) if not call[1].startswith("_")]

    def write() -> bytes:
        stream = io.BytesIO()
        real: dict[int, Any] = {0: new_workbook(stream, lang=made.form.language)}

        def given(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: given(one) for name, one in value.items()}
            return real[value.number] if isinstance(value, Noted) else value

        for number, (target, method, arguments, named) in zip(numbers, calls, strict=True):
            values = [given(value) for value in arguments]
            real[number] = getattr(real[target.number], method)(*values, **named)
        real[0].close()
        return stream.getvalue()

    return write


def openpyxl_writer(data: bytes) -> Callable[[], bytes]:
    """Writes the same workbook: values, formats, merges, validations, conditional formats, names and the set-up.

    The formats stand ready, one for each look, as they do in a program that makes many workbooks.
    """
    model: Any = openpyxl.load_workbook(io.BytesIO(data))
    cells = {sheet.title: list(_cells(sheet)) for sheet in model.worksheets}

    def write() -> bytes:
        workbook: Any = openpyxl.Workbook()
        workbook.remove(workbook.worksheets[0])
        for source in model.worksheets:
            _sheet(source, cells[source.title], workbook.create_sheet(source.title))
        for name, defined in model.defined_names.items():
            workbook.defined_names[name] = copy.copy(defined)
        for custom in model.custom_doc_props.props:
            workbook.custom_doc_props.append(custom)
        stream = io.BytesIO()
        workbook.save(stream)
        return stream.getvalue()

    return write


LOOK = ("font", "fill", "border", "alignment", "protection", "number_format")
Look = dict[str, Any]


def _cells(sheet: Any) -> Iterator[tuple[int, int, Any, Look]]:
    looks: dict[int, Look] = {}
    for row in sheet.iter_rows():
        for cell in row:
            if cell.has_style and not isinstance(cell, MergedCell):
                look = {name: copy.copy(getattr(cell, name)) for name in LOOK}
                yield cell.row, cell.column, cell.value, looks.setdefault(cell.style_id, look)


def _sheet(source: Any, cells: list[tuple[int, int, Any, Look]], sheet: Any) -> None:
    for letter, column in source.column_dimensions.items():
        sheet.column_dimensions[letter].width = column.width
    for number, row in source.row_dimensions.items():
        sheet.row_dimensions[number].height = row.height
    for at_row, at_column, value, look in cells:
        cell = sheet.cell(at_row, at_column, value)
        for name, part in look.items():
            setattr(cell, name, part)
    for merged in source.merged_cells.ranges:
        sheet.merge_cells(merged.coord)
    for validation in source.data_validations.dataValidation:
        sheet.add_data_validation(validation)
    for found in source.conditional_formatting:
        for rule in found.rules:
            sheet.conditional_formatting.add(str(found.sqref), rule)
    for name, defined in source.defined_names.items():
        sheet.defined_names[name] = copy.copy(defined)
    sheet.sheet_state, sheet.protection = source.sheet_state, copy.copy(source.protection)
    sheet.page_margins, sheet.page_setup = copy.copy(source.page_margins), copy.copy(source.page_setup)
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = source.oddFooter.left.text, source.oddFooter.right.text
    sheet.print_area, sheet.print_title_rows = source.print_area or None, source.print_title_rows


def floor() -> Callable[[], bytes]:
    """Only deflates, of each part, the stretch in which two projects' workbooks differ."""
    first, second = parts(stamp_book(book(PROJECT))), parts(stamp_book(book(OTHER)))
    changing = [_stretch(first[name], second[name]) for name in first if first[name] != second[name]]

    def deflate() -> bytes:
        packed = []
        for data in changing:
            deflater = zlib.compressobj(1, zlib.DEFLATED, -15, 6)
            packed.append(deflater.compress(data) + deflater.flush())
        return b"".join(packed)

    return deflate


def _stretch(one: bytes, other: bytes) -> bytes:
    start = next(at for at in range(len(one)) if one[at : at + 1] != other[at : at + 1])
    end = next(at for at in range(1, len(one)) if one[-at : len(one) - at + 1] != other[-at : len(other) - at + 1])
    return one[start : len(one) - end + 1]

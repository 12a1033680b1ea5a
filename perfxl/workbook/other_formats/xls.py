"""A workbook of Excel 97–2003 or older, or WPS's .et: OLE2 with BIFF records, read by xlrd, its properties by olefile.

xlrd tells values, number formats, locks, merges, hidden rows and names (BSD licence, 2.0: .xls only, still maintained);
it does not tell which cells hold formulas, so their records are counted here (MS-XLS 2.4.127).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

from perfxl.workbook.ooxml.grid import Merge
from perfxl.workbook.ooxml.parts import BUILTIN
from perfxl.workbook.other_formats.values import (
    ForeignBook,
    ForeignCell,
    ForeignCells,
    ForeignFile,
    ForeignName,
    ForeignSheet,
    Value,
)

_STATES = {0: "visible", 1: "hidden", 2: "veryHidden"}
_REFERENCE, _STRING, _NUMBER = -1, 1, 2  # kinds of what a name comes to, xlrd.formula.oREF and others
_BROKEN = b"\x3c\x5c\x7c\x3d\x5d\x7d"  # PtgRefErr3d and PtgAreaErr3d in their classes (MS-XLS 2.5.198.86)


def read(source: ForeignFile) -> ForeignBook:
    """The workbook. Raises PackageError: ``encrypted``, or ``cannot_convert`` for one that is damaged."""
    book = _open_book(source)
    sheets = tuple(_sheet(source, book, at) for at in range(book.nsheets))
    return ForeignBook(sheets, tuple(_names(book)), dict(_properties(source.data)), book.datemode == 1)


def _open_book(source: ForeignFile) -> Any:
    from xlrd import XLRDError, open_workbook

    for encoding in (None, "gb18030"):  # before Excel 97 a text is in the code page that the file states, or forgets
        try:
            return open_workbook(
                file_contents=source.data,
                formatting_info=True,
                logfile=io.StringIO(),
                encoding_override=encoding,
                on_demand=True,  # else the records are let go
                ragged_rows=True,  # else every row is filled up to the sheet's last column
            )
        except XLRDError as error:
            if "encrypted" in str(error):
                raise source.refusal("encrypted") from error
            raise source.refusal("cannot_convert") from error
        except UnicodeDecodeError:
            continue
    raise source.refusal("cannot_convert")


def _sheet(source: ForeignFile, book: Any, index: int) -> ForeignSheet:
    import xlrd

    sheet = book.sheet_by_index(index)
    formulas = set(_formulas(book.mem or b"", book._sh_abs_posn[index]))
    kinds = {xlrd.XL_CELL_NUMBER: float, xlrd.XL_CELL_DATE: float, xlrd.XL_CELL_BOOLEAN: bool, xlrd.XL_CELL_TEXT: str}
    cells = ForeignCells(source)
    for row in range(sheet.nrows):
        for column, (kind, held, format) in enumerate(_row(sheet, row)):
            error = kind == xlrd.XL_CELL_ERROR
            value: Value = kinds[kind](held) if kind in kinds else None
            value = xlrd.error_text_from_code.get(held, "#N/A") if error else value
            style = book.xf_list[format]
            formula = "" if (row, column) in formulas else None
            cells.put(
                row, column, ForeignCell(value, _code(book, style), bool(style.protection.cell_locked), error, formula)
            )
    merges = tuple(Merge(row, column, last - 1, end - 1) for row, last, column, end in sheet.merged_cells)
    hidden = frozenset(row for row, info in sheet.rowinfo_map.items() if info.hidden)
    return ForeignSheet(sheet.name, cells, merges, hidden, _STATES.get(sheet.visibility, "visible"))


def _code(book: Any, style: Any) -> str:
    """The number format; the formats every program knows by number are those of .xlsx, dates in Chinese order."""
    known = BUILTIN.get(style.format_key)
    return known or book.format_map[style.format_key].format_str or "General"


def _row(sheet: Any, row: int) -> Iterator[tuple[int, Any, int]]:
    formats = (sheet.cell_xf_index(row, column) for column in range(sheet.row_len(row)))
    return zip(sheet.row_types(row), sheet.row_values(row), formats, strict=True)


_RECORD = struct.Struct("<HH")
_FORMULA, _END = 0x06, 0x0A


def _formulas(stream: bytes, at: int) -> Iterator[tuple[int, int]]:
    """The cells of a sheet that hold formulas; ``at``: where its records begin."""
    while at + 4 <= len(stream):
        kind, length = _RECORD.unpack_from(stream, at)
        if kind == _END:
            return
        if kind & 0xFF == _FORMULA and kind in (0x06, 0x206, 0x406) and at + 8 <= len(stream):
            yield _RECORD.unpack_from(stream, at + 4)  # row and column
        at += 4 + length


def _names(book: Any) -> Iterator[ForeignName]:
    """The names that stand for cells, texts or numbers, and those that are broken."""
    for each in book.name_obj_list:
        if each.builtin or each.macro or each.scope < -1:
            continue
        sheet = None if each.scope == -1 else each.scope
        if each.result is not None and each.result.kind in (_REFERENCE, _STRING, _NUMBER) and each.result.text:
            yield ForeignName(each.name, sheet, each.result.text)
        elif each.raw_formula[:1] and each.raw_formula[0] in _BROKEN:
            yield ForeignName(each.name, sheet, "#REF!")


def _properties(data: bytes) -> Iterator[tuple[str, str]]:
    """The custom document properties that are texts (MS-OLEPS 2.18.1, ``{D5CDD505-…}``)."""
    from olefile import OleFileIO, isOleFile

    stream = "\x05DocumentSummaryInformation"
    try:
        if not isOleFile(data=data):
            return
        with OleFileIO(data) as file:
            found = file.get_userdefined_properties(stream) if file.exists(stream) else []
    except Exception:  # a damaged property set is none; olefile raises whatever it stumbles over
        return
    for each in found:
        name, value = each.get("property_name"), each.get("value")
        text = _decode(value) if isinstance(value, bytes) else value
        if isinstance(name, str) and isinstance(text, str):
            yield name, text.rstrip("\0")


def _decode(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("gb18030", "replace")

"""A workbook of Excel 97–2003 or older, or WPS's .et: OLE2 with BIFF records.

Read by xlrd, its properties by olefile. xlrd gives values, number formats, locks, merges, hidden rows and names (BSD
licence; version 2.0 reads only .xls and is still maintained); it does not say which cells hold formulas, so their
records are located here (MS-XLS 2.4.127).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from perfxl.workbook.ooxml.parts import BUILTIN
from perfxl.workbook.ooxml.rich_text import Run
from perfxl.workbook.ooxml.sheet_reader import Merge
from perfxl.workbook.other_formats.values import (
    ForeignBook,
    ForeignCell,
    ForeignCells,
    ForeignFile,
    ForeignName,
    ForeignSheet,
    ForeignThings,
    Value,
    formatted_runs,
)
from perfxl.workbook.other_formats.xls_drawings import read_drawn

_STATES = {0: "visible", 1: "hidden", 2: "veryHidden"}
_REFERENCE, _STRING, _NUMBER = -1, 1, 2  # kinds of a name's result: xlrd.formula.oREF and others
_BROKEN = b"\x3c\x5c\x7c\x3d\x5d\x7d"  # PtgRefErr3d and PtgAreaErr3d, in each of their classes (MS-XLS 2.5.198.86)


def read(source: ForeignFile) -> ForeignBook:
    """Return the workbook. Raises PackageError: ``encrypted``, or ``cannot_convert`` for one that is damaged."""
    book = _open_book(source)
    sheets = tuple(_read_sheet(source, book, index) for index in range(book.nsheets))
    properties, related = dict(_read_properties(source.data)), tuple(_related(source.data))
    return ForeignBook(sheets, tuple(_read_names(book)), properties, book.datemode == 1, related)


def _open_book(source: ForeignFile) -> Any:
    """Return xlrd's workbook. Raises PackageError: ``encrypted``, ``cannot_convert``."""
    from xlrd import XLRDError, open_workbook

    for encoding in (None, "gb18030"):  # before Excel 97, text is in the code page that the file states or omits
        try:
            return open_workbook(
                file_contents=source.data,
                formatting_info=True,
                logfile=io.StringIO(),
                encoding_override=encoding,
                on_demand=True,  # keeps the records in memory
                ragged_rows=True,  # does not pad every row to the sheet's last column
            )
        except XLRDError as error:
            if "encrypted" in str(error):
                raise source.refusal("encrypted") from error
            raise source.refusal("cannot_convert") from error
        except UnicodeDecodeError:
            continue
    raise source.refusal("cannot_convert")


def _read_sheet(source: ForeignFile, book: Any, index: int) -> ForeignSheet:
    """Return a sheet of xlrd's workbook, by its index."""
    import xlrd

    sheet = book.sheet_by_index(index)
    formulas = set(_formula_cells(book.mem or b"", book._sh_abs_posn[index]))
    kinds = {xlrd.XL_CELL_NUMBER: float, xlrd.XL_CELL_DATE: float, xlrd.XL_CELL_BOOLEAN: bool, xlrd.XL_CELL_TEXT: str}
    cells, codes = ForeignCells(source), _format_codes(book)
    for row in range(sheet.nrows):
        for column, (kind, raw, format) in enumerate(_row_cells(sheet, row)):
            error = kind == xlrd.XL_CELL_ERROR
            value: Value = kinds[kind](raw) if kind in kinds else None
            value = xlrd.error_text_from_code.get(raw, "#N/A") if error else value
            style = book.xf_list[format]
            formula = "" if (row, column) in formulas else None
            locked, struck = bool(style.protection.cell_locked), bool(_run(book, "", style.font_index or 0).struck)
            runs = tuple(_runs(book, style, str(value), sheet.rich_text_runlist_map.get((row, column), ())))
            code = codes.get(style.format_key) or "General"
            cells.put(row, column, ForeignCell(value, code, locked, struck, error, formula, formatted_runs(runs)))
    merges = tuple(Merge(row, column, last - 1, end - 1) for row, last, column, end in sheet.merged_cells)
    hidden = frozenset(row for row, info in sheet.rowinfo_map.items() if info.hidden)
    things = _read_things(sheet, book.mem or b"", book._sh_abs_posn[index])
    return ForeignSheet(sheet.name, cells, merges, hidden, _STATES.get(sheet.visibility, "visible"), things)


def _read_things(sheet: Any, stream: bytes, at: int) -> ForeignThings:
    """Return what a sheet has beside its cells; ``at``: the offset of its records."""
    things = ForeignThings()
    for place, note in sorted(sheet.cell_note_map.items()):
        things.add_note(place, note.text, note.author)
    for link in sheet.hyperlink_list:
        path = link.url_or_path or ""
        target = _decode_text(path) if isinstance(path, bytes) else path
        things.add_link((link.frowx, link.fcolx), target.rstrip("\0"), (link.textmark or "").rstrip("\0"))
    for drawn in read_drawn(stream, at):
        things.add_drawn(drawn)
    return things


def _format_codes(book: Any) -> dict[int, str]:
    """Return the number formats by their ids: those that the file states (FORMAT, MS-XLS 2.4.126), else as in .xlsx."""
    # book.format_map has American ones for the ids that the file leaves to the program
    return {**BUILTIN, **{format.format_key: format.format_str for format in book.format_list}}


def _runs(book: Any, style: Any, text: str, changes: Sequence[tuple[int, int]]) -> Iterator[Run]:
    """Yield the pieces of a text; ``changes``: where in the text which font begins. None for a text of one font."""
    starts = [(0, style.font_index), *changes, (len(text), 0)]
    for (start, font_index), (end, _) in pairwise(starts if changes else ()):
        yield _run(book, text[start:end], font_index)


def _run(book: Any, text: str, font_index: int) -> Run:
    """Return a text in a font; before Excel 3 there are cells without one."""
    if not 0 <= font_index < len(book.font_list):
        return Run(text, False)
    font = book.font_list[font_index]
    return Run(text, bool(font.struck_out), {1: 1, 2: -1}.get(font.escapement, 0))


def _row_cells(sheet: Any, row: int) -> Iterator[tuple[int, Any, int]]:
    """Yield the type, value and format index of each cell of a row."""
    formats = (sheet.cell_xf_index(row, column) for column in range(sheet.row_len(row)))
    return zip(sheet.row_types(row), sheet.row_values(row), formats, strict=True)


_RECORD = struct.Struct("<HH")
_FORMULA, _END = 0x06, 0x0A


def _formula_cells(stream: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Yield the row and column of each cell of a sheet that holds a formula; ``at``: the offset of its records."""
    while at + 4 <= len(stream):
        kind, length = _RECORD.unpack_from(stream, at)
        if kind == _END:
            return
        if kind & 0xFF == _FORMULA and kind in (0x06, 0x206, 0x406) and at + 8 <= len(stream):
            yield _RECORD.unpack_from(stream, at + 4)  # row and column
        at += 4 + length


def _read_names(book: Any) -> Iterator[ForeignName]:
    """Yield the names that refer to cells, texts or numbers, and those that are broken."""
    for name in book.name_obj_list:
        if name.builtin or name.macro or name.scope < -1:
            continue
        sheet = None if name.scope == -1 else name.scope
        if name.result is not None and name.result.kind in (_REFERENCE, _STRING, _NUMBER) and name.result.text:
            yield ForeignName(name.name, sheet, name.result.text)
        elif name.raw_formula[:1] and name.raw_formula[0] in _BROKEN:
            yield ForeignName(name.name, sheet, "#REF!")


def _read_properties(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the custom document properties that are texts (MS-OLEPS 2.18.1, ``{D5CDD505-…}``)."""
    from olefile import OleFileIO, isOleFile

    stream = "\x05DocumentSummaryInformation"
    try:
        if not isOleFile(data=data):
            return
        with OleFileIO(data) as file:
            properties = file.get_userdefined_properties(stream) if file.exists(stream) else []
    except Exception:  # a damaged property set counts as none; olefile may raise any exception
        return
    for entry in properties:
        name, value = entry.get("property_name"), entry.get("value")
        text = _decode_text(value) if isinstance(value, bytes) else value
        if isinstance(name, str) and isinstance(text, str):
            yield name, text.rstrip("\0")


def _related(data: bytes) -> Iterator[str]:
    """Yield the kinds of other streams of the file: macros (MS-OVBA 2.2.1)."""
    from olefile import OleFileIO, isOleFile

    with suppress(Exception):  # as for the properties
        if isOleFile(data=data):
            with OleFileIO(data) as file:
                yield from ["vbaProject"] if file.exists("_VBA_PROJECT_CUR") else []


def _decode_text(value: bytes) -> str:
    """Return a text in UTF-8, or else in GB18030."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("gb18030", "replace")

"""A workbook of another format as a plain .xlsx package, in memory, for the ordinary reader.

The XML is written here, not by XlsxWriter, which refuses overlapping merges, unusual sheet names and names that refer
to nothing: the workbook is to be read as it was. No user ever sees this package.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator

from perfxl.workbook.ooxml.formula import absolute_range, address
from perfxl.workbook.ooxml.rich_text import Run
from perfxl.workbook.ooxml.zip_file import Part, write_zip
from perfxl.workbook.other_formats.values import ForeignBook, ForeignCell, ForeignSheet
from perfxl.workbook.other_formats.written_things import write_things
from perfxl.workbook.other_formats.written_xml import (
    HEAD,
    MAIN,
    OFFICE,
    PACKAGE,
    escape_text,
    quote_attribute,
    relations_part,
)

_TYPE = "application/vnd.openxmlformats-officedocument"

Formats = dict[tuple[str, bool, bool], int]
"""The cell formats in use: number format code, lock and strikethrough, with their indexes."""


def write_package(book: ForeignBook) -> bytes:
    """Return the package of a workbook. Parts are stored, not deflated: they are read at once and never saved."""
    formats: Formats = {("General", True, False): 0}
    sheets: dict[str, str] = {}
    for at, sheet in enumerate(book.sheets, start=1):
        written = write_things(sheet.things, at)
        sheets |= {f"xl/worksheets/sheet{at}.xml": _sheet_part(sheet, formats, written.links), **written.parts}
    parts = {
        "[Content_Types].xml": _types_part(len(book.sheets)),
        "_rels/.rels": relations_part(
            ("officeDocument", "xl/workbook.xml"), ("custom-properties", "docProps/custom.xml")
        ),
        "docProps/custom.xml": _properties_part(book),
        "xl/workbook.xml": _workbook_part(book),
        "xl/_rels/workbook.xml.rels": relations_part(
            *(("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(book.sheets) + 1)),
            ("styles", "styles.xml"),
            *((kind, "") for kind in dict.fromkeys(book.related)),
        ),
        "xl/styles.xml": _styles_part(formats),
        **sheets,
    }
    return write_zip(_stored_part(name, text.encode()) for name, text in parts.items())


def _stored_part(name: str, data: bytes) -> Part:
    """Return a part of the zip archive, uncompressed."""
    return Part(name, data, zlib.crc32(data), len(data), zipfile.ZIP_STORED)


def _types_part(sheets: int) -> str:
    """Return ``[Content_Types].xml`` for a number of sheets."""
    parts = {
        "/xl/workbook.xml": f"{_TYPE}.spreadsheetml.sheet.main+xml",
        "/xl/styles.xml": f"{_TYPE}.spreadsheetml.styles+xml",
        "/docProps/custom.xml": f"{_TYPE}.custom-properties+xml",
        **{f"/xl/worksheets/sheet{at}.xml": f"{_TYPE}.spreadsheetml.worksheet+xml" for at in range(1, sheets + 1)},
    }
    overrides = "".join(f'<Override PartName="{name}" ContentType="{type}"/>' for name, type in parts.items())
    relations = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{relations}{overrides}</Types>'


def _properties_part(book: ForeignBook) -> str:
    """Return the part of the custom document properties."""
    properties = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{at}" name={quote_attribute(name)}>'
        f"<vt:lpwstr>{escape_text(value)}</vt:lpwstr></property>"
        for at, (name, value) in enumerate(book.properties.items(), start=2)
    )
    spaces = f'xmlns="{OFFICE}/custom-properties" xmlns:vt="{OFFICE}/docPropsVTypes"'
    return f"{HEAD}<Properties {spaces}>{properties}</Properties>"


def _workbook_part(book: ForeignBook) -> str:
    """Return ``workbook.xml``: the sheets and the defined names."""
    sheets = "".join(
        f'<sheet name={quote_attribute(sheet.name)} sheetId="{at}" state="{sheet.state}" r:id="rId{at}"/>'
        for at, sheet in enumerate(book.sheets, start=1)
    )
    names = "".join(
        f"<definedName name={quote_attribute(name.name)}{_scope_attribute(name.sheet)}>{escape_text(name.text)}"
        "</definedName>"
        for name in book.names
    )
    epoch = '<workbookPr date1904="1"/>' if book.epoch_1904 else ""
    names = f"<definedNames>{names}</definedNames>" if names else ""
    spaces = f'xmlns="{MAIN}" xmlns:r="{OFFICE}/relationships"'
    return f"{HEAD}<workbook {spaces}>{epoch}<sheets>{sheets}</sheets>{names}</workbook>"


def _scope_attribute(sheet: int | None) -> str:
    """Return the attribute that makes a name local to a sheet; empty for a name of the workbook."""
    return "" if sheet is None else f' localSheetId="{sheet}"'


def _styles_part(formats: Formats) -> str:
    """Return ``styles.xml`` with these cell formats."""
    codes = {code: 164 + at for at, code in enumerate(dict.fromkeys(code for code, _, _ in formats))}
    number_formats = "".join(
        f'<numFmt numFmtId="{id}" formatCode={quote_attribute(code)}/>' for code, id in codes.items()
    )
    cells = "".join(
        f'<xf numFmtId="{codes[code]}" fontId="{int(struck)}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
        f' applyProtection="1"><protection locked="{int(locked)}"/></xf>'
        for code, locked, struck in formats
    )
    return (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="{len(codes)}">{number_formats}</numFmts>'
        '<fonts count="2"><font><sz val="11"/></font><font><strike/><sz val="11"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(formats)}">{cells}</cellXfs></styleSheet>'
    )


def _sheet_part(sheet: ForeignSheet, formats: Formats, links: str) -> str:
    """Return the part of a sheet; adds its formats to ``formats``. ``links``: the element of its links."""
    merges = "".join(f'<mergeCell ref="{absolute_range(*merge)}"/>' for merge in sheet.merges)
    merges = f'<mergeCells count="{len(sheet.merges)}">{merges}</mergeCells>' if merges else ""
    rows = "".join(_rows(sheet, formats))
    spaces = f'xmlns="{MAIN}" xmlns:r="{OFFICE}/relationships"'
    return f"{HEAD}<worksheet {spaces}><sheetData>{rows}</sheetData>{merges}{links}</worksheet>"


def _rows(sheet: ForeignSheet, formats: Formats) -> Iterator[str]:
    """Yield the rows of a sheet, in order."""
    rows: dict[int, list[int]] = {row: [] for row in sheet.hidden_rows}
    for row, column in sheet.cells:
        rows.setdefault(row, []).append(column)
    for row, columns in sorted(rows.items()):
        hidden = ' hidden="1"' if row in sheet.hidden_rows else ""
        cells = "".join(_cell(row, column, sheet.cells[row, column], formats) for column in sorted(columns))
        yield f'<row r="{row + 1}"{hidden}>{cells}</row>'


def _cell(row: int, column: int, cell: ForeignCell, formats: Formats) -> str:
    """Return the element of a cell."""
    style = formats.setdefault((cell.format, cell.locked, cell.struck), len(formats))
    formula = "" if cell.formula is None else f"<f>{escape_text(cell.formula)}</f>"
    kind, content = _content(cell, formula)
    return f'<c r="{address(row, column)}" s="{style}"{kind}>{content}</c>'


def _content(cell: ForeignCell, formula: str) -> tuple[str, str]:
    """Return the cell's type, as an attribute, and its content."""
    value = cell.value
    if value is None:
        return "", formula
    if cell.error:
        return ' t="e"', f"{formula}<v>{escape_text(str(value))}</v>"
    if isinstance(value, bool):
        return ' t="b"', f"{formula}<v>{int(value)}</v>"
    if not isinstance(value, str) and math.isfinite(value):
        return "", f"{formula}<v>{value!r}</v>"
    text = escape_text(str(value))
    if formula:
        return ' t="str"', f'{formula}<v xml:space="preserve">{text}</v>'
    inner = "".join(map(_run, cell.runs)) or f'<t xml:space="preserve">{text}</t>'
    return ' t="inlineStr"', f"<is>{inner}</is>"


def _run(run: Run) -> str:
    """Return the element of a piece of a text."""
    strike = "<strike/>" if run.struck else ""
    raised = f'<vertAlign val="{"superscript" if run.raised > 0 else "subscript"}"/>' if run.raised else ""
    properties = "" if run.struck is None else f"<rPr>{strike}{raised}</rPr>"
    return f'<r>{properties}<t xml:space="preserve">{escape_text(run.text)}</t></r>'

"""A workbook of another format as a plain .xlsx package, in memory, for the ordinary reader.

The XML is written here, not by XlsxWriter, which refuses overlapping merges, unusual sheet names and names that refer
to nothing: the workbook is to be read as it was. No user ever sees this package.
"""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from perfxl.workbook.ooxml.formula import absolute_range, address
from perfxl.workbook.ooxml.rich_text import Run
from perfxl.workbook.ooxml.zip_file import Part, write_zip
from perfxl.workbook.other_formats.values import ForeignBook, ForeignCell, ForeignSheet

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Formats = dict[tuple[str, bool, bool], int]
"""The cell formats in use: number format code, lock and strikethrough, with their indexes."""


def write_package(book: ForeignBook) -> bytes:
    """Return the package of a workbook. Parts are stored, not deflated: they are read at once and never saved."""
    formats: Formats = {("General", True, False): 0}
    sheets = {
        f"xl/worksheets/sheet{at}.xml": _sheet_part(sheet, formats) for at, sheet in enumerate(book.sheets, start=1)
    }
    parts = {
        "[Content_Types].xml": _types_part(len(book.sheets)),
        "_rels/.rels": _relations_part(
            ("officeDocument", "xl/workbook.xml"), ("custom-properties", "docProps/custom.xml")
        ),
        "docProps/custom.xml": _properties_part(book),
        "xl/workbook.xml": _workbook_part(book),
        "xl/_rels/workbook.xml.rels": _relations_part(
            *(("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(book.sheets) + 1)),
            ("styles", "styles.xml"),
        ),
        "xl/styles.xml": _styles_part(formats),
        **sheets,
    }
    return write_zip(_stored_part(name, text.encode()) for name, text in parts.items())


def _stored_part(name: str, data: bytes) -> Part:
    """Return a part of the zip archive, uncompressed."""
    return Part(name, data, zlib.crc32(data), len(data), zipfile.ZIP_STORED)


_NO_XML = re.compile("[\0-\x08\x0b-\x1f\ufffe\uffff]|_x(?=[0-9A-Fa-f]{4}_)")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _escape_text(value: str) -> str:
    """Escape a text as an ST_Xstring (ECMA-376 part 1, 22.9.2.19): what XML cannot hold, and what looks escaped."""
    sound = _SURROGATE.sub("\ufffd", value)
    return escape(_NO_XML.sub(lambda match: f"_x{ord(match[0][0]):04X}_" + match[0][1:], sound))


def _quote_attribute(value: str) -> str:
    """Return a text as a quoted attribute value; characters that XML cannot hold are replaced."""
    return quoteattr(_SURROGATE.sub("\ufffd", re.sub("[\0-\x1f\ufffe\uffff]", " ", value)))


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
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{relations}{overrides}</Types>'


def _relations_part(*targets: tuple[str, str]) -> str:
    """Return a relationships part; ``targets``: type and target of each relation."""
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/relationships/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def _properties_part(book: ForeignBook) -> str:
    """Return the part of the custom document properties."""
    properties = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{at}" name={_quote_attribute(name)}>'
        f"<vt:lpwstr>{_escape_text(value)}</vt:lpwstr></property>"
        for at, (name, value) in enumerate(book.properties.items(), start=2)
    )
    spaces = f'xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes"'
    return f"{_HEAD}<Properties {spaces}>{properties}</Properties>"


def _workbook_part(book: ForeignBook) -> str:
    """Return ``workbook.xml``: the sheets and the defined names."""
    sheets = "".join(
        f'<sheet name={_quote_attribute(sheet.name)} sheetId="{at}" state="{sheet.state}" r:id="rId{at}"/>'
        for at, sheet in enumerate(book.sheets, start=1)
    )
    names = "".join(
        f"<definedName name={_quote_attribute(name.name)}{_scope_attribute(name.sheet)}>{_escape_text(name.text)}"
        "</definedName>"
        for name in book.names
    )
    epoch = '<workbookPr date1904="1"/>' if book.epoch_1904 else ""
    names = f"<definedNames>{names}</definedNames>" if names else ""
    spaces = f'xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships"'
    return f"{_HEAD}<workbook {spaces}>{epoch}<sheets>{sheets}</sheets>{names}</workbook>"


def _scope_attribute(sheet: int | None) -> str:
    """Return the attribute that makes a name local to a sheet; empty for a name of the workbook."""
    return "" if sheet is None else f' localSheetId="{sheet}"'


def _styles_part(formats: Formats) -> str:
    """Return ``styles.xml`` with these cell formats."""
    codes = {code: 164 + at for at, code in enumerate(dict.fromkeys(code for code, _, _ in formats))}
    number_formats = "".join(
        f'<numFmt numFmtId="{id}" formatCode={_quote_attribute(code)}/>' for code, id in codes.items()
    )
    cells = "".join(
        f'<xf numFmtId="{codes[code]}" fontId="{int(struck)}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
        f' applyProtection="1"><protection locked="{int(locked)}"/></xf>'
        for code, locked, struck in formats
    )
    return (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="{len(codes)}">{number_formats}</numFmts>'
        '<fonts count="2"><font><sz val="11"/></font><font><strike/><sz val="11"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(formats)}">{cells}</cellXfs></styleSheet>'
    )


def _sheet_part(sheet: ForeignSheet, formats: Formats) -> str:
    """Return the part of a sheet; adds its formats to ``formats``."""
    merges = "".join(f'<mergeCell ref="{absolute_range(*merge)}"/>' for merge in sheet.merges)
    merges = f'<mergeCells count="{len(sheet.merges)}">{merges}</mergeCells>' if merges else ""
    rows = "".join(_rows(sheet, formats))
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{merges}</worksheet>'


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
    formula = "" if cell.formula is None else f"<f>{_escape_text(cell.formula)}</f>"
    kind, content = _content(cell, formula)
    return f'<c r="{address(row, column)}" s="{style}"{kind}>{content}</c>'


def _content(cell: ForeignCell, formula: str) -> tuple[str, str]:
    """Return the cell's type, as an attribute, and its content."""
    value = cell.value
    if value is None:
        return "", formula
    if cell.error:
        return ' t="e"', f"{formula}<v>{_escape_text(str(value))}</v>"
    if isinstance(value, bool):
        return ' t="b"', f"{formula}<v>{int(value)}</v>"
    if not isinstance(value, str) and math.isfinite(value):
        return "", f"{formula}<v>{value!r}</v>"
    text = _escape_text(str(value))
    if formula:
        return ' t="str"', f'{formula}<v xml:space="preserve">{text}</v>'
    inner = "".join(map(_run, cell.runs)) or f'<t xml:space="preserve">{text}</t>'
    return ' t="inlineStr"', f"<is>{inner}</is>"


def _run(run: Run) -> str:
    """Return the element of a piece of a text."""
    strike = "<strike/>" if run.struck else ""
    raised = f'<vertAlign val="{"superscript" if run.raised > 0 else "subscript"}"/>' if run.raised else ""
    properties = "" if run.struck is None else f"<rPr>{strike}{raised}</rPr>"
    return f'<r>{properties}<t xml:space="preserve">{_escape_text(run.text)}</t></r>'

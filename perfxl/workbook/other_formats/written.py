"""A workbook of another format as a plain package, in memory: what the ordinary reader is given.

Written by hand, not by XlsxWriter, which refuses overlapping merges, unusual sheet names and names that point nowhere:
here everything is to be read as it stood. Nobody gets this package to see.
"""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from perfxl.workbook.ooxml.formula import absolute_range, address
from perfxl.workbook.ooxml.zip import Part, write_zip
from perfxl.workbook.other_formats.values import ForeignBook, ForeignCell, ForeignSheet

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Formats = dict[tuple[str, bool], int]
"""The cell formats in use, a number format code and a lock each, with their places."""


def write_package(book: ForeignBook) -> bytes:
    """The package of a workbook. Parts are stored, not deflated: they are read at once, and nowhere kept."""
    formats: Formats = {("General", True): 0}
    sheets = {f"xl/worksheets/sheet{at}.xml": _sheet(each, formats) for at, each in enumerate(book.sheets, start=1)}
    parts = {
        "[Content_Types].xml": _types(len(book.sheets)),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml"), ("custom-properties", "docProps/custom.xml")),
        "docProps/custom.xml": _properties(book),
        "xl/workbook.xml": _workbook(book),
        "xl/_rels/workbook.xml.rels": _relations(
            *(("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(book.sheets) + 1)),
            ("styles", "styles.xml"),
        ),
        "xl/styles.xml": _styles(formats),
        **sheets,
    }
    return write_zip(_store(name, text.encode()) for name, text in parts.items())


def _store(name: str, data: bytes) -> Part:
    return Part(name, data, zlib.crc32(data), len(data), zipfile.ZIP_STORED)


_NO_XML = re.compile("[\0-\x08\x0b-\x1f\ufffe\uffff]|_x(?=[0-9A-Fa-f]{4}_)")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _text(value: str) -> str:
    """A text as an ST_Xstring (ECMA-376 part 1, 22.9.2.19): what XML cannot hold is escaped, and so is an escape."""
    sound = _SURROGATE.sub("\ufffd", value)
    return escape(_NO_XML.sub(lambda found: f"_x{ord(found[0][0]):04X}_" + found[0][1:], sound))


def _attribute(value: str) -> str:
    return quoteattr(_SURROGATE.sub("\ufffd", re.sub("[\0-\x1f\ufffe\uffff]", " ", value)))


def _types(sheets: int) -> str:
    parts = {
        "/xl/workbook.xml": f"{_TYPE}.spreadsheetml.sheet.main+xml",
        "/xl/styles.xml": f"{_TYPE}.spreadsheetml.styles+xml",
        "/docProps/custom.xml": f"{_TYPE}.custom-properties+xml",
        **{f"/xl/worksheets/sheet{at}.xml": f"{_TYPE}.spreadsheetml.worksheet+xml" for at in range(1, sheets + 1)},
    }
    overrides = "".join(f'<Override PartName="{name}" ContentType="{type}"/>' for name, type in parts.items())
    relations = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{relations}{overrides}</Types>'


def _relations(*targets: tuple[str, str]) -> str:
    made = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/relationships/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{made}</Relationships>'


def _properties(book: ForeignBook) -> str:
    made = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{at}" name={_attribute(name)}>'
        f"<vt:lpwstr>{_text(value)}</vt:lpwstr></property>"
        for at, (name, value) in enumerate(book.properties.items(), start=2)
    )
    spaces = f'xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes"'
    return f"{_HEAD}<Properties {spaces}>{made}</Properties>"


def _workbook(book: ForeignBook) -> str:
    sheets = "".join(
        f'<sheet name={_attribute(sheet.name)} sheetId="{at}" state="{sheet.state}" r:id="rId{at}"/>'
        for at, sheet in enumerate(book.sheets, start=1)
    )
    names = "".join(
        f"<definedName name={_attribute(each.name)}{_of_sheet(each.sheet)}>{_text(each.text)}</definedName>"
        for each in book.names
    )
    epoch = '<workbookPr date1904="1"/>' if book.epoch_1904 else ""
    names = f"<definedNames>{names}</definedNames>" if names else ""
    spaces = f'xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships"'
    return f"{_HEAD}<workbook {spaces}>{epoch}<sheets>{sheets}</sheets>{names}</workbook>"


def _of_sheet(sheet: int | None) -> str:
    return "" if sheet is None else f' localSheetId="{sheet}"'


def _styles(formats: Formats) -> str:
    codes = {code: 164 + at for at, code in enumerate(dict.fromkeys(code for code, _ in formats))}
    made = "".join(f'<numFmt numFmtId="{id}" formatCode={_attribute(code)}/>' for code, id in codes.items())
    cells = "".join(
        f'<xf numFmtId="{codes[code]}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
        f' applyProtection="1"><protection locked="{int(locked)}"/></xf>'
        for code, locked in formats
    )
    return (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="{len(codes)}">{made}</numFmts>'
        '<fonts count="1"><font><sz val="11"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(formats)}">{cells}</cellXfs></styleSheet>'
    )


def _sheet(sheet: ForeignSheet, formats: Formats) -> str:
    merges = "".join(f'<mergeCell ref="{absolute_range(*merge)}"/>' for merge in sheet.merges)
    merges = f'<mergeCells count="{len(sheet.merges)}">{merges}</mergeCells>' if merges else ""
    rows = "".join(_rows(sheet, formats))
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{merges}</worksheet>'


def _rows(sheet: ForeignSheet, formats: Formats) -> Iterator[str]:
    rows: dict[int, list[int]] = {row: [] for row in sheet.hidden_rows}
    for row, column in sheet.cells:
        rows.setdefault(row, []).append(column)
    for row, columns in sorted(rows.items()):
        hidden = ' hidden="1"' if row in sheet.hidden_rows else ""
        cells = "".join(_cell(row, column, sheet.cells[row, column], formats) for column in sorted(columns))
        yield f'<row r="{row + 1}"{hidden}>{cells}</row>'


def _cell(row: int, column: int, cell: ForeignCell, formats: Formats) -> str:
    style = formats.setdefault((cell.format, cell.locked), len(formats))
    formula = "" if cell.formula is None else f"<f>{_text(cell.formula)}</f>"
    kind, content = _content(cell, formula)
    return f'<c r="{address(row, column)}" s="{style}"{kind}>{content}</c>'


def _content(cell: ForeignCell, formula: str) -> tuple[str, str]:
    """The cell's type, as an attribute, and what stands in it."""
    value = cell.value
    if value is None:
        return "", formula
    if cell.error:
        return ' t="e"', f"{formula}<v>{_text(str(value))}</v>"
    if isinstance(value, bool):
        return ' t="b"', f"{formula}<v>{int(value)}</v>"
    if not isinstance(value, str) and math.isfinite(value):
        return "", f"{formula}<v>{value!r}</v>"
    text = _text(str(value))
    if formula:
        return ' t="str"', f'{formula}<v xml:space="preserve">{text}</v>'
    return ' t="inlineStr"', f'<is><t xml:space="preserve">{text}</t></is>'

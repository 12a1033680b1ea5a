"""A workbook's .xlsx as other programs would have saved it: .xlsb, SpreadsheetML of 2003, the page of Excel.

LibreOffice writes the first not at all, the second only with a filter that few installations have, the third in its own
way. What is in the .xlsx is told by openpyxl; what is written follows the formats' documents, not perfxl's readers.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape as xml
from xml.sax.saxutils import quoteattr

import openpyxl
from openpyxl.utils import column_index_from_string, range_boundaries

FIRST_FORMAT = 164
"""The id of a .xlsb's first number format; those below belong to the program, unless the file states them."""


@dataclass(frozen=True)
class Cell:
    row: int
    column: int
    value: Any
    format: str
    locked: bool


@dataclass
class Sheet:
    name: str
    state: str
    cells: list[Cell]
    merges: list[tuple[int, int, int, int]]
    hidden: set[int]
    names: dict[str, str] = field(default_factory=dict)


@dataclass
class Told:
    """What openpyxl tells of a workbook. Rows and columns from 0."""

    sheets: list[Sheet]
    names: dict[str, str]
    properties: dict[str, str]


def told(data: bytes) -> Told:
    book = openpyxl.load_workbook(BytesIO(data), data_only=True)
    sheets = []
    for each in book.worksheets:
        cells = [
            Cell(cell.row - 1, cell.column - 1, cell.value, cell.number_format, bool(cell.protection.locked))
            for row in each.iter_rows()
            for cell in row
            if cell.has_style or cell.value is not None
        ]
        merges = [(r.min_row - 1, r.min_col - 1, r.max_row - 1, r.max_col - 1) for r in each.merged_cells.ranges]
        hidden = {row - 1 for row, how in each.row_dimensions.items() if how.hidden}
        names = {name: found.attr_text for name, found in each.defined_names.items()}
        sheets.append(Sheet(each.title, each.sheet_state, cells, merges, hidden, names))
    names = {name: found.attr_text for name, found in book.defined_names.items()}
    return Told(sheets, names, {prop.name: str(prop.value) for prop in book.custom_doc_props.props})


# A range or a text: what a name can stand for here; the longer formulas of the sheet's own checks are left out
RANGE = re.compile(r"('(?:[^']|'')*'|[^'!]+)!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?")


def simple(names: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in names.items() if RANGE.fullmatch(text) or re.fullmatch('"[^"]*"', text))


def styles(book: Told) -> list[tuple[str, bool]]:
    return list(dict.fromkeys((cell.format, cell.locked) for sheet in book.sheets for cell in sheet.cells))


# SpreadsheetML ------------------------------------------------------------------------------------------------------------


def spreadsheetml(data: bytes) -> bytes:
    book = told(data)
    known = styles(book)
    made = "".join(
        f'<Style ss:ID="s{at}"><NumberFormat ss:Format={quoteattr(code)}/><Protection ss:Protected="{int(locked)}"/></Style>'
        for at, (code, locked) in enumerate(known)
    )
    properties = "".join(f'<{name} dt:dt="string">{xml(value)}</{name}>' for name, value in book.properties.items())
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:html="http://www.w3.org/TR/REC-html40" xmlns:dt="uuid:C2F41010-65B3-11d1-A29F-00AA00C14882">\n'
        f'<CustomDocumentProperties xmlns="urn:schemas-microsoft-com:office:office">{properties}</CustomDocumentProperties>\n'
        f'<Styles><Style ss:ID="Default" ss:Name="Normal"/>{made}</Styles>\n{_ranges(book.names)}\n'
        + "".join(_worksheet(sheet, known) for sheet in book.sheets)
        + "</Workbook>\n"
    ).encode()


def _ranges(names: dict[str, str]) -> str:
    made = "".join(
        f"<NamedRange ss:Name={quoteattr(name)} ss:RefersTo={quoteattr('=' + _r1c1(text))}/>"
        for name, text in simple(names)
    )
    return f"<Names>{made}</Names>" if made else ""


def _r1c1(text: str) -> str:
    found = RANGE.fullmatch(text)
    if not found:
        return text
    first = f"R{found[3]}C{column_index_from_string(found[2])}"
    return f"{found[1]}!{first}" + (f":R{found[5]}C{column_index_from_string(found[4])}" if found[4] else "")


def _worksheet(sheet: Sheet, known: list[tuple[str, bool]]) -> str:
    spans = {(top, left): (bottom - top, right - left) for top, left, bottom, right in sheet.merges}
    covered = {at for top, left, bottom, right in sheet.merges for at in inside(top, left, bottom, right)} - set(spans)
    rows: dict[int, list[Cell]] = {row: [] for row in sheet.hidden}
    for cell in sheet.cells:
        if (cell.row, cell.column) not in covered:
            rows.setdefault(cell.row, []).append(cell)
    made = []
    before = -1
    for row, cells in sorted(rows.items()):
        index = f' ss:Index="{row + 1}"' if row != before + 1 else ""
        hidden = ' ss:Hidden="1"' if row in sheet.hidden else ""
        before = row
        made.append(f"<Row{index}{hidden}>{''.join(_cells(cells, spans, known))}</Row>\n")
    state = {"hidden": "SheetHidden", "veryHidden": "SheetVeryHidden"}.get(sheet.state, "SheetVisible")
    options = f'<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>{state}</Visible></WorksheetOptions>'
    return f"<Worksheet ss:Name={quoteattr(sheet.name)}>{_ranges(sheet.names)}<Table>\n{''.join(made)}</Table>{options}</Worksheet>\n"


def _cells(
    cells: list[Cell], spans: dict[tuple[int, int], tuple[int, int]], known: list[tuple[str, bool]]
) -> Iterator[str]:
    after = -1
    for cell in sorted(cells, key=lambda cell: cell.column):
        index = f' ss:Index="{cell.column + 1}"' if cell.column != after + 1 else ""
        down, across = spans.get((cell.row, cell.column), (0, 0))
        span = (f' ss:MergeAcross="{across}"' if across else "") + (f' ss:MergeDown="{down}"' if down else "")
        after = cell.column + across
        kind = {str: "String", bool: "Boolean"}.get(type(cell.value), "Number")
        text = xml(str(cell.value)).replace("\n", "&#10;") if kind == "String" else str(cell.value)
        value = "" if cell.value is None else f'<Data ss:Type="{kind}">{text}</Data>'
        yield f'<Cell{index}{span} ss:StyleID="s{known.index((cell.format, cell.locked))}">{value}</Cell>'


def inside(top: int, left: int, bottom: int, right: int) -> Iterator[tuple[int, int]]:
    return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


# The page of Excel --------------------------------------------------------------------------------------------------------


def excel_page(data: bytes, encoding: str = "gb2312") -> bytes:
    """The first visible sheet with answers as Excel 2003 and WPS write it: numbers in x:num, formats in classes."""
    book = told(data)
    sheet = next(each for each in book.sheets if each.state == "visible" and "px.id" in each.names)
    known = styles(book)
    css = "".join(
        f'.xl{24 + at}\n\t{{mso-style-parent:style0;\n\tmso-number-format:"{_css(code)}";\n\tmso-protection:{"locked" if locked else "unlocked"} visible;}}\n'
        for at, (code, locked) in enumerate(known)
    )
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in sheet.merges}
    covered = {at for merge in sheet.merges for at in inside(*merge)} - set(spans)
    held = {(cell.row, cell.column): cell for cell in sheet.cells}
    rows = []
    for row in range(max(cell.row for cell in sheet.cells) + 1):
        cells = []
        for column in range(max(cell.column for cell in sheet.cells) + 1):
            if (row, column) in covered:
                continue
            down, across = spans.get((row, column), (1, 1))
            span = (f" colspan={across}" if across > 1 else "") + (f" rowspan={down}" if down > 1 else "")
            cell = held.get((row, column))
            style = "" if cell is None else f" class=xl{24 + known.index((cell.format, cell.locked))}"
            if cell is None or cell.value is None:
                cells.append(f"<td{span}{style}></td>\n")
                continue
            number = (
                f' x:num="{cell.value}"'
                if isinstance(cell.value, (int, float))
                else " x:str"
                if _wordy(cell.value)
                else ""
            )
            shown = f"{cell.value:.0%}" if "%" in cell.format and number.startswith(" x:num") else str(cell.value)
            cells.append(f"<td{span}{style}{number}>{escape(shown, quote=False).replace(chr(10), '<br>')}</td>\n")
        hidden = " height=0 style='display:none;mso-height-source:userset'" if row in sheet.hidden else " height=19"
        rows.append(f"<tr{hidden}>\n{''.join(cells)}</tr>\n")
    return (
        '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns="http://www.w3.org/TR/REC-html40">\n<head>\n'
        f'<meta http-equiv=Content-Type content="text/html; charset={encoding}">\n<meta name=ProgId content=Excel.Sheet>\n'
        f"<style>\n<!--table\n{css}-->\n</style>\n<!--[if gte mso 9]><xml><x:ExcelWorkbook><x:ExcelWorksheets><x:ExcelWorksheet>\n"
        f"<x:Name>{escape(sheet.name)}</x:Name></x:ExcelWorksheet></x:ExcelWorksheets></x:ExcelWorkbook></xml><![endif]-->\n</head>\n"
        f"<body>\n<table x:str border=0>\n{''.join(rows)}<![if supportMisalignedColumns]><tr height=0 style='display:none'><td width=72></td></tr>"
        "<![endif]></table>\n</body>\n</html>\n"
    ).encode("gb18030" if encoding == "gb2312" else encoding)


def _wordy(value: Any) -> bool:
    return isinstance(value, str) and value[:1].isdigit()


def _css(code: str) -> str:
    quoted = code.replace('"', "\\0022")
    return re.sub(r"([#,;@_ ()-])", r"\\\1", quoted)


# .xlsb --------------------------------------------------------------------------------------------------------------------

_PARTS = "http://schemas.openxmlformats.org/package/2006"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def record(kind: int, data: bytes = b"") -> bytes:
    """A record of MS-XLSB 2.1.4: its number and its length in groups of seven bits."""
    head = bytes((kind,)) if kind < 0x80 else bytes((kind & 0x7F | 0x80, kind >> 7))
    length, size = b"", len(data)
    while True:
        length += bytes((size & 0x7F | (0x80 if size > 0x7F else 0),))
        size >>= 7
        if not size:
            return head + length + data


def wide(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<L", len(encoded) // 2) + encoded


def xlsb(data: bytes) -> bytes:
    """Strings shared and in the cells by turns, whole numbers and hundredths packed as RK, others as doubles."""
    book = told(data)
    known = styles(book)
    strings: dict[str, int] = {}
    sheets = [_binary_sheet(sheet, known, strings) for sheet in book.sheets]
    shared = b"".join(record(19, b"\0" + wide(text)) for text in strings)
    count = struct.pack("<LL", len(strings), len(strings))
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PARTS}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
            + "".join(f'<Override PartName="/xl/worksheets/sheet{at}.bin" ContentType="application/vnd.ms-excel.worksheet"/>' for at in range(1, len(sheets) + 1))
            + '<Override PartName="/xl/styles.bin" ContentType="application/vnd.ms-excel.styles"/>'
            '<Override PartName="/xl/sharedStrings.bin" ContentType="application/vnd.ms-excel.sharedStrings"/>'
            '<Override PartName="/docProps/custom.xml" ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/></Types>'
        ).encode(),
        "_rels/.rels": _rels(("officeDocument", "xl/workbook.bin"), ("custom-properties", "docProps/custom.xml")),
        "docProps/custom.xml": _custom(book.properties),
        "xl/workbook.bin": _binary_workbook(book),
        "xl/_rels/workbook.bin.rels": _rels(
            *(("worksheet", f"worksheets/sheet{at}.bin") for at in range(1, len(sheets) + 1)),
            ("styles", "styles.bin"), ("sharedStrings", "sharedStrings.bin"),
        ),
        "xl/styles.bin": _binary_styles(known),
        "xl/sharedStrings.bin": record(159, count) + shared + record(160),
        **{f"xl/worksheets/sheet{at}.bin": each for at, each in enumerate(sheets, start=1)},
    }  # fmt: skip
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def _rels(*targets: tuple[str, str]) -> bytes:
    made = "".join(
        f'<Relationship Id="rId{at}" Type="{_KINDS}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PARTS}/relationships">{made}</Relationships>'.encode()


def _custom(properties: dict[str, str]) -> bytes:
    made = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{at}" name={quoteattr(name)}><vt:lpwstr>{xml(value)}</vt:lpwstr></property>'
        for at, (name, value) in enumerate(properties.items(), start=2)
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006"
    return f'<Properties xmlns="{office}/custom-properties" xmlns:vt="{office}/docPropsVTypes">{made}</Properties>'.encode()


def _binary_workbook(book: Told) -> bytes:
    states = {"visible": 0, "hidden": 1, "veryHidden": 2}
    sheets = b"".join(
        record(156, struct.pack("<LL", states[sheet.state], at) + wide(f"rId{at}") + wide(sheet.name))
        for at, sheet in enumerate(book.sheets, start=1)
    )
    titles = [sheet.name for sheet in book.sheets]
    places = b"".join(struct.pack("<Lll", 0, at, at) for at in range(len(titles)))
    links = record(353) + record(357) + record(362, struct.pack("<L", len(titles)) + places) + record(354)
    names = [(name, text, -1) for name, text in simple(book.names)]
    names += [(name, text, at) for at, sheet in enumerate(book.sheets) for name, text in simple(sheet.names)]
    made = b"".join(
        record(39, struct.pack("<LBl", 0, 0, sheet) + wide(name) + _parsed(text, titles) + b"\xff\xff\xff\xff")
        for name, text, sheet in sorted(names)
    )
    return (
        record(131)
        + record(153, struct.pack("<LL", 0, 0) + wide(""))
        + record(143)
        + sheets
        + record(144)
        + links
        + made
        + record(132)
    )


def _parsed(text: str, titles: list[str]) -> bytes:
    """A name's formula: a text, a cell or a range of another sheet (MS-XLSB 2.5.97), with nothing behind it."""
    found = RANGE.fullmatch(text)
    if not found:
        plain = text[1:-1].encode("utf-16-le")
        tokens = b"\x17" + struct.pack("<H", len(plain) // 2) + plain
    else:
        sheet = titles.index(found[1].strip("'").replace("''", "'"))
        left, top, right, bottom = range_boundaries(
            f"{found[2]}{found[3]}:{found[4] or found[2]}{found[5] or found[3]}"
        )
        one = found[4] is None
        cell = struct.pack("<HLH", sheet, top - 1, left - 1)
        area = struct.pack("<HLLHH", sheet, top - 1, bottom - 1, left - 1, right - 1)
        tokens = b"\x3a" + cell if one else b"\x3b" + area
    return struct.pack("<L", len(tokens)) + tokens + struct.pack("<L", 0)


def _binary_styles(known: list[tuple[str, bool]]) -> bytes:
    formats = b"".join(
        record(44, struct.pack("<H", FIRST_FORMAT + at) + wide(code)) for at, (code, _) in enumerate(known)
    )
    font = record(
        43,
        struct.pack("<HHHHBBBB", 220, 0, 400, 0, 0, 0, 134, 0)
        + bytes((0, 0xFF))
        + struct.pack("<HL", 0, 0)
        + b"\0"
        + wide("宋体"),
    )
    fill = record(45, struct.pack("<L", 0) + bytes(64))
    border = record(46, bytes(1) + 5 * (bytes(2) + bytes(8)))
    cells = b"".join(_xf(0, FIRST_FORMAT + at, locked) for at, (_, locked) in enumerate(known))

    def group(begin: int, count: int, held: bytes) -> bytes:
        return record(begin, struct.pack("<L", count)) + held + record(begin + 1)

    return (
        record(278) + group(615, len(known), formats) + group(611, 1, font) + group(603, 2, fill + fill) + group(613, 1, border)
        + group(626, 1, _xf(0xFFFF, 0, True)) + group(617, len(known), cells) + record(279)
    )  # fmt: skip


def _xf(parent: int, format: int, locked: bool) -> bytes:
    return record(47, struct.pack("<HHHHHBBHH", parent, format, 0, 0, 0, 0, 0, 0x1000 if locked else 0, 0x3F))


def _binary_sheet(sheet: Sheet, known: list[tuple[str, bool]], strings: dict[str, int]) -> bytes:
    rows: dict[int, list[Cell]] = {row: [] for row in sheet.hidden}
    for cell in sheet.cells:
        rows.setdefault(cell.row, []).append(cell)
    made = []
    for row, cells in sorted(rows.items()):
        hidden = 0x10 if row in sheet.hidden else 0
        made.append(record(0, struct.pack("<LLHBBB", row, 0, 300, 0, hidden, 0) + struct.pack("<L", 0)))
        made += [_binary_cell(cell, known, strings) for cell in sorted(cells, key=lambda cell: cell.column)]
    merges = b"".join(
        record(176, struct.pack("<4L", top, bottom, left, right)) for top, left, bottom, right in sheet.merges
    )
    merged = record(177, struct.pack("<L", len(sheet.merges))) + merges + record(178) if merges else b""
    last = max(rows, default=0), max((cell.column for cell in sheet.cells), default=0)
    return (
        record(129)
        + record(148, struct.pack("<4L", 0, last[0], 0, last[1]))
        + record(145)
        + b"".join(made)
        + record(146)
        + merged
        + record(130)
    )


def _binary_cell(cell: Cell, known: list[tuple[str, bool]], strings: dict[str, int]) -> bytes:
    head = struct.pack("<LL", cell.column, known.index((cell.format, cell.locked)))
    value = cell.value
    if value is None:
        return record(1, head)
    if isinstance(value, bool):
        return record(4, head + bytes((value,)))
    if isinstance(value, str) and (cell.row + cell.column) % 2:
        return record(6, head + wide(value))
    if isinstance(value, str):
        return record(7, head + struct.pack("<L", strings.setdefault(value, len(strings))))
    if value == int(value) and abs(value) < 1 << 29:
        return record(2, head + struct.pack("<l", int(value) << 2 | 2))
    if round(value * 100) / 100 == value and abs(value) < 1 << 22:
        return record(2, head + struct.pack("<l", round(value * 100) << 2 | 3))
    return record(5, head + struct.pack("<d", value))

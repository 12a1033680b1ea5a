"""A workbook of data for pivot tables: each sheet an Excel table, its numbers numbers and its codes texts.

It is written piece by piece, so that it takes the same memory for any number of rows; XlsxWriter writes no tables so.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO

from perfxl.workbook.ooxml.edit import DECLARATION, escape_text, quote_attribute
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.ooxml.sheet_writer import MAIN
from perfxl.workbook.sheet import look
from perfxl.workbook.sheet.colours import LABEL_FILL

LONGEST_TEXT = 32_767
"""The most characters of a cell (Excel specifications and limits)."""
MOST_ROWS = 1_048_576
"""The most rows of a sheet."""
TEXT, NUMBER = "@", "General"

Value = str | int | float | None

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_NO_SHEET_NAME = str.maketrans(dict.fromkeys("[]:*?/\\'!", "_"))
_MOST_UNITS = 31  # of UTF-16, in a sheet's name
_BATCH = 500  # rows that are handed to the zip at once


@dataclass(frozen=True)
class DataColumn:
    """A column: its heading, its width in digits, its number format (``TEXT`` for texts)."""

    heading: str
    width: float = 14
    format: str = TEXT


@dataclass(frozen=True)
class DataSheet:
    """A sheet: its name, its columns, of which no two have one heading, and its rows, a value for each column."""

    name: str
    columns: Sequence[DataColumn]
    rows: Iterable[Sequence[Value]]


class SheetFull(Exception):
    """A sheet has more rows than Excel takes."""


def write_data_workbook(sheets: Sequence[DataSheet], stream: BinaryIO) -> list[int]:
    """Write a workbook; return the number of rows of each sheet. The same sheets give the same bytes."""
    formats = list(dict.fromkeys([TEXT, NUMBER, *(column.format for sheet in sheets for column in sheet.columns)]))
    counts = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        _add(package, "[Content_Types].xml", _types_part(len(sheets)))
        _add(package, "_rels/.rels", _relations(("officeDocument", "xl/workbook.xml")))
        _add(package, "xl/workbook.xml", _workbook_part([*_sheet_names(sheets)]))
        _add(package, "xl/_rels/workbook.xml.rels", _relations(
            *(("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(sheets) + 1)), ("styles", "styles.xml")
        ))  # fmt: skip
        _add(package, "xl/styles.xml", _styles_part(formats))
        for at, sheet in enumerate(sheets, start=1):
            with _open(package, f"xl/worksheets/sheet{at}.xml") as part:
                counts.append(_write_sheet(sheet, formats, part))
            _add(package, f"xl/worksheets/_rels/sheet{at}.xml.rels", _relations(("table", f"../tables/table{at}.xml")))
            _add(package, f"xl/tables/table{at}.xml", _table_part(at, sheet.columns, counts[-1]))
    return counts


@contextmanager
def _open(package: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """Open a part for writing, dated as every part that perfxl writes."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 0  # the same bytes on every system
    with package.open(info, "w") as part:
        yield part


def _add(package: zipfile.ZipFile, name: str, xml: str) -> None:
    with _open(package, name) as part:
        part.write(DECLARATION + xml.encode())


def _sheet_names(sheets: Iterable[DataSheet]) -> Iterator[str]:
    """Yield names that Excel takes, of which no two are one."""
    seen: set[str] = set()
    for sheet in sheets:
        base = sheet.name.translate(_NO_SHEET_NAME) or "_"
        name, nth = _cut(base), 1
        while name.casefold() in seen:
            nth += 1
            name = _cut(base, f"-{nth}")
        seen.add(name.casefold())
        yield name


def _cut(name: str, end: str = "") -> str:
    """Return a name with this end, no longer than a sheet's may be."""
    while len((name + end).encode("utf-16-le", "replace")) > 2 * _MOST_UNITS:
        name = name[:-1]
    return name + end


def _write_sheet(sheet: DataSheet, formats: Sequence[str], part: IO[bytes]) -> int:
    """Write a worksheet; return the number of its rows. Raises SheetFull."""
    styles = [formats.index(column.format) + 2 for column in sheet.columns]
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{column.width:g}" style="{style}" customWidth="1"/>'
        for at, (column, style) in enumerate(zip(sheet.columns, styles, strict=True), start=1)
    )
    part.write(DECLARATION + (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>'
    ).encode())  # fmt: skip
    headings = [_heading(column) for column in sheet.columns]
    lines = [_row_xml(1, headings, [1] * len(styles))]
    count = 0
    for count, row in enumerate(sheet.rows, start=1):
        if count >= MOST_ROWS:
            raise SheetFull
        lines.append(_row_xml(count + 1, row, styles))
        if len(lines) >= _BATCH:
            part.write("".join(lines).encode("utf-8", "backslashreplace"))
            lines = []
    part.write("".join(lines).encode("utf-8", "backslashreplace"))
    part.write(
        b'</sheetData><pageMargins left="0.5" right="0.5" top="0.7" bottom="0.8" header="0.3" footer="0.3"/>'
        b'<pageSetup paperSize="9" orientation="landscape"/><tableParts count="1"><tablePart r:id="rId1"/></tableParts>'
        b"</worksheet>"
    )
    return count


def _heading(column: DataColumn) -> str:
    """Return a heading on one line: a table's column has the very words of its cell."""
    return " ".join(column.heading.split())


def _row_xml(number: int, values: Sequence[Value], styles: Sequence[int]) -> str:
    cells = (
        _cell_xml(f"{letters}{number}", value, style)
        for letters, value, style in zip(_letters(len(styles)), values, styles, strict=True)
        if value is not None and value != ""
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


_LETTERS: list[str] = []


def _letters(count: int) -> Sequence[str]:
    """Return the letters of the first columns."""
    while len(_LETTERS) < count:
        _LETTERS.append(address(0, len(_LETTERS)).rstrip("1"))
    return _LETTERS[:count]


def _cell_xml(ref: str, value: Value, style: int) -> str:
    if isinstance(value, str):
        text = value if len(value) <= LONGEST_TEXT else f"{value[: LONGEST_TEXT - 1]}…"
        return f'<c r="{ref}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape_text(text)}</t></is></c>'
    return f'<c r="{ref}" s="{style}"><v>{value!r}</v></c>'


def _table_part(at: int, columns: Sequence[DataColumn], rows: int) -> str:
    """Return the table over a sheet's rows; one without rows has a blank one."""
    ref = f"A1:{address(max(rows, 1), len(columns) - 1)}"
    inside = "".join(
        f'<tableColumn id="{number}" name={quote_attribute(_heading(column))}/>'
        for number, column in enumerate(columns, start=1)
    )
    return (
        f'<table xmlns="{MAIN}" id="{at}" name="table_{at}" displayName="table_{at}" ref="{ref}" totalsRowShown="0">'
        f'<autoFilter ref="{ref}"/><tableColumns count="{len(columns)}">{inside}</tableColumns>'
        '<tableStyleInfo name="TableStyleLight1" showFirstColumn="0" showLastColumn="0" showRowStripes="1"'
        ' showColumnStripes="0"/></table>'
    )


def _types_part(sheets: int) -> str:
    parts = {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles"}
    for at in range(1, sheets + 1):
        parts |= {f"/xl/worksheets/sheet{at}.xml": "worksheet", f"/xl/tables/table{at}.xml": "table"}
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in parts.items()
    )
    relations = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'<Types xmlns="{_PACKAGE}/content-types">{relations}{overrides}</Types>'


def _relations(*targets: tuple[str, str]) -> str:
    inside = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def _workbook_part(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quote_attribute(name)} sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(names, start=1)
    )
    views = "<bookViews><workbookView/></bookViews>"
    return f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}">{views}<sheets>{sheets}</sheets></workbook>'


def _styles_part(formats: Sequence[str]) -> str:
    """Return the formats of cells: the ordinary one, that of headings, then one for each number format."""
    codes = {code: 164 + at for at, code in enumerate(formats)}
    numbers = "".join(f'<numFmt numFmtId="{id}" formatCode={quote_attribute(code)}/>' for code, id in codes.items())
    cells = "".join(
        f'<xf numFmtId="{id}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for id in codes.values()
    )
    fill = f'<patternFill patternType="solid"><fgColor rgb="FF{LABEL_FILL.lstrip("#")}"/></patternFill>'
    font = f'<sz val="10.5"/><name val="{look.SONG}"/><charset val="134"/>'
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="{len(codes)}">{numbers}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        f"</fill><fill>{fill}</fill></fills>"
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(formats) + 2}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        f'<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/>{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )

"""The worksheet part of a list, as text: its cells, rows, columns, links and frame (ECMA-376 part 1, 18.3.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from perfxl.workbook.ooxml.edit import DECLARATION, escape_text, quote_attribute
from perfxl.workbook.ooxml.formula import address

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
"""The namespace of worksheets and workbooks."""

LAST_COLUMN = 16384

CellXml = Callable[[str], str]
"""A cell's element, given its address."""


def text_cell(words: str, style: int) -> CellXml:
    """A cell that holds a text, or nothing, in one of the workbook's cell formats."""
    if not words:
        return lambda ref: f'<c r="{ref}" s="{style}"/>'
    inside = f'<is><t xml:space="preserve">{escape_text(words)}</t></is>'
    return lambda ref: f'<c r="{ref}" s="{style}" t="inlineStr">{inside}</c>'


def row_xml(number: int, height: float, cells: Mapping[int, CellXml]) -> str:
    """A row, its number from 1, its height in points, its cells by their columns from 0."""
    inside = "".join(cell(address(number - 1, column)) for column, cell in sorted(cells.items()))
    return f'<row r="{number}" ht="{height:g}" customHeight="1">{inside}</row>'


def columns_xml(widths: Sequence[float], style: int) -> str:
    """The columns with their widths in digits, a width of 0 hidden; those after them in the same format."""
    columns = "".join(_column(at, width, style) for at, width in enumerate(widths, start=1))
    return f'{columns}<col min="{len(widths) + 1}" max="{LAST_COLUMN}" width="9" style="{style}"/>'


def _column(at: int, width: float, style: int) -> str:
    hidden = "" if width else ' hidden="1"'
    return f'<col min="{at}" max="{at}" width="{width or 9:g}" style="{style}"{hidden} customWidth="1"/>'


def links_xml(links: Iterable[tuple[str, str, str]]) -> str:
    """Links within the workbook: the cell of each, where it leads (``'a sheet'!C5``), what it shows."""
    found = "".join(
        f'<hyperlink ref="{cell}" location={quote_attribute(location)} display={quote_attribute(shown)}/>'
        for cell, location, shown in links
    )
    return found and f"<hyperlinks>{found}</hyperlinks>"


@dataclass(frozen=True)
class ListXml:
    """What differs from list to list: its last cell, its columns, rows and merged ranges, what stands after these.

    ``rest``: conditional formats, data validations and links, in the schema's order.
    """

    last_cell: str
    columns: str
    rows: Iterable[str]
    merged: Sequence[str]
    rest: str
    footer: str

    def part(self) -> bytes:
        """The whole part: locked, on A4 lying, its elements in the schema's order (ECMA-376 part 1, 18.3.1.99)."""
        merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in self.merged)
        xml = (
            f'<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<dimension ref="A1:{self.last_cell}"/>'
            '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{self.columns}</cols>'
            f"<sheetData>{''.join(self.rows)}</sheetData>"
            '<sheetProtection sheet="1" objects="0" scenarios="1" formatCells="1" formatColumns="0" formatRows="0"/>'
            f'<mergeCells count="{len(self.merged)}">{merged}</mergeCells>{self.rest}'
            '<pageMargins left="0.5" right="0.5" top="0.7" bottom="0.8" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>'
            f"<headerFooter><oddFooter>{escape_text(self.footer)}</oddFooter></headerFooter>"
            "</worksheet>"
        )
        return DECLARATION + xml.encode()

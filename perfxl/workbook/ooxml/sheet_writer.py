"""The XML of a worksheet part with a list: cells, rows, columns, links and frame (ECMA-376 part 1, 18.3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from perfxl.workbook.ooxml.edit import DECLARATION, escape_text, quote_attribute
from perfxl.workbook.ooxml.formula import address

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
"""The namespace of worksheets and workbooks."""

LAST_COLUMN = 16384
"""The number of a sheet's last column, from 1."""

CellXml = str
"""A cell's element without its beginning, which is its address: all that follows ``<c r="A1"``."""


def text_cell(words: str, style: int) -> CellXml:
    """Return a cell with a text, or a blank one, in the cell format with the index ``style``."""
    if not words:
        return f' s="{style}"/>'
    return f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape_text(words)}</t></is></c>'


def formula_cell(formula: str, now: str, style: int) -> CellXml:
    """Return a cell with a formula, written without ``=``, whose present result is the text ``now``."""
    return f' s="{style}" t="str"><f>{escape_text(formula)}</f><v>{now}</v></c>'


def row_xml(number: int, height: float, cells: Mapping[int, CellXml]) -> str:
    """Return a row. ``number`` counts from 1, ``height`` is in points, ``cells`` are by their columns from 0."""
    inside = "".join([f'<c r="{address(number - 1, column)}"{cell}' for column, cell in sorted(cells.items())])
    return f'<row r="{number}" ht="{height:g}" customHeight="1">{inside}</row>'


def columns_xml(widths: Sequence[float], style: int) -> str:
    """Return the columns with their widths in digits (0 hides one), and all columns after them in the same format."""
    columns = "".join(_column(at, width, style) for at, width in enumerate(widths, start=1))
    return f'{columns}<col min="{len(widths) + 1}" max="{LAST_COLUMN}" width="9" style="{style}"/>'


def _column(at: int, width: float, style: int) -> str:
    hidden = "" if width else ' hidden="1"'
    return f'<col min="{at}" max="{at}" width="{width or 9:g}" style="{style}"{hidden} customWidth="1"/>'


def links_xml(links: Iterable[tuple[str, str, str]]) -> str:
    """Return links within the workbook; empty if there are none.

    ``links``: for each the cell, the location to which it leads (``'a sheet'!C5``), and the text that it shows.
    """
    elements = "".join(
        f'<hyperlink ref="{cell}" location={quote_attribute(location)} display={quote_attribute(shown)}/>'
        for cell, location, shown in links
    )
    return elements and f"<hyperlinks>{elements}</hyperlinks>"


@dataclass(frozen=True)
class ListXml:
    """The variable pieces of a list's worksheet part: its last cell, columns, rows, merged ranges and footer.

    ``rest``: conditional formats, data validations and links, in the schema's order.
    """

    last_cell: str
    columns: str
    rows: Iterable[str]
    merged: Sequence[str]
    rest: str
    footer: str

    def part(self) -> bytes:
        """Return the whole part: locked, A4 in landscape, its elements in the schema's order.

        The order is that of ECMA-376 part 1, 18.3.1.99.
        """
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

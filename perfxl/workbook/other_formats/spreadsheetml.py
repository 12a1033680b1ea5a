"""SpreadsheetML of Excel 2002 and 2003, mostly named .xls: one XML file (Microsoft's XML Spreadsheet schema).

Read here, because no library reads it. Its dates are texts and are converted to serial numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from perfxl.workbook.ooxml.formula import absolute_address
from perfxl.workbook.ooxml.parts import BUILTIN, Style
from perfxl.workbook.ooxml.rich_text import Run
from perfxl.workbook.ooxml.xml import whole_number
from perfxl.workbook.other_formats.values import (
    LAST,
    ForeignBook,
    ForeignCell,
    ForeignCells,
    ForeignFile,
    ForeignName,
    ForeignSheet,
    ForeignThings,
    Merges,
    Value,
    formatted_runs,
)
from perfxl.workbook.other_formats.xml import walk_xml

NAMED = {
    "General Number": "General", "General Date": "yyyy/m/d h:mm", "Long Date": 'yyyy"年"m"月"d"日"',
    "Medium Date": "d-mmm-yy", "Short Date": "yyyy/m/d", "Long Time": "h:mm:ss", "Medium Time": "h:mm AM/PM",
    "Short Time": "h:mm", "Currency": BUILTIN[8], "Euro Currency": "[$€-2]#,##0.00", "Fixed": "0.00",
    "Standard": "#,##0.00", "Percent": "0.00%", "Scientific": "0.00E+00",
    "Yes/No": '"Yes";"Yes";"No"', "True/False": '"True";"True";"False"', "On/Off": '"On";"On";"Off"',
}  # fmt: skip
"""The number formats that are referred to by a name (ss:Format)."""
_STATES = {"SheetHidden": "hidden", "SheetVeryHidden": "veryHidden"}

Attributes = dict[str, str]


def read(source: ForeignFile) -> ForeignBook:
    """Return the workbook. Raises PackageError."""
    reader = _Reader(source)
    walk_xml(source, "XML", source.data, reader.start, reader.end, reader.characters)
    return reader.book()


@dataclass
class _Table:
    """A sheet being read."""

    name: str
    cells: ForeignCells
    merges: Merges
    hidden: set[int] = field(default_factory=set)
    columns: dict[int, str] = field(default_factory=dict)
    state: str = "visible"
    row: int = -1
    column: int = -1
    last_column: int = -1
    row_style: str = ""
    things: ForeignThings = field(default_factory=ForeignThings)


class _Reader:
    """The handlers of the elements."""

    def __init__(self, source: ForeignFile) -> None:
        self.source = source
        self.styles: dict[str, Style] = {}
        self.tables: list[_Table] = []
        self.names: list[ForeignName] = []
        self.properties: dict[str, str] = {}
        self.epoch_1904 = False
        self.inside: list[str] = []
        self.style = ""
        self.cell: Attributes | None = None
        self.kind = self.author = ""
        self.texts: list[str] = []
        self.runs: list[Run] = []

    def book(self) -> ForeignBook:
        """Return the workbook read."""
        sheets = tuple(
            ForeignSheet(
                table.name, table.cells, tuple(table.merges), frozenset(table.hidden), table.state, table.things
            )
            for table in self.tables
        )
        return ForeignBook(sheets, tuple(self.names), self.properties, self.epoch_1904)

    def start(self, tag: str, attributes: Attributes) -> None:
        """Handle the start of an element."""
        above = self.inside[-1] if self.inside else ""
        self.inside.append(tag)
        if tag == "Style":
            self.style = attributes.get("ID", "")
            self.styles[self.style] = self.styles.get(attributes.get("Parent", "Default"), Style("General", True))
        elif tag == "Font" and above == "Style":
            self.styles[self.style] = self.styles[self.style]._replace(struck=attributes.get("StrikeThrough") == "1")
        elif tag == "NumberFormat" and above == "Style":
            code = attributes.get("Format", "General")
            self.styles[self.style] = self.styles[self.style]._replace(format=NAMED.get(code, code))
        elif tag == "Protection" and above == "Style":
            self.styles[self.style] = self.styles[self.style]._replace(locked=attributes.get("Protected") != "0")
        elif tag == "NamedRange":
            self._add_name(attributes)
        elif tag == "Worksheet":
            self._start_sheet(attributes)
        elif self.tables:
            self._start_in_sheet(tag, above, attributes)
        elif above == "CustomDocumentProperties":
            self.texts.clear()

    def _start_sheet(self, attributes: Attributes) -> None:
        """Begin a sheet. Raises PackageError: ``too_many_sheets``."""
        limits = self.source.limits
        if len(self.tables) >= limits.sheets:
            raise self.source.refusal("too_many_sheets", count=len(self.tables) + 1, limit=limits.sheets)
        self.tables.append(_Table(attributes.get("Name", ""), ForeignCells(self.source), Merges(self.source)))

    def _start_in_sheet(self, tag: str, above: str, attributes: Attributes) -> None:
        """Handle the start of an element within a sheet."""
        table = self.tables[-1]
        if tag == "Column":
            first = whole_number(attributes.get("Index"), table.last_column + 2) - 1
            table.last_column = min(first + whole_number(attributes.get("Span"), 0), LAST[1])
            table.columns |= dict.fromkeys(range(first, table.last_column + 1), attributes.get("StyleID", ""))
        elif tag == "Row":
            table.row = whole_number(attributes.get("Index"), table.row + 2) - 1
            table.column, table.row_style = -1, attributes.get("StyleID", "")
            last = min(table.row + whole_number(attributes.get("Span"), 0), LAST[0])
            if attributes.get("Hidden") == "1":
                table.hidden.update(range(table.row, min(last, table.row + 1_000) + 1))
            table.row = max(table.row, last)
        elif tag == "Cell":
            table.column = whole_number(attributes.get("Index"), table.column + 2) - 1
            self.cell, self.kind = attributes, ""
            self.texts.clear()
            self.runs.clear()
            target, _, location = attributes.get("HRef", "").partition("#")
            table.things.add_link((table.row, table.column), target, location)
        elif tag == "Data" and above == "Cell":
            self.kind = attributes.get("Type", "String")
        elif tag == "Comment":
            self.author = attributes.get("Author", "")
            self.texts.clear()
        elif tag == "Visible" and above == "WorksheetOptions":
            self.texts.clear()

    def characters(self, text: str) -> None:
        """Handle a piece of text."""
        self.texts.append(text)
        if "Data" in self.inside and "Comment" not in self.inside:
            raised = ("Sup" in self.inside) - ("Sub" in self.inside)
            self.runs.append(Run(text, True if "S" in self.inside else None, raised))

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        self.inside.pop()
        above = self.inside[-1] if self.inside else ""
        text = "".join(self.texts)
        if tag == "Cell" and self.cell is not None:
            self._put_cell(self.tables[-1], self.cell)
            self.cell = None
        elif tag == "Data" and above == "Cell" and self.cell is not None:
            self.cell["\0"] = text
        elif tag == "Comment" and self.cell is not None:
            table = self.tables[-1]
            table.things.add_note((table.row, table.column), text.strip(), self.author)
        elif tag == "Visible" and above == "WorksheetOptions" and self.tables:
            self.tables[-1].state = _STATES.get(text.strip(), "visible")
        elif above == "CustomDocumentProperties":
            self.properties[_decode_name(tag)] = text.strip()
        elif tag == "Date1904" and above == "ExcelWorkbook":
            self.epoch_1904 = True
        if (tag == "Data" and above == "Cell") or tag == "Comment" or self.cell is None:
            self.texts.clear()

    def _put_cell(self, table: _Table, attributes: Attributes) -> None:
        r"""Add a cell, whose text is under the key ``\0``, and its merged range."""
        across, down = whole_number(attributes.get("MergeAcross"), 0), whole_number(attributes.get("MergeDown"), 0)
        row, column = table.row, table.column
        table.merges.put(row, column, 1 + down, 1 + across)
        table.column += across
        name = attributes.get("StyleID") or table.row_style or table.columns.get(column) or "Default"
        style = self.styles.get(name, Style("General", True))
        formula = attributes.get("Formula")
        value = _value(self.kind, attributes.get("\0", ""), self.epoch_1904)
        error = self.kind == "Error" and value is not None
        runs = formatted_runs(run._replace(struck=bool(run.struck or style.struck)) for run in self.runs)
        cell = ForeignCell(value, *style, error, formula and formula.lstrip("="), runs)
        table.cells.put(row, column, cell)

    def _add_name(self, attributes: Attributes) -> None:
        """Add a defined name; within a sheet it is that sheet's own. Raises PackageError: ``too_many_names``."""
        sheet = len(self.tables) - 1 if "Worksheet" in self.inside else None
        text = _reference(attributes.get("RefersTo", ""))
        if text:
            self.names.append(ForeignName(attributes.get("Name", ""), sheet, text))
        if len(self.names) > self.source.limits.names:
            raise self.source.refusal("too_many_names", count=len(self.names), limit=self.source.limits.names)


def _value(kind: str, text: str, epoch_1904: bool) -> Value:
    """Return the value of a cell of this data type (ss:Type); a number or date that cannot be read stays a text."""
    if kind == "Number":
        try:
            return float(text)
        except ValueError:
            return text or None
    if kind == "Boolean":
        return text.strip() in ("1", "true")
    if kind == "DateTime":
        try:
            start = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30)
            return (datetime.fromisoformat(text.strip()[:23]) - start).total_seconds() / 86400
        except ValueError:
            return text or None
    return text or None


_R1C1 = re.compile(r"R(\d{1,7})C(\d{1,5})(?::R(\d{1,7})C(\d{1,5}))?")


def _reference(text: str) -> str:
    """Return the reference ``=Sheet!R1C1:R2C2`` in Excel's A1 notation.

    A text literal is returned unchanged, ``#REF!`` for a reference to nothing, and an empty text for all else.
    """
    text = text.removeprefix("=")
    if "#REF!" in text:
        return "#REF!"
    if text.startswith('"') and text.endswith('"'):
        return text
    sheet, _, range_ = text.rpartition("!")
    corners = _R1C1.fullmatch(range_)
    if not sheet or not corners:
        return ""
    numbers = [int(digits) - 1 for digits in corners.groups() if digits]
    addresses = (absolute_address(*numbers[at : at + 2]) for at in range(0, len(numbers), 2))
    return f"{sheet}!{':'.join(addresses)}"


def _decode_name(tag: str) -> str:
    """Return the name of a property, whose unusual characters are escaped in the element's name: ``_x0020_``."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda escape: chr(int(escape[1], 16)), tag)

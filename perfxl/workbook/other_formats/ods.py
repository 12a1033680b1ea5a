"""An OpenDocument spreadsheet, zipped (.ods) or as one XML file (.fods): ODF 1.3 part 3, read in one pass by expat.

Ours, since no kept library tells what is asked: calamine gives values alone, odfpy builds trees of whatever size a file
states and is kept no more. Sections are those of ODF 1.3 part 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.parts import Style
from perfxl.workbook.other_formats.values import (
    ForeignBook,
    ForeignCell,
    ForeignCells,
    ForeignFile,
    ForeignName,
    ForeignSheet,
    Merges,
    Value,
)
from perfxl.workbook.other_formats.xml import walk_xml

_MOST_REPEATED, _MOST_BLANK = 1_024, 64
"""So often a cell, or a row, is repeated at most, and a blank one: more is how a program fills a sheet to its edge."""

Attributes = dict[str, str]


def read(source: ForeignFile) -> ForeignBook:
    """The workbook. Raises PackageError: ``encrypted``, ``not_a_workbook``, those of the package."""
    reader = _Reader(source)
    if source.data[:2] != b"PK":
        walk_xml(source, "XML", source.data, reader.start, reader.end, reader.characters)
        return reader.book()
    package = Package(source.data, source.file, source.limits)
    if "META-INF/manifest.xml" in package.entries and b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise source.refusal("encrypted")
    for part in ("styles.xml", "content.xml", "meta.xml"):
        if part in package.entries:
            walk_xml(package, part, package.read(part), reader.start, reader.end, reader.characters)
    return reader.book()


@dataclass
class _Styled:
    """A style as it is written: whose child it is, its number format, its lock; whether it shows its sheet."""

    parent: str = ""
    data: str = ""
    protect: str = ""
    shown: bool = True


@dataclass
class _Table:
    """A sheet being read."""

    name: str
    style: str
    cells: ForeignCells
    merges: Merges
    hidden: set[int] = field(default_factory=set)
    columns: list[tuple[int, str]] = field(default_factory=list)
    row: int = -1
    rows: int = 1
    column: int = 0
    row_style: str = ""


_SPACE = re.compile("[ \t\r\n]+")
_TEXTS = {"p", "h"}
_TYPES = tuple(f"{each}-style" for each in ("number", "percentage", "date", "time", "currency", "text", "boolean"))
_LONG = {"year": ("yy", "yyyy"), "month": ("m", "mm"), "day": ("d", "dd"), "hours": ("h", "hh"), "minutes": ("m", "mm")}
_LETTERS = {**_LONG, "seconds": ("s", "ss"), "am-pm": ("AM/PM", "AM/PM"), "day-of-week": ("ddd", "dddd")}
_ERRORS = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}


class _Reader:
    """Hears the elements of the parts, styles first."""

    def __init__(self, source: ForeignFile) -> None:
        self.source = source
        self.codes: dict[str, str] = {}
        self.styles: dict[str, _Styled] = {}
        self.known: dict[str, Style] = {}
        self.tables: list[_Table] = []
        self.names: list[ForeignName] = []
        self.properties: dict[str, str] = {}
        self.inside: list[str] = []
        self.spreadsheet = False
        self.texts: list[str] = []
        self.paragraphs = 0
        self.aside = 0  # inside a note, a picture or a tracked change, whose texts are not the cell's
        self.code = ""
        self.style = ""
        self.property = ""
        self.cell: Attributes | None = None

    def book(self) -> ForeignBook:
        """What was read."""
        if not self.spreadsheet:
            raise self.source.refusal("not_a_workbook", kind="OpenDocument")
        sheets = tuple(
            ForeignSheet(each.name, each.cells, tuple(each.merges), frozenset(each.hidden), self._state(each.style))
            for each in self.tables
        )
        return ForeignBook(sheets, tuple(self.names), self.properties)

    def _state(self, style: str) -> str:
        found = self.styles.get(f"table/{style}")
        return "visible" if found is None or found.shown else "hidden"

    # What begins

    def start(self, tag: str, attributes: Attributes) -> None:
        self.inside.append(tag)
        if self.aside or tag in ("annotation", "tracked-changes", "shapes", "frame", "dde-links"):
            self.aside += 1
        elif self.cell is not None:
            self._in_cell(tag, attributes)
        elif tag in ("table-cell", "covered-table-cell") and self.tables:
            self.cell, self.paragraphs = attributes, 0
            self.texts.clear()
        elif tag == "user-defined":
            self.property = attributes.get("name", "")
            self.texts.clear()
        elif tag in _TYPES:
            self.code, self.style = "", attributes.get("name", "")
        elif self.code is not None and len(self.inside) > 1 and self.inside[-2] in _TYPES:
            self._in_format(tag, attributes)
        elif tag.startswith(("table-", "named-")) or tag == "table":
            self._in_table(tag, attributes)
        elif tag == "spreadsheet":
            self.spreadsheet = True
        elif tag == "style" or tag == "default-style":
            self.style = f"{attributes.get('family', '')}/{attributes.get('name', '') if tag == 'style' else ''}"
            self.styles[self.style] = _Styled(
                attributes.get("parent-style-name", ""), attributes.get("data-style-name", "")
            )

    def _in_cell(self, tag: str, attributes: Attributes) -> None:
        if tag in _TEXTS:
            if self.paragraphs:
                self.texts.append("\n")
            self.paragraphs += 1
        elif tag == "s":
            self.texts.append("\0" * min(_number(attributes.get("c"), 1), _MOST_REPEATED))
        elif tag == "tab":
            self.texts.append("\t")
        elif tag == "line-break":
            self.texts.append("\n")

    def _in_format(self, tag: str, attributes: Attributes) -> None:
        """A number format's pieces as a code of Excel's: what matters is percent, date, decimals and texts (16.29)."""
        if tag in ("number", "scientific-number"):
            decimals = min(_number(attributes.get("decimal-places"), -1), 30)
            whole = "#,##0" if attributes.get("grouping") == "true" else "0" if decimals >= 0 else "General"
            self.code += whole + ("." + "0" * decimals if decimals > 0 else "")
            self.code += "E+00" if tag.startswith("scientific") and decimals >= 0 else ""
        elif tag in _LETTERS:
            name = tag if attributes.get("textual") != "true" else ""
            self.code += _LETTERS[name][attributes.get("style") == "long"] if name else "mmm"
        elif tag == "text-content":
            self.code += "@"
        self.texts.clear()

    def _in_table(self, tag: str, attributes: Attributes) -> None:
        self.texts.clear()
        if tag == "table":
            limits = self.source.limits
            if len(self.tables) >= limits.sheets:
                raise self.source.refusal("too_many_sheets", count=len(self.tables) + 1, limit=limits.sheets)
            gathering = ForeignCells(self.source), Merges(self.source)
            self.tables.append(_Table(attributes.get("name", ""), attributes.get("style-name", ""), *gathering))
        elif tag == "table-column" and self.tables:
            repeated = _number(attributes.get("number-columns-repeated"), 1)
            self.tables[-1].columns.append((repeated, attributes.get("default-cell-style-name", "")))
        elif tag == "table-row" and self.tables:
            self._row(self.tables[-1], attributes)
        elif tag == "table-properties" and self.style in self.styles:
            self.styles[self.style].shown = attributes.get("display") != "false"
        elif tag == "table-cell-properties" and self.style in self.styles:
            self.styles[self.style].protect = attributes.get("cell-protect", "")
        elif tag in ("named-range", "named-expression"):
            self._name(attributes)

    def _row(self, table: _Table, attributes: Attributes) -> None:
        table.row += table.rows
        table.rows = max(_number(attributes.get("number-rows-repeated"), 1), 1)
        table.column, table.row_style = 0, attributes.get("default-cell-style-name", "")
        if attributes.get("visibility", "visible") != "visible" and table.rows <= _MOST_REPEATED:
            table.hidden.update(range(table.row, table.row + table.rows))

    def _name(self, attributes: Attributes) -> None:
        """A name; within a sheet it is that sheet's own. One that is a formula of some length is passed over."""
        sheet = len(self.tables) - 1 if "table" in self.inside else None
        text = _reference(attributes.get("cell-range-address", "") or attributes.get("expression", ""))
        if text:
            self.names.append(ForeignName(attributes.get("name", ""), sheet, text))
        if len(self.names) > self.source.limits.names:
            raise self.source.refusal("too_many_names", count=len(self.names), limit=self.source.limits.names)

    # What is said, and what ends

    def characters(self, text: str) -> None:
        if self.aside:
            return
        if self.cell is None:
            self.texts.append(text)
        elif not _TEXTS.isdisjoint(self.inside):
            self.texts.append(_SPACE.sub(" ", text))

    def end(self, tag: str) -> None:
        self.inside.pop()
        if self.aside:
            self.aside -= 1
        elif tag in ("table-cell", "covered-table-cell") and self.cell is not None:
            self._put(self.tables[-1], self.cell)
            self.cell = None
        elif tag == "user-defined":
            self.properties[self.property] = "".join(self.texts).strip()
        elif tag in _TYPES:
            if tag == "percentage-style" and "%" not in self.code:
                self.code += "%"
            self.codes[self.style] = self.code or "General"
        elif tag == "text" and self.inside and self.inside[-1] in _TYPES:
            self._literal("".join(self.texts))

    def _literal(self, text: str) -> None:
        bare = text in ("%", "/", "-", ":", " ", ".", ",")
        self.code += text if bare else '"' + text.replace('"', "”") + '"'

    def _put(self, table: _Table, attributes: Attributes) -> None:
        repeated = max(_number(attributes.get("number-columns-repeated"), 1), 1)
        column, row = table.column, table.row
        table.column += repeated
        rows = _number(attributes.get("number-rows-spanned"), 1)
        columns = _number(attributes.get("number-columns-spanned"), 1)
        table.merges.put(row, column, rows, columns)
        value, error = self._value(attributes)
        if value is None and max(repeated, table.rows) > _MOST_BLANK:
            return
        repeated, rows = min(repeated, _MOST_REPEATED), min(table.rows, _MOST_REPEATED)
        formula = attributes.get("formula")
        own = attributes.get("style-name") or table.row_style
        for each in range(column, column + repeated):
            style = self._format(own or _column_style(table.columns, each))
            cell = ForeignCell(value, style.format, style.locked, error, formula and formula.partition(":=")[2])
            for at in range(row, row + rows):
                table.cells.put(at, each, cell)

    def _value(self, attributes: Attributes) -> tuple[Value, bool]:
        kind, text = attributes.get("value-type", ""), "".join(self.texts).replace("\0", " ")
        if kind in ("float", "percentage", "currency"):
            return _float(attributes.get("value", ""), text), False
        if kind == "boolean":
            return attributes.get("boolean-value") == "true", False
        if kind == "date":
            return _day(attributes.get("date-value", ""), text), False
        if kind == "time":
            return _time(attributes.get("time-value", ""), text), False
        if "formula" in attributes and (text in _ERRORS or text.startswith("Err:")):
            return text if text in _ERRORS else "#VALUE!", True
        if kind == "string" or text:
            held = attributes.get("string-value")
            return (text if held is None or text else held) or None, False
        return None, False

    def _format(self, name: str) -> Style:
        """A cell format, with what it takes over from its parents."""
        if name not in self.known:
            code = protect = ""
            for style in self._ancestry(name):
                code, protect = code or style.data, protect or style.protect
            locked = protect not in ("none", "formula-hidden")
            self.known[name] = Style(self.codes.get(code, "General"), locked)
        return self.known[name]

    def _ancestry(self, name: str) -> Iterator[_Styled]:
        """A cell's style and those it descends from: its parents, then the usual one, then what is below all."""
        seen: set[str] = set()
        while name and name not in seen and f"table-cell/{name}" in self.styles:
            seen.add(name)
            style = self.styles[f"table-cell/{name}"]
            yield style
            name = style.parent
        yield from (self.styles[each] for each in ("table-cell/Default", "table-cell/") if each in self.styles)


def _column_style(columns: list[tuple[int, str]], column: int) -> str:
    for repeated, style in columns:
        if column < repeated:
            return style
        column -= repeated
    return ""


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _float(value: str, text: str) -> Value:
    try:
        return float(value)
    except ValueError:
        return text or None


def _day(value: str, text: str) -> Value:
    """A date as its serial number: days since 1899-12-30."""
    try:
        return (datetime.fromisoformat(value[:26].rstrip("Z")) - datetime(1899, 12, 30)).total_seconds() / 86400
    except ValueError:
        return text or None


_DURATION = re.compile(r"-?PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d+)?)S)?")


def _time(value: str, text: str) -> Value:
    found = _DURATION.fullmatch(value)
    if not found:
        return text or None
    hours, minutes, seconds = (float(each or 0) for each in found.groups())
    return (hours * 3600 + minutes * 60 + seconds) / 86400


_CELL = r"(\$?[A-Z]{1,3}\$?\d{1,7})"
_RANGE = re.compile(rf"\$?('(?:[^']|'')*'|[^'.\s()\[\]]+)\.{_CELL}(?::[^:]*\.{_CELL})?")


def _reference(text: str) -> str:
    """``$Sheet.$A$1:.$B$2`` as Excel writes it; a text as it is; #REF! where it points nowhere; else empty."""
    if "#REF!" in text:
        return "#REF!"
    found = _RANGE.fullmatch(text.strip("[]"))
    if found:
        return f"{found[1]}!{found[2]}" + (f":{found[3]}" if found[3] else "")
    return text if text.startswith('"') and text.endswith('"') else ""

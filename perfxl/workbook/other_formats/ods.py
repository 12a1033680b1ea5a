"""An OpenDocument spreadsheet, zipped (.ods) or as one XML file (.fods): ODF 1.3 part 3, read in one pass by expat.

Read here, because no maintained library gives what is needed: calamine gives values only; odfpy builds trees of
whatever size a file states and is no longer maintained. Section numbers are those of ODF 1.3 part 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.parts import Style
from perfxl.workbook.ooxml.rich_text import Run
from perfxl.workbook.ooxml.xml import whole_number
from perfxl.workbook.other_formats.odf_number_format import STYLES, NumberStyle
from perfxl.workbook.other_formats.odf_things import ASIDE, ThingReader, split_target
from perfxl.workbook.other_formats.values import (
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

_MOST_REPEATED, _MOST_BLANK = 1_024, 64
"""The limits of repetition: a cell or row is repeated at most 1,024 times.

A blank cell that is repeated more than 64 times is ignored. More repetitions are how a program fills a sheet to its
edge."""

Attributes = dict[str, str]

_MANIFEST = "META-INF/manifest.xml"
_MACRO = re.compile(r"(?:Basic|Scripts)/.+/(?!script-lb\.|dialog-lb\.|$)[^/]+")
"""The parts of macros: the lists of a library are there without any."""


def read(source: ForeignFile) -> ForeignBook:
    """Return the workbook. Raises PackageError: ``encrypted``, ``not_a_workbook``, those of the package."""
    reader = _Reader(source)
    if source.data[:2] != b"PK":
        walk_xml(source, "XML", source.data, reader.start, reader.end, reader.characters)
        return reader.book()
    package = Package(source.data, source.file, source.limits)
    if _MANIFEST in package.entries and b"encryption-data" in package.read(_MANIFEST):
        raise source.refusal("encrypted")
    reader.charts = frozenset(_charts(package))
    reader.related = ("vbaProject",) if any(map(_MACRO.fullmatch, package.entries)) else ()
    for part in ("styles.xml", "content.xml", "meta.xml"):
        if part in package.entries:
            walk_xml(package, part, package.read(part), reader.start, reader.end, reader.characters)
    return reader.book()


def _charts(package: Package) -> Iterator[str]:
    """Yield the folders of the objects that are charts (part 2, 3.2)."""
    manifest = package.read(_MANIFEST).decode("utf-8", "replace") if _MANIFEST in package.entries else ""
    for entry in re.findall("<[^<>]*>", manifest):
        attributes = dict(re.findall(r'(full-path|media-type)="([^"]*)"', entry))
        if attributes.get("media-type", "").endswith(".chart"):
            yield attributes.get("full-path", "").rstrip("/")


@dataclass
class _Styled:
    """A style as written: its parent, its number format and its lock; ``shown``: its sheet is visible.

    ``line``: the kind of line through its text; ``raised``: 1 for superscript, -1 for subscript.
    """

    parent: str = ""
    data: str = ""
    protect: str = ""
    shown: bool = True
    line: str = ""
    raised: int = 0


@dataclass
class _Table:
    """A sheet being read."""

    name: str
    style: str
    cells: ForeignCells
    merges: Merges
    hidden: set[int] = field(default_factory=set)
    things: ForeignThings = field(default_factory=ForeignThings)
    columns: list[tuple[int, str]] = field(default_factory=list)
    row: int = -1
    rows: int = 1
    column: int = 0
    row_style: str = ""


_SPACE = re.compile("[ \t\r\n]+")
_TEXTS = {"p", "h"}
_ERRORS = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}


class _Reader:
    """The handlers of the elements; ``styles.xml`` is read before ``content.xml``."""

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
        self.runs: list[Run] = []
        self.spans: list[str] = []
        self.paragraphs = 0
        self.aside = 0  # depth inside a note, a drawing or a tracked change, whose text is not the cell's
        self.beside: ThingReader | None = None
        self.charts: frozenset[str] = frozenset()
        self.related: tuple[str, ...] = ()
        self.number_style: NumberStyle | None = None
        self.style = ""
        self.property = ""
        self.cell: Attributes | None = None

    def book(self) -> ForeignBook:
        """Return the workbook read. Raises PackageError: ``not_a_workbook``."""
        if not self.spreadsheet:
            raise self.source.refusal("not_a_workbook", kind="OpenDocument")
        sheets = tuple(
            ForeignSheet(
                table.name,
                table.cells,
                tuple(table.merges),
                frozenset(table.hidden),
                self._state(table.style),
                table.things,
            )
            for table in self.tables
        )
        return ForeignBook(sheets, tuple(self.names), self.properties, related=self.related)

    def _state(self, style: str) -> str:
        """Return the state of a sheet with this style."""
        table_style = self.styles.get(f"table/{style}")
        return "visible" if table_style is None or table_style.shown else "hidden"

    # Elements that begin

    def start(self, tag: str, attributes: Attributes) -> None:
        """Handle the start of an element."""
        self.inside.append(tag)
        if self.aside or (self.spreadsheet and tag in ASIDE):
            self._start_aside(tag, attributes)
        elif self.cell is not None:
            self._start_in_cell(tag, attributes)
        elif tag in ("table-cell", "covered-table-cell") and self.tables:
            self.cell, self.paragraphs = attributes, 0
            for gathered in (self.texts, self.runs, self.spans):
                gathered.clear()
        elif tag == "user-defined":
            self.property = attributes.get("name", "")
            self.texts.clear()
        elif tag in STYLES:
            elapsed = attributes.get("truncate-on-overflow") == "false"
            self.number_style = NumberStyle(tag, attributes.get("name", ""), elapsed)
        elif self.number_style is not None:
            self.number_style.start(tag, attributes)
            self.texts.clear()
        elif tag.startswith(("table-", "named-")) or tag == "table":
            self._start_in_table(tag, attributes)
        elif tag == "text-properties" and self.style in self.styles:
            style, position = self.styles[self.style], attributes.get("text-position", "")
            style.line = attributes.get("text-line-through-style") or attributes.get("text-line-through-type", "")
            style.raised = _raised(position.partition(" ")[0])
        elif tag == "spreadsheet":
            self.spreadsheet = True
        elif tag == "style" or tag == "default-style":
            self.style = f"{attributes.get('family', '')}/{attributes.get('name', '') if tag == 'style' else ''}"
            self.styles[self.style] = _Styled(
                attributes.get("parent-style-name", ""), attributes.get("data-style-name", "")
            )

    def _start_aside(self, tag: str, attributes: Attributes) -> None:
        """Handle the start of an element that is not of the cells."""
        if not self.aside and self.tables:
            self.beside = self.beside or ThingReader(self.tables[-1].things, self.charts)
        self.aside += 1
        if self.beside:
            table = self.tables[-1]
            self.beside.start(tag, attributes, None if self.cell is None else (table.row, table.column))

    def _start_in_cell(self, tag: str, attributes: Attributes) -> None:
        """Handle the start of an element within a cell: paragraphs, spaces, tabs, line breaks."""
        if tag in _TEXTS:
            if self.paragraphs:
                self._add_text("\n")
            self.paragraphs += 1
        elif tag == "s":
            self._add_text("\0" * min(whole_number(attributes.get("c"), 1), _MOST_REPEATED))
        elif tag == "tab":
            self._add_text("\t")
        elif tag == "line-break":
            self._add_text("\n")
        elif tag == "span":
            self.spans.append(attributes.get("style-name", ""))
        elif tag == "a":
            table = self.tables[-1]
            table.things.add_link((table.row, table.column), *split_target(attributes.get("href", "")))

    def _add_text(self, text: str) -> None:
        """Add a piece of the current cell's text, with the format of the innermost span."""
        self.texts.append(text)
        style = self.styles.get(f"text/{self.spans[-1]}") if self.spans else None
        if style is None:
            self.runs.append(Run(text.replace("\0", " ")))
        else:
            self.runs.append(Run(text.replace("\0", " "), style.line not in ("", "none"), style.raised))

    def _start_in_table(self, tag: str, attributes: Attributes) -> None:
        """Handle the start of a table, column, row or name, or of a style's properties."""
        self.texts.clear()
        if tag == "table":
            limits = self.source.limits
            if len(self.tables) >= limits.sheets:
                raise self.source.refusal("too_many_sheets", count=len(self.tables) + 1, limit=limits.sheets)
            name, style = attributes.get("name", ""), attributes.get("style-name", "")
            self.tables.append(_Table(name, style, ForeignCells(self.source), Merges(self.source)))
            self.beside = None
        elif tag == "table-column" and self.tables:
            repeated = whole_number(attributes.get("number-columns-repeated"), 1)
            self.tables[-1].columns.append((repeated, attributes.get("default-cell-style-name", "")))
        elif tag == "table-row" and self.tables:
            self._start_row(self.tables[-1], attributes)
        elif tag == "table-properties" and self.style in self.styles:
            self.styles[self.style].shown = attributes.get("display") != "false"
        elif tag == "table-cell-properties" and self.style in self.styles:
            self.styles[self.style].protect = attributes.get("cell-protect", "")
        elif tag in ("named-range", "named-expression"):
            self._add_name(attributes)

    def _start_row(self, table: _Table, attributes: Attributes) -> None:
        """Begin a row."""
        table.row += table.rows
        table.rows = max(whole_number(attributes.get("number-rows-repeated"), 1), 1)
        table.column, table.row_style = 0, attributes.get("default-cell-style-name", "")
        if attributes.get("visibility", "visible") != "visible" and table.rows <= _MOST_REPEATED:
            table.hidden.update(range(table.row, table.row + table.rows))

    def _add_name(self, attributes: Attributes) -> None:
        """Add a defined name; within a sheet it is that sheet's own. A name of another formula is ignored."""
        sheet = len(self.tables) - 1 if "table" in self.inside else None
        text = _reference(attributes.get("cell-range-address", "") or attributes.get("expression", ""))
        if text:
            self.names.append(ForeignName(attributes.get("name", ""), sheet, text))
        if len(self.names) > self.source.limits.names:
            raise self.source.refusal("too_many_names", count=len(self.names), limit=self.source.limits.names)

    # Text, and elements that end

    def characters(self, text: str) -> None:
        """Handle a piece of text."""
        if self.aside:
            if self.beside:
                self.beside.characters(text)
        elif self.cell is None:
            self.texts.append(text)
        elif not _TEXTS.isdisjoint(self.inside):
            self._add_text(_SPACE.sub(" ", text))

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        self.inside.pop()
        if self.aside:
            self.aside -= 1
            if self.beside:
                self.beside.end(tag)
        elif tag == "span" and self.spans:
            self.spans.pop()
        elif tag in ("table-cell", "covered-table-cell") and self.cell is not None:
            self._put_cell(self.tables[-1], self.cell)
            self.cell = None
        elif tag == "user-defined":
            self.properties[self.property] = "".join(self.texts).strip()
        elif tag in STYLES and self.number_style is not None:
            self.codes[self.number_style.name] = self.number_style.joined(self.codes)
            self.number_style = None
        elif self.number_style is not None:
            self.number_style.end(tag, "".join(self.texts))
            self.texts.clear()

    def _put_cell(self, table: _Table, attributes: Attributes) -> None:
        """Add a cell, as often as it and its row are repeated, and its merged range."""
        repeated = max(whole_number(attributes.get("number-columns-repeated"), 1), 1)
        column, row = table.column, table.row
        table.column += repeated
        rows = whole_number(attributes.get("number-rows-spanned"), 1)
        columns = whole_number(attributes.get("number-columns-spanned"), 1)
        table.merges.put(row, column, rows, columns)
        value, error = self._value(attributes)
        if value is None and max(repeated, table.rows) > _MOST_BLANK:
            return
        repeated, rows = min(repeated, _MOST_REPEATED), min(table.rows, _MOST_REPEATED)
        formula = attributes.get("formula")
        own = attributes.get("style-name") or table.row_style
        for across in range(column, column + repeated):
            style = self._cell_format(own or _column_style(table.columns, across))
            runs = formatted_runs(run._replace(struck=run.struck or style.struck) for run in self.runs)
            cell = ForeignCell(value, *style, error, formula and formula.partition(":=")[2], runs)
            for down in range(row, row + rows):
                table.cells.put(down, across, cell)

    def _value(self, attributes: Attributes) -> tuple[Value, bool]:
        """Return the value of the current cell, and whether it is an error value."""
        kind, text = attributes.get("value-type", ""), "".join(self.texts).replace("\0", " ")
        if kind in ("float", "percentage", "currency"):
            return _float(attributes.get("value", ""), text), False
        if kind == "boolean":
            return attributes.get("boolean-value") == "true", False
        if kind == "date":
            return _date_number(attributes.get("date-value", ""), text), False
        if kind == "time":
            return _time_number(attributes.get("time-value", ""), text), False
        if "formula" in attributes and (text in _ERRORS or text.startswith("Err:")):
            return text if text in _ERRORS else "#VALUE!", True
        if kind == "string" or text:
            # the text is what the number format makes of the string: "第7号" of 7, or a space on both sides
            return attributes.get("string-value") or text or None, False
        return None, False

    def _cell_format(self, name: str) -> Style:
        """Return a cell format, including what it inherits."""
        if name not in self.known:
            code = protect = line = ""
            for style in self._ancestry(name):
                code, protect, line = code or style.data, protect or style.protect, line or style.line
            locked = protect not in ("none", "formula-hidden")
            self.known[name] = Style(self.codes.get(code) or "General", locked, line not in ("", "none"))
        return self.known[name]

    def _ancestry(self, name: str) -> Iterator[_Styled]:
        """Yield a cell's style and those it inherits from: its parents, then Default, then the default for cells."""
        seen: set[str] = set()
        while name and name not in seen and f"table-cell/{name}" in self.styles:
            seen.add(name)
            style = self.styles[f"table-cell/{name}"]
            yield style
            name = style.parent
        yield from (self.styles[base] for base in ("table-cell/Default", "table-cell/") if base in self.styles)


def _column_style(columns: list[tuple[int, str]], column: int) -> str:
    """Return the default style of a column's cells; ``columns``: number of repetitions, and style."""
    for repeated, style in columns:
        if column < repeated:
            return style
        column -= repeated
    return ""


def _raised(position: str) -> int:
    """Return 1 for superscript, -1 for subscript: ``super``, ``sub`` or how far, in percent (20.383)."""
    if position in ("super", "sub"):
        return 1 if position == "super" else -1
    share = re.fullmatch(r"(-?)\d*[1-9]\d*(?:\.\d+)?%", position)
    return (-1 if share[1] else 1) if share else 0


def _float(value: str, text: str) -> Value:
    """Return the number of an attribute, or the cell's text if it is not a number."""
    try:
        return float(value)
    except ValueError:
        return text or None


def _date_number(value: str, text: str) -> Value:
    """Return a date as its serial number: days since 1899-12-30."""
    try:
        return (datetime.fromisoformat(value[:26].rstrip("Z")) - datetime(1899, 12, 30)).total_seconds() / 86400
    except ValueError:
        return text or None


_DURATION = re.compile(r"-?PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d+)?)S)?")


def _time_number(value: str, text: str) -> Value:
    """Return a duration as a fraction of a day."""
    duration = _DURATION.fullmatch(value)
    if not duration:
        return text or None
    hours, minutes, seconds = (float(digits or 0) for digits in duration.groups())
    return (hours * 3600 + minutes * 60 + seconds) / 86400


_CELL = r"(\$?[A-Z]{1,3}\$?\d{1,7})"
_RANGE = re.compile(rf"\$?('(?:[^']|'')*'|[^'.\s()\[\]]+)\.{_CELL}(?::[^:]*\.{_CELL})?")


def _reference(text: str) -> str:
    """Return the reference ``$Sheet.$A$1:.$B$2`` in Excel's notation.

    A text literal is returned unchanged, ``#REF!`` for a reference to nothing, and an empty text for all else.
    """
    if "#REF!" in text:
        return "#REF!"
    range_ = _RANGE.fullmatch(text.strip("[]"))
    if range_:
        return f"{range_[1]}!{range_[2]}" + (f":{range_[3]}" if range_[3] else "")
    return text if text.startswith('"') and text.endswith('"') else ""

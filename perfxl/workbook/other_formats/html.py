"""A page of tables, mostly under the name .xls: as Excel, WPS and LibreOffice write one, or a web system exports.

Read by lxml, which takes any tags in any order and fetches nothing; no tree is built. (The standard library's tokenizer
takes ten times as long.) A value is a number only where the page says so (``x:num``, ``sdval``); what merely looks like
one is the text that people see. Tables without a sheet's name before them stand below each other on one sheet, as in
Excel, and so does what is written between them; a table within a cell stands below its outer table.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from lxml import etree

from perfxl.workbook.ooxml.parts import Style
from perfxl.workbook.other_formats.spreadsheetml import NAMED
from perfxl.workbook.other_formats.values import (
    LAST,
    ForeignBook,
    ForeignCell,
    ForeignCells,
    ForeignFile,
    ForeignSheet,
    Merges,
)

Attributes = Mapping[str, str]
_BLOCKS = frozenset(("p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "center", "dd", "dt", "form"))
_SILENT = frozenset(("script", "style", "title", "template", "noscript", "object", "comment", "xml"))
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9._-]+)""", re.IGNORECASE)


def read(source: ForeignFile) -> ForeignBook:
    """The sheets. Raises PackageError: ``is_html`` for a page without tables, ``html_frames`` for one of frames."""
    text = decode_page(source.data)
    reader = _Reader(source, text)
    # every name is heard as it comes, so that nothing has to be kept: a page may be as large as it likes
    heard: Any = reader  # the stubs ask for a target of bytes as well
    parser = etree.HTMLParser(target=heard, encoding="utf-8", huge_tree=True)
    parser.feed(_CONTROL.sub("", text).encode("utf-8", "replace"))
    parser.close()
    if not reader.laid:
        raise source.refusal("html_frames" if reader.frames else "is_html")
    names = [unescape(name) for name in re.findall("<x:Name>([^<]*)</x:Name>", text)]
    if len(reader.sheets) == len(names) == 1:
        reader.sheets[0].name = names[0]
    sheets = tuple(
        ForeignSheet(each.name or f"Sheet{at}", each.cells, tuple(each.merges), frozenset(each.hidden))
        for at, each in enumerate(reader.sheets, start=1)
    )
    return ForeignBook(sheets, (), reader.properties)


def decode_page(data: bytes) -> str:
    """The page's text: by its byte order mark, by what it says, or else as UTF-8 or GB18030, whichever it can be."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    stated = _CHARSET.search(data[:4096])
    name = stated[1].decode("ascii").lower() if stated else ""
    # what a page says of itself is often wrong; and no GBK of some length can be read as UTF-8
    for encoding in ("utf-8", "big5hkscs") if name.startswith("big5") else ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8" if name.startswith("utf") else "gb18030", "replace")


@dataclass
class _Laid:
    """A sheet on which tables are laid out; ``row``: the next one that is free."""

    cells: ForeignCells
    merges: Merges
    name: str = ""
    hidden: set[int] = field(default_factory=set)
    row: int = 0


@dataclass
class _Box:
    """A cell of a table: its attributes, the pieces of its text."""

    attributes: Attributes
    pieces: list[str] = field(default_factory=list)


@dataclass
class _Row:
    hidden: bool
    boxes: list[_Box] = field(default_factory=list)


_Table = list[_Row]
MOST_STEPS = 1_000_000  # columns, row by row, that are reached by cells from above: some tenths of a second
_BREAK = "\1"  # between blocks of text, however many of them begin and end there
_LINE = "\2"  # a line's end that is one


class _Reader:
    """Gathers each table until it ends, then lays it out. Hears every element begin and end, put right by lxml."""

    def __init__(self, source: ForeignFile, text: str) -> None:
        self.sheets: list[_Laid] = []
        self.properties: dict[str, str] = {}
        self.frames = False
        self.laid = False
        self._source = source
        self._styles: dict[str, Style] = {}
        self._css: list[str] = []
        self._steps = 0
        # programs of the office kind write a space as &nbsp; so that it is kept
        self._blank = " " if "urn:schemas-microsoft-com:office" in text[:10_000] else "\u00a0"
        self._open: list[_Table] = []
        self._inner: list[_Table] = []
        self._outside: list[str] = []
        self._silent = ""
        self._depth = 0
        self._unselected = False
        self._titled = ""

    def close(self) -> None:
        """The page's end."""
        self._say()

    def start(self, tag: str, attributes: Attributes) -> None:
        """An element begins."""
        if self._silent:
            self._depth += tag == self._silent
        elif tag in _SILENT:
            self._silent, self._depth = tag, 1
        elif tag == "table":
            self._table_begins()
        elif tag == "tr" and self._open:
            style = attributes.get("style", "").replace(" ", "").lower()
            self._open[-1].append(_Row("display:none" in style or "visibility:collapse" in style))
        elif tag in ("td", "th") and self._open:
            if not self._open[-1]:
                self._open[-1].append(_Row(False))
            self._open[-1][-1].boxes.append(_Box(attributes))
        else:
            self._other(tag, attributes)

    def _other(self, tag: str, attributes: Attributes) -> None:
        if tag == "br":
            self._pieces().append(_LINE)
        elif tag in _BLOCKS:
            self._block()
        elif tag == "a" and re.fullmatch(r"table\d+", attributes.get("name", "")):
            self._sheet_begins()
        elif tag == "em" and self._titled == "a":
            self._titled = "em"
        elif tag == "meta" and attributes.get("name"):
            self.properties[attributes["name"]] = attributes.get("content", "")
        elif tag in ("frameset", "frame"):
            self.frames = True
        elif tag == "input" and (attributes.get("type") or "text").lower() in ("text", "number", "date"):
            self._pieces().append(attributes.get("value", ""))
        elif tag == "option":
            self._unselected = "selected" not in attributes

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._silent:
            self._depth -= tag == self._silent
            if not self._depth:
                self._silent = ""
                self._styles |= _styles("".join(self._css))
                self._css.clear()
        elif tag == "table" and self._open:
            self._table_ends()
        elif tag == "em" and self._titled == "em":
            self._sheet().name = _text(self._outside).rpartition("\n")[2].partition(": ")[2]
            self._titled = ""
            self._outside.clear()
        elif tag == "select":
            self._unselected = False
        elif tag in _BLOCKS:
            self._block()

    def data(self, data: str) -> None:
        """A piece of text."""
        if self._silent == "style":
            self._css.append(data)
        elif not self._silent and not self._unselected:
            self._pieces().append(data.replace("\u00a0", self._blank))

    def _pieces(self) -> list[str]:
        """Where text goes: into the open cell, or outside of all tables."""
        for table in reversed(self._open):
            if table and table[-1].boxes:
                return table[-1].boxes[-1].pieces
        return self._outside

    def _block(self) -> None:
        if self._open:
            self._pieces().append(_BREAK)
        elif not self._titled:
            self._say()

    def _sheet_begins(self) -> None:
        """LibreOffice names each sheet before its table; before the first it lists them all."""
        if not self.laid:
            self.sheets.clear()
        limits = self._source.limits
        if len(self.sheets) >= limits.sheets:
            raise self._source.refusal("too_many_sheets", count=len(self.sheets) + 1, limit=limits.sheets)
        self.sheets.append(_Laid(ForeignCells(self._source), Merges(self._source)))
        self._titled = "a"
        self._outside.clear()

    def _sheet(self) -> _Laid:
        if not self.sheets:
            self.sheets.append(_Laid(ForeignCells(self._source), Merges(self._source)))
        return self.sheets[-1]

    def _say(self) -> None:
        """What was written outside of the tables gets a row of its own."""
        if text := _text(self._outside):
            sheet = self._sheet()
            sheet.cells.put(sheet.row, 0, ForeignCell(text))
            sheet.row += 1
        self._outside.clear()

    def _table_begins(self) -> None:
        self._say()
        self._open.append([])
        limit = self._source.limits.depth
        if len(self._open) > limit:
            raise self._source.refusal("too_deep", part="HTML", limit=limit)

    def _table_ends(self) -> None:
        table = self._open.pop()
        if self._open:
            self._inner.append(table)
            return
        for each in (table, *self._inner):
            self._lay(each)
        self._inner.clear()

    def _lay(self, table: _Table) -> None:
        """Puts a table's cells where they stand, those that reach down from above taken into account."""
        sheet, self.laid = self._sheet(), True
        down: dict[int, int] = {}
        for row in table:
            column = 0
            for box in row.boxes:
                while column in down:
                    column += 1
                if column > LAST[1]:
                    break
                columns, rows = (_span(box.attributes.get(word, "")) for word in ("colspan", "rowspan"))
                sheet.cells.put(sheet.row, column, self._cell(box))
                if "mso-ignore:colspan" not in box.attributes.get("style", ""):
                    sheet.merges.put(sheet.row, column, rows, columns)
                if rows > 1:
                    down |= dict.fromkeys(range(column, column + columns), rows)
                column += columns
            self._steps += len(down)
            if self._steps > MOST_STEPS:
                raise self._source.refusal("too_many_merges", limit=self._source.limits.merges)
            down = {at: left - 1 for at, left in down.items() if left > 1}
            if row.hidden:
                sheet.hidden.add(sheet.row)
            sheet.row += 1

    def _cell(self, box: _Box) -> ForeignCell:
        get, text = box.attributes.get, _text(box.pieces)
        style = self._style(box.attributes)
        formula = get("x:fmla", "").lstrip("=") if "x:fmla" in box.attributes else None
        if "x:err" in box.attributes:
            return ForeignCell(get("x:err") or text or None, *style, error=True, formula=formula)
        if "x:bool" in box.attributes:
            return ForeignCell((get("x:bool") or text).upper() == "TRUE", *style, formula=formula)
        number = get("x:num") or text if "x:num" in box.attributes else get("sdval", "")
        try:
            return ForeignCell(float(number), *style, formula=formula)
        except ValueError:
            return ForeignCell(text or None, *style, formula=formula)

    def _style(self, attributes: Attributes) -> Style:
        """A cell's format: its own, that of its class, or what LibreOffice notes (``sdnum="2052;0;0%"``)."""
        found = self._styles.get(attributes.get("class", ""), Style("General", True))
        if "mso-" in (own := attributes.get("style", "")):
            return _style(own, found)
        noted = attributes.get("sdnum", "").split(";", 2)
        return found._replace(format=noted[2] or "General") if len(noted) == 3 else found


_SPACE = re.compile("[ \t\r\n\f]+")
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60]"
_WRAPPED = re.compile(f"(?<={_WIDE})[ \t]*[\r\n][ \t\r\n]*(?={_WIDE})")
"""A line's end between two Chinese characters is none: the page was wrapped there (CSS Text 3, 4.1.3)."""
_CONTROL = re.compile("[\0-\x08\x0b\x0e-\x1f]")


def _text(pieces: list[str]) -> str:
    """A cell's text as it is seen: blocks on lines of their own, no white space around lines; empty for blanks only."""
    text = _SPACE.sub(" ", _WRAPPED.sub("", "".join(pieces)))
    text = re.sub(f"(?: ?{_BREAK})+ ?", "\n", text).replace(_LINE, "\n")
    text = re.sub(" ?\n ?", "\n", text).strip(" \n")
    return text if text.strip() else ""


def _span(text: str) -> int:
    return min(int(text), LAST[1] + 1) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) else 1


_RULE = re.compile(r'\.([\w-]+)\s*\{((?:"[^"]*"|[^{}"])*)\}')
_FORMAT = re.compile(r"""mso-number-format\s*:\s*(?:"([^"]*)"|'([^']*)'|([^;"']+))""", re.IGNORECASE)
_LOCK = re.compile(r"mso-protection\s*:\s*(\w+)", re.IGNORECASE)


def _styles(sheet: str) -> Iterator[tuple[str, Style]]:
    """The cell formats of a style sheet by their class (``.xl65``), as Excel and WPS write them."""
    for name, rules in _RULE.findall(sheet):
        yield name, _style(rules, Style("General", True))


def _style(rules: str, otherwise: Style) -> Style:
    format, lock = _FORMAT.search(rules), _LOCK.search(rules)
    code = next((each for each in format.groups() if each), "") if format else ""
    code = re.sub(r"\\([0-9A-Fa-f]{4})|\\(.)", lambda each: chr(int(each[1], 16)) if each[1] else each[2], code.strip())
    return Style(NAMED.get(code, code) or otherwise.format, lock[1].lower() != "unlocked" if lock else otherwise.locked)

"""An HTML page of tables, mostly named .xls: as Excel, WPS and LibreOffice write it, or as a web system exports it.

Read by lxml, which accepts any tags in any order and fetches nothing; no tree is built. (The standard library's
tokenizer takes ten times as long.) A value is a number only where the page says so (``x:num``, ``sdval``); what merely
looks like a number stays the text that people see. Tables without a sheet's name before them are put below each other
on one sheet, as in Excel, together with the text between them; a table within a cell is put below its outer table.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from lxml import etree

from perfxl.workbook.ooxml.drawings import Control, Drawn
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.parts import Style
from perfxl.workbook.ooxml.rich_text import Run, plain_text
from perfxl.workbook.other_formats.spreadsheetml import NAMED
from perfxl.workbook.other_formats.values import (
    LAST,
    ForeignBook,
    ForeignCell,
    ForeignCells,
    ForeignFile,
    ForeignSheet,
    ForeignThings,
    Merges,
    formatted_runs,
)

Attributes = Mapping[str, str]
Thing = Drawn | tuple[str, str]
"""Something within a cell beside its text: a thing that is drawn, without its place; the target of a link; a note.

The latter two are pairs: ``link`` or ``note``, and a text."""
_BLOCKS = frozenset(("p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "center", "dd", "dt", "form"))
_SILENT = frozenset(("script", "style", "title", "template", "noscript", "object", "comment", "xml"))
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9._-]+)""", re.IGNORECASE)


def read(source: ForeignFile) -> ForeignBook:
    """Return the workbook. Raises PackageError: ``is_html`` for a page without tables, ``html_frames`` for frames."""
    text = decode_page(source.data)
    reader = _Reader(source, text)
    # elements are handled as they come and not kept, so that a page may be of any size
    target: Any = reader  # lxml's type stubs also require methods for bytes
    parser = etree.HTMLParser(target=target, encoding="utf-8", huge_tree=True)
    parser.feed(_CONTROL.sub("", text).encode("utf-8", "replace"))
    parser.close()
    if not reader.laid:
        raise source.refusal("html_frames" if reader.frames else "is_html")
    names = [unescape(name) for name in re.findall("<x:Name>([^<]*)</x:Name>", text)]
    if len(reader.sheets) == len(names) == 1:
        reader.sheets[0].name = names[0]
    sheets = tuple(
        ForeignSheet(
            sheet.name or f"Sheet{number}",
            sheet.cells,
            tuple(sheet.merges),
            frozenset(sheet.hidden),
            things=sheet.things,
        )
        for number, sheet in enumerate(reader.sheets, start=1)
    )
    return ForeignBook(sheets, (), reader.properties)


def decode_page(data: bytes) -> str:
    """Return the page's text, decoded by its byte order mark or by the encoding that it declares.

    Failing that it is decoded as UTF-8 or GB18030, whichever is valid.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    stated = _CHARSET.search(data[:4096])
    name = stated[1].decode("ascii").lower() if stated else ""
    # the declared encoding is often wrong; and no GBK text of some length is valid UTF-8
    for encoding in ("utf-8", "big5hkscs") if name.startswith("big5") else ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8" if name.startswith("utf") else "gb18030", "replace")


@dataclass
class _LaidSheet:
    """A sheet on which tables are laid out; ``row``: the next free row."""

    cells: ForeignCells
    merges: Merges
    name: str = ""
    hidden: set[int] = field(default_factory=set)
    row: int = 0
    things: ForeignThings = field(default_factory=ForeignThings)


@dataclass
class _Box:
    """A cell of a table: its attributes, the pieces of its text, and what else is in it."""

    attributes: Attributes
    pieces: list[str] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)


@dataclass
class _Row:
    """A row of a table; ``hidden``: its style hides it."""

    hidden: bool
    boxes: list[_Box] = field(default_factory=list)


_Table = list[_Row]
_MARKED = {"s": "\3", "strike": "\3", "del": "\3", "sup": "\4", "sub": "\5"}
"""The elements of text that is struck out, raised or lowered; each stands in the pieces of a text as a sign."""
_UNMARKED = "\6"
MOST_STEPS = 1_000_000  # columns covered by cells from above, summed over all rows: some tenths of a second
_BREAK = "\1"  # the boundary of blocks of text; several in a row count as one
_LINE = "\2"  # a line break of its own (<br>)


class _Reader:
    """A parser target that gathers each table until it ends, then lays it out on a sheet.

    lxml calls it for the start and end of every element, after correcting the nesting.
    """

    def __init__(self, source: ForeignFile, text: str) -> None:
        self.sheets: list[_LaidSheet] = []
        self.properties: dict[str, str] = {}
        self.frames = False
        self.laid = False
        self._source = source
        self._styles: dict[str, Style] = {}
        self._css: list[str] = []
        self._note: list[str] = []
        self._steps = 0
        # office programs write a space as &nbsp; to preserve it
        self._blank = " " if "urn:schemas-microsoft-com:office" in text[:10_000] else "\u00a0"
        self._open: list[_Table] = []
        self._inner: list[_Table] = []
        self._outside: list[str] = []
        self._silent = ""
        self._depth = 0
        self._unselected = False
        self._titled = ""

    def close(self) -> None:
        """Handle the end of the page."""
        self._write_outside()

    def start(self, tag: str, attributes: Attributes) -> None:
        """Handle the start of an element."""
        if self._silent:
            self._depth += tag == self._silent
        elif tag in _SILENT:
            self._silent, self._depth = tag, 1
            self._note.clear()
            self._add_thing(tag, attributes)
        elif tag == "table":
            self._start_table()
        elif tag == "tr" and self._open:
            style = attributes.get("style", "").replace(" ", "").lower()
            self._open[-1].append(_Row("display:none" in style or "visibility:collapse" in style))
        elif tag in ("td", "th") and self._open:
            if not self._open[-1]:
                self._open[-1].append(_Row(False))
            self._open[-1][-1].boxes.append(_Box(attributes))
        else:
            self._start_other(tag, attributes)

    def _start_other(self, tag: str, attributes: Attributes) -> None:
        """Handle the start of an element that is not part of a table's structure."""
        if tag == "br":
            self._pieces().append(_LINE)
        elif tag in _BLOCKS:
            self._break_line()
        elif tag in _MARKED and self._open:
            self._pieces().append(_MARKED[tag])
        elif tag == "a" and re.fullmatch(r"table\d+", attributes.get("name", "")):
            self._start_sheet()
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
        else:
            self._add_thing(tag, attributes)

    def _add_thing(self, tag: str, attributes: Attributes) -> None:
        """Note what stands in a cell, or outside of the tables, and is no text."""
        kind = _CONTROLS.get((attributes.get("type") or "").lower(), "") if tag == "input" else ""
        thing: Drawn | None = None
        if kind:
            label = attributes.get("value", "") if kind == "Button" else ""
            thing = Drawn(None, "control", label, Control("", kind, label, int("checked" in attributes)))
        elif tag in _DRAWN:
            thing = Drawn(None, _DRAWN[tag], attributes.get("alt") or attributes.get("title") or "")
        elif tag == "a" and (href := attributes.get("href", "")) and (box := self._box()):
            box.things.append(("link", href))
        if thing and (box := self._box()):
            box.things.append(thing)
        elif thing:
            self._sheet().things.add_drawn(thing)

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        if self._silent:
            self._depth -= tag == self._silent
            if not self._depth:
                if self._silent == "comment" and (box := self._box()):  # a note, as LibreOffice writes it
                    box.things.append(("note", "".join(self._note).strip()))
                self._silent = ""
                self._styles |= _read_styles("".join(self._css))
                self._css.clear()
        elif tag == "table" and self._open:
            self._end_table()
        elif tag == "em" and self._titled == "em":
            self._sheet().name = _displayed_text(self._outside).rpartition("\n")[2].partition(": ")[2]
            self._titled = ""
            self._outside.clear()
        elif tag == "select":
            self._unselected = False
        elif tag in _BLOCKS:
            self._break_line()
        elif tag in _MARKED and self._open:
            self._pieces().append(_UNMARKED)

    def data(self, data: str) -> None:
        """Handle a piece of text."""
        if self._silent == "style":
            self._css.append(data)
        elif self._silent == "comment":
            self._note.append(data)
        elif not self._silent and not self._unselected:
            self._pieces().append(data.replace("\u00a0", self._blank))

    def _pieces(self) -> list[str]:
        """Return the list that text is added to: that of the open cell, or that of the text outside all tables."""
        box = self._box()
        return box.pieces if box else self._outside

    def _box(self) -> _Box | None:
        """Return the open cell, None outside of all tables."""
        return next((table[-1].boxes[-1] for table in reversed(self._open) if table and table[-1].boxes), None)

    def _break_line(self) -> None:
        """Begin a new line in the open cell, or outside all tables a new row."""
        if self._open:
            self._pieces().append(_BREAK)
        elif not self._titled:
            self._write_outside()

    def _start_sheet(self) -> None:
        """Begin a sheet. LibreOffice names each sheet before its table, and lists all names before the first."""
        if not self.laid:
            self.sheets.clear()
        limits = self._source.limits
        if len(self.sheets) >= limits.sheets:
            raise self._source.refusal("too_many_sheets", count=len(self.sheets) + 1, limit=limits.sheets)
        self.sheets.append(_LaidSheet(ForeignCells(self._source), Merges(self._source)))
        self._titled = "a"
        self._outside.clear()

    def _sheet(self) -> _LaidSheet:
        """Return the current sheet."""
        if not self.sheets:
            self.sheets.append(_LaidSheet(ForeignCells(self._source), Merges(self._source)))
        return self.sheets[-1]

    def _write_outside(self) -> None:
        """Write the text outside the tables into a row of its own."""
        if text := _displayed_text(self._outside):
            sheet = self._sheet()
            sheet.cells.put(sheet.row, 0, ForeignCell(text))
            sheet.row += 1
        self._outside.clear()

    def _start_table(self) -> None:
        """Begin a table. Raises PackageError: ``too_deep``."""
        self._write_outside()
        self._open.append([])
        limit = self._source.limits.depth
        if len(self._open) > limit:
            raise self._source.refusal("too_deep", part="HTML", limit=limit)

    def _end_table(self) -> None:
        """End a table: lay it out, after it the tables within its cells, unless it is itself within a cell."""
        table = self._open.pop()
        if self._open:
            self._inner.append(table)
            return
        for complete in (table, *self._inner):
            self._lay_out(complete)
        self._inner.clear()

    def _lay_out(self, table: _Table) -> None:
        """Write a table's cells to the sheet, to the right of cells that reach down from rows above.

        Raises PackageError: ``too_many_merges``.
        """
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
                for thing in box.things:
                    _put_thing(sheet.things, (sheet.row, column), thing)
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
        """Return the value and format of a cell."""
        get, style = box.attributes.get, self._style(box.attributes)
        runs = tuple(_split_runs(_displayed_text(box.pieces), style.struck))
        text = plain_text(runs)
        formula = get("x:fmla", "").lstrip("=") if "x:fmla" in box.attributes else None
        if "x:err" in box.attributes:
            return ForeignCell(get("x:err") or text or None, *style, error=True, formula=formula)
        if "x:bool" in box.attributes:
            return ForeignCell((get("x:bool") or text).upper() == "TRUE", *style, formula=formula)
        number = get("x:num") or text if "x:num" in box.attributes else get("sdval", "")
        try:
            return ForeignCell(float(number), *style, formula=formula)
        except ValueError:
            return ForeignCell(text or None, *style, formula=formula, runs=formatted_runs(runs))

    def _style(self, attributes: Attributes) -> Style:
        """Return a cell's format: its own, its class's, or what LibreOffice notes (``sdnum="2052;0;0%"``)."""
        base = self._styles.get(attributes.get("class", ""), Style("General", True))
        if "mso-" in (own := attributes.get("style", "")):
            return _read_style(own, base)
        noted = attributes.get("sdnum", "").split(";", 2)
        return base._replace(format=noted[2] or "General") if len(noted) == 3 else base


_DRAWN = {
    "img": "picture", "svg": "picture", "canvas": "picture", "object": "embedded", "embed": "embedded",
    "iframe": "embedded", "video": "embedded", "audio": "embedded", "applet": "embedded",
}  # fmt: skip
_CONTROLS = {
    "checkbox": "Checkbox", "radio": "Radio", "button": "Button", "submit": "Button", "reset": "Button",
    "range": "Scroll", "file": "Edit", "password": "Edit",
}  # fmt: skip


def _put_thing(things: ForeignThings, at: Place, thing: Thing) -> None:
    """Add a thing of a cell to those of its sheet."""
    if isinstance(thing, Drawn):
        things.add_drawn(thing._replace(at=at))
    elif thing[0] == "note":
        things.add_note(at, thing[1])
    else:
        target, _, location = thing[1].partition("#")
        things.add_link(at, target, location)


_SPACE = re.compile("[ \t\r\n\f]+")
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60]"
_WRAPPED = re.compile(f"(?<={_WIDE})[ \t]*[\r\n][ \t\r\n]*(?={_WIDE})")
"""A line end between two Chinese characters is not a space: the page was wrapped there (CSS Text 3, 4.1.3)."""
_CONTROL = re.compile("[\0-\x08\x0b\x0e-\x1f]")


def _displayed_text(pieces: list[str]) -> str:
    """Return the text of a cell as displayed: blocks on separate lines, lines trimmed; empty if only blanks."""
    text = _SPACE.sub(" ", _WRAPPED.sub("", "".join(pieces)))
    text = re.sub(f"(?: ?{_BREAK})+ ?", "\n", text).replace(_LINE, "\n")
    text = re.sub(" ?\n ?", "\n", text).strip(" \n")
    return text if text.strip() else ""


def _split_runs(text: str, struck: bool) -> Iterator[Run]:
    """Yield the pieces of a text, split at the signs of _MARKED. ``struck``: all of it is struck out."""
    signs: list[str] = []
    for piece in _SIGN.split(text):
        if piece == _UNMARKED:
            signs = signs[:-1]
        elif _SIGN.fullmatch(piece):
            signs.append(piece)
        elif piece:
            yield Run(piece, struck or "\3" in signs, ("\4" in signs) - ("\5" in signs))


_SIGN = re.compile("([\3-\6])")


def _span(text: str) -> int:
    """Return the number in a ``colspan`` or ``rowspan``; 1 if it is not valid."""
    return min(int(text), LAST[1] + 1) if text.isascii() and text.isdigit() and len(text) < 9 and int(text) else 1


_RULE = re.compile(r'\.([\w-]+)\s*\{((?:"[^"]*"|[^{}"])*)\}')
_FORMAT = re.compile(r"""mso-number-format\s*:\s*(?:"([^"]*)"|'([^']*)'|([^;"']+))""", re.IGNORECASE)
_STRUCK = re.compile(r"text-decoration[^;]*line-through|text-line-through\s*:\s*(?!none)", re.IGNORECASE)
_LOCK = re.compile(r"mso-protection\s*:\s*(\w+)", re.IGNORECASE)


def _read_styles(sheet: str) -> Iterator[tuple[str, Style]]:
    """Yield the cell formats of a style sheet by class (``.xl65``), as Excel and WPS write them."""
    for name, rules in _RULE.findall(sheet):
        yield name, _read_style(rules, Style("General", True))


def _read_style(rules: str, otherwise: Style) -> Style:
    """Return the cell format that CSS declarations state; what they do not state is that of ``otherwise``."""
    format, lock = _FORMAT.search(rules), _LOCK.search(rules)
    code = next((text for text in format.groups() if text), "") if format else ""
    code = re.sub(r"\\([0-9A-Fa-f]{4})|\\(.)", _unescape_css, code.strip())
    locked = lock[1].lower() != "unlocked" if lock else otherwise.locked
    return Style(NAMED.get(code, code) or otherwise.format, locked, bool(_STRUCK.search(rules)) or otherwise.struck)


def _unescape_css(escape: re.Match[str]) -> str:
    r"""Return the character of a CSS escape: of ``\4E07`` by its code, of ``\@`` the one after the backslash."""
    return chr(int(escape[1], 16)) if escape[1] else escape[2]

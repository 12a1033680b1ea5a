"""Stencils: a part of a package is cut at the places that vary between books.

The pieces that never vary are deflated once, the others are filled in for each book.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.ooxml.zip_file import Part, deflate
from perfxl.workbook.sheet.page import Cells, Value

TOKEN = "perfxltoken"  # noqa: S105 - nobody's password
"""A placeholder where something varies: only letters, so that it needs neither quotes nor escapes anywhere."""


FOOTER = f"{TOKEN}footer"
"""The placeholder of the text at the foot of a page."""


NOTHING: Mapping[Any, Any] = MappingProxyType({})


BEST = 9  # zlib's best level, for pieces that are deflated once


class Unusual(Exception):
    """A book contains something that stamping leaves to XlsxWriter."""


_ESCAPE = re.compile("(_x[0-9a-fA-F]{4}_)")


_CONTROL = re.compile("[\\x00-\\x08\\x0b-\\x1f\ufffe\uffff]")


# a text of one to 16,383 characters (never more than Excel's 32,767 UTF-16 units) that can stand as it is
_HARMLESS = re.compile("(?!\\s)[^&<>_\\x00-\\x08\\x0b-\\x1f\ufffe\uffff]{1,16383}(?<!\\s)")


_LONG = 16_383


def escape_string(text: str) -> str:
    """Escape a text as the content of an element, as XlsxWriter does (ECMA-376 part 1, 22.9.2.19, ST_Xstring)."""
    text = _ESCAPE.sub(r"_x005F\1", text)
    text = _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cell_content(value: Value) -> str:
    """Return the XML that follows a cell's address and style. Raises Unusual for a value that Excel does not have."""
    if value is None or value == "":
        return "/>"
    if not isinstance(value, str):
        if not math.isfinite(value):
            raise Unusual
        return f"><v>{value:.16G}</v></c>"
    if _HARMLESS.fullmatch(value):
        return f' t="inlineStr"><is><t>{value}</t></is></c>'
    if len(value) > _LONG:
        raise Unusual
    text = escape_string(value)
    space = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
    return f' t="inlineStr"><is><t{space}>{text}</t></is></c>'


@lru_cache(maxsize=1024)
def row_height(points: float) -> str:
    """Return the attributes of a row's height as XlsxWriter writes them: whole pixels, none for the default of 20."""
    pixels = int(points * 4.0 / 3.0 + 0.5)
    if pixels == 0:
        return ' hidden="1"'
    return "" if pixels == 20 else f' ht="{pixels * 0.75:.16g}" customHeight="1"'


@dataclass(frozen=True, eq=False)
class _Run:
    """A run of a part's pieces, from ``start`` to before ``stop``.

    A piece that never varies is a run of its own: ``plain`` are its bytes, ``packed`` the same deflated.
    """

    start: int
    stop: int
    plain: bytes = b""
    packed: bytes = b""


class Stencil:
    """A part cut at its holes: literal, hole, literal, and so on to a last literal; long literals are deflated once.

    Deflated pieces can be joined if each ends on a whole byte and refers to no earlier piece; an empty stored block at
    its end ensures both (RFC 1951, 3.2.4).
    """

    LONG_LITERAL = 3000  # bytes; shorter literals are deflated together with the pieces beside them
    # (at 1000 a unit's book is a fifth larger and no faster: what stands in short runs has little to refer to)
    END = b"\x03\x00"  # an empty last block

    def __init__(self, pieces: Iterable[str]) -> None:
        self.pieces = list(pieces)
        self.runs: list[_Run] = []
        start = 0
        for at in range(0, len(self.pieces), 2):
            plain = self.pieces[at].encode()
            if len(plain) >= self.LONG_LITERAL:
                if at > start:
                    self.runs.append(_Run(start, at))
                self.runs.append(_Run(at, at + 1, plain, deflate(plain, BEST, last=False)))
                start = at + 1
        if start < len(self.pieces):
            self.runs.append(_Run(start, len(self.pieces)))

    def part(self, name: str, values: list[str]) -> Part:
        """Return the part with these values in its holes, one value per hole, in order."""
        pieces = self.pieces.copy()
        pieces[1::2] = values
        packed: list[bytes] = []
        crc = size = 0
        for run in self.runs:
            plain = run.plain or "".join(pieces[run.start : run.stop]).encode()
            packed.append(run.packed or deflate(plain, last=False))
            crc = zlib.crc32(plain, crc)
            size += len(plain)
        packed.append(self.END)
        return Part(name, b"".join(packed), crc, size)


_VARIES = re.compile(
    # a row's start: the attributes of its height
    r'<row r="(?P<row>\d+)"(?: spans="[^"]*")?(?P<height>(?: ht="[^"]*")?(?: hidden="1")?(?: customHeight="1")?)>'
    # a cell without a formula: what follows its address and style; a cell with one; a formula's result
    r'|<c r="(?P<cell>[A-Z]+\d+)"(?: s="\d+")?(?P<content>/>| t="s"><v>(?P<string>\d+)</v></c>|><v>[^<]*</v></c>)'
    # (of one that shows nothing, the type as well: there it is that of a text, and a number has none)
    r'|<c r="(?P<formula>[A-Z]+\d+)"(?: s="\d+")?'
    r'(?:(?P<type> t="str")(?=><f[^>]*>(?:[^<]*</f>)?<v></v>)|(?: t="str")?)><f'
    r'|(?:</f>| si="\d+"/>)<v>(?P<result>[^<]*)</v>'
    # the name of a tab in a formula; a link; a printed code
    rf"|(?P<tab>(?<='){TOKEN}\d+(?='))"
    r'|<hyperlink ref="(?P<link>[A-Z]+\d+)"(?P<target> location="[^"]*" display="[^"]*")/>'
    rf"|(?P<footer>{FOOTER})"
    rf"|(?P<code>\d\d-{TOKEN}-\d\d-[A-Z]\d-[A-Z])"
)


class SheetStencil:
    """A sheet cut at what varies: cells, rows' heights, links, tab names in formulas, the footer and the printed code.

    ``cells``, ``rows``, ``links``, ``results``, ``types`` (of results) and ``tabs`` list the holes: the number of each,
    with the cell, row, link or tab that belongs there; ``footers`` their numbers alone. All other holes take the
    printed code.
    ``strings``: the XML inside each ``<si>`` of the shared strings, which become inline strings.
    Raises Unusual where one of the cells is not on the sheet.
    """

    def __init__(
        self, data: bytes, strings: list[str], cells: Collection[Place], heights: Collection[int] = ()
    ) -> None:
        sheet = data.decode()
        places = {address(*at): at for at in cells}
        self.cells: list[tuple[int, Place]] = []
        self.rows: list[tuple[int, int]] = []
        self.links: list[tuple[int, str]] = []
        self.results: list[tuple[int, Place]] = []
        self.types: list[tuple[int, Place]] = []
        self.tabs: list[tuple[int, str]] = []
        self.footers: list[int] = []
        formula_cell = ""  # the last cell with a formula: the next result is its own
        pieces: list[str] = [""]
        end = 0
        for match in _VARIES.finditer(sheet):
            hole = len(pieces) // 2
            cut = ""
            if match["cell"] in places:
                self.cells.append((hole, places[match["cell"]]))
                cut = "content"
            elif match["row"] and int(match["row"]) - 1 in heights:
                self.rows.append((hole, int(match["row"]) - 1))
                cut = "height"
            elif match["link"]:
                self.links.append((hole, match["link"]))
                cut = "target"
            elif match["code"]:
                cut = "code"
            elif match["footer"]:
                self.footers.append(hole)
                cut = "footer"
            elif match["formula"]:
                formula_cell = match["formula"]
                if match["type"] and formula_cell in places:
                    self.types.append((hole, places[formula_cell]))
                    cut = "type"
            elif match["result"] is not None and formula_cell in places:
                self.results.append((hole, places[formula_cell]))
                cut = "result"
            elif match["tab"]:
                self.tabs.append((hole, match["tab"]))
                cut = "tab"
            if cut:
                pieces[-1] += sheet[end : match.start(cut)]
                pieces += ["", ""]
                end = match.end(cut)
            elif match["string"]:
                string = f' t="inlineStr"><is>{strings[int(match["string"])]}</is></c>'
                pieces[-1] += sheet[end : match.start("content")] + string
                end = match.end("content")
        pieces[-1] += sheet[end:]
        self.count = len(pieces) // 2
        self.stencil = Stencil(pieces)
        if len(self.cells) + len(self.results) != len(places):
            raise Unusual

    def part(
        self,
        name: str,
        cells: Cells,
        heights: Mapping[int, float] = NOTHING,
        links: Mapping[str, str] = NOTHING,
        tabs: Mapping[str, str] = NOTHING,
        code: str = "",
        footer: str = "",
    ) -> Part:
        """Return the sheet's part with these values.

        ``heights``: row → points; ``links``: cell → attributes; ``tabs``: token → tab name, escaped; ``code``: the
        printed code (识别码); ``footer``: the text at the foot of a page, escaped.
        """
        values = [code] * self.count
        for hole, at in self.cells:
            values[hole] = cell_content(cells[at])
        for hole, row in self.rows:
            values[hole] = row_height(heights[row])
        for hole, at in self.results:
            values[hole] = _formula_result(cells[at])
        for hole, at in self.types:
            values[hole] = "" if isinstance(cells[at], (int, float)) else ' t="str"'
        for hole, link in self.links:
            values[hole] = links[link]
        for hole, tab in self.tabs:
            values[hole] = tabs[tab]
        for hole in self.footers:
            values[hole] = footer
        return self.stencil.part(name, values)


def _formula_result(value: Value) -> str:
    """Return the value of a formula as the content of its ``v`` element."""
    if isinstance(value, str):
        return escape_string(value)
    return "" if value is None else str(value)  # as XlsxWriter writes a result, unlike the number in a cell

"""A web page (.html, .htm): of a web site, or what Word, WPS or LibreOffice saved as one.

Read in the order of the source: paragraphs, and tables with what their cells span. Scripts, styles, what is not shown
and what Word marks as deleted or as a comment are left out; so is Word's table of contents.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from perfxl.budget.documents.content import (
    Block,
    DocumentCell,
    DocumentContent,
    DocumentLine,
    DocumentPlace,
    DocumentRow,
    ExtractionNote,
    clean,
)
from perfxl.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_ENCODING = re.compile(rb"<meta[^>]*charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_GONE = {"script", "style", "head", "template", "noscript", "select", "svg", "nav", "option", "button", "textarea"}
_BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "section", "article", "main",
           "header", "footer", "blockquote", "dl", "dt", "dd", "center", "form", "body", "html",
           "fieldset", "figure", "hr"}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.IGNORECASE)
_COMMENT = re.compile(r"mso-element\s*:\s*comment|mso-comment-reference", re.IGNORECASE)
_FOOTNOTE = re.compile(r"mso-element\s*:\s*(?:foot|end)note\b", re.IGNORECASE)
_CONTENTS = re.compile(r"MsoToc", re.IGNORECASE)
_MOST_LEVELS = 200
_MOST_SPAN = 1000
_MOST_COLUMNS = 200  # of a table; what stands beyond is no table of ours
_REMARKS = ("tracked_changes", "comments", "footnotes", "hidden_text", "pictures")


@dataclass
class _Walk:
    """The state of going through a page."""

    seen: Counter[str] = field(default_factory=Counter)
    paragraphs: int = 0
    tables: int = 0
    text: str = ""  # of the paragraph that is being read

    def finish(self) -> Iterator[DocumentLine]:
        """Yield the lines of the paragraph that was being read."""
        lines = [cleaned for piece in self.text.split("\n") if (cleaned := clean(piece))]
        self.text = ""
        self.paragraphs += bool(lines)
        place = DocumentPlace("paragraph", self.paragraphs)
        yield from (DocumentLine(place, line) for line in lines)


def read(data: bytes, file: str) -> DocumentContent:
    """Return the content of a web page. Raises ``DocumentError`` where it cannot be parsed."""
    from lxml import etree, html  # imported here because only this kind of file needs it

    text = _decoded(data)
    try:
        root = html.document_fromstring(
            re.sub(r"^\s*<\?xml[^>]*\?>", "", text), parser=html.HTMLParser(huge_tree=False)
        )
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise DocumentError(file=file, what="not_text") from error
    walk = _Walk()
    blocks = (*_blocks(root, walk, 0), *walk.finish())
    notes = tuple(ExtractionNote(what, None, {"count": walk.seen[what]}) for what in _REMARKS if walk.seen[what])
    return DocumentContent(blocks, notes)


def _decoded(data: bytes) -> str:
    """Return the text by its byte order mark, by the encoding that it names, or by the first that fits.

    A page may name GB2312 and hold signs of GBK only, or name an encoding that it is not in.
    """
    from perfxl.budget.documents.readers import decode

    named = _ENCODING.search(data[:4096])
    name = named[1].decode("ascii", "replace").lower() if named else ""
    name = "gb18030" if name in {"gb2312", "gbk", "x-gbk"} else name
    if name and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data) or data.decode("gb18030", "replace")


def _blocks(parent: Element, walk: _Walk, level: int) -> Iterator[Block]:
    """Yield the paragraphs and tables below an element; text that stands in no paragraph makes one, too."""
    _add(walk, parent.text)
    for element in parent:
        if isinstance(element.tag, str) and level < _MOST_LEVELS:
            yield from _element(element, walk, level)
        _add(walk, element.tail)


def _element(element: Element, walk: _Walk, level: int) -> Iterator[Block]:
    """Yield what an element holds."""
    tag = element.tag.rpartition(":")[2]
    if _is_left_out(element, tag, walk):
        return
    walk.seen["tracked_changes"] += tag == "ins"
    if tag == "br":
        walk.text += "\n"
    elif tag == "table":
        yield from walk.finish()
        yield from _table(element, walk, level)
    elif tag in _BLOCKS:
        yield from walk.finish()
        yield from _blocks(element, walk, level + 1)
        yield from walk.finish()
    else:
        walk.seen["pictures"] += tag == "img"
        yield from _blocks(element, walk, level + 1)


def _is_left_out(element: Element, tag: str, walk: _Walk) -> bool:
    """Return True for what is not of the page's text; what a person may miss is counted."""
    style = f"{element.get('style', '')} {element.get('class', '')}"
    what = ""
    if tag == "del":
        what = "tracked_changes"
    elif _COMMENT.search(style):
        what = "comments"
    elif _FOOTNOTE.search(style):
        what = "footnotes"
    elif _HIDDEN.search(style):
        what = "hidden_text"
    if what:
        walk.seen[what] += bool(_has_text(element))
    return bool(what) or tag in _GONE or bool(_CONTENTS.search(style)) or element.get("hidden") is not None


def _has_text(element: Element) -> bool:
    """Return True if an element holds any text."""
    return any(str(text).strip() for text in element.itertext())


def _add(walk: _Walk, text: str | None) -> None:
    """Add text to the paragraph that is being read; a line break of the source is a space between words only."""
    if text:
        parts = re.split(r"[ \t\r\n]*[\r\n][ \t\r\n]*", text)
        for at, part in enumerate(parts):
            spaced = (
                at
                and walk.text[-1:].isascii()
                and walk.text[-1:].isalnum()
                and part[:1].isascii()
                and part[:1].isalnum()
            )
            walk.text += (" " if spaced else "") + part


def _table(table: Element, walk: _Walk, level: int) -> Iterator[Block]:
    """Yield a table's rows; a cell that spans rows is merged in all but the first. Tables within follow their row."""
    walk.tables += 1
    number, nth = walk.tables, 0
    reaching: dict[int, tuple[int, int]] = {}  # column → how many more rows the cell above takes, its width
    for row in _rows(table):
        place = DocumentPlace("table", number, nth := nth + 1)
        cells: list[DocumentCell] = []
        inner: list[Block] = []
        column = 0
        elements = [cell for cell in row if cell.tag in {"td", "th"}]
        for element in elements:
            column = _above(cells, reaching, column, place)
            if column > _MOST_COLUMNS:
                break
            content = [*_blocks(element, walk, level + 1), *walk.finish()]
            lines = [block for block in content if isinstance(block, DocumentLine)]
            tables = [block for block in content if isinstance(block, DocumentRow)]
            if tables and len(elements) == 1:
                yield from content
                break
            inner += tables
            span, down = _span(element, "colspan"), _span(element, "rowspan")
            if not _is_left_out(element, "td", walk):
                cells.append(
                    DocumentCell(place, tuple(DocumentLine(place, line.text) for line in lines), False, column, span)
                )
            if down > 1:
                reaching[column] = (down, span)
            column += span
        _above(cells, reaching, column, place)
        reaching = {at: (down - 1, span) for at, (down, span) in reaching.items() if down > 1}
        if cells:
            yield DocumentRow(tuple(cells), number)
        yield from inner


def _above(cells: list[DocumentCell], reaching: dict[int, tuple[int, int]], column: int, place: DocumentPlace) -> int:
    """Add the merged cells that reach down into the next columns, and return the first free column."""
    taken = {cell.column for cell in cells}
    while column in reaching and column not in taken:
        cells.append(DocumentCell(place, (), True, column, reaching[column][1]))
        column += reaching[column][1]
    return column


def _rows(table: Element) -> Iterator[Element]:
    """Yield a table's own rows."""
    for element in table:
        if element.tag == "tr":
            yield element
        elif element.tag in {"thead", "tbody", "tfoot"}:
            yield from (row for row in element if row.tag == "tr")


def _span(cell: Element, name: str) -> int:
    """Return how many columns or rows a cell spans."""
    value = (cell.get(name) or "1").strip()
    return max(1, min(int(value), _MOST_SPAN)) if value.isascii() and value.isdigit() and len(value) < 6 else 1

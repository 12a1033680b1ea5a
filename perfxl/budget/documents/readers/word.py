"""A Word document (.docx), as Word, WPS, LibreOffice or a program writes it.

Tracked changes are read as accepted: what was inserted stays, what was deleted or moved away is left out. Comments,
footnotes, endnotes, hidden text and pictures are kept out and counted. A table of contents is left out; text boxes
follow the paragraph that they hang on. Numbers that Word itself counts are written out (``word_numbers``).
"""

from __future__ import annotations

import io
import zipfile
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
from perfxl.budget.documents.readers.word_numbers import ParagraphNumbers
from perfxl.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_MOST_UNZIPPED = 96_000_000
_MOST_LEVELS = 60  # of elements within each other; Word itself nests tables less deeply
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_GONE = {f"{_W}{name}" for name in ("del", "moveFrom")}
_COME = {f"{_W}{name}" for name in ("ins", "moveTo")}
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SYMBOLS = {"B3": "≥", "A3": "≤", "B4": "×", "B1": "±", "B9": "≠"}  # of the font Symbol, as Word inserts them
_SIGNS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}softHyphen": ""}
_COUNTED = {f"{_W}commentReference": "comments", f"{_W}footnoteReference": "footnotes",
            f"{_W}endnoteReference": "footnotes", f"{_W}drawing": "pictures", f"{_W}pict": "pictures"}  # fmt: skip
_REMARKS = ("tracked_changes", "comments", "footnotes", "hidden_text", "symbols", "pictures")


@dataclass
class _Fields:
    """The complex fields that are open in the text: for each one, its instruction and if its result has begun."""

    open: list[list[object]] = field(default_factory=list)

    @property
    def silent(self) -> bool:
        """True in an instruction, and in the result of a table of contents."""
        return any(not begun or str(instruction).lstrip().upper().startswith("TOC") for instruction, begun in self.open)

    def see(self, element: Element) -> None:
        """Follow a field's sign or instruction."""
        kind = element.get(f"{_W}fldCharType")
        if element.tag == f"{_W}instrText" and self.open and not self.open[-1][1]:
            self.open[-1][0] = f"{self.open[-1][0]}{element.text or ''}"
        elif kind == "begin":
            self.open.append(["", False])
        elif kind == "separate" and self.open:
            self.open[-1][1] = True
        elif kind == "end" and self.open:
            self.open.pop()


@dataclass
class _Walk:
    """The state of going through a document."""

    numbers: ParagraphNumbers
    fields: _Fields = field(default_factory=_Fields)
    seen: Counter[str] = field(default_factory=Counter)
    paragraphs: int = 0
    tables: int = 0
    boxes: list[Element] = field(default_factory=list)  # text boxes of the paragraph that is being read
    unfinished: str = ""  # the text of a paragraph whose end was deleted: the next one continues it


def read(data: bytes, file: str) -> DocumentContent:
    """Return the content of a Word document. Raises ``DocumentError`` where it is damaged, too large or another."""
    body, numbers = _open(data, file)
    walk = _Walk(numbers)
    blocks = tuple(_blocks(body, walk, 0))
    notes = tuple(ExtractionNote(what, None, {"count": walk.seen[what]}) for what in _REMARKS if walk.seen[what])
    return DocumentContent(blocks, notes)


def _open(data: bytes, file: str) -> tuple[Element, ParagraphNumbers]:
    """Return the body of a document, and its lists."""
    import docx  # imported here because only this kind of file needs it
    from lxml import etree

    _check_zip(data, file)
    try:
        document = docx.Document(io.BytesIO(data))
        body: Element = document.element.body
        blob = document.part.blob
        if _STRICT in blob[:4096]:
            body = etree.fromstring(blob.replace(_STRICT, _TRANSITIONAL))[0]
        numbers = ParagraphNumbers.of(document)
    except Exception as error:  # python-docx raises various errors of zip, XML and missing parts
        raise DocumentError(file=file, what="not_docx") from error
    return body, numbers


def _check_zip(data: bytes, file: str) -> None:
    """Raise ``DocumentError`` for data that is no zip file or becomes too large when it is unzipped."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            size = sum(part.file_size for part in package.infolist())
            names = {part.filename for part in package.infolist()}
            locked = any(part.flag_bits & 1 for part in package.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise DocumentError(file=file, what="not_docx") from error
    if size > _MOST_UNZIPPED:
        raise DocumentError(file=file, what="too_large", limit=_MOST_UNZIPPED // 1_000_000)
    if locked:
        raise DocumentError(file=file, what="encrypted")
    if "xl/workbook.xml" in names:
        raise DocumentError(file=file, what="workbook")
    if "content.xml" in names or "OFD.xml" in names:
        raise DocumentError(file=file, what="odt" if "content.xml" in names else "ofd")


def _blocks(parent: Element, walk: _Walk, level: int) -> Iterator[Block]:
    """Yield the paragraphs and tables below an element, in their order."""
    if level > _MOST_LEVELS:
        return
    for element in parent.iterchildren("{*}*"):
        if element.tag == f"{_W}p":
            yield from _paragraph(element, walk, level)
        elif element.tag == f"{_W}tbl":
            yield from _table(element, walk, level)
        elif element.tag in _GONE:
            walk.seen["tracked_changes"] += 1
        elif element.tag == f"{_W}sdt":
            gallery = element.find(f"{_W}sdtPr/{_W}docPartObj/{_W}docPartGallery")
            if gallery is None or gallery.get(f"{_W}val") != "Table of Contents":
                yield from _blocks(element, walk, level + 1)
        elif element.tag == f"{_MC}AlternateContent":
            yield from _blocks(_choice(element), walk, level + 1)
        elif element.tag not in {f"{_W}sdtPr", f"{_W}tcPr", f"{_W}sectPr"}:
            yield from _blocks(element, walk, level + 1)


def _paragraph(paragraph: Element, walk: _Walk, level: int) -> Iterator[Block]:
    """Yield a paragraph's lines, then what its text boxes hold."""
    walk.paragraphs += 1
    place = DocumentPlace("paragraph", walk.paragraphs)
    number = walk.numbers.number_of(paragraph)
    outer, walk.boxes = walk.boxes, []
    text = "".join(_texts(paragraph, walk, 0))
    boxes, walk.boxes = walk.boxes, outer
    mark = paragraph.find(f"{_W}pPr/{_W}rPr")
    text = walk.unfinished + (number + text if text.strip() else text)
    walk.unfinished = ""
    if mark is not None and mark.find(f"{_W}del") is not None:
        walk.seen["tracked_changes"] += 1
        walk.unfinished = text
    else:
        for piece in text.split("\n"):
            if cleaned := clean(piece):
                yield DocumentLine(place, cleaned)
    for box in boxes:
        yield from _blocks(box, walk, level + 1)


def _texts(parent: Element, walk: _Walk, level: int) -> Iterator[str]:
    """Yield the pieces of text below an element of a paragraph; its text boxes are put aside."""
    if level > _MOST_LEVELS:
        return
    for element in parent.iterchildren("{*}*"):
        tag = element.tag
        if tag in {f"{_W}fldChar", f"{_W}instrText"}:
            walk.fields.see(element)
        elif tag in {f"{_W}t", f"{_MATH}t"}:
            yield "" if walk.fields.silent else element.text or ""
        elif tag in _SIGNS:
            yield "" if walk.fields.silent or element.get(f"{_W}type") in {"page", "column"} else _SIGNS[tag]
        elif tag == f"{_W}sym":
            sign = _SYMBOLS.get(element.get(f"{_W}char", "")[-2:].upper())
            known = sign if element.get(f"{_W}font") == "Symbol" else None
            walk.seen["symbols"] += known is None
            yield known or "□"
        elif tag in _GONE:
            walk.seen["tracked_changes"] += 1
        elif tag == f"{_W}txbxContent":
            walk.boxes.append(element)
        elif tag == f"{_MC}AlternateContent":
            yield from _texts(_choice(element), walk, level + 1)
        elif tag == f"{_W}r" and _is_hidden(element):
            walk.seen["hidden_text"] += any(str(text).strip() for text in element.itertext(f"{_W}t"))
        elif tag not in {f"{_W}pPr", f"{_W}rPr", f"{_W}sdtPr"}:
            walk.seen["tracked_changes"] += tag in _COME
            boxes = len(walk.boxes)
            yield from _texts(element, walk, level + 1)
            if (what := _COUNTED.get(tag)) and len(walk.boxes) == boxes:  # a drawing with a text box is no picture
                walk.seen[what] += 1


def _choice(element: Element) -> Element:
    """Return the one of the alternatives that is read: the first choice, else the fallback."""
    choice = element.find(f"{_MC}Choice")
    found = choice if choice is not None else element.find(f"{_MC}Fallback")
    return element if found is None else found


def _is_hidden(run: Element) -> bool:
    """Return True for a run that Word does not show."""
    vanish = run.find(f"{_W}rPr/{_W}vanish")
    return vanish is not None and vanish.get(f"{_W}val") not in {"0", "false", "off"}


def _table(table: Element, walk: _Walk, level: int) -> Iterator[Block]:
    """Yield a table's rows, and after a row the tables inside its cells; a table of single cells is a frame only."""
    walk.tables += 1
    number, nth = walk.tables, 0
    for row in _members(table, f"{_W}tr", 0):
        if row.find(f"{_W}trPr/{_W}del") is not None:
            walk.seen["tracked_changes"] += 1
            continue
        walk.seen["tracked_changes"] += row.find(f"{_W}trPr/{_W}ins") is not None
        nth += 1
        place = DocumentPlace("table", number, nth)
        cells: list[DocumentCell] = []
        inner: list[Block] = []
        column = _number(row.find(f"{_W}trPr/{_W}gridBefore"), 0)
        for element in _members(row, f"{_W}tc", 0):
            content = list(_blocks(element, walk, level + 1))
            cell = _cell(element, place, column, [block for block in content if isinstance(block, DocumentLine)])
            tables = [block for block in content if isinstance(block, DocumentRow)]
            if tables and len(list(_members(row, f"{_W}tc", 0))) == 1:
                yield from content
                break
            inner += tables
            cells.append(cell)
            column += cell.span
        if cells:
            yield DocumentRow(tuple(cells), number)
        yield from inner


def _cell(cell: Element, place: DocumentPlace, column: int, lines: list[DocumentLine]) -> DocumentCell:
    """Return a cell with its lines; one that continues the cell above has none."""
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    merged = merge is not None and merge.get(f"{_W}val") != "restart"
    kept = () if merged else tuple(DocumentLine(place, line.text) for line in lines)
    return DocumentCell(place, kept, merged, column, max(1, _number(cell.find(f"{_W}tcPr/{_W}gridSpan"), 1)))


def _number(element: Element | None, otherwise: int) -> int:
    """Return the number that an element gives as its value."""
    value = element.get(f"{_W}val", "") if element is not None else ""
    return int(value) if value.isdigit() and len(value) < 4 else otherwise


def _members(parent: Element, tag: str, level: int) -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, those in content controls and tracked moves among them."""
    for element in parent.iterchildren("{*}*"):
        if element.tag == tag:
            yield element
        elif element.tag not in {f"{_W}tbl", f"{_W}tr", f"{_W}tc", f"{_W}p"} and level < _MOST_LEVELS:
            yield from _members(element, tag, level + 1)

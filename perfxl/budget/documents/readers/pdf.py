"""The text of a PDF: its ruled tables by their lines, its paragraphs joined where a line or a page broke them.

A PDF knows neither paragraphs nor tables, only signs at places. A line goes on in the next one if the first word of
that would not have fitted into it and it is not indented. Page numbers, and headers that come again at the same height,
are dropped. A table that goes on at the top of a page is one with that at the bottom of the page before.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

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
    from pdfplumber.page import Page

_MOST_PAGES = 3000
_PADDING = 5.4  # points between a cell's border and its text, as Word and WPS set it
_SAME = 3.0  # points within which two edges or the middles of two signs are the same
_MARGIN = 0.12  # the part of a page's height at its top and bottom in which headers and page numbers stand
_LEAST_REPEATS = 3
_PAGE_NUMBER = re.compile(r"^(?:[-—–－·\s]*\d{1,4}[-—–－·\s]*|第\s*\d{1,4}\s*页.*|\d{1,4}\s*/\s*\d{1,4})$")
_ITEM = re.compile(r"^\s*(?:\d{1,2}\s*[.．、]\D|[（(]\d{1,2}[）)])")
_FIRST_WORD = re.compile(r"[“‘（《〔【「(\[]*(?:[A-Za-z0-9.%/\-]+|.)[，。；：、！？”’）》〕】」)\]%,.;:]*")
_LEADERS = re.compile(r"[.…·]{4,}\s*\d*\s*$")  # of an entry of a table of contents
_STRETCHED = 0.1  # points between two signs of a line that was stretched to the margin
_LEAST_LINES = 10
_LEAST_PART = 0.03  # of the lines reach an edge that is the margin
_UNMAPPED = "(cid:"


class _Box(NamedTuple):
    """A rectangle on a page, in points from the upper left."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class _TextLine:
    """A line of text on a page; ``size`` is the height of its signs; ``first`` the width of its first word.

    ``gap`` is what usually lies between two of its signs.
    """

    page: int
    box: _Box
    text: str
    size: float
    first: float
    gap: float


class _Margins(NamedTuple):
    """The left and right edge of a document's lines, in points."""

    left: float
    right: float

    @property
    def middle(self) -> float:
        """The middle of a line."""
        return (self.left + self.right) / 2

    @classmethod
    def of(cls, lines: Sequence[_TextLine]) -> _Margins:
        """Return the edges that several lines reach; punctuation that hangs over an edge does not count."""
        boxes = [line.box for line in lines if not _LEADERS.search(line.text)]
        lefts, rights = Counter(round(box.left) for box in boxes), Counter(round(box.right) for box in boxes)
        least = max(2, _LEAST_PART * len(boxes))
        left = min((edge for edge, count in lefts.items() if count >= least), default=min(lefts, default=0))
        right = max((edge for edge, count in rights.items() if count >= least), default=max(rights, default=0))
        return cls(left, right)


@dataclass
class _Ruled:
    """A ruled table: its rows, each the cells that begin or go on in it, and the edges of its columns."""

    edges: list[float]
    rows: list[list[DocumentCell]] = field(default_factory=list)


@dataclass
class _Pages:
    """What the pages hold, in order."""

    pieces: list[_TextLine | _Ruled] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)


def read(data: bytes, file: str) -> DocumentContent:
    """Return the content of a PDF. Raises ``DocumentError`` for one that is protected, damaged or without text."""
    import pdfplumber  # imported here because only this kind of file needs it
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect

    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            count = len(document.pages)
            producer = str(document.metadata.get("Producer", ""))
            found = _Pages() if count > _MOST_PAGES else _read_pages(document.pages)
    except Exception as error:  # pdfminer raises errors of many kinds on damaged files
        causes = (error, *error.args)
        locked = any(isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError) for cause in causes)
        raise DocumentError(file=file, what="encrypted" if locked else "damaged_pdf") from error
    if count > _MOST_PAGES:
        raise DocumentError(file=file, what="too_many_pages", limit=_MOST_PAGES)
    if not found.pieces:
        raise DocumentError(file=file, what="scanned", pages=count)
    texts = [piece.text for piece in found.pieces if isinstance(piece, _TextLine)]
    if sum(text.count(_UNMAPPED) for text in texts) > len(texts):
        raise DocumentError(file=file, what="no_characters")
    blocks = tuple(_blocks(_without_furniture(found.pieces)))
    if not any(isinstance(block, DocumentRow) for block in blocks) and any("一级指标" in text for text in texts):
        raise DocumentError(file=file, what="unruled")
    notes = []
    if "LibreOffice" in producer and _is_justified([piece for piece in found.pieces if isinstance(piece, _TextLine)]):
        notes.append(ExtractionNote("signs_at_line_ends"))
    if found.silent:
        facts = {"pages": "、".join(map(str, found.silent[:20])), "count": len(found.silent)}
        notes.append(ExtractionNote("no_text_on_pages", None, facts))
    return DocumentContent(blocks, tuple(notes))


def _read_pages(pages: Sequence[Page]) -> _Pages:
    """Return the lines and tables of all pages; the memory that a page took is given back."""
    found = _Pages()
    for page in pages:
        upright = page.dedupe_chars()
        if not page.chars:
            found.silent += [page.page_number] if page.images else []
        tables = [table for table in upright.find_tables() if len(table.cells) > 1]
        boxes = [_Box(*table.bbox) for table in tables]
        loose = [sign for sign in upright.chars if not any(_is_inside(sign, box) for box in boxes)]
        pieces: list[tuple[float, _TextLine | _Ruled]] = []
        pieces += [(line.box.top, line) for line in _lines(loose, page.page_number, page.height)]
        for table, box in zip(tables, boxes, strict=True):
            cells = [_Box(*cell) for cell in table.cells]
            pieces.append((box.top / page.height, _ruled(cells, upright.chars, page.page_number)))
        found.pieces += [piece for _, piece in sorted(pieces, key=lambda pair: pair[0])]
        page.close()
    return found


def _is_justified(lines: Sequence[_TextLine]) -> bool:
    """Return True if lines are stretched to the right margin.

    LibreOffice leaves out of a PDF the punctuation that hangs over the end of such lines.
    """
    return sum(line.gap > _STRETCHED for line in lines) >= _LEAST_LINES


def _is_inside(sign: dict[str, Any], box: _Box) -> bool:
    """Return True if the middle of a sign lies in a box."""
    across: float = (sign["x0"] + sign["x1"]) / 2
    down: float = (sign["top"] + sign["bottom"]) / 2
    return box.left <= across <= box.right and box.top <= down <= box.bottom


def _lines(signs: Sequence[dict[str, Any]], page: int, height: float = 1.0) -> Iterator[_TextLine]:
    """Yield the lines of text that signs make, from top to bottom; ``height``: of the page, for its headers."""
    from pdfplumber.utils.clustering import cluster_objects

    for group in cluster_objects(list(signs), lambda sign: (sign["top"] + sign["bottom"]) / 2, _SAME):
        ordered = sorted(group, key=lambda sign: sign["x0"])
        text, last = "", None
        for sign in ordered:
            gap = sign["x0"] - last["x1"] if last else 0
            text += (" " if last and gap > 0.6 * sign["size"] and text[-1:] != " " else "") + sign["text"]
            last = sign
        if not text.strip():
            continue
        filled = [sign for sign in ordered if sign["text"].strip()]
        word = _FIRST_WORD.match(text.lstrip())
        length = len(word[0]) if word else 1
        first = filled[min(length, len(filled)) - 1]["x1"] - filled[0]["x0"]
        box = _Box(
            filled[0]["x0"],
            min(s["top"] for s in filled) / height,
            filled[-1]["x1"],
            max(s["bottom"] for s in filled) / height,
        )
        gap = median(right["x0"] - left["x1"] for left, right in pairwise(ordered)) if len(ordered) > 1 else 0.0
        yield _TextLine(page, box, text, filled[0]["size"], first, gap)


def _ruled(cells: Sequence[_Box], signs: Sequence[dict[str, Any]], page: int) -> _Ruled:
    """Return the table of some cells: a cell that reaches over several rows is merged in all but the first."""
    edges = _distinct(cell.left for cell in cells)
    tops = _distinct(cell.top for cell in cells)
    table = _Ruled([*edges, max(cell.right for cell in cells)])
    place = DocumentPlace("page", page)
    for top in tops:
        row: list[DocumentCell] = []
        for cell in sorted(cells, key=lambda box: box.left):
            if not cell.top - _SAME < top < cell.bottom - _SAME:
                continue
            column = _index(edges, cell.left)
            span = max(1, sum(cell.left + _SAME < edge < cell.right - _SAME for edge in edges) + 1)
            merged = top > cell.top + _SAME
            lines = [] if merged else list(_lines([sign for sign in signs if _is_inside(sign, cell)], page))
            texts = _paragraphs(lines, cell.right - cell.left - 2 * _PADDING)
            kept = tuple(DocumentLine(place, text) for text in map(clean, texts) if text)
            row.append(DocumentCell(place, kept, merged, column, span))
        table.rows.append(row)
    return table


def _distinct(values: Iterable[float]) -> list[float]:
    """Return the values without those that are the same as another one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SAME:
            found.append(value)
    return found


def _index(edges: Sequence[float], value: float) -> int:
    """Return which of the edges a value is nearest to."""
    return min(range(len(edges)), key=lambda at: abs(edges[at] - value))


def _paragraphs(lines: Sequence[_TextLine], room: float) -> Iterator[str]:
    """Yield the paragraphs of a cell: lines are joined where the next one's first word had no room."""
    text = ""
    for at, line in enumerate(lines):
        text += line.text
        following = lines[at + 1] if at + 1 < len(lines) else None
        if following is None or not _goes_on(line, following, room):
            yield text
            text = ""


def _goes_on(line: _TextLine, following: _TextLine, room: float) -> bool:
    """Return True if a line was broken at its end; a numbered line after a sentence's end begins a paragraph."""
    if _ITEM.match(following.text) and line.text.rstrip()[-1:] in "。；;":
        return False
    return line.box.right - line.box.left + following.first + line.size > room


def _without_furniture(pieces: Sequence[_TextLine | _Ruled]) -> Iterator[_TextLine | _Ruled]:
    """Yield the pieces without page numbers, and without what comes again at the top or bottom of the pages."""
    seen = Counter((round(piece.box.top, 2), piece.text.strip()) for piece in pieces if isinstance(piece, _TextLine))
    for piece in pieces:
        if isinstance(piece, _TextLine) and (piece.box.top < _MARGIN or piece.box.bottom > 1 - _MARGIN):
            text = piece.text.strip()
            if _PAGE_NUMBER.match(text) or seen[round(piece.box.top, 2), text] >= _LEAST_REPEATS:
                continue
        yield piece


def _blocks(pieces: Iterable[_TextLine | _Ruled]) -> Iterator[Block]:
    """Yield the paragraphs and rows, those that a page broke made whole."""
    listed = list(pieces)
    lines = [piece for piece in listed if isinstance(piece, _TextLine)]
    margins = _Margins.of(lines)
    tables, text = 0, ""
    last: _Ruled | None = None
    for at, piece in enumerate(listed):
        if isinstance(piece, _Ruled):
            whole = piece
            if last is not None and _goes_on_as(last, piece):
                whole = _Ruled(last.edges, piece.rows)
            else:
                tables += 1
            for row in piece.rows:
                yield DocumentRow(_in_columns(row, piece.edges, whole.edges), tables)
            last = whole
            continue
        last = None
        text += piece.text
        following = listed[at + 1] if at + 1 < len(listed) else None
        if not isinstance(following, _TextLine) or not _continues(piece, following, margins):
            if cleaned := clean(text):
                yield DocumentLine(DocumentPlace("page", piece.page), cleaned)
            text = ""


def _goes_on_as(above: _Ruled, below: _Ruled) -> bool:
    """Return True if a table at the top of a page goes on from the one at the end of the page before.

    It may have fewer edges of columns, as only some rows have cells between all of them.
    """
    pages = [table.rows[0][0].place.number for table in (above, below)]
    shared = all(min(abs(edge - other) for other in above.edges) < _SAME for edge in below.edges)
    outer = abs(above.edges[0] - below.edges[0]) < _SAME and abs(above.edges[-1] - below.edges[-1]) < _SAME
    return pages[0] < pages[1] and shared and outer


def _in_columns(row: Sequence[DocumentCell], own: Sequence[float], edges: Sequence[float]) -> tuple[DocumentCell, ...]:
    """Return a row with its cells in the columns of the table from which it goes on."""
    return tuple(
        replace(cell, column=(start := _index(edges, own[cell.column or 0])),
                span=max(1, _index(edges, own[(cell.column or 0) + cell.span]) - start))
        for cell in row
    )  # fmt: skip


def _continues(line: _TextLine, following: _TextLine, margins: _Margins) -> bool:
    """Return True if the next line is of the same paragraph: it is not indented, or centred as this one, which is full.

    An entry of a table of contents ends in leaders.
    """
    if _LEADERS.search(line.text):
        return False
    centred = all(abs((one.box.left + one.box.right) / 2 - margins.middle) < one.size / 2 for one in (line, following))
    indented = following.box.left > margins.left + 0.8 * following.size and not centred
    room = margins.right - line.box.left
    return not indented and abs(line.size - following.size) < 1 and _goes_on(line, following, room)

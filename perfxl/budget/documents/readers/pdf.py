"""The text of a PDF: its ruled tables by their lines, its paragraphs joined where a line or a page broke them.

A PDF knows neither paragraphs nor tables, only signs at places. A line goes on in the next one if the first word of
that would not have fitted into it and it is not indented. Page numbers, and headers that come again at the same height,
are dropped. A table that goes on at the top of a page is one with that at the bottom of the page before.
"""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from perfxl.budget.documents.content import (
    Block,
    DocumentContent,
    DocumentLine,
    DocumentPlace,
    DocumentRow,
    ExtractionNote,
    clean,
)
from perfxl.budget.documents.readers.pdf_lines import Rectangle, TextLine, goes_on, inside, lines_of
from perfxl.budget.documents.readers.pdf_tables import RuledTable, made_whole, ruled_table
from perfxl.errors import DocumentError

if TYPE_CHECKING:
    from pdfplumber.page import Page

_MOST_PAGES = 3000
_MARGIN = 0.12  # the part of a page's height at its top and bottom in which headers and page numbers stand
_LEAST_REPEATS = 3
_PAGE_NUMBER = re.compile(r"^(?:[-—–－·\s]*\d{1,4}[-—–－·\s]*|第\s*\d{1,4}\s*页.*|\d{1,4}\s*/\s*\d{1,4})$")
_LEADERS = re.compile(r"[.…·]{4,}\s*\d*\s*$")  # of an entry of a table of contents
_STRETCHED = 0.1  # points between two signs of a line that was stretched to the margin
_LEAST_LINES = 10
_LEAST_PART = 0.03  # of the lines reach an edge that is the margin
_UNMAPPED = "(cid:"


class _Margins(NamedTuple):
    """The left and right edge of a document's lines, in points."""

    left: float
    right: float

    @property
    def middle(self) -> float:
        """The middle of a line."""
        return (self.left + self.right) / 2

    @classmethod
    def of(cls, lines: Sequence[TextLine]) -> _Margins:
        """Return the edges that several lines reach; punctuation that hangs over an edge does not count."""
        boxes = [line.box for line in lines if not _LEADERS.search(line.text)]
        lefts, rights = Counter(round(box.left) for box in boxes), Counter(round(box.right) for box in boxes)
        least = max(2, _LEAST_PART * len(boxes))
        left = min((edge for edge, count in lefts.items() if count >= least), default=min(lefts, default=0))
        right = max((edge for edge, count in rights.items() if count >= least), default=max(rights, default=0))
        return cls(left, right)


@dataclass
class _Pages:
    """What the pages hold, in order."""

    pieces: list[TextLine | RuledTable] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)


def read(data: bytes, file: str) -> DocumentContent:
    """Return the content of a PDF. Raises ``DocumentError`` for one that is protected, damaged or without text."""
    import pdfplumber  # imported here because only this kind of file needs it
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect

    log = logging.getLogger("pdfminer")
    level = log.level
    log.setLevel(logging.CRITICAL)  # it says on standard error what it finds odd in a file
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            count = len(document.pages)
            producer = str(document.metadata.get("Producer", ""))
            found = _Pages() if count > _MOST_PAGES else _read_pages(document.pages)
    except Exception as error:  # pdfminer raises errors of many kinds on damaged files
        causes = (error, *error.args)
        locked = any(isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError) for cause in causes)
        raise DocumentError(file=file, what="encrypted" if locked else "damaged_pdf") from error
    finally:
        log.setLevel(level)
    if count > _MOST_PAGES:
        raise DocumentError(file=file, what="too_many_pages", limit=_MOST_PAGES)
    if not found.pieces:
        raise DocumentError(file=file, what="scanned", pages=count)
    texts = [piece.text for piece in found.pieces if isinstance(piece, TextLine)]
    if sum(text.count(_UNMAPPED) for text in texts) > len(texts):
        raise DocumentError(file=file, what="no_characters")
    blocks = tuple(_blocks(_without_furniture(found.pieces)))
    if not any(isinstance(block, DocumentRow) for block in blocks) and any("一级指标" in text for text in texts):
        raise DocumentError(file=file, what="unruled")
    notes = [
        ExtractionNote("broken_cell", DocumentPlace("page", page), {"above": above, "below": below})
        for piece in found.pieces
        if isinstance(piece, RuledTable)
        for page, above, below in piece.doubts
    ]
    if "LibreOffice" in producer and _is_justified([piece for piece in found.pieces if isinstance(piece, TextLine)]):
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
        boxes = [Rectangle(*table.bbox) for table in tables]
        loose = [sign for sign in upright.chars if not any(inside(sign, box) for box in boxes)]
        pieces: list[tuple[float, TextLine | RuledTable]] = []
        pieces += [(line.box.top, line) for line in lines_of(loose, page.page_number, page.height)]
        for table, box in zip(tables, boxes, strict=True):
            cells = [Rectangle(*cell) for cell in table.cells]
            pieces.append((box.top / page.height, ruled_table(cells, upright.chars, page.page_number)))
        found.pieces += [piece for _, piece in sorted(pieces, key=lambda pair: pair[0])]
        page.close()
    return found


def _is_justified(lines: Sequence[TextLine]) -> bool:
    """Return True if lines are stretched to the right margin.

    LibreOffice leaves out of a PDF the punctuation that hangs over the end of such lines.
    """
    return sum(line.gap > _STRETCHED for line in lines) >= _LEAST_LINES


def _without_furniture(pieces: Sequence[TextLine | RuledTable]) -> Iterator[TextLine | RuledTable]:
    """Yield the pieces without page numbers, and without what comes again at the top or bottom of the pages."""
    seen = Counter((round(piece.box.top, 2), piece.text.strip()) for piece in pieces if isinstance(piece, TextLine))
    for piece in pieces:
        if isinstance(piece, TextLine) and (piece.box.top < _MARGIN or piece.box.bottom > 1 - _MARGIN):
            text = piece.text.strip()
            if _PAGE_NUMBER.match(text) or seen[round(piece.box.top, 2), text] >= _LEAST_REPEATS:
                continue
        yield piece


def _blocks(pieces: Iterable[TextLine | RuledTable]) -> Iterator[Block]:
    """Yield the paragraphs and rows, those that a page broke made whole."""
    listed: list[TextLine | RuledTable] = []
    for piece in pieces:
        last = listed[-1] if listed else None
        if not (isinstance(piece, RuledTable) and isinstance(last, RuledTable) and made_whole(last, piece)):
            listed.append(piece)
    margins = _Margins.of([piece for piece in listed if isinstance(piece, TextLine)])
    tables, text = 0, ""
    for at, piece in enumerate(listed):
        if isinstance(piece, RuledTable):
            tables += 1
            yield from piece.blocks(tables)
            continue
        text += piece.text
        following = listed[at + 1] if at + 1 < len(listed) else None
        if not isinstance(following, TextLine) or not _continues(piece, following, margins):
            if cleaned := clean(text):
                yield DocumentLine(DocumentPlace("page", piece.page), cleaned)
            text = ""


def _continues(line: TextLine, following: TextLine, margins: _Margins) -> bool:
    """Return True if the next line is of the same paragraph: it is not indented, or centred as this one, which is full.

    An entry of a table of contents ends in leaders.
    """
    if _LEADERS.search(line.text):
        return False
    centred = all(abs((one.box.left + one.box.right) / 2 - margins.middle) < one.size / 2 for one in (line, following))
    indented = following.box.left > margins.left + 0.8 * following.size and not centred
    room = margins.right - line.box.left
    return not indented and abs(line.size - following.size) < 1 and goes_on(line, following, room)

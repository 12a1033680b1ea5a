"""The lines of a published document, and its tables as rows of cells.

The text of such a document (Word saved as text, or :func:`perfxl.budget.documents.read.read_document`)
has one shape: a paragraph is a line; a table cell is a line that begins with a tab; a further
paragraph of the same cell is a line without one; a row ends with an empty line. A cell that is
merged into the one above is a line with nothing but its tab.

White space around a line's text is dropped, and so are Word's bookmark marks and tabs; spaces inside a sentence are
kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

from perfxl.form.characters import squeeze

_BOOKMARK = re.compile(r"\[bookmark: [^\]\n]*\]")
_LINE_ENDS = re.compile(r"\r\n?|\n")
_BREAKS = re.compile("[\x0b\x0c\u2028\u2029]")  # Word's line and page breaks inside a paragraph
_WORD = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True)
class DocumentLine:
    """One line of the document: its number (from 1), its cleaned text, and ``cell``, True if it opens a table cell."""

    number: int
    text: str
    cell: bool = False

    @property
    def ends_row(self) -> bool:
        """True for an empty line that opens no cell; it ends a table row."""
        return not self.text and not self.cell


@dataclass(frozen=True)
class DocumentCell:
    """One table cell with all its lines; ``opened`` is False for text that follows the end of a row."""

    lines: tuple[DocumentLine, ...]
    opened: bool = True

    @property
    def text(self) -> str:
        """The cell's text without its line breaks; empty for a blank or merged cell."""
        return join(line.text for line in self.lines)

    @property
    def number(self) -> int:
        """The number of the line at which the cell's text begins."""
        return next((line.number for line in self.lines if line.text), self.lines[0].number)

    def followed_by(self, other: DocumentCell) -> DocumentCell:
        """Return this cell with the lines of another one appended."""
        return DocumentCell(self.lines + other.lines, self.opened)


@dataclass(frozen=True)
class UnplacedLine:
    """A line of the document that belongs to no part of the records."""

    line: int
    text: str


@dataclass(frozen=True)
class ExtractionNote:
    """A remark for the reader of the records: a word of ``NOTES``, the number of the line, and facts about it."""

    what: str
    line: int | None = None
    facts: dict[str, object] = field(default_factory=dict)


NOTES = (
    "year_from_codes",  # year, count, of: the text names no year; ``count`` of the ``of`` project codes have this one
    "year_unknown",  # neither text nor codes name a year
    "missing_section",  # section: overall, areas, measures or projects
    "missing_field",  # place, field: a project or an area part lacks it
    "numbering",  # place, expected, found: the document's own numbers, which are dropped, are out of sequence
    "name_differs",  # place, title, name: a table's heading and its 项目名称 (project name) differ; the latter is taken
    "unit_differs",  # place, found, taken: a table names another unit than the first table
    "money_unit",  # place, unit: the table's amounts were in 元 and were converted
    "one_line_goals",  # place: several numbered goals stood in one line and were separated
)
"""The words of the notes; the comments give their facts."""


def lines_of(text: str) -> tuple[DocumentLine, ...]:
    """Return the document's lines, cleaned; a break inside a paragraph gives two lines with the same number."""
    return tuple(chain.from_iterable(map(_pieces, *zip(*enumerate(_LINE_ENDS.split(text), 1), strict=True))))


def _pieces(number: int, raw: str) -> Iterator[DocumentLine]:
    """Yield the lines of one paragraph, split at Word's breaks inside it."""
    marked = _BOOKMARK.sub("", raw.lstrip("\ufeff"))
    for index, piece in enumerate(_BREAKS.split(marked)):
        yield DocumentLine(number, piece.replace("\t", "").strip(), index == 0 and marked.startswith("\t"))


def join(texts: Iterable[str]) -> str:
    """Return broken lines as one text: joined without a space in Chinese, with one between two words or numbers."""
    whole = ""
    for text in filter(None, texts):
        spaced = whole and _WORD.match(whole[-1]) and _WORD.match(text[0])
        whole += f" {text}" if spaced else text
    return whole


def compact(text: str) -> str:
    """Return a label for comparison: folded, no white space, no colon at the end."""
    return squeeze(text).rstrip(":")


def rows_of(lines: Iterable[DocumentLine]) -> tuple[tuple[DocumentCell, ...], ...]:
    """Return the table rows that empty lines mark; an empty line inside a cell ends a row here, too."""
    rows: list[list[DocumentCell]] = [[]]
    for line in lines:
        if line.ends_row:
            rows.append([])
        elif line.cell or not rows[-1]:
            rows[-1].append(DocumentCell((line,), opened=line.cell))
        else:
            rows[-1][-1] = rows[-1][-1].followed_by(DocumentCell((line,)))
    return tuple(tuple(row) for row in rows if row)


def unplaced(lines: Iterable[DocumentLine]) -> Iterator[UnplacedLine]:
    """Return the lines as unplaced ones, without blank lines."""
    return (UnplacedLine(line.number, line.text) for line in lines if line.text)


def unplaced_cells(cells: Iterable[DocumentCell]) -> Iterator[UnplacedLine]:
    """Return the lines of the cells as unplaced ones, without blank lines."""
    return unplaced(chain.from_iterable(cell.lines for cell in cells))


def sections(lines: Sequence[DocumentLine], starts: Sequence[int]) -> Iterator[Sequence[DocumentLine]]:
    """Return the lines from each start, given as an index, up to the next one."""
    return (lines[start:end] for start, end in pairwise([*starts, len(lines)]))

"""A published document as every format gives it: paragraphs and rows of cells, in their order, each with its place.

The readers (``readers/``) make it of a file; what follows (``extract``) knows no format. A place is the line of a text,
the page of a PDF, the paragraph of a Word document or web page, or the row of one of their tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, TypeVar

from perfxl.form.characters import squeeze

_WORD = re.compile(r"[A-Za-z0-9]")
_BOOKMARK = re.compile(r"\[bookmark: [^\]\n]*\]")


class DocumentPlace(NamedTuple):
    """A place in a document: ``kind`` is line, page, paragraph or table; ``row`` that of a table, from 1, else 0."""

    kind: str
    number: int
    row: int = 0


@dataclass(frozen=True)
class DocumentLine:
    """A paragraph, or one of a cell's, cleaned; ``loose``: it may also belong to the table cell before it.

    A text says not which: there an empty line inside a cell looks like the end of a table.
    """

    place: DocumentPlace
    text: str
    loose: bool = False


@dataclass(frozen=True)
class DocumentCell:
    """One table cell: its lines; ``merged``: it is one with the cell above; the column it begins in, and its width.

    ``column`` is None where the format knows no columns.
    """

    place: DocumentPlace
    lines: tuple[DocumentLine, ...] = ()
    merged: bool = False
    column: int | None = None
    span: int = 1
    loose: bool = False

    @property
    def text(self) -> str:
        """The cell's text without its line breaks; empty for a blank or merged cell."""
        return join(line.text for line in self.lines)

    def followed_by(self, lines: Iterable[DocumentLine]) -> DocumentCell:
        """Return this cell with further lines."""
        return DocumentCell(self.place, (*self.lines, *lines), self.merged, self.column, self.span, self.loose)


@dataclass(frozen=True)
class DocumentRow:
    """A row of table ``table``; the tables of a document are numbered from 1."""

    cells: tuple[DocumentCell, ...]
    table: int

    @property
    def place(self) -> DocumentPlace:
        """The place of its first cell."""
        return self.cells[0].place


Block = DocumentLine | DocumentRow
"""A piece of a document."""


@dataclass(frozen=True)
class UnplacedLine:
    """A line of the document that belongs to no part of the records; ``front``: it stands above Part 1."""

    place: DocumentPlace
    text: str
    front: bool = False


@dataclass(frozen=True)
class ExtractionNote:
    """A remark for the reader of the records: a word of ``NOTES``, the place, and facts about it."""

    what: str
    where: DocumentPlace | None = None
    facts: dict[str, object] = field(default_factory=dict)


NOTES = (
    "tracked_changes",  # count: changes in it were read as accepted
    "comments",  # count: comments in it were kept out
    "footnotes",  # count: so were footnotes and endnotes
    "hidden_text",  # count: so were passages that Word hides
    "symbols",  # count: signs of a symbol font that have no character; □ stands for each
    "pictures",  # count: pictures in it were not read
    "no_text_on_pages",  # pages, count: pages of a PDF that are pictures
    "broken_cell",  # above, below: texts on both sides of a page's end that may be those of one merged cell
    "odd_class",  # place, rows, field: the name of a class that does not end as one
    "signs_at_line_ends",  # a PDF of LibreOffice's with justified lines lacks punctuation at their ends
    "lines_joined",  # count: lines of a text that were broken at one width were joined
    "year_from_codes",  # year, count, of: the text names no year; ``count`` of the ``of`` project codes have this one
    "year_unknown",  # neither text nor codes name a year
    "missing_section",  # section: overall, areas, measures or projects
    "missing_field",  # place, field: a project or an area part lacks it
    "missing_column",  # place, field: an indicator table has no such column
    "no_title",  # place: no title stands above a project's table
    "no_number",  # place: the title has no number
    "numbering",  # place, expected, found: the document's own numbers, which are dropped, are out of sequence
    "name_differs",  # place, title, name: a table's heading and its 项目名称 (project name) differ; the latter is taken
    "unit_missing",  # place, taken: a table names no unit, though the document has several; that of the one before
    "several_names",  # code, found, taken: a unit's code stands with another name
    "shared_goals",  # units, taken: one Part 1 stands before the tables of several units; it went to the first
    "money_unit",  # place, unit: the table's amounts were in 元 and were converted
    "one_line_goals",  # place: several numbered goals stood in one line and were separated
    "carried_down",  # place, rows, field: a blank cell below a filled one was filled with it
    "blank_cell",  # place, rows, field: a cell of an indicator is blank
    "spanned_cell",  # place, rows, text: a cell reaches over several columns; its text went into the first
    "other_layout",  # layout, place: a table of another layout was left out
    "repeated_project",  # place, code: a project of this code was in the document before
)
"""The words of the notes; the comments give their facts."""


@dataclass(frozen=True)
class DocumentContent:
    """A document as it was read: its blocks, and what was noticed in reading it."""

    blocks: tuple[Block, ...]
    notes: tuple[ExtractionNote, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True for a document without a text."""
        return not any(line.text for block in self.blocks for line in lines_in(block))


def without_bookmarks(text: str) -> str:
    """Return a text without the marks that stand for Word's bookmarks where a document was saved as text."""
    return _BOOKMARK.sub("", text)


def clean(text: str) -> str:
    """Return a line's text without Word's bookmark marks and tabs, and white space around it."""
    return without_bookmarks(text).replace("\t", "").strip()


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


def unplaced(lines: Iterable[DocumentLine]) -> Iterator[UnplacedLine]:
    """Return the lines as unplaced ones, without blank lines."""
    return (UnplacedLine(line.place, line.text) for line in lines if line.text)


def lines_in(block: Block) -> Iterator[DocumentLine]:
    """Yield a paragraph, or the lines of all cells of a row."""
    if isinstance(block, DocumentLine):
        yield block
    else:
        for cell in block.cells:
            yield from cell.lines


Item = TypeVar("Item")


def sections(items: Sequence[Item], starts: Sequence[int]) -> Iterator[Sequence[Item]]:
    """Return the items from each start, given as an index, up to the next one."""
    return (items[start:end] for start, end in pairwise([*starts, len(items)]))

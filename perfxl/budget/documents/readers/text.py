"""A document as text: the cells of its tables behind tabs, or a row a line, or broken at one width.

- Word saved as text: a paragraph is a line; a table cell is a line that begins with a tab; a further paragraph of the
  same cell is a line without one; a row ends with an empty line; a merged cell is a line with nothing but its tab.
- Copied out of a table: a row is a line, a tab stands between two cells.
- Copied out of a PDF: a row is a line, two spaces stand between two cells, and a line that reached the width goes on in
  the next one.

White space around a line's text is dropped, and so are Word's bookmark marks and tabs; spaces inside a sentence are
kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from perfxl.budget.documents.content import (
    Block,
    DocumentCell,
    DocumentContent,
    DocumentLine,
    DocumentPlace,
    DocumentRow,
    ExtractionNote,
    clean,
    compact,
    without_bookmarks,
)
from perfxl.budget.documents.labels import COLUMNS

_LINE_ENDS = re.compile(r"\r\n?|\n")
_BREAKS = re.compile("[\x0b\x0c\u2028\u2029]")  # Word's line and page breaks inside a paragraph
_TAB_ROW = re.compile(r"\S\s*\t\s*\S")
_SPACE_ROW = re.compile(r"一级指标 {2,}二级指标")
_GAP = re.compile(r"(?<! ) {2}(?! )")
_PAGE_NUMBER = re.compile(r"^\s*(?:[-—–－]\s*\d{1,4}\s*[-—–－]|第\s*\d{1,4}\s*页(?:\s*[共/]\s*\d{1,4}\s*页)?)\s*$")
_LEAST_BROKEN = 10  # as many lines of the greatest width make it a width at which lines were broken
_TITLE_WIDTH = 12
_MOST_CELLS = 7  # of a row of the head

_Numbered = tuple[int, str]


def text_content(text: str) -> DocumentContent:
    """Return a text as paragraphs and rows."""
    lines = list(enumerate(_LINE_ENDS.split(without_bookmarks(text.lstrip("\ufeff"))), 1))
    if any(_SPACE_ROW.search(line) for _, line in lines) and not any("\t" in line for _, line in lines):
        lines, joined = _unbroken([line for line in lines if not _PAGE_NUMBER.match(line[1])])
        notes = (ExtractionNote("lines_joined", None, {"count": joined}),) if joined else ()
        return DocumentContent(tuple(_rows_of_lines((n, _GAP.sub("\t", line)) for n, line in lines)), notes)
    if any(_is_tab_row(line) for _, line in lines):
        return DocumentContent(tuple(_rows_of_lines(lines)))
    return DocumentContent(tuple(_rows_of_cells(lines)))


def _is_tab_row(line: str) -> bool:
    """Return True for a line that is a row of labels with tabs between them."""
    return bool(_TAB_ROW.search(line)) and len({compact(piece) for piece in line.split("\t")} & COLUMNS.keys()) > 1


def _rows_of_cells(lines: Iterable[_Numbered]) -> Iterator[Block]:
    """Yield the blocks of a text in which each cell is a line that begins with a tab; a paragraph ends a table."""
    row: list[DocumentCell] = []
    table, in_table, after_row = 0, False, False
    for number, raw in lines:
        for index, piece in enumerate(_BREAKS.split(raw)):
            line = _line(number, piece, loose=after_row)
            if index == 0 and "\t" in raw and not raw.partition("\t")[0].strip():
                table += not in_table
                in_table = True
                row.append(_cell(line))
            elif row and line.text:
                row[-1] = row[-1].followed_by((line,))
            elif row:
                yield DocumentRow(tuple(row), table)
                row, after_row = [], True
            elif line.text:
                in_table = False
                yield line
    if row:
        yield DocumentRow(tuple(row), table)


def _rows_of_lines(lines: Iterable[_Numbered]) -> Iterator[Block]:
    """Yield the blocks of a text in which each row is a line with tabs between its cells."""
    row: list[DocumentCell] = []
    table = 0
    for number, raw in lines:
        if "\t" in raw and raw.strip():
            if row:
                yield DocumentRow(tuple(row), table)
            else:
                table += 1
            row = [_cell(_line(number, piece), column) for column, piece in enumerate(raw.split("\t"))]
        elif row and (line := _line(number, raw)).text and not _ends_table(line.text):
            row[-1] = row[-1].followed_by((line,))
        else:
            if row:
                yield DocumentRow(tuple(row), table)
            row = []
            if (line := _line(number, raw)).text:
                yield line
    if row:
        yield DocumentRow(tuple(row), table)


def _ends_table(text: str) -> bool:
    """Return True for a line without tabs that follows a row and is no further paragraph of its last cell."""
    return not re.match(r"^(?:\d{1,2}\s*[.．、]|[（(]\d{1,2}[）)])", text) or text.endswith("表")


def _line(number: int, text: str, loose: bool = False) -> DocumentLine:
    """Return one cleaned line."""
    return DocumentLine(DocumentPlace("line", number), clean(text), loose)


def _cell(line: DocumentLine, column: int | None = None) -> DocumentCell:
    """Return the cell that a line opens."""
    return DocumentCell(line.place, (line,) if line.text else (), column=column)


def _cells(line: str) -> int:
    """Return how many cells a line holds that has two spaces between cells."""
    return len(_GAP.split(line))


def _unbroken(lines: Sequence[_Numbered]) -> tuple[list[_Numbered], int]:
    """Return the lines, those that reach the width at which the text was broken joined with the next, and how many."""
    start = next((at for at, (_, line) in enumerate(lines) if _GAP.search(line.strip())), len(lines))
    widths = Counter(len(line) for _, line in lines[start:] if len(line) > _TITLE_WIDTH)
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    if count < _LEAST_BROKEN or max(widths) > width:
        return list(lines), 0
    whole: list[_Numbered] = []
    most, open_line, joined = _MOST_CELLS, False, 0
    for at, (number, line) in enumerate(lines):
        if open_line and line.strip() and _cells(whole[-1][1] + line) <= most:
            whole[-1] = (whole[-1][0], whole[-1][1] + line)
            joined += 1
        else:
            if whole and _SPACE_ROW.search(whole[-1][1]):
                most = _cells(whole[-1][1])
            whole.append((number, line))
        most = _MOST_CELLS if line.strip().endswith("表") else most
        is_label = compact(_GAP.split(line)[-1]) in COLUMNS  # the end of a heading
        open_line = at >= start and len(line) == width and not is_label
    return whole, joined

"""A list on a sheet of its own in a unit's workbook, locked, in the look of 审核意见: 代改清单, 表外内容."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from perfxl import messages
from perfxl.workbook.flagging.sender_package import own_sheet
from perfxl.workbook.ooxml.cells import Sheet, Workbook
from perfxl.workbook.ooxml.edit import DECLARATION, escaped, quoted
from perfxl.workbook.ooxml.formula import address, letters
from perfxl.workbook.ooxml.formula import quoted as quoted_sheet
from perfxl.workbook.ooxml.stylesheet import Stylesheet
from perfxl.workbook.opinions.opinion_sheet import MAIN, CellXml, Looks, text_cell
from perfxl.workbook.sheet import look

Look = Literal["text", "center", "link", "nothing", "corrected"]
FIRST, HEADER = 5, 4  # rows, from 1: of the first line, and of the headings


@dataclass(frozen=True)
class Line:
    """A line of the list: its texts by column, the looks of those that differ; ``link``: the sheet its cell is on."""

    texts: Mapping[str, str]
    looks: Mapping[str, Look] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True)
class Listing:
    """A list to be: whose it is, what is said above and below, its columns (id, width in digits; 0 hides), its lines.

    ``words``: the key of its words, with ``tab``, ``title`` and ``headers``.
    """

    words: str
    unit: str
    summary: str
    note: str
    columns: tuple[tuple[str, float], ...]
    lines: tuple[Line, ...]


def sheet(made: Listing, styles: Stylesheet) -> bytes:
    """The sheet's part; its elements in the schema's order (ECMA-376 part 1, 18.3.1.99)."""
    looks, seen = Looks(styles), [each for each in made.columns if each[1]]
    last, end = letters(len(seen) - 1), FIRST + len(made.lines)
    widths = "".join(_width(at, width, looks) for at, (_, width) in enumerate(made.columns, start=1))
    merges = "".join(f'<mergeCell ref="A{row}:{last}{row}"/>' for row in (1, 2, 3, end))
    rest = f'<col min="{len(made.columns) + 1}" max="16384" width="9" style="{looks.locked}"/>'
    xml = (
        f'<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{letters(len(made.columns) - 1)}{end}"/>'
        '<sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{widths}{rest}</cols>'
        f'<sheetData>{"".join(_rows(made, looks, sum(width for _, width in seen)))}</sheetData>'
        '<sheetProtection sheet="1" objects="0" scenarios="1" formatCells="1" formatColumns="0" formatRows="0"/>'
        f'<mergeCells count="4">{merges}</mergeCells>{_links(made)}'
        '<pageMargins left="0.5" right="0.5" top="0.7" bottom="0.8" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/>'
        f"<headerFooter><oddFooter>{escaped('&R&8 ' + messages.say('sheet.pages'))}</oddFooter></headerFooter>"
        "</worksheet>"
    )
    return DECLARATION + xml.encode()


def earlier(workbook: Workbook, words: str, ids: Sequence[str], last: str) -> Iterator[dict[str, str]]:
    """The lines of such a list that was written before: their texts by column, verbatim. ``last``: a column it has."""
    entry = own_sheet(workbook, words, last)
    if entry is None:
        return
    found = workbook.sheet(entry)
    headings = {messages.say(f"{words}.headers.{id}"): id for id in ids}
    lines: dict[int, dict[str, int]] = {}
    for (row, column), text in sorted(found.texts.items()):
        if text in headings:
            lines.setdefault(row, {}).setdefault(headings[text], column)
    header = next((row for row, columns in lines.items() if last in columns), None)
    if header is None:
        return
    for row in sorted({row for row, _ in found.cells if row > header}):
        texts = {id: text for id, column in lines[header].items() if (text := _text(found, row, column))}
        if texts.get(last):
            yield texts


def _text(found: Sheet, row: int, column: int) -> str:
    value = found.value(row, column)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _width(at: int, width: float, looks: Looks) -> str:
    hidden = "" if width else ' hidden="1"'
    return f'<col min="{at}" max="{at}" width="{width or 9:g}" style="{looks.locked}"{hidden} customWidth="1"/>'


def _rows(made: Listing, looks: Looks, width: float) -> Iterator[str]:
    say = messages.say
    yield _row(1, 34, {0: text_cell(say(f"{made.words}.title"), looks.title)})
    yield _row(2, 20, {0: text_cell(made.unit, looks.plain)})
    yield _row(3, 22, {0: text_cell(made.summary, looks.summary)})
    heads = [say(f"{made.words}.headers.{id}") for id, _ in made.columns]
    yield _row(HEADER, 26, {at: text_cell(head, looks.header) for at, head in enumerate(heads)})
    for row, line in enumerate(made.lines, start=FIRST):
        cells = {
            at: text_cell(line.texts.get(id, ""), _look(looks, line.looks.get(id, "text")))
            for at, (id, _) in enumerate(made.columns)
        }
        yield _row(row, _height(made, line), cells)
    note = text_cell(made.note, looks.note)
    yield _row(FIRST + len(made.lines), look.text_height(made.note, width, 9) + 8, {0: note})


def _look(looks: Looks, name: Look) -> int:
    return {
        "text": looks.text, "center": looks.center, "link": looks.link, "nothing": looks.nothing,
        "corrected": looks.marks["fix"],
    }[name]  # fmt: skip


def _height(made: Listing, line: Line) -> float:
    texts = ((line.texts.get(id, ""), width) for id, width in made.columns if width)
    heights = (look.text_height(text, width, 10, indent=1) for text, width in texts if text)
    return max(24.0, min(max(heights, default=24.0), 409.0))


def _row(number: int, height: float, cells: Mapping[int, CellXml]) -> str:
    inside = "".join(cell(address(number - 1, column)) for column, cell in sorted(cells.items()))
    return f'<row r="{number}" ht="{height:g}" customHeight="1">{inside}</row>'


def _links(made: Listing) -> str:
    column = next((letters(at) for at, (id, _) in enumerate(made.columns) if id == "cell"), "")
    links = "".join(
        f'<hyperlink ref="{column}{row}" location={quoted(quoted_sheet(line.link) + "!" + line.texts["cell"])}'
        f' display={quoted(line.texts["cell"])}/>'
        for row, line in enumerate(made.lines, start=FIRST)
        if line.link and line.texts.get("cell")
    )
    return links and f"<hyperlinks>{links}</hyperlinks>"

"""A locked list on a sheet of its own in a unit's workbook, formatted like 审核意见 (review comments).

There are two such lists: 代改清单 (corrections made) and 表外内容 (content outside the form).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from perfxl import messages
from perfxl.workbook.ooxml.cells import Workbook, Worksheet
from perfxl.workbook.ooxml.formula import column_letters
from perfxl.workbook.ooxml.formula import quote_sheet as quoted_sheet
from perfxl.workbook.ooxml.sheet_writer import ListXml, columns_xml, links_xml, row_xml, text_cell
from perfxl.workbook.opinions.list_formats import ListFormats
from perfxl.workbook.reading.own_sheet import find_own_sheet
from perfxl.workbook.sheet import look

Look = Literal["text", "center", "link", "nothing", "corrected"]
FIRST, HEADER = 5, 4  # the rows (from 1) of the first line and of the headings


@dataclass(frozen=True)
class ListLine:
    """A line of the list.

    ``texts``: by column; ``looks``: of the columns that do not look like plain text; ``link``: the name of the sheet
    to whose cell the line links, empty for no link.
    """

    texts: Mapping[str, str]
    looks: Mapping[str, Look] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True)
class Listing:
    """The content of a list that is to be written.

    ``words``: the key of its messages, with ``tab``, ``title`` and ``headers``; ``unit``: whose list it is;
    ``summary`` and ``note``: the texts above and below the lines; ``columns``: id and width in digits, where 0 hides
    the column.
    """

    words: str
    unit: str
    summary: str
    note: str
    columns: tuple[tuple[str, float], ...]
    lines: tuple[ListLine, ...]


def write_listing(made: Listing, looks: ListFormats) -> bytes:
    """Return the sheet's part, in the language of its formats."""
    visible = [width for _, width in made.columns if width]
    last, end = column_letters(len(visible) - 1), FIRST + len(made.lines)
    return ListXml(
        last_cell=f"{column_letters(len(made.columns) - 1)}{end}",
        columns=columns_xml([width for _, width in made.columns], looks.locked),
        rows=_row_elements(made, looks, sum(visible)),
        merged=[f"A{row}:{last}{row}" for row in (1, 2, 3, end)],
        rest=links_xml(_links(made)),
        footer=f"&R&8 {messages.say('sheet.pages', {}, looks.lang)}",
    ).part()


def read_listing(workbook: Workbook, words: str, ids: Sequence[str], last: str) -> Iterator[dict[str, str]]:
    """Yield the lines of such a list that was written before: their texts by column, verbatim.

    ``words``: as in Listing; ``ids``: its columns; ``last``: a column that the list, and each of its lines, must have.
    """
    entry = find_own_sheet(workbook, words, last)
    if entry is None:
        return
    sheet = workbook.sheet(entry)
    headings = messages.ids_by_word(f"{words}.headers", ids)
    lines: dict[int, dict[str, int]] = {}
    for (row, column), text in sorted(sheet.texts.items()):
        if text in headings:
            lines.setdefault(row, {}).setdefault(headings[text], column)
    header = next((row for row, columns in lines.items() if last in columns), None)
    if header is None:
        return
    for row in sorted({row for row, _ in sheet.cells if row > header}):
        texts = {id: text for id, column in lines[header].items() if (text := _cell_text(sheet, row, column))}
        if texts.get(last):
            yield texts


def _cell_text(sheet: Worksheet, row: int, column: int) -> str:
    value = sheet.value(row, column)
    return "" if value is None else str(value)


def _row_elements(listing: Listing, looks: ListFormats, width: float) -> Iterator[str]:
    """Yield the XML of the rows; ``width``: of all visible columns together, in digits."""
    lang = looks.lang
    title, *heads = (
        messages.say(f"{listing.words}.{key}", {}, lang)
        for key in ("title", *(f"headers.{id}" for id, _ in listing.columns))
    )
    yield row_xml(1, 34, {0: text_cell(title, looks.title)})
    yield row_xml(2, 20, {0: text_cell(listing.unit, looks.plain)})
    yield row_xml(3, 22, {0: text_cell(listing.summary, looks.summary)})
    yield row_xml(HEADER, 26, {at: text_cell(head, looks.header) for at, head in enumerate(heads)})
    for row, line in enumerate(listing.lines, start=FIRST):
        cells = {
            at: text_cell(line.texts.get(id, ""), _style_of(looks, line.looks.get(id, "text")))
            for at, (id, _) in enumerate(listing.columns)
        }
        yield row_xml(row, _line_height(listing, line, lang), cells)
    note = text_cell(listing.note, looks.note)
    yield row_xml(FIRST + len(listing.lines), look.text_height(listing.note, width, 9, lang=lang) + 8, {0: note})


def _style_of(looks: ListFormats, name: Look) -> int:
    """Return the number of the cell style of a look."""
    return {
        "text": looks.text, "center": looks.center, "link": looks.link, "nothing": looks.nothing,
        "corrected": looks.marks["fix"],
    }[name]  # fmt: skip


def _line_height(listing: Listing, line: ListLine, lang: str) -> float:
    """Return the height of a line's row in points: as its texts need, from 24 to 409."""
    texts = ((line.texts.get(id, ""), width) for id, width in listing.columns if width)
    heights = (look.text_height(text, width, 10, 1, 0, lang) for text, width in texts if text)
    return max(24.0, min(max(heights, default=24.0), 409.0))


def _links(listing: Listing) -> Iterator[tuple[str, str, str]]:
    """Yield the links of the column ``cell``: the cell that holds the link, the target, the text shown."""
    column = next((column_letters(at) for at, (id, _) in enumerate(listing.columns) if id == "cell"), "")
    for row, line in enumerate(listing.lines, start=FIRST):
        if line.link and (cell := line.texts.get("cell")):
            yield f"{column}{row}", f"{quoted_sheet(line.link)}!{cell}", cell

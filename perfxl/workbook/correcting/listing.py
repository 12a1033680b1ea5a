"""A list on a sheet of its own in a unit's workbook, locked, in the look of 审核意见: 代改清单, 表外内容."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from perfxl import messages
from perfxl.workbook.ooxml.cells import Workbook, Worksheet
from perfxl.workbook.ooxml.formula import column_letters
from perfxl.workbook.ooxml.formula import quote_sheet as quoted_sheet
from perfxl.workbook.ooxml.sheet_xml import ListXml, columns_xml, links_xml, row_xml, text_cell
from perfxl.workbook.ooxml.stylesheet import Stylesheet
from perfxl.workbook.opinions.list_formats import ListFormats
from perfxl.workbook.reading.own_sheet import find_own_sheet
from perfxl.workbook.sheet import look

Look = Literal["text", "center", "link", "nothing", "corrected"]
FIRST, HEADER = 5, 4  # rows, from 1: of the first line, and of the headings


@dataclass(frozen=True)
class ListLine:
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
    lines: tuple[ListLine, ...]


def write_listing(made: Listing, styles: Stylesheet) -> bytes:
    """The sheet's part."""
    looks, seen = ListFormats(styles), [width for _, width in made.columns if width]
    last, end = column_letters(len(seen) - 1), FIRST + len(made.lines)
    return ListXml(
        last_cell=f"{column_letters(len(made.columns) - 1)}{end}",
        columns=columns_xml([width for _, width in made.columns], looks.locked),
        rows=_rows(made, looks, sum(seen)),
        merged=[f"A{row}:{last}{row}" for row in (1, 2, 3, end)],
        rest=links_xml(_links(made)),
        footer=f"&R&8 {messages.say('sheet.pages')}",
    ).part()


def read_listing(workbook: Workbook, words: str, ids: Sequence[str], last: str) -> Iterator[dict[str, str]]:
    """The lines of such a list that was written before: their texts by column, verbatim. ``last``: a column it has."""
    entry = find_own_sheet(workbook, words, last)
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


def _text(found: Worksheet, row: int, column: int) -> str:
    value = found.value(row, column)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _rows(made: Listing, looks: ListFormats, width: float) -> Iterator[str]:
    say = messages.say
    yield row_xml(1, 34, {0: text_cell(say(f"{made.words}.title"), looks.title)})
    yield row_xml(2, 20, {0: text_cell(made.unit, looks.plain)})
    yield row_xml(3, 22, {0: text_cell(made.summary, looks.summary)})
    heads = [say(f"{made.words}.headers.{id}") for id, _ in made.columns]
    yield row_xml(HEADER, 26, {at: text_cell(head, looks.header) for at, head in enumerate(heads)})
    for row, line in enumerate(made.lines, start=FIRST):
        cells = {
            at: text_cell(line.texts.get(id, ""), _look(looks, line.looks.get(id, "text")))
            for at, (id, _) in enumerate(made.columns)
        }
        yield row_xml(row, _height(made, line), cells)
    note = text_cell(made.note, looks.note)
    yield row_xml(FIRST + len(made.lines), look.text_height(made.note, width, 9) + 8, {0: note})


def _look(looks: ListFormats, name: Look) -> int:
    return {
        "text": looks.text, "center": looks.center, "link": looks.link, "nothing": looks.nothing,
        "corrected": looks.marks["fix"],
    }[name]  # fmt: skip


def _height(made: Listing, line: ListLine) -> float:
    texts = ((line.texts.get(id, ""), width) for id, width in made.columns if width)
    heights = (look.text_height(text, width, 10, indent=1) for text, width in texts if text)
    return max(24.0, min(max(heights, default=24.0), 409.0))


def _links(made: Listing) -> Iterator[tuple[str, str, str]]:
    column = next((column_letters(at) for at, (id, _) in enumerate(made.columns) if id == "cell"), "")
    for row, line in enumerate(made.lines, start=FIRST):
        if line.link and (cell := line.texts.get("cell")):
            yield f"{column}{row}", f"{quoted_sheet(line.link)}!{cell}", cell

"""The row heights that a returned sheet needs for the typed texts: flagging makes a row taller, never smaller."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfxl.form.form import Field, Form
from perfxl.form.layout import Layout, blank_layout
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.sheet import look

MARK = 4  # the width of a mark in digits: 必4 and a space


def needed_heights(reading: Reading, flagged: Container[Place] = ()) -> dict[int, float]:
    """Return the rows (from 0) whose text needs more than the form's own height, with that height in points.

    ``flagged``: the cells in which a mark stands before the text.
    """
    heights: dict[int, float] = {}
    texts, located = reading.located.sheet.texts, reading.located
    rooms, lang = _rooms(located.cells_form), located.form.language
    cells = [("", id, [place]) for id, place in located.head.items()]
    for id, table in located.tables.items():
        rows = [row.row for row in table.rows]
        cells += [(id, name, [(row, column) for row in rows]) for name, column in table.columns.items()]
    for id, name, places in cells:
        if (room := rooms.get((id, name))) is None:
            continue
        for place in places:
            text = texts.get(place)
            if not text or (len(text) <= room.fitting and "\n" not in text):
                continue
            mark = MARK if place in flagged else 0
            height = look.text_height(text, room.width, room.size, room.indent, mark, lang)
            if height > max(room.height, heights.get(place[0], 0.0)):
                heights[place[0]] = min(height, 409.0)  # Excel's limit
    return heights


@dataclass(frozen=True)
class _Room:
    """The room for an answer on a blank form.

    ``width`` of its cell in digits, ``height`` of its row and ``size`` of the font in points; ``indent``: Excel's
    indent level; ``fitting``: the number of characters behind a mark that fit on one line.
    """

    width: float
    height: float
    size: float
    indent: int
    fitting: int


@lru_cache(maxsize=64)
def _rooms(form: Form) -> Mapping[tuple[str, str], _Room]:
    """Return the room for each answer by its table (empty for the head) and id; none for one of several rows."""
    layout = blank_layout(form)
    rooms: dict[tuple[str, str], _Room] = {}
    for id, box in layout.head.items():
        if box.field and box.rows == 1:
            width = _width(layout, box.column, box.columns)
            rooms["", id] = _room(box.field, width, layout.heights[box.row], 10.5, form.language)
    for id, table in layout.tables.items():
        for name, column in table.columns.items():
            field = form.tables[id].columns[name]
            width = _width(layout, column, field.span)
            rooms[id, name] = _room(field, width, form.sheet.row_height, 10, form.language)
    return rooms


def _room(field: Field, width: float, height: float, size: float, lang: str) -> _Room:
    indent = 1 if field.align == "left" else 0
    return _Room(width, height, size, indent, look.characters_that_fit(height, width, size, indent, MARK, lang))


def _width(layout: Layout, column: int, span: int) -> float:
    """Return the width in digits of columns of the form; ``span``: their number."""
    start = column - layout.first_column
    return sum(layout.form.sheet.columns[start : start + span])


def raise_rows(sheet: bytes, heights: Mapping[int, float]) -> bytes:
    """Return the sheet's part with these rows (from 0) at least as high, in points, as given."""
    wanted = dict(heights)
    pieces: list[bytes] = []
    end = 0
    for tag in _ROW.finditer(sheet) if wanted else ():
        points = wanted.pop(int(tag[1]) - 1, None)
        if points is not None:
            pieces += (sheet[end : tag.start()], _raised(tag[0], points))
            end = tag.end()
        if not wanted:
            break
    return b"".join([*pieces, sheet[end:]])


_ROW = re.compile(rb"""<(?:\w+:)?row\s(?:[^<>]*?\s)??r=["'](\d{1,7})["'][^<>]*>""")
"""The tag of a row, with the row's number."""


def _raised(tag: bytes, points: float) -> bytes:
    """Return the tag of a row that is at least so high."""
    stated = re.search(rb"""\sht=["']([\d.]+)["']""", tag)
    if stated and float(stated[1]) >= points:
        return tag
    bare = re.sub(rb"""\s(?:ht|customHeight)=(?:"[^"]*"|'[^']*')""", b"", tag)
    end = -2 if bare.endswith(b"/>") else -1
    return bare[:end].rstrip() + b' ht="%s" customHeight="1"' % f"{points:g}".encode() + bare[end:]

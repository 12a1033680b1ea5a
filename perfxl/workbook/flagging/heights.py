"""The row heights that a returned sheet needs for the typed texts: flagging makes a row taller, never smaller."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence

from perfxl.form.form import Field
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
    texts, lang = reading.located.sheet.texts, reading.located.form.language
    for places, width, own, size, field in _answer_cells(reading):
        indent = 1 if field.align == "left" else 0
        fitting = look.characters_that_fit(own, width, size, indent, MARK, lang)
        for place in places:
            text = texts.get(place)
            if not text or (len(text) <= fitting and "\n" not in text):
                continue
            height = look.text_height(text, width, size, indent, MARK if place in flagged else 0, lang)
            if height > max(own, heights.get(place[0], 0.0)):
                heights[place[0]] = min(height, 409.0)  # Excel's limit
    return heights


def _answer_cells(reading: Reading) -> Iterator[tuple[Sequence[Place], float, float, float, Field]]:
    """Yield every answer's cells, their width in digits, row height in the form, font size in points, and field."""
    located, form = reading.located, reading.located.cells_form
    layout = blank_layout(form)
    for id, place in located.head.items():
        box = layout.head.get(id)
        if box and box.field and box.rows == 1:
            yield [place], _width(layout, box.column, box.columns), layout.heights[box.row], 10.5, box.field
    for id, table in located.tables.items():
        for name, column in table.columns.items():
            field = form.tables[id].columns[name]
            width = _width(layout, layout.tables[id].columns[name], field.span)
            yield [(row.row, column) for row in table.rows], width, form.sheet.row_height, 10, field


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

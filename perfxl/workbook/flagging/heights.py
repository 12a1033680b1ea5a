"""How high the rows of a returned sheet must be for what was typed: a later pass makes a row taller, never smaller."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping

from perfxl.form.form import Field
from perfxl.form.layout import Layout, blank_layout
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.sheet import look

MARK = 4  # digits: 必4 and a space


def needed_heights(reading: Reading, flagged: Container[Place] = ()) -> dict[int, float]:
    """The rows (from 0) whose text needs more than the form's own height, and that height in points.

    ``flagged``: the cells in which a mark stands before the text.
    """
    found: dict[int, float] = {}
    texts = reading.located.sheet.texts
    for at, width, own, size, asked in _answers(reading):
        if text := texts.get(at):
            indent, mark = 1 if asked.align == "left" else 0, MARK if at in flagged else 0
            if len(text) <= look.characters_that_fit(own, width, size, indent, mark) and "\n" not in text:
                continue
            height = look.text_height(text, width, size, indent, mark)
            if height > max(own, found.get(at[0], 0.0)):
                found[at[0]] = min(height, 409.0)  # Excel's limit
    return found


def _answers(reading: Reading) -> Iterator[tuple[Place, float, float, float, Field]]:
    """Every answer's cell, its width in digits, its row's height in the form, its type's size in points."""
    located, form = reading.located, reading.located.form
    layout = blank_layout(form)
    for id, at in located.head.items():
        box = layout.head.get(id)
        if box and box.field and box.rows == 1:
            yield at, _width(layout, box.column, box.columns), layout.heights[box.row], 10.5, box.field
    for table, found in located.tables.items():
        for id, column in found.columns.items():
            asked = form.tables[table].columns[id]
            width = _width(layout, layout.tables[table].columns[id], asked.span)
            for row in found.rows:
                yield (row.row, column), width, form.sheet.row_height, 10, asked


def _width(layout: Layout, column: int, span: int) -> float:
    start = column - layout.first_column
    return sum(layout.form.sheet.columns[start : start + span])


def raise_rows(sheet: bytes, heights: Mapping[int, float]) -> bytes:
    """The sheet's part with these rows at least so high."""
    for row, points in heights.items():
        tag = re.search(rb'<(?:\w+:)?row\s(?:[^<>]*?\s)?r="%d"[^<>]*>' % (row + 1), sheet)
        if tag is None:
            continue
        stated = re.search(rb'\sht="([\d.]+)"', tag[0])
        if stated and float(stated[1]) >= points:
            continue
        bare = re.sub(rb'\s(?:ht|customHeight)="[^"]*"', b"", tag[0])
        end = -2 if bare.endswith(b"/>") else -1
        new = bare[:end].rstrip() + b' ht="%s" customHeight="1"' % f"{points:g}".encode() + bare[end:]
        sheet = sheet[: tag.start()] + new + sheet[tag.end() :]
    return sheet

"""The visible words of a form and their places on a sheet, by which answers are located as a person locates them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfxl import messages
from perfxl.form.characters import squeeze
from perfxl.form.form import Form, Table
from perfxl.form.layout import Box, blank_layout
from perfxl.workbook.ooxml.cells import Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.sheet.names import column_name, row_ids

Words = Mapping[str, list[Place]]
"""The cells of each text of a sheet, in reading order, by the text as it is compared (``squeeze``)."""

LABELS = ("label", "heading", "sign", "header", "side")
"""The roles of the boxes that hold words of the form."""


def find_words(sheet: Worksheet) -> Words:
    """Return every text of a sheet with its cells."""
    words: dict[str, list[Place]] = {}
    for at, text in sorted(sheet.texts.items()):
        words.setdefault(squeeze(text), []).append(at)
    return words


@lru_cache(maxsize=64)
def labels(form: Form) -> Mapping[str, int]:
    """Return the form's labels in its order, and the number of times that each stands on its sheet."""
    boxes = sorted(blank_layout(form).boxes, key=lambda box: (box.row, box.column))
    return Counter(squeeze(box.text) for box in boxes if box.role in LABELS and box.text and "{" not in box.text)


@dataclass(frozen=True)
class Anchor:
    """The marks by which a head field is found.

    ``row_id``, ``column_id``: its ids in the mark column and mark row; ``label``: the plain spelling of its label,
    which is number ``nth`` (from 0) of ``times`` equal ones; ``down``, ``right``: the rows and columns from the label
    to the field; ``rows``, ``columns``: the number of cells that the field's box covers.
    """

    row_id: str
    column_id: str
    label: str
    nth: int
    times: int
    down: int
    right: int
    rows: int
    columns: int


@lru_cache(maxsize=64)
def anchors(form: Form) -> Mapping[str, Anchor]:
    """Return the anchor of each head field."""
    layout = blank_layout(form)  # the relative places of boxes do not depend on the number of rows
    ids = row_ids(layout)
    by_field: dict[str, Anchor] = {}
    boxes = [box for box in layout.boxes if box.role in ("label", "heading")]
    for id, box in layout.head.items():
        label = _label_of(box, boxes)
        same = [other for other in boxes if label and squeeze(other.text) == squeeze(label.text)]
        by_field[id] = Anchor(
            row_id=ids[box.row],
            column_id=f"c{box.column - layout.first_column + 1}",
            label=squeeze(label.text) if label else "",
            nth=same.index(label) if label else 0,
            times=labels(form)[squeeze(label.text)] if label else 0,
            down=box.row - label.row if label else 0,
            right=box.column - label.column if label else 0,
            rows=box.rows,
            columns=box.columns,
        )
    return by_field


def _label_of(box: Box, boxes: list[Box]) -> Box | None:
    """Return the label of a box: one that ends just before it in its row, or stands right above it; None for none.

    For an answer in a line of a table it is the label that begins the line. Else a label beside the box that is as high
    comes first, then one above that is as wide, then any other one beside it.
    """
    if box.field and box.field.line:
        beginning = [label for label in boxes if label.row == box.row and label.text == box.field.line]
        return max((label for label in beginning if label.column < box.column), key=_column, default=None)
    for label in boxes:
        if label.row <= box.row <= label.end[0] and label.end[1] + 1 == box.column and label.rows == box.rows:
            return label
    for label in boxes:
        if label.end[0] + 1 == box.row and label.column == box.column and label.columns == box.columns:
            return label
    beside = (label for label in boxes if label.row <= box.row <= label.end[0] and label.end[1] + 1 == box.column)
    return next(beside, None)


def _column(box: Box) -> int:
    return box.column


@dataclass(frozen=True)
class Header:
    """The marks by which a table's column is found.

    ``column_id``: its id in the mark row; ``name``: its defined name, without the prefix ``px.``; ``label``: the plain
    spelling of its label, which is number ``nth`` (from 0) of ``times`` equal ones; ``columns``: the number of the
    sheet's columns that it covers; ``up``: the rows from the last row of labels up to its own; ``outer``: the plain
    spelling of the parts of its label above that, outermost first; empty for one that differs from sheet to sheet.
    """

    column_id: str
    name: str
    label: str
    nth: int
    times: int
    columns: int
    up: int = 0
    outer: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def headers(form: Form, table: str) -> Mapping[str, Header]:
    """Return the header of each column of a table; equal labels of tables side by side are counted together."""
    blank = blank_layout(form)
    by_column: dict[str, Header] = {}
    shown = blank.form.tables
    own = shown[table]
    columns = own.columns
    beside = form.side_by_side.get(table, (table,))
    all_labels = [label for id in beside for label in _written_labels(shown[id]).values()]
    written = _written_labels(own)
    before = [label for id in beside[: form.rank(table)] for label in _written_labels(shown[id]).values()]
    for id, at in sorted(blank.tables[table].columns.items(), key=lambda item: item[1]):
        label = written[id]
        by_column[id] = Header(
            column_id=f"c{at - blank.first_column + 1}",
            name=column_name(own, id)[3:],
            label=squeeze(label[-1]),
            nth=before.count(label),
            times=all_labels.count(label),
            columns=columns[id].span,
            up=blank.tables[table].label_rows - len(label),
            outer=tuple("" if "{" in part else squeeze(part) for part in label[:-1]),
        )
        before.append(label)
    return {id: by_column[id] for id in columns}


def _written_labels(table: Table) -> dict[str, tuple[str, ...]]:
    """Return the label of each column as it stands on the sheet; an empty one for a column without a label."""
    return {id: table.labels[id] if column.label else ("",) for id, column in table.columns.items()}


@lru_cache(maxsize=256)
def header_words(form: Form, table: str) -> frozenset[str]:
    """Return the labels and letters that stand in a table's header."""
    boxes = (box for box in blank_layout(form).boxes if box.table == table and box.role in ("header", "letter"))
    return frozenset(squeeze(box.text) for box in boxes if box.text and "{" not in box.text)


@lru_cache(maxsize=256)
def words_below(form: Form, table: str) -> frozenset[str]:
    """Return the labels that stand below a table, at which it ends, and only once on the sheet."""
    layout = blank_layout(form)
    last = layout.tables[table].last
    once = {label for label, times in labels(form).items() if times == 1}
    beside = {*form.side_by_side.get(table, ())} - {table}
    below = (box for box in layout.boxes if box.row > last and box.role in LABELS and box.table not in beside)
    return frozenset(text for box in below if (text := squeeze(box.text)) in once)


_SPOT = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_SENDING = {"year": r"\d+", "phase": "(.+)", "draft": r"\d+"}


@lru_cache(maxsize=64)
def phase_line(form: Form) -> re.Pattern[str] | None:
    """Return the pattern of the form's line about the sending (2024年度　一上第1稿), its first group being the phase.

    It is a line of year, phase and draft, with words around them; None where the form has no such line.
    """
    for box in blank_layout(form).boxes:
        pieces = _SPOT.split(box.text)
        words, spots = pieces[::2], pieces[1::2]
        if "phase" in spots and _SENDING.keys() >= {*spots} and len("".join("".join(words).split())) > 2:
            # few spaces, since a text may hold very many of them
            own = (r"\s{0,4}".join(map(re.escape, re.split(r"\s+", piece))) for piece in words)
            spots = [_SENDING[spot] for spot in spots]
            return re.compile("".join(map("".join, zip(own, [*spots, ""], strict=True))), re.DOTALL)
    return None


_PANEL = re.compile(r"sheet\.panel\.(?:blank|returned)\.")


@lru_cache(maxsize=1)
def panel_words() -> frozenset[str]:
    """Return the words of the panel beside a form."""
    keys = (key for key in messages.text_keys("sheet") if _PANEL.match(key))
    return frozenset(squeeze(text) for key in keys for text in messages.spellings(key))


@lru_cache(maxsize=64)
def own_words(form: Form) -> frozenset[str]:
    """Return the form's words that are the same on every sheet, and those of the panel beside it."""
    boxes = (box for box in blank_layout(form).boxes if box.role != "letter")  # which may be numbers, as answers are
    words = [box.text for box in boxes if box.text and "{" not in box.text]
    labels = {form.sheet.key_label} if form.sheet.key_label else messages.spellings("sheet.row_key")
    return panel_words() | {squeeze(text) for text in (*words, *labels)}

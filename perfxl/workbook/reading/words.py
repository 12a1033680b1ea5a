"""The visible words of a form and where they stand on a sheet: by its labels a person finds the answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfxl import messages
from perfxl.form.form import Form
from perfxl.form.layout import Box, blank_layout
from perfxl.workbook.ooxml.cells import Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.sheet.names import column_name, row_ids

Words = Mapping[str, list[Place]]
"""Where each text stands on a sheet, in reading order, by its plain spelling."""

LABELS = ("label", "heading", "header", "side")
"""The roles of the boxes that hold words of the form."""

_WIDE = str.maketrans("():", "（）：")


def plain_words(text: str) -> str:
    """A text without white space, its brackets and colons full-width."""
    return _plain(text) if len(text) <= _SHORT else _bare(text)


def _bare(text: str) -> str:
    return "".join(text.split()).translate(_WIDE)


_SHORT = 64  # characters: labels and marks are no longer, and the same in every copy of a form
_plain = lru_cache(maxsize=2048)(_bare)


def find_words(sheet: Worksheet) -> Words:
    """Every text of a sheet."""
    words: dict[str, list[Place]] = {}
    for at, text in sorted(sheet.texts.items()):
        words.setdefault(plain_words(text), []).append(at)
    return words


@lru_cache(maxsize=64)
def labels(form: Form) -> Mapping[str, int]:
    """The form's labels in its order, and how often each stands on its sheet."""
    boxes = sorted(blank_layout(form).boxes, key=lambda box: (box.row, box.column))
    return Counter(plain_words(box.text) for box in boxes if box.role in LABELS and box.text and "{" not in box.text)


@dataclass(frozen=True)
class Anchor:
    """How a head field is found: its row id and column id; its label, which of how many equal ones, the way from there.

    ``rows``, ``columns``: how many cells its box covers.
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
    """How each head field is found."""
    layout = blank_layout(form)  # what stands beside what does not depend on the number of rows
    ids = row_ids(layout)
    found: dict[str, Anchor] = {}
    boxes = [box for box in layout.boxes if box.role in ("label", "heading")]
    for id, box in layout.head.items():
        label = _label_of(box, boxes)
        same = [each for each in boxes if label and plain_words(each.text) == plain_words(label.text)]
        found[id] = Anchor(
            row_id=ids[box.row],
            column_id=f"c{box.column - layout.first_column + 1}",
            label=plain_words(label.text) if label else "",
            nth=same.index(label) if label else 0,
            times=labels(form)[plain_words(label.text)] if label else 0,
            down=box.row - label.row if label else 0,
            right=box.column - label.column if label else 0,
            rows=box.rows,
            columns=box.columns,
        )
    return found


def _label_of(box: Box, boxes: list[Box]) -> Box | None:
    """The label that ends just before the box in its row, or the one right above it."""
    for label in boxes:
        if label.row <= box.row <= label.end[0] and label.end[1] + 1 == box.column and label.rows == box.rows:
            return label
    for label in boxes:
        if label.end[0] + 1 == box.row and label.column == box.column and label.columns == box.columns:
            return label
    beside = (label for label in boxes if label.row <= box.row <= label.end[0] and label.end[1] + 1 == box.column)
    return next(beside, None)


@dataclass(frozen=True)
class Header:
    """How a table's column is found: its column id, its defined name, its label, which of how many equal ones."""

    column_id: str
    name: str
    label: str
    nth: int
    times: int
    columns: int


@lru_cache(maxsize=256)
def headers(form: Form, table: str) -> Mapping[str, Header]:
    """How each column of a table is found."""
    blank = blank_layout(form)
    found: dict[str, Header] = {}
    columns = form.tables[table].columns
    written = [column.label[-1] if column.label else "" for column in columns.values()]
    before: list[str] = []
    for id, at in sorted(blank.tables[table].columns.items(), key=lambda item: item[1]):
        label = columns[id].label[-1] if columns[id].label else ""
        found[id] = Header(
            column_id=f"c{at - blank.first_column + 1}",
            name=column_name(form.tables[table], id)[3:],
            label=plain_words(label),
            nth=before.count(label),
            times=written.count(label),
            columns=columns[id].span,
        )
        before.append(label)
    return {id: found[id] for id in columns}


@lru_cache(maxsize=256)
def words_below(form: Form, table: str) -> frozenset[str]:
    """The words that stand below a table: where they begin it ends. Labels that stand once on the sheet."""
    layout = blank_layout(form)
    last = layout.tables[table].last
    once = {label for label, times in labels(form).items() if times == 1}
    return frozenset(
        text
        for box in layout.boxes
        if box.row > last and box.role in LABELS and (text := plain_words(box.text)) in once
    )


_PANEL = re.compile(r"sheet\.panel\.(?:blank|returned)\.")


@lru_cache(maxsize=1)
def panel_words() -> frozenset[str]:
    """The words of the panel beside a form."""
    return frozenset(plain_words(messages.say(key)) for key in messages.text_keys("sheet") if _PANEL.match(key))


@lru_cache(maxsize=64)
def own_words(form: Form) -> frozenset[str]:
    """The form's words that are the same on every sheet, and those of the panel beside it."""
    words = [box.text for box in blank_layout(form).boxes if box.text and "{" not in box.text]
    return panel_words() | {plain_words(text) for text in (*words, form.sheet.key_label)}

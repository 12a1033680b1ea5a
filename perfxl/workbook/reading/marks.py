"""The mark row and the mark column of a returned sheet: column ids, row ids and row keys, and where they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from perfxl.form.form import Form
from perfxl.workbook.ooxml.cells import Worksheet
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.reading.rows import KEY
from perfxl.workbook.reading.words import Anchor


@dataclass(frozen=True)
class SheetMarks:
    """The mark row and mark column as found: column id → column, row id → row, row key → row.

    ``mark_row`` is -1 where there is none; ``strays``: what looks like a row key in another column, by its row.
    """

    mark_row: int
    key_column: int
    columns: Mapping[str, int]
    ids: Mapping[str, int]
    keys: Mapping[int, str]
    strays: Mapping[int, str]

    def denies(self, anchor: Anchor, place: Place) -> bool:
        """Whether the marks say that another row or column of the form stands there."""
        ids = {row: id for id, row in self.ids.items()}
        columns = {column: id for id, column in self.columns.items()}
        return (
            ids.get(place[0], anchor.row_id) != anchor.row_id
            or place[0] in self.keys
            or columns.get(place[1], anchor.column_id) != anchor.column_id
        )


_SHORT = 8  # characters: no mark is longer


@lru_cache(maxsize=4096)
def _kind(text: str) -> str:
    """What a short text may be: a column id, a row id, a row key, or nothing."""
    if re.fullmatch(r"[cr]\d+", text):
        return text[0]
    return "key" if KEY.fullmatch(text) else ""


def find_marks(sheet: Worksheet, form: Form) -> SheetMarks:
    found: dict[str, dict[Place, str]] = {"c": {}, "r": {}, "key": {}}
    for at, text in sheet.texts.items():
        if len(text) <= _SHORT and (kind := _kind(text)):
            found[kind][at] = text
    column_ids, row_ids_, keys = found.values()
    mark_row = Counter(row for row, _ in column_ids).most_common(1)[0][0] if column_ids else -1
    below = Counter(column for _, column in [*row_ids_, *keys])
    side = 0 if form.sheet.key == "before" else form.sheet.column + len(form.sheet.columns)
    key_column = below.most_common(1)[0][0] if below else side
    return SheetMarks(
        mark_row=mark_row,
        key_column=key_column,
        columns=_once((text, column) for (row, column), text in column_ids.items() if row == mark_row),
        ids=_once((text, row) for (row, column), text in row_ids_.items() if column == key_column),
        keys={row: text for (row, column), text in keys.items() if column == key_column},
        strays={row: text for (row, column), text in keys.items() if column != key_column},
    )


def _once(found: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The ids that stand in one place only."""
    listed = list(found)
    times = Counter(text for text, _ in listed)
    return {text: at for text, at in listed if times[text] == 1}

"""Contents of a returned form sheet that belong to no field and are not the form's own words: listed, never dropped."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from perfxl import messages
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.layout import blank_layout
from perfxl.submission import Unplaced
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.recognise import CODES
from perfxl.workbook.reading.rows import KEY
from perfxl.workbook.reading.words import own_words
from perfxl.workbook.sheet.identity import PRINTED, parse_mark
from perfxl.workbook.sheet.self_check import carried_text, panel_text

_IDS = re.compile(r"[crs]\d+")
"""The column ids, row ids and marks of sums of the mark row and the key column."""


def find_leftover(located: LocatedSheet, answers: Collection[Place]) -> tuple[Unplaced, ...]:
    """Return what stands outside of all fields, in the order of the sheet.

    ``answers``: the cells of the answers that were read. The form's own words, its marks and the results of its locked
    formulas are left out.
    """
    sheet = located.sheet
    known = {*answers, *located.varying_texts.values()}
    known.update(_joined_cells(located))
    known.update(_sums(located))
    known.update(_letter_cells(located))
    own, texts, mark_row = own_words(located.form), sheet.texts, located.marks.mark_row
    leftover: list[tuple[Place, str]] = []
    for at, cell in sheet.cells.items():
        if cell.text is None or at in known or at[0] == mark_row:
            continue
        text = texts.get(at)
        if text is None:
            value = sheet.value(*at)
            if not isinstance(value, str) and value is not None and cell.formula is None:
                leftover.append((at, str(value)))
        elif squeeze(text) in own or (cell.formula is not None and sheet.locked(*at)):
            continue
        elif not _is_generated(located, at, text):
            leftover.append((at, text))
    return tuple(Unplaced(address(*at), text) for at, text in sorted(leftover))


def _joined_cells(located: LocatedSheet) -> Iterator[Place]:
    """Yield the cells of rows that continue the row above."""
    for table in located.tables.values():
        for row in table.rows:
            yield from ((below, column) for below in row.more for column in table.columns.values())


def _sums(located: LocatedSheet) -> Iterator[Place]:
    """Yield the cells of sums."""
    for table in located.tables.values():
        for row, sums in table.sums.items():
            yield from ((row, table.columns[column]) for column in sums.sums.columns if column in table.columns)


def _letter_cells(located: LocatedSheet) -> Iterator[Place]:
    """Yield the cells of a header in which column letters stand as the form has them."""
    for id, table in located.tables.items():
        letters = {squeeze(column.letter) for column in located.cells_form.tables[id].columns.values()}
        for row in range(table.top + 1, table.last + 1):
            yield from ((row, at) for at in table.columns.values() if squeeze(located.sheet.text(row, at)) in letters)


def _is_generated(located: LocatedSheet, at: Place, text: str) -> bool:
    """Return True if a text is a mark, or one of the words that perfxl writes and that vary from sheet to sheet."""
    if at[1] in located.marks.key_columns and (_IDS.fullmatch(text) or KEY.fullmatch(text) or parse_mark(text)):
        return True
    if (PRINTED.search(text) and any(code in text for code in CODES)) or text.startswith(_live_count_openings()):
        return True
    bare = squeeze(text)
    sent = located.recognised.sent
    if bare == squeeze(f"{sent.get('office', '')}{sent.get('phone', '')}"):
        return True
    if any(_fits(bare, pieces) for pieces in _varying_texts(located.form)) or _names_unit(located, bare):
        return True
    return _text_above(located, at) in messages.spellings("sheet.panel.blank.locked")  # whom to call


def _text_above(located: LocatedSheet, at: Place) -> str:
    """Return the nearest text above a cell in its column."""
    return next((text for row in range(at[0] - 1, -1, -1) if (text := located.sheet.text(row, at[1]))), "")


def _names_unit(located: LocatedSheet, text: str) -> bool:
    """Return True if a text is the line that names the unit."""
    given = located.recognised.given
    if "unit.code" in given or "unit.name" in given:
        return text == squeeze(f"{given.get('unit.code') or ''}{given.get('unit.name') or ''}")
    code = PRINTED.search(located.recognised.printed)
    return code is not None and text.startswith(code["unit"])


@lru_cache(maxsize=1)
def _live_count_openings() -> tuple[str, ...]:
    """Return the first words of the live lines that count what is still to be done, in every language."""
    counts = (text for lang in messages.languages() for text in (panel_text(["|"] * 3, lang), carried_text("|", lang)))
    return tuple(text.partition("|")[0] for text in counts)


_SPOT = re.compile(r"\{\{.*?\}\}")
"""The part of a form's text that varies."""


@lru_cache(maxsize=64)
def _varying_texts(form: Form) -> tuple[tuple[str, ...], ...]:
    """Return the form's texts that vary from sheet to sheet, each as the pieces around what varies.

    Texts with no more than two characters that do not vary are left out, since they would match too much.
    """
    texts = [box.text for box in blank_layout(form).boxes if "{" in box.text] + [form.title]
    pieces = (tuple(squeeze(piece) for piece in _SPOT.split(text)) for text in texts)
    return tuple(fixed for fixed in pieces if len("".join(fixed)) > 2)


def _fits(text: str, pieces: tuple[str, ...]) -> bool:
    """Return whether a text consists of these pieces with anything between them."""
    if len(pieces) == 1:
        return text == pieces[0]
    begin, *middle, end = pieces
    at, last = len(begin), len(text) - len(end)
    if at > last or not text.startswith(begin) or not text.endswith(end):
        return False
    for piece in middle:
        found = text.find(piece, at, last)
        if found < 0:
            return False
        at = found + len(piece)
    return True

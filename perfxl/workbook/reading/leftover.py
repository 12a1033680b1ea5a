"""What on a returned form sheet belongs to no field and is none of the form's own words: listed, never dropped."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from perfxl import messages
from perfxl.form.form import Form
from perfxl.form.layout import blank_layout
from perfxl.submission import Unplaced
from perfxl.workbook.ooxml.formula import Place, address
from perfxl.workbook.reading.locate import LocatedSheet
from perfxl.workbook.reading.recognise import CODE
from perfxl.workbook.reading.words import own_words, plain_words
from perfxl.workbook.sheet.identity import PRINTED, parse_mark
from perfxl.workbook.sheet.self_check import panel_text

_IDS = re.compile(r"[cr]\d+|\d\d[A-Z]")


def find_leftover(located: LocatedSheet, answers: Collection[Place]) -> tuple[Unplaced, ...]:
    """What stands outside of all fields, in the sheet's order."""
    sheet = located.sheet
    known = {*answers, *located.lines.values()}
    known.update(_going_on(located))
    own, texts, mark_row = own_words(located.form), sheet.texts, located.marks.mark_row
    found: list[tuple[Place, str]] = []
    for at, cell in sheet.cells.items():
        if cell.text is None or at in known or at[0] == mark_row:
            continue
        text = texts.get(at)
        if text is None:
            value = sheet.value(*at)
            if not isinstance(value, str) and value is not None and cell.formula is None:
                found.append((at, str(value)))
        elif plain_words(text) not in own and not (cell.formula and sheet.locked(*at)) and not _made(located, at, text):
            found.append((at, text))
    return tuple(Unplaced(address(*at), text) for at, text in sorted(found))


def _going_on(located: LocatedSheet) -> Iterator[Place]:
    """The cells of rows that were put together with the one above."""
    for found in located.tables.values():
        for row in found.rows:
            yield from ((below, column) for below in row.more for column in found.columns.values())


def _made(located: LocatedSheet, at: Place, text: str) -> bool:
    """Whether it is a mark, or words that vary from sheet to sheet."""
    if at[1] == located.marks.key_column and (_IDS.fullmatch(text) or parse_mark(text)):
        return True
    if (CODE in text and PRINTED.search(text)) or text.startswith(_live()):
        return True
    bare = plain_words(text)
    if bare == plain_words(f"{located.recognised.sent.get('office', '')}{located.recognised.sent.get('phone', '')}"):
        return True
    if any(pattern.fullmatch(bare) for pattern in _varying(located.form)) or _of_unit(located, bare):
        return True
    return _above(located, at) == messages.say("sheet.panel.blank.locked")  # whom to call


def _above(located: LocatedSheet, at: Place) -> str:
    """The text that stands next above a cell."""
    return next((text for row in range(at[0] - 1, -1, -1) if (text := located.sheet.text(row, at[1]))), "")


def _of_unit(located: LocatedSheet, text: str) -> bool:
    """Whether it is the line that names the unit."""
    given = located.recognised.given
    if "unit.code" in given or "unit.name" in given:
        return text == plain_words(f"{given.get('unit.code') or ''}{given.get('unit.name') or ''}")
    code = PRINTED.search(located.recognised.printed)
    return code is not None and text.startswith(code[2])


@lru_cache(maxsize=1)
def _live() -> str:
    """How the line begins that counts what is still to be done."""
    return panel_text(["|"] * 3).partition("|")[0]


_SPOT = re.compile(r"\{\{.*?\}\}")


@lru_cache(maxsize=64)
def _varying(form: Form) -> tuple[re.Pattern[str], ...]:
    """The form's words that vary, as patterns; those with hardly a word of their own are none."""
    texts = [box.text for box in blank_layout(form).boxes if "{" in box.text] + [form.title]
    return tuple(_patterns(texts))


def _patterns(texts: list[str]) -> Iterator[re.Pattern[str]]:
    for text in texts:
        pieces = [plain_words(piece) for piece in _SPOT.split(text)]
        if len("".join(pieces)) > 2:
            yield re.compile(".*".join(map(re.escape, pieces)), re.DOTALL)

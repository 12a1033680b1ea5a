"""Number formats (ECMA-376 part 1, 18.8.31): what a format makes of a number, and the text that the cell shows."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from perfxl.form.fields.base import Raw
from perfxl.form.fields.number import decimal, is_number, plain, text_or_none

_FORMAT = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|_.|\*.|\[\$(?P<symbol>[^\]-]*)[^\]]*\]|\[(?P<elapsed>[hHmMsS]+)\]|\[[^\]]*\]'
    r"|(?P<general>[gG][eE][nN][eE][rR][aA][lL]|G/通用格式)|(?P<sci>[0#?.,]*[eE][-+][0#?]+)|(?P<digits>[0#?][0#?.,]*)"
    r"|(?P<half>AM/PM|A/P|上午/下午)|(?P<letters>[yY]+|[eE]+|[mM]+|[dD]+|[aA]{3,4}|[hH]+|[sS]+(?:\.0+)?)"
    r"|(?P<percent>%)|(?P<end>;)|(?P<at>@)|(?P<other>.)",
    re.DOTALL,
)
_CODES = {
    "letters": "date", "elapsed": "elapsed", "digits": "run", "sci": "run", "general": "run", "percent": "percent",
}  # fmt: skip


class _Piece(NamedTuple):
    """A part of a number format code.

    ``text``: the part as it stands in the code; ``kind``: ``literal``, ``run`` (of digits), ``percent``, ``date`` or
    ``elapsed`` (a time of more than a day: [h], [mm], [ss]).
    """

    text: str
    kind: str

    @property
    def letter(self) -> str:
        """The letter of a part of a date: y, m, d, a (weekday), h or s; empty for other parts.

        The e of Chinese formats is a year and given as y.
        """
        first = self.text[0].lower() if self.kind in ("date", "elapsed") else ""
        return "y" if first == "e" else first


@lru_cache(maxsize=512)
def _pieces(code: str) -> tuple[_Piece, ...]:
    """Split the first section of a number format into its parts, leaving out colours, conditions and padding."""
    pieces = []
    for match in _FORMAT.finditer(code):
        kind = match.lastgroup
        if kind == "end":
            break
        if kind in ("quoted", "escaped", "symbol", "other"):
            pieces.append(_Piece(match[kind], "literal"))
        elif kind in _CODES:
            pieces.append(_Piece(match[kind], _CODES[kind]))
    return tuple(pieces)


class Nature(NamedTuple):
    """The properties of a number format that decide what a number in the cell means.

    ``date``: it shows a date or a time; ``percent``: it shows 100 times the number, with the sign; ``scaled``: it
    shows a smaller number than the cell holds (``0.00,``, or ``0!.0000`` with the point as a literal); ``text``: it
    adds text to the number (``0"人"``, ``¥0.00``); ``plain``: none of these.
    """

    plain: bool
    date: bool
    percent: bool
    scaled: bool
    text: bool


@lru_cache(maxsize=512)  # called for every number of every form, with a handful of formats
def nature(code: str) -> Nature:
    """Return the properties of a number format."""
    pieces = _pieces(code)
    runs = [piece.text for piece in pieces if piece.kind == "run"]
    literal = "".join(piece.text for piece in pieces if piece.kind == "literal").strip(" \u00a0\u3000()+-")
    date = any(piece.letter for piece in pieces)
    percent = any(piece.kind == "percent" for piece in pieces)
    scaled = any(re.search(r",(?:\.|$)", run) for run in runs) or (len(runs) > 1 and "." in literal)
    text = bool(literal) and literal != "/"  # # ?/?
    return Nature(not (date or percent or scaled or text), date, percent, scaled, text)


_EPOCH_1904 = date(1904, 1, 1)  # ECMA-376 part 1, 18.17.4.1: day 0 of the 1904 system
_LAST_SERIAL = 2_958_465  # 9999-12-31 in the 1900 system


def date_of(serial: float, epoch: int = 1900) -> date | None:
    """Return the date of a serial number in the system of ``epoch`` (1900 or 1904).

    None for a serial before the first day, for one beyond the year 9999, and for 60, which is 1900-02-29, a day that
    never was.
    """
    days = math.floor(serial)
    if epoch == 1904:
        return _EPOCH_1904 + timedelta(days) if 0 <= days <= _LAST_SERIAL - 1462 else None
    if 61 <= days <= _LAST_SERIAL:
        return date(1899, 12, 30) + timedelta(days)
    return date(1899, 12, 31) + timedelta(days) if 1 <= days < 60 else None


def serial_of(day: date) -> int | None:
    """Return the serial number of a date in the 1900 system; None before 1900-03-01, where programs differ."""
    days = (day - date(1899, 12, 30)).days
    return days if days >= 61 else None


_WEEKDAYS = "一二三四五六日"


def _shown_date(serial: float, pieces: tuple[_Piece, ...], epoch: int) -> str | None:
    """Return a date serial as its format shows it, a time by 24 hours; None where it is no date."""
    total = round(serial * 86400)  # to the second: 0.99999999 of a day is the next day's midnight
    letters = "".join(piece.letter for piece in pieces)
    day = _day_to_show(total, letters, epoch)
    if day is None:
        return None
    # English month names come from typing 2023-11 under an English default: nobody typed them.
    if any(piece.letter == "m" and len(piece.text) > 2 for piece in pieces):
        year = f"{day.year}年" if "y" in letters else ""
        return f"{year}{day.month}月" + (f"{day.day}日" if "d" in letters else "")
    shown = []
    before = ""
    for at, piece in enumerate(pieces):
        after = next((later.letter for later in pieces[at + 1 :] if later.letter), "")
        minutes = before in ("h", "s") or after == "s"
        shown.append(_shown_piece(piece, day, total, minutes))
        before = piece.letter or before
    return "".join(shown).strip()


def _day_to_show(total: int, letters: str, epoch: int) -> date | None:
    """Return the date of ``total`` seconds since the epoch; None outside the calendar of Excel.

    ``letters``: the letters of the format. A format that shows only a time of day needs no date, so that 1900-01-01
    stands in for a missing one.
    """
    day = date_of(total // 86400, epoch)
    if total >= 0 and not set(letters) & set("yda") and set(letters) & set("hs"):
        return day or date(1900, 1, 1)
    return day


def _shown_piece(piece: _Piece, day: date, total: int, minutes: bool) -> str:
    """Return what one part of a date format shows.

    ``total``: the seconds since the epoch; ``minutes``: whether the letter m stands for minutes here, not for a month.
    """
    letter, text = piece.letter, piece.text.partition(".")[0]
    if piece.kind == "literal":
        return piece.text
    if piece.kind == "elapsed":
        return str(total // {"h": 3600, "m": 60, "s": 1}[letter]).zfill(len(text))
    if letter == "a" or (letter == "d" and len(text) > 2):
        return {"aaa": "", "ddd": "周"}.get(text.lower(), "星期") + _WEEKDAYS[day.weekday()]
    if not letter:
        return ""
    seconds = total % 86400
    number = {
        "y": day.year if len(text) > 2 or text in "eE" else day.year % 100,
        "m": seconds // 60 % 60 if minutes else day.month,
        "d": day.day,
        "h": seconds // 3600,
        "s": seconds % 60,
    }[letter]
    return f"{number:02d}" if len(text) == 2 else str(number)


def _group_thousands(number: Decimal, digits: str) -> str:
    """Return a number with the thousands separators, leading zeros and decimals of a format.

    ``digits``: the run of digits in the format, such as ``#,##0.00``. More decimals than the format has are kept.
    """
    whole, _, fraction = plain(abs(number)).partition(".")
    before, _, after = digits.partition(".")
    whole = f"{int(whole):,}" if "," in before else whole.zfill(before.count("0"))
    fraction = fraction.ljust(after.count("0"), "0")
    return ("-" if number < 0 else "") + whole + (f".{fraction}" if fraction else "")


def shown_text(raw: Raw) -> str:
    """Return the text that a cell shows: dates, percentages and units as formatted, but no digit rounded away."""
    value = raw.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    if not is_number(value):  # not finite, or larger than any number of Excel
        return text_or_none(value) or ""
    pieces, format = _pieces(raw.format), nature(raw.format)
    if format.date and (as_date := date_shown(raw)) is not None:
        return as_date
    number = decimal(value) * 100 if format.percent else decimal(value)
    runs = [piece.text for piece in pieces if piece.kind == "run"]
    # A format that scales (0.00,, or 0!.0,) shows another number than the cell holds: take the number of the cell.
    if len(runs) != 1 or format.scaled or format.date or re.search("[eE][-+]", runs[0]):
        return plain(number) + ("%" if format.percent else "")
    return "".join(
        _group_thousands(number, piece.text) if piece.kind == "run" else piece.text
        for piece in pieces
        if piece.kind in ("literal", "percent", "run")
    ).strip()


def date_shown(raw: Raw) -> str | None:
    """Return the date of a cell under a date format as it is shown; None where it is no date, as 60 (1900-02-29)."""
    return _shown_date(float(raw.value), _pieces(raw.format), raw.epoch) if is_number(raw.value) else None

"""How people spell numbers, dates and texts in a cell, brought to one spelling; shared by all kinds.

Nothing here raises on what a person typed, and nothing changes a text silently: every step taken
is named by a word of ``base.HOW``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeGuard

from perfxl.form.fields.base import Raw, Understood

# Only the full-width forms of ASCII and the signs met beside them. Unicode's NFKC would also turn
# ① into 1 and ² into 2, and 5² into 52.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ", 0x00A0: " ", 0x2212: "-", 0xFE63: "-", 0xFE6A: "%",
}
# What Word and chat programs leave around a pasted number, and str.strip does not know.
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"

_HUGE = 10**100  # far beyond Excel's 15 digits, and well within a float: more is no number but a text

_LINE_END = re.compile(r"(?:_x000[dD]_|\r)+\n")
_NUMBER = re.compile(
    r"(?P<currency>人民币|RMB|[¥￥$])?\s*(?P<sign>[-+]?)\s*"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?(?P<fraction>\.[0-9]+)?"
    r"(?P<exponent>[eE][-+]?[0-9]{1,3}(?![0-9]))?\s*(?P<rest>.*)",
    re.DOTALL,
)


def half_width(text: str) -> str:
    """Full-width letters, digits, signs and the ideographic space as ASCII."""
    return text.translate(_HALF_WIDTH)


def trim(text: str) -> str:
    """Without the white space, visible or not, around the text."""
    return text.strip().strip(_INVISIBLE).strip()


def unify_line_ends(text: str) -> str:
    r"""``\r\n`` and its spelling in Excel's XML, ``_x000D_`` and a newline, as ``\n``."""
    return _LINE_END.sub("\n", text) if "\r" in text or "_x" in text else text


def is_blank(raw: Raw) -> bool:
    """Whether nothing stands in the cell: white space is nothing."""
    return raw.value is None or (isinstance(raw.value, str) and not unify_line_ends(raw.value).strip())


def is_number(value: Any) -> TypeGuard[int | float | Decimal]:
    """Whether a record's value is a number one can count with (a bool and NaN are not)."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return False
    return (isinstance(value, int) or math.isfinite(value)) and -_HUGE < value < _HUGE


def decimal(number: float | int | Decimal) -> Decimal:
    """The number; a float to the 15 digits that Excel shows: without the noise of binary fractions."""
    return Decimal(format(number, ".15g")) if isinstance(number, float) else Decimal(number)


def plain(number: Decimal) -> str:
    """A number as people write it: no exponent, no zeros at its end."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def whole_or_float(number: Decimal) -> int | float:
    """An int where nothing stands after the point: 25, not 25.0, in JSON."""
    return int(number) if number == number.to_integral_value() else float(number)


def text_or_none(value: Any) -> str | None:
    """How ``show`` writes what is no value of its kind: as its text; blank stays blank."""
    if value is None or value == "" or value == [] or value == ():
        return None
    if is_number(value):
        return plain(decimal(value))
    return value if isinstance(value, str) else str(value)


@dataclass(frozen=True)
class NumberText:
    """A number found in a text, and what stood after it.

    ``currency``: the sign or word before it; ``rest``: what followed, half-width, no white space.
    """

    number: Decimal
    rest: str
    currency: str
    how: tuple[str, ...]


def number_in(text: str) -> NumberText | None:
    """The number a text begins with; None where there is none or its thousands are odd (1,23)."""
    how = []
    trimmed = trim(text)
    if trimmed != text:
        how.append("trimmed")
    half = half_width(trimmed)
    # Chinese input methods type 。 where the point is meant: 538。69
    half = re.sub(r"(?<=[0-9])。(?=[0-9])", ".", half)
    if half != trimmed:
        how.append("full_width")
    half = half.strip()
    found = _NUMBER.fullmatch(half)
    if not found or not (found["whole"] or found["fraction"]):
        return None
    if re.match(r"[0-9.,]", found["rest"]):
        return None
    if found["whole"] and "," in found["whole"]:
        how.append("thousands")
    rest = "".join(found["rest"].split())
    if re.search(r"\s", half) and "trimmed" not in how:
        how.insert(0, "trimmed")
    digits = (found["whole"] or "0").replace(",", "") + (found["fraction"] or "") + (found["exponent"] or "")
    number = Decimal(found["sign"] + digits)
    return NumberText(number, rest, found["currency"] or "", tuple(how)) if abs(number) < _HUGE else None


# Number formats (ECMA-376 part 1, 18.8.31)


@dataclass(frozen=True)
class _Piece:
    """A part of a number format: ``literal`` text, or a ``code`` (digits, date letters, %)."""

    text: str
    literal: bool


_FORMAT = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<symbol>[^\]-]*)[^\]]*\]|\[(?P<elapsed>[hms]+)\]|\[[^\]]*\]'
    r"|(?P<general>General|G/通用格式)|(?P<sci>[0#?.,]*[eE][-+][0#?]+)|(?P<digits>[0#?][0#?.,]*)"
    r"|(?P<letters>AM/PM|上午/下午|[yY]+|[mM]+|[dD]+|[hH]+|[sS]+(?:\.0+)?)"
    r"|(?P<percent>%)|(?P<end>;)|(?P<at>@)|(?P<other>.)",
    re.DOTALL,
)


def _pieces(code: str) -> tuple[_Piece, ...]:
    """The first section of a number format, in pieces; colours, conditions and padding left out."""
    pieces = []
    for found in _FORMAT.finditer(code):
        kind = found.lastgroup
        if kind == "end":
            break
        if kind in ("quoted", "escaped", "symbol", "other"):
            pieces.append(_Piece(found[kind], True))
        elif kind is not None:
            pieces.append(_Piece(found[kind], False))
    return tuple(pieces)


def _letters(pieces: tuple[_Piece, ...]) -> str:
    return "".join(piece.text[0].lower() for piece in pieces if not piece.literal and piece.text[0] in "yYmMdDhHsS")


@lru_cache(maxsize=512)  # asked for every number of every form, in a handful of formats
def is_percent(code: str) -> bool:
    """Whether the number format multiplies by 100 and shows a percent sign."""
    return any(piece.text == "%" and not piece.literal for piece in _pieces(code))


@lru_cache(maxsize=512)
def is_date(code: str) -> bool:
    """Whether the number format shows a date or a time."""
    return bool(_letters(_pieces(code)))


def date_of(serial: float) -> date | None:
    """The day of a serial number of the 1900 system; None for 1900-02-29, which never was, and beyond 9999."""
    days = int(serial)
    if 61 <= days <= 2_958_465:
        return date(1899, 12, 30) + timedelta(days)
    return date(1899, 12, 31) + timedelta(days) if 1 <= days < 60 else None


def serial_of(day: date) -> int | None:
    """The serial number of a day, 1900 system; None before 1900-03-01, where programs differ."""
    days = (day - date(1899, 12, 30)).days
    return days if days >= 61 else None


def _shown_date(serial: float, pieces: tuple[_Piece, ...]) -> str | None:
    """A date serial as its format shows it; None where it is no date."""
    day = date_of(serial)
    letters = _letters(pieces)
    if "y" not in letters and "d" not in letters and not ("m" in letters and "h" not in letters and "s" not in letters):
        day = day or date(1900, 1, 1)  # a time of day
    if day is None:
        return None
    # English month names come from typing 2023-11 under an English default: nobody typed them.
    if any(piece.text.lower().startswith("mmm") for piece in pieces if not piece.literal):
        return f"{day.year}年{day.month}月" + (f"{day.day}日" if "d" in letters else "")
    seconds = round((serial - int(serial)) * 86400)
    shown = []
    clock = False  # a letter m after an hour means minutes
    for piece in pieces:
        if piece.literal or piece.text[0] not in "yYmMdDhHsS":
            shown.append(piece.text if piece.literal else "")
            continue
        letter, width = piece.text[0].lower(), len(piece.text.partition(".")[0])
        number = {
            "y": day.year if width > 2 else day.year % 100,
            "m": seconds // 60 % 60 if clock else day.month,
            "d": day.day,
            "h": seconds // 3600,
            "s": seconds % 60,
        }[letter]
        shown.append(f"{number:02d}" if width == 2 else str(number))
        clock = letter in "hs"
    return "".join(shown).strip()


def _grouped(number: Decimal, digits: str) -> str:
    """A number with the thousands and the least decimals of a format; never fewer digits than it has."""
    whole, _, fraction = plain(abs(number)).partition(".")
    whole = f"{int(whole):,}" if "," in digits else whole
    fraction = fraction.ljust(digits.partition(".")[2].count("0"), "0")
    return ("-" if number < 0 else "") + whole + (f".{fraction}" if fraction else "")


def shown(raw: Raw) -> str:
    """The text a cell shows, save that no digit of a number is rounded away; dates, percents, units as formatted."""
    value = raw.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        return str(value)
    pieces = _pieces(raw.format)
    if _letters(pieces):
        as_date = _shown_date(value, pieces)
        if as_date is not None:
            return as_date
    number = decimal(value)
    percent = is_percent(raw.format)
    runs = [piece.text for piece in pieces if not piece.literal and piece.text[0] in "0#?"]
    # A format that scales (0.00,, or 0!.0,) shows another number than the cell holds: the number counts.
    if len(runs) != 1 or runs[0].endswith(",") or re.search("[eE]", runs[0]) or _letters(pieces):
        return plain(number * 100) + "%" if percent else plain(number)
    number = number * 100 if percent else number
    return "".join(
        piece.text if piece.literal or piece.text == "%" else _grouped(number, piece.text) for piece in pieces
    ).strip()


# What all kinds do first


def unreadable(raw: Raw, problem: str) -> Understood:
    """An answer that cannot be understood: its text as it came, and why."""
    return Understood(shown(raw), problem=problem)


def verbatim(raw: Raw) -> Understood:
    r"""A text kept for ever as typed; only ``\r\n`` is ``\n``. Not trimmed: a rule must find the white space."""
    if raw.error:
        return unreadable(raw, "error_value")
    if raw.value is None:
        return Understood(None)
    if isinstance(raw.value, str):
        text = unify_line_ends(raw.value)
        return Understood(text if text.strip() else None)
    if isinstance(raw.value, bool):
        return Understood(shown(raw))
    how = "date" if is_date(raw.format) else "number_as_text"
    return Understood(shown(raw), (how,))


def number_of(
    raw: Raw, units: Mapping[str, Decimal], currency: Decimal | None
) -> tuple[Decimal, tuple[str, ...]] | str:
    """The number a cell holds and how it was found; or, as a word, why it holds none.

    ``units``: what each unit that may follow multiplies by; ``currency``: the same for ¥ before
    it, None where that would be a guess. For cells that are neither blank nor percent.
    """
    if raw.error:
        return "error_value"
    if isinstance(raw.value, bool):
        return "not_a_number"
    if isinstance(raw.value, (int, float)):
        if not is_number(raw.value):
            return "not_a_number"
        if is_date(raw.format):
            return "looks_like_date"
        # 5.82 typed under a percent format is stored as 0.0582: which was meant is not in the file.
        return "percent_format" if is_percent(raw.format) else (decimal(raw.value), ())
    found = number_in(raw.value or "")
    if found is None:
        return "not_a_number"
    rest = found.rest
    if len(rest) > 2 and rest[0] == "(" and rest[-1] == ")":
        rest = rest[1:-1]
    if not rest and not found.currency:
        return found.number, (*found.how, "number_as_text")
    if rest and rest not in units:
        return "not_a_number"
    if not rest and currency is None:
        return "ambiguous_unit"
    factor = units[rest] if rest else currency
    assert factor is not None  # the line before the last has seen to it
    return found.number * factor, (*found.how, "unit")

"""Interpretation of the many spellings of numbers, dates and texts in cells; shared by all kinds.

No function here raises on what a person typed, and none changes a text silently: every step taken
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
from typing import Any, NamedTuple, TypeGuard

from perfxl.form.fields.base import Raw, Understood

# Only the full-width forms of ASCII and a few similar signs that were met in cells. Unicode's NFKC would also turn
# ① into 1 and ² into 2, and so 5² into 52.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x00A0: " ",
    0x2212: "-",
    0xFE63: "-",
    0xFE64: "<",
    0xFE65: ">",
    0xFE66: "=",
    0xFE6A: "%",
}
# Characters without width that Word, chat programs and Windows dialogs leave around pasted text; str.strip keeps them.
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SPACES = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
_DELETE_INVISIBLE = dict.fromkeys(map(ord, _INVISIBLE))
_AROUND = _SPACES + _INVISIBLE
_APOSTROPHES = "'’‘＇`"
_ENDINGS = "。．.；;，,、"
"""Punctuation that may end a sentence but belongs to no number, date or entry."""

_HUGE = 10**100  # far beyond Excel's 15 digits and well within a float; from here on a number is taken for a text
_DIGITS_KEPT = 10**15  # Excel keeps 15 digits of a number
_SCIENTIFIC = re.compile(r"[-+]?[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}")

_RETURN = re.compile(r"_x000[dD]_")
_LINE_END = re.compile(r"((?:_x000[dD]_|\r)++)(\n?)")
_NUMBER = re.compile(
    r"(?P<currency>人民币|RMB|CNY|[¥￥])?\s*(?P<sign>[-+]?)\s*"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?(?P<fraction>\.[0-9]+)?"
    r"(?P<exponent>[eE][-+]?[0-9]{1,3}(?![0-9]))?\s*(?P<rest>.*)",
    re.DOTALL,
)

# Error values (ECMA-376 part 1, 18.17.2.7, and later ones of Excel) and the words of Chinese programs for them.
_ERRORS = frozenset((
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!",
    "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!", "#EXTERNAL!",
    "#名称?", "#值!", "#数值!", "#数字!", "#引用!", "#空!", "#空值!", "#除以0!", "#无效!",
))  # fmt: skip
_OFFICE_ERROR = re.compile(r"(?:ERR|错误):5[0-9]{2}")  # of LibreOffice: Err:502


def half_width(text: str) -> str:
    """Return the text with full-width letters, digits, signs and the ideographic space as ASCII."""
    return text.translate(_HALF_WIDTH)


def trim_text(text: str) -> str:
    """Return the text without white space and characters without width at its ends."""
    return text.strip(_AROUND)


def unify_line_ends(text: str) -> str:
    r"""Return the text with ``\r\n``, ``\r`` and ``_x000D_`` (a ``\r`` in Excel's XML) as ``\n``."""
    if "\r" not in text and "_x" not in text:
        return text
    return _LINE_END.sub(lambda end: end[2] or "\n" * len(_RETURN.sub("\r", end[1])), text)


def clean_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text that is no prose in plain characters, and the words of ``HOW`` for the steps taken.

    Full-width characters become half-width; characters without width, white space at the ends and an apostrophe before
    the text are removed.
    """
    how = []
    trimmed = trim_text(unify_line_ends(text))
    bare = (trimmed.lstrip(_APOSTROPHES + _AROUND) or trimmed) if trimmed[:1] in _APOSTROPHES else trimmed
    visible = bare.translate(_DELETE_INVISIBLE)
    if trimmed != text or visible != bare:
        how.append("trimmed")
    if bare != trimmed:
        how.append("apostrophe")
    half = half_width(visible)
    if half != visible:
        how.append("full_width")
    return half.strip(), tuple(how)


def without_ending(text: str) -> str:
    """Return the text without the punctuation at its end; a text of nothing but punctuation is returned unchanged."""
    return text.rstrip(_ENDINGS) or text


def is_error_text(text: str) -> bool:
    """Return whether a text is an error value of a formula that was pasted as a text: #REF!, #名称?, Err:502."""
    bare = half_width(trim_text(text)).upper()
    return bare in _ERRORS or bool(_OFFICE_ERROR.fullmatch(bare))


def is_blank(raw: Raw) -> bool:
    """Return whether a cell is blank, which it also is with white space or characters without width alone."""
    return raw.value is None or (isinstance(raw.value, str) and not trim_text(unify_line_ends(raw.value)))


def is_number(value: Any) -> TypeGuard[int | float | Decimal]:
    """Return whether a record's value is a number to calculate with; a bool, NaN and numbers from 10^100 on are not."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return False
    return (isinstance(value, int) or math.isfinite(value)) and -_HUGE < value < _HUGE


def decimal(number: float | int | Decimal) -> Decimal:
    """Return a number as a Decimal; a float is rounded to the 15 digits that Excel shows, against binary noise."""
    return Decimal(format(number, ".15g")) if isinstance(number, float) else Decimal(number)


def plain(number: Decimal) -> str:
    """Return a number as people write it: without an exponent and without trailing zeros after the point."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def whole_or_float(number: Decimal) -> int | float:
    """Return a whole number as an int, any other as a float, so that JSON has 25 and not 25.0."""
    return int(number) if number == number.to_integral_value() else float(number)


def text_or_none(value: Any) -> str | None:
    """Return the text of a value that is not of its kind's type, as ``show`` writes it; None for a blank one."""
    if value is None or value == "" or value == [] or value == ():
        return None
    if is_number(value):
        return plain(decimal(value))
    if isinstance(value, str):
        return value
    # str() refuses a whole number of more than 4,300 digits
    return f"{Decimal(value):.14E}" if isinstance(value, int) and not -_HUGE < value < _HUGE else str(value)


@dataclass(frozen=True)
class NumberText:
    """A number at the beginning of a text, and the text around it.

    ``currency``: the sign or word before the number; ``rest``: the text after it, half-width and without white space;
    ``how``: the tolerances that were needed; ``scientific``: spelled 1.30E+19, so that digits may be lost.
    """

    number: Decimal
    rest: str
    currency: str
    how: tuple[str, ...]
    scientific: bool = False


def number_in(text: str) -> NumberText | None:
    """Return the number at the beginning of a text; None where there is none or its thousands are malformed (1,23)."""
    half, cleaned = clean_text(text)
    how = list(cleaned)
    # Chinese input methods type 。 where a decimal point is meant: 538。69
    pointed = re.sub(r"(?<=[0-9])。(?=[0-9])", ".", half)
    if pointed != half and "full_width" not in how:
        how.append("full_width")
    bare = without_ending(pointed)
    match = _NUMBER.fullmatch(bare)
    if not match or not (match["whole"] or match["fraction"]):
        return None
    if re.match(r"[0-9.,]", match["rest"]):
        return None
    if match["whole"] and "," in match["whole"]:
        how.append("thousands")
    if bare != pointed:
        how.append("punctuation")
    rest = "".join(match["rest"].split())
    if re.search(r"\s", bare) and "trimmed" not in how:
        how.insert(0, "trimmed")
    digits = (match["whole"] or "0").replace(",", "") + (match["fraction"] or "") + (match["exponent"] or "")
    number = Decimal(match["sign"] + digits)
    if abs(number) >= _HUGE:
        return None
    return NumberText(number, rest, match["currency"] or "", tuple(how), bool(match["exponent"]))


# Chinese numerals


_DIGITS = {**{sign: n for n, sign in enumerate("〇一二三四五六七八九")}, "零": 0, "○": 0, "两": 2}
_NUMERAL = re.compile(
    r"(?:(?P<hundreds>[一二两三四五六七八九]?)(?P<hundred>百))?零?(?:(?P<tens>[一二三四五六七八九]?)(?P<ten>十))?"
    r"(?P<ones>[〇零○一二三四五六七八九])?(?:点(?P<fraction>[〇零○一二三四五六七八九]+))?"
)
CHINESE_DIGITS = "〇零○一二三四五六七八九十"
"""The characters of Chinese numerals below a hundred."""


def numeral(text: str) -> Decimal | None:
    """Return the value of a Chinese numeral below a thousand; None where the text is no such numeral.

    十一 is 11, 二十五 is 25, 一百 is 100, 九十九点五 is 99.5.
    """
    match = _NUMERAL.fullmatch(text)
    if not match or not (match["hundred"] or match["ten"] or match["ones"]):
        return None
    whole = sum(
        factor * (_DIGITS[match[digit]] if match[digit] else 1)
        for digit, unit, factor in (("hundreds", "hundred", 100), ("tens", "ten", 10))
        if match[unit]
    ) + _DIGITS.get(match["ones"] or "", 0)
    fraction = "".join(str(_DIGITS[digit]) for digit in match["fraction"] or "")
    return Decimal(f"{whole}.{fraction}" if fraction else whole)


def arabic_share(text: str) -> str:
    """Return the text with percentages in Chinese numerals in Arabic digits: 百分之九十五 as 百分之95."""
    if "百分之" not in text:
        return text

    def with_digits(match: re.Match[str]) -> str:
        number = numeral(match[1])
        return match[0] if number is None else f"百分之{number}"

    return re.sub(rf"百分之([{CHINESE_DIGITS}百两点]+)", with_digits, text)


# Number formats (ECMA-376 part 1, 18.8.31)


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
    literal = "".join(piece.text for piece in pieces if piece.kind == "literal").strip(_AROUND + "()+-")
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
    if format.date and (as_date := _date_shown(raw)) is not None:
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


# First steps of all kinds


def unreadable(raw: Raw, problem: str) -> Understood:
    """Return an answer that cannot be understood: the text of the cell as it is shown, with the problem."""
    return Understood(shown_text(raw), problem=problem)


def verbatim(raw: Raw) -> Understood:
    r"""Return the text of a cell as it was typed, except that line ends become ``\n``.

    It is not trimmed, since a rule reports white space at the ends. Numbers and bools become texts. Not understood are
    error values, numbers that lost digits and numbers under a format that scales.
    """
    value = raw.value
    if raw.error:
        return unreadable(raw, "error_value")
    if value is None:
        return Understood(None)
    if isinstance(value, str):
        text = unify_line_ends(value)
        if not text.strip(_AROUND):
            return Understood(None)
        if "#" in text or "E+" in text or "＃" in text or ":5" in text:
            if is_error_text(text):
                return unreadable(raw, "error_value")
            if _SCIENTIFIC.fullmatch(trim_text(text)):
                return unreadable(raw, "digits_lost")
        return Understood(text) if text is value else Understood(text, ("trimmed",) if _has_visible_mark(value) else ())
    if isinstance(value, bool):
        return Understood(shown_text(raw), ("logical",))
    if abs(value) >= _DIGITS_KEPT:
        return unreadable(raw, "digits_lost")
    format = nature(raw.format)
    if format.scaled:
        return unreadable(raw, "scaled_format")
    return Understood(shown_text(raw), ("date" if format.date and _date_shown(raw) is not None else "number_as_text",))


def _date_shown(raw: Raw) -> str | None:
    """Return the date of a cell under a date format as it is shown; None where it is no date, as 60 (1900-02-29)."""
    return _shown_date(float(raw.value), _pieces(raw.format), raw.epoch) if is_number(raw.value) else None


def _has_visible_mark(text: str) -> bool:
    """Return whether a ``_x000D_`` stands for a line end of its own, so that a program left it visible in the text."""
    return any(not match[2] and "_" in match[1] for match in _LINE_END.finditer(text))


def number_of(
    raw: Raw, units: Mapping[str, Decimal], currency: Decimal | None
) -> tuple[Decimal, tuple[str, ...]] | str:
    """Return the number that a cell holds with the tolerances that were needed, or the problem if it holds none.

    ``units``: the factor of each unit that may follow the number; ``currency``: the factor of a ¥ before it, None where
    that would be a guess. For cells that are neither blank nor percent.
    """
    if raw.error:
        return "error_value"
    if isinstance(raw.value, bool):
        return "not_a_number"
    if raw.value is None or isinstance(raw.value, str):
        return _number_of_text(raw.value or "", units, currency)
    if not is_number(raw.value):
        return "not_a_number"
    format = nature(raw.format)
    if format.plain:
        return decimal(raw.value), ()
    if format.date:
        return "looks_like_date"
    # 5.82 typed under a percent format is stored as 0.0582: the file does not tell which of them was meant.
    if format.percent:
        return "percent_format"
    # 5386900 that the sheet shows as 538.69: the file does not tell either.
    return "scaled_format" if format.scaled else _number_of_text(shown_text(raw), units, currency)


def _number_of_text(
    text: str, units: Mapping[str, Decimal], currency: Decimal | None
) -> tuple[Decimal, tuple[str, ...]] | str:
    """Return the number of a text with the tolerances that were needed, or the problem; see ``number_of``."""
    parsed = number_in(text)
    if parsed is None:
        return "error_value" if is_error_text(text) else "not_a_number"
    if parsed.scientific:
        return "digits_lost"
    rest = parsed.rest
    if len(rest) > 2 and rest[0] == "(" and rest[-1] == ")":
        rest = rest[1:-1]
    if not rest and not parsed.currency:
        return parsed.number, (*parsed.how, "number_as_text")
    if rest and rest not in units:
        return "not_a_number"
    if not rest and currency is None:
        return "ambiguous_unit"
    factor = units[rest] if rest else currency
    assert factor is not None  # a currency without a factor was refused above
    return parsed.number * factor, (*parsed.how, "unit")

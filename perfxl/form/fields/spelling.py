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
from typing import Any, NamedTuple, TypeGuard

from perfxl.form.fields.base import Raw, Understood

# Only the full-width forms of ASCII and the signs met beside them. Unicode's NFKC would also turn
# ① into 1 and ² into 2, and 5² into 52.
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
# What Word, chat programs and the Windows dialogs leave around what is pasted, and str.strip does not know.
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SPACES = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
_GONE = dict.fromkeys(map(ord, _INVISIBLE))
_AROUND = _SPACES + _INVISIBLE
_APOSTROPHES = "'’‘＇`"
_ENDINGS = "。．.；;，,、"
"""What ends a sentence, and no number, date or entry."""

_HUGE = 10**100  # far beyond Excel's 15 digits, and well within a float: more is no number but a text
_DIGITS_KEPT = 10**15  # Excel keeps 15 digits of a number
_SCIENTIFIC = re.compile(r"[-+]?[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}")

_LINE_END = re.compile(r"(?:_x000[dD]_|\r)+\n|\r|_x000[dD]_")
_NUMBER = re.compile(
    r"(?P<currency>人民币|RMB|CNY|[¥￥])?\s*(?P<sign>[-+]?)\s*"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?(?P<fraction>\.[0-9]+)?"
    r"(?P<exponent>[eE][-+]?[0-9]{1,3}(?![0-9]))?\s*(?P<rest>.*)",
    re.DOTALL,
)

# Error values (ECMA-376 part 1, 18.17.2.7 and later ones of Excel) and what Chinese programs show instead.
_ERRORS = frozenset((
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!",
    "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!", "#EXTERNAL!",
    "#名称?", "#值!", "#数值!", "#数字!", "#引用!", "#空!", "#空值!", "#除以0!", "#无效!",
))  # fmt: skip
_OFFICE_ERROR = re.compile(r"(?:ERR|错误):5[0-9]{2}")


def half_width(text: str) -> str:
    """Full-width letters, digits, signs and the ideographic space as ASCII."""
    return text.translate(_HALF_WIDTH)


def trim_text(text: str) -> str:
    """Without the white space, visible or not, around the text."""
    return text.strip(_AROUND)


def unify_line_ends(text: str) -> str:
    r"""``\r\n``, ``\r`` and its spelling in Excel's XML, ``_x000D_``, as ``\n``."""
    return _LINE_END.sub("\n", text) if "\r" in text or "_x" in text else text


def clean_text(text: str) -> tuple[str, tuple[str, ...]]:
    """A text that is no prose: half-width, nothing invisible, no white space or apostrophe before it; and how."""
    how = []
    trimmed = trim_text(unify_line_ends(text))
    bare = (trimmed.lstrip(_APOSTROPHES + _AROUND) or trimmed) if trimmed[:1] in _APOSTROPHES else trimmed
    visible = bare.translate(_GONE)
    if trimmed != text or visible != bare:
        how.append("trimmed")
    if bare != trimmed:
        how.append("apostrophe")
    half = half_width(visible)
    if half != visible:
        how.append("full_width")
    return half.strip(), tuple(how)


def without_ending(text: str) -> str:
    """Without the punctuation that ends a sentence; of nothing else the text as it is."""
    return text.rstrip(_ENDINGS) or text


def is_error_text(text: str) -> bool:
    """Whether a text is an error value that was pasted as a value: #REF!, #名称?, Err:502."""
    bare = half_width(trim_text(text)).upper()
    return bare in _ERRORS or bool(_OFFICE_ERROR.fullmatch(bare))


def is_blank(raw: Raw) -> bool:
    """Whether nothing stands in the cell: white space is nothing, and so are characters without width."""
    return raw.value is None or (isinstance(raw.value, str) and not trim_text(unify_line_ends(raw.value)))


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
    if isinstance(value, str):
        return value
    # str() refuses a whole number of more than 4,300 digits
    return f"{Decimal(value):.14E}" if isinstance(value, int) and not -_HUGE < value < _HUGE else str(value)


@dataclass(frozen=True)
class NumberText:
    """A number found in a text, and what stood after it.

    ``currency``: the sign or word before it; ``rest``: what followed, half-width, no white space;
    ``scientific``: spelled 1.30E+19, so that digits may be lost.
    """

    number: Decimal
    rest: str
    currency: str
    how: tuple[str, ...]
    scientific: bool = False


def number_in(text: str) -> NumberText | None:
    """The number a text begins with; None where there is none or its thousands are odd (1,23)."""
    half, cleaned = clean_text(text)
    how = list(cleaned)
    # Chinese input methods type 。 where the point is meant: 538。69
    pointed = re.sub(r"(?<=[0-9])。(?=[0-9])", ".", half)
    if pointed != half and "full_width" not in how:
        how.append("full_width")
    bare = without_ending(pointed)
    found = _NUMBER.fullmatch(bare)
    if not found or not (found["whole"] or found["fraction"]):
        return None
    if re.match(r"[0-9.,]", found["rest"]):
        return None
    if found["whole"] and "," in found["whole"]:
        how.append("thousands")
    if bare != pointed:
        how.append("punctuation")
    rest = "".join(found["rest"].split())
    if re.search(r"\s", bare) and "trimmed" not in how:
        how.insert(0, "trimmed")
    digits = (found["whole"] or "0").replace(",", "") + (found["fraction"] or "") + (found["exponent"] or "")
    number = Decimal(found["sign"] + digits)
    if abs(number) >= _HUGE:
        return None
    return NumberText(number, rest, found["currency"] or "", tuple(how), bool(found["exponent"]))


# Chinese numerals


_DIGITS = {**{sign: n for n, sign in enumerate("〇一二三四五六七八九")}, "零": 0, "○": 0, "两": 2}
_NUMERAL = re.compile(
    r"(?:(?P<hundreds>[一二两三四五六七八九]?)(?P<hundred>百))?零?(?:(?P<tens>[一二三四五六七八九]?)(?P<ten>十))?"
    r"(?P<ones>[〇零○一二三四五六七八九])?(?:点(?P<fraction>[〇零○一二三四五六七八九]+))?"
)
CHINESE_DIGITS = "〇零○一二三四五六七八九十"
"""The signs of a small Chinese numeral."""


def numeral(text: str) -> Decimal | None:
    """A Chinese numeral below a thousand: 十一, 二十五, 一百, 九十九点五; None where the text is none."""
    found = _NUMERAL.fullmatch(text)
    if not found or not (found["hundred"] or found["ten"] or found["ones"]):
        return None
    whole = sum(
        factor * (_DIGITS[found[digit]] if found[digit] else 1)
        for digit, unit, factor in (("hundreds", "hundred", 100), ("tens", "ten", 10))
        if found[unit]
    ) + _DIGITS.get(found["ones"] or "", 0)
    fraction = "".join(str(_DIGITS[digit]) for digit in found["fraction"] or "")
    return Decimal(f"{whole}.{fraction}" if fraction else whole)


def arabic_share(text: str) -> str:
    """百分之九十五 as 百分之95."""
    if "百分之" not in text:
        return text

    def digits(found: re.Match[str]) -> str:
        number = numeral(found[1])
        return found[0] if number is None else f"百分之{number}"

    return re.sub(rf"百分之([{CHINESE_DIGITS}百两点]+)", digits, text)


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
    """A part of a number format: ``text`` as it stands; ``kind``: literal, run (digits), percent, date, elapsed."""

    text: str
    kind: str

    @property
    def letter(self) -> str:
        """Of a date y, m, d, a (weekday), h or s; the e of Chinese formats is a year. Else empty."""
        first = self.text[0].lower() if self.kind in ("date", "elapsed") else ""
        return "y" if first == "e" else first


@lru_cache(maxsize=512)
def _pieces(code: str) -> tuple[_Piece, ...]:
    """The first section of a number format, in pieces; colours, conditions and padding left out."""
    pieces = []
    for found in _FORMAT.finditer(code):
        kind = found.lastgroup
        if kind == "end":
            break
        if kind in ("quoted", "escaped", "symbol", "other"):
            pieces.append(_Piece(found[kind], "literal"))
        elif kind in _CODES:
            pieces.append(_Piece(found[kind], _CODES[kind]))
    return tuple(pieces)


class Nature(NamedTuple):
    """What a number format makes of a number.

    ``date``: a date or a time; ``percent``: 100 times as much, with the sign; ``scaled``: a smaller number
    than the cell holds (0.00, or 0!.0000, in which a point stands as a text); ``text``: signs of its own beside
    the number (0"人", ¥0.00). ``plain``: none of them.
    """

    plain: bool
    date: bool
    percent: bool
    scaled: bool
    text: bool


@lru_cache(maxsize=512)  # asked for every number of every form, in a handful of formats
def nature(code: str) -> Nature:
    """What the number format makes of a number."""
    pieces = _pieces(code)
    runs = [piece.text for piece in pieces if piece.kind == "run"]
    literal = "".join(piece.text for piece in pieces if piece.kind == "literal").strip(_AROUND + "()+-")
    date = any(piece.letter for piece in pieces)
    percent = any(piece.kind == "percent" for piece in pieces)
    scaled = any(re.search(r",(?:\.|$)", run) for run in runs) or (len(runs) > 1 and "." in literal)
    text = bool(literal) and literal != "/"  # # ?/?
    return Nature(not (date or percent or scaled or text), date, percent, scaled, text)


_EPOCH_1904 = date(1904, 1, 1)  # ECMA-376 part 1, 18.17.4.1: day 0 of the 1904 system
_LAST = 2_958_465  # 9999-12-31 in the 1900 system


def date_of(serial: float, epoch: int = 1900) -> date | None:
    """The day of a serial number; None for 1900-02-29, which never was, before the first day and beyond 9999."""
    days = math.floor(serial)
    if epoch == 1904:
        return _EPOCH_1904 + timedelta(days) if 0 <= days <= _LAST - 1462 else None
    if 61 <= days <= _LAST:
        return date(1899, 12, 30) + timedelta(days)
    return date(1899, 12, 31) + timedelta(days) if 1 <= days < 60 else None


def serial_of(day: date) -> int | None:
    """The serial number of a day, 1900 system; None before 1900-03-01, where programs differ."""
    days = (day - date(1899, 12, 30)).days
    return days if days >= 61 else None


_WEEKDAYS = "一二三四五六日"


def _shown_date(serial: float, pieces: tuple[_Piece, ...], epoch: int) -> str | None:
    """A date serial as its format shows it, a time by 24 hours; None where it is no date."""
    total = round(serial * 86400)  # to the second: 0.99999999 of a day is the next day's midnight
    days, seconds = divmod(total, 86400)
    letters = "".join(piece.letter for piece in pieces)
    day = date_of(days, epoch)
    if total >= 0 and not set(letters) & set("yda") and set(letters) & set("hs"):
        day = day or date(1900, 1, 1)  # a time of day
    if day is None:
        return None
    # English month names come from typing 2023-11 under an English default: nobody typed them.
    if any(piece.letter == "m" and len(piece.text) > 2 for piece in pieces):
        year = f"{day.year}年" if "y" in letters else ""
        return f"{year}{day.month}月" + (f"{day.day}日" if "d" in letters else "")
    shown = []
    before = ""
    for at, piece in enumerate(pieces):
        letter, text = piece.letter, piece.text.partition(".")[0]
        after = next((each.letter for each in pieces[at + 1 :] if each.letter), "")
        if piece.kind == "literal":
            shown.append(piece.text)
        elif piece.kind == "elapsed":
            shown.append(str(total // {"h": 3600, "m": 60, "s": 1}[letter]).zfill(len(text)))
        elif letter == "a" or (letter == "d" and len(text) > 2):
            name = _WEEKDAYS[day.weekday()]
            shown.append({"aaa": "", "ddd": "周"}.get(text.lower(), "星期") + name)
        elif letter:
            number = {
                "y": day.year if len(text) > 2 or text in "eE" else day.year % 100,
                "m": seconds // 60 % 60 if before in ("h", "s") or after == "s" else day.month,
                "d": day.day,
                "h": seconds // 3600,
                "s": seconds % 60,
            }[letter]
            shown.append(f"{number:02d}" if len(text) == 2 else str(number))
        before = letter or before
    return "".join(shown).strip()


def _group_thousands(number: Decimal, digits: str) -> str:
    """A number with the thousands, the zeros before it and the least decimals of a format; never fewer digits."""
    whole, _, fraction = plain(abs(number)).partition(".")
    before, _, after = digits.partition(".")
    whole = f"{int(whole):,}" if "," in before else whole.zfill(before.count("0"))
    fraction = fraction.ljust(after.count("0"), "0")
    return ("-" if number < 0 else "") + whole + (f".{fraction}" if fraction else "")


def shown_text(raw: Raw) -> str:
    """The text a cell shows, save that no digit of a number is rounded away; dates, percents, units as formatted."""
    value = raw.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    if not is_number(value):  # no number of Excel's: not finite, or out of all measure
        return text_or_none(value) or ""
    pieces, format = _pieces(raw.format), nature(raw.format)
    if format.date and (as_date := _date_shown(raw)) is not None:
        return as_date
    number = decimal(value) * 100 if format.percent else decimal(value)
    runs = [piece.text for piece in pieces if piece.kind == "run"]
    # A format that scales (0.00,, or 0!.0,) shows another number than the cell holds: the number counts.
    if len(runs) != 1 or format.scaled or format.date or re.search("[eE][-+]", runs[0]):
        return plain(number) + ("%" if format.percent else "")
    return "".join(
        _group_thousands(number, piece.text) if piece.kind == "run" else piece.text
        for piece in pieces
        if piece.kind in ("literal", "percent", "run")
    ).strip()


# What all kinds do first


def unreadable(raw: Raw, problem: str) -> Understood:
    """An answer that cannot be understood: its text as it came, and why."""
    return Understood(shown_text(raw), problem=problem)


def verbatim(raw: Raw) -> Understood:
    r"""A text kept for ever as typed; only line ends are ``\n``. Not trimmed: a rule must find the white space."""
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
        return Understood(text) if text is value else Understood(text, ("trimmed",) if _strip_mark(value) else ())
    if isinstance(value, bool):
        return Understood(shown_text(raw), ("logical",))
    if abs(value) >= _DIGITS_KEPT:
        return unreadable(raw, "digits_lost")
    format = nature(raw.format)
    if format.scaled:
        return unreadable(raw, "scaled_format")
    return Understood(shown_text(raw), ("date" if format.date and _date_shown(raw) is not None else "number_as_text",))


def _date_shown(raw: Raw) -> str | None:
    """A number under a date format as it shows it; None where it is no date, as 60, 1900-02-29, is none."""
    return _shown_date(float(raw.value), _pieces(raw.format), raw.epoch) if is_number(raw.value) else None


def _strip_mark(text: str) -> bool:
    """Whether a ``_x000D_`` that a program left in the text for people to see stands for a line end by itself."""
    return any(found[0].endswith("_") for found in _LINE_END.finditer(text))


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
    if raw.value is None or isinstance(raw.value, str):
        return _number_of_text(raw.value or "", units, currency)
    if not is_number(raw.value):
        return "not_a_number"
    format = nature(raw.format)
    if format.plain:
        return decimal(raw.value), ()
    if format.date:
        return "looks_like_date"
    # 5.82 typed under a percent format is stored as 0.0582: which was meant is not in the file.
    if format.percent:
        return "percent_format"
    # 5386900 that the sheet shows as 538.69: nor is it here.
    return "scaled_format" if format.scaled else _number_of_text(shown_text(raw), units, currency)


def _number_of_text(
    text: str, units: Mapping[str, Decimal], currency: Decimal | None
) -> tuple[Decimal, tuple[str, ...]] | str:
    found = number_in(text)
    if found is None:
        return "error_value" if is_error_text(text) else "not_a_number"
    if found.scientific:
        return "digits_lost"
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

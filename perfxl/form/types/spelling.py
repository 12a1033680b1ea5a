"""Interpretation of the many spellings of numbers, dates and texts in cells; shared by all kinds.

No function here raises on what a person typed, and none changes a text silently: every step taken
is named by a word of ``base.HOW``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from perfxl.form.characters import fold, is_blank_text, trim_text, visible_text, without_invisible
from perfxl.form.languages import POINT, NumberSigns
from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import Raw, Understood
from perfxl.form.types.number import HUGE, decimal, is_number
from perfxl.form.types.number_format import date_shown, nature, shown_text

_APOSTROPHES = "'’‘＇`"
_ENDINGS = "。．.；;，,、"
"""Punctuation that may end a sentence but belongs to no number, date or entry."""

_DIGITS_KEPT = 10**15  # Excel keeps 15 digits of a number
_SCIENTIFIC = late_pattern(r"[-+]?[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}")

_RETURN = late_pattern(r"_x000[dD]_")
_LINE_END = late_pattern(r"((?:_x000[dD]_|\r)++)(\n?)")
_NUMBER = late_pattern(
    r"(?P<minus>-\s*(?=人民币|RMB|CNY|[¥￥]))?(?P<currency>人民币|RMB|CNY|[¥￥])?\s*(?P<sign>[-+]?)\s*"
    r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?(?P<fraction>\.[0-9]+)?"
    r"(?P<exponent>[eE][-+]?[0-9]{1,3}(?![0-9]))?\s*(?P<rest>.*)",
    re.DOTALL,
)

# Error values (ECMA-376 part 1, 18.17.2.7, and later ones of Excel) and the words of Chinese programs for them.
_ERRORS = frozenset((
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!",
    "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!", "#EXTERNAL!",
    "#名称?", "#值!", "#数值!", "#数字!", "#引用!", "#空!", "#空值!", "#除以0!", "#无效!",
))  # fmt: skip
_OFFICE_ERROR = late_pattern(r"(?:ERR|错误):5[0-9]{2}")  # of LibreOffice: Err:502


def unify_line_ends(text: str) -> str:
    r"""Return the text with ``\r\n``, ``\r`` and ``_x000D_`` (a ``\r`` in Excel's XML) as ``\n``."""
    if "\r" not in text and "_x" not in text:
        return text
    return _LINE_END.sub(lambda end: end[2] or "\n" * len(_RETURN.sub("\r", end[1])), text)


def clean_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text that is no prose in plain characters, and the words of ``HOW`` for the steps taken.

    Invisible characters, white space at the ends and an apostrophe before the text are removed, and the rest is folded.
    """
    unified = unify_line_ends(text)
    drawn = without_invisible(unified)
    trimmed = drawn.strip()
    bare = _without_apostrophe(trimmed)
    shown = visible_text(bare)
    half = fold(shown)
    steps = {
        "trimmed": unified != text or trimmed != drawn,
        "invisible": drawn != unified,
        "apostrophe": bare != trimmed,
        "look_alike": shown != bare,
        "full_width": half != shown,
    }
    return half.strip(), tuple(word for word, is_taken in steps.items() if is_taken)


def _without_apostrophe(text: str) -> str:
    """Return a text without the apostrophe before it, by which Excel marks a text; a lone one is kept."""
    bare = text
    while bare[:1] and bare[0] in _APOSTROPHES:
        bare = bare[1:].lstrip()
    return bare or text


def without_ending(text: str) -> str:
    """Return the text without the punctuation at its end; a text of nothing but punctuation is returned unchanged."""
    return text.rstrip(_ENDINGS) or text


def as_typed(unit: str) -> str:
    """Return a unit as ``number_in`` gives what stands behind a number: half-width, without white space."""
    return "".join(clean_text(unit)[0].split())


def is_error_text(text: str) -> bool:
    """Return whether a text is an error value of a formula that was pasted as a text: #REF!, #名称?, Err:502."""
    bare = fold(text).strip().upper()
    return bare in _ERRORS or bool(_OFFICE_ERROR.fullmatch(bare))


def is_blank(raw: Raw) -> bool:
    """Return whether a cell is blank, which it also is with white space or invisible characters alone."""
    return raw.value is None or (isinstance(raw.value, str) and is_blank_text(unify_line_ends(raw.value)))


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
    if re.match(r"[0-9.,]", match["rest"]) or (match["minus"] and match["sign"]):
        return None
    if match["whole"] and "," in match["whole"]:
        how.append("thousands")
    if bare != pointed:
        how.append("punctuation")
    rest = "".join(match["rest"].split())
    if re.search(r"\s", bare) and "trimmed" not in how:
        how.insert(0, "trimmed")
    digits = (match["whole"] or "0").replace(",", "") + (match["fraction"] or "") + (match["exponent"] or "")
    number = Decimal(("-" if match["minus"] else match["sign"]) + digits)
    if abs(number) >= HUGE:
        return None
    return NumberText(number, rest, match["currency"] or "", tuple(how), bool(match["exponent"]))


_SIGNED = late_pattern(r"(?:[0-9]|[.,](?=[0-9]))(?:[0-9.,'’\s]*[0-9])?")
_GROUPED = late_pattern(r"[0-9]{1,3}([ .,'])[0-9]{3}(?:\1[0-9]{3})*")
_UNCLEAR = late_pattern(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


def in_points(text: str, signs: NumberSigns) -> str | None:
    """Return a text in which the number has a point before its decimals, and commas between thousands.

    ``signs``: those of the language in which it was typed. None where it cannot be told which of both a sign is: 1,500
    where commas stand before decimals.
    """
    if signs.decimal == "." and signs.thousands == ",":
        return text
    match = _SIGNED.search(text)
    if match is None:
        return text
    number = re.sub(r"[’']", "'", re.sub(r"\s", " ", match[0]))
    written = _written_with_point(number, signs)
    return None if written is None else f"{text[: match.start()]}{written}{text[match.end() :]}"


def _written_with_point(number: str, signs: NumberSigns) -> str | None:
    """Return a number with a point before its decimals; as it is where it is malformed, None where it is unclear."""
    used = [sign for sign in ".," if sign in number]
    last = max(used, key=number.rindex, default="")
    if _UNCLEAR.fullmatch(number) and signs.decimal == ",":
        return None
    decimal = last if last and number.count(last) == 1 else ""
    whole, _, fraction = number.partition(decimal) if decimal else (number, "", "")
    grouped = _GROUPED.fullmatch(whole)
    if not (grouped or whole.isdigit() or not whole) or (fraction and not fraction.isdigit()):
        return number
    return f"{_SEPARATORS.sub(',', whole)}{'.' if decimal else ''}{fraction}"


_SEPARATORS = late_pattern("[ .,']")


# Chinese numerals


_SIGNS = "〇一二三四五六七八九"
_DIGITS = {**{sign: n for n, sign in enumerate(_SIGNS)}, "零": 0, "○": 0, "两": 2}
_NUMERAL = late_pattern(
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


def in_numerals(number: int) -> str:
    """Return a whole number from 1 to 999 in Chinese numerals: 十九, 一百〇三; any other as it is."""
    hundreds, rest = divmod(int(number), 100)
    tens, ones = divmod(rest, 10)
    if not 0 < int(number) < 1000:
        return str(number)
    words = f"{_SIGNS[hundreds]}百" if hundreds else ""
    if tens:
        words += f"{_SIGNS[tens] if tens > 1 or hundreds else ''}十"
    elif hundreds and ones:
        words += "〇"
    return words + (_SIGNS[ones] if ones else "")


def arabic_share(text: str) -> str:
    """Return the text with percentages in Chinese numerals in Arabic digits: 百分之九十五 as 百分之95."""
    if "百分之" not in text:
        return text

    def with_digits(match: re.Match[str]) -> str:
        number = numeral(match[1])
        return match[0] if number is None else f"百分之{number}"

    return re.sub(rf"百分之([{CHINESE_DIGITS}百两点]+)", with_digits, text)


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
        if is_blank_text(text):
            return Understood(None)
        if "#" in text or "E+" in text or "＃" in text or ":5" in text:
            if is_error_text(text):
                return unreadable(raw, "error_value")
            if _SCIENTIFIC.fullmatch(trim_text(text)):
                return unreadable(raw, "digits_lost")
        if ";" in raw.format and (problem := nature(raw).problem):
            return unreadable(raw, problem)
        return Understood(text) if text is value else Understood(text, ("trimmed",) if _has_visible_mark(value) else ())
    if isinstance(value, bool):
        return Understood(shown_text(raw), ("logical",))
    if abs(value) >= _DIGITS_KEPT:
        return unreadable(raw, "digits_lost")
    format = nature(raw)
    if format.problem:
        return unreadable(raw, format.problem)
    return Understood(shown_text(raw), ("date" if format.date and date_shown(raw) is not None else "number_as_text",))


def _has_visible_mark(text: str) -> bool:
    """Return whether a ``_x000D_`` stands for a line end of its own, so that a program left it visible in the text."""
    return any(not match[2] and "_" in match[1] for match in _LINE_END.finditer(text))


def number_of(
    raw: Raw, units: Mapping[str, Decimal], currency: Decimal | None, signs: NumberSigns = POINT
) -> tuple[Decimal, tuple[str, ...]] | str:
    """Return the number that a cell holds with the tolerances that were needed, or the problem if it holds none.

    ``units``: the factor of each unit that may follow the number; ``currency``: the factor of a ¥ before it, None where
    that would be a guess; ``signs``: those of a text in the workbook's language. For cells that are neither blank nor
    percent.
    """
    return number_shown(raw, lambda text: _number_of_text(text, units, currency), signs)


def number_shown(
    raw: Raw, of_text: Callable[[str], tuple[Decimal, tuple[str, ...]] | str], signs: NumberSigns
) -> tuple[Decimal, tuple[str, ...]] | str:
    """Return the number that a cell holds with the tolerances that were needed, or the problem.

    ``of_text`` reads a text, in which a point stands before decimals; ``signs``: those of a typed text. For cells that
    are neither blank nor percent.
    """
    if raw.error:
        return "error_value"
    if isinstance(raw.value, bool):
        return "not_a_number"
    if raw.value is None or isinstance(raw.value, str):
        text = in_points(raw.value or "", signs)
        return nature(raw).problem or ("unclear_sign" if text is None else of_text(text))
    if not is_number(raw.value):
        return "not_a_number"
    format = nature(raw)
    if format.plain:
        return decimal(raw.value), ()
    # 5386900 that the sheet shows as 538.69, -5 that it shows as 5: the file does not tell which of them was meant.
    if format.problem:
        return format.problem
    if format.date:
        return "looks_like_date"
    # 5.82 typed under a percent format is stored as 0.0582: the file does not tell either.
    if format.percent:
        return "percent_format"
    return of_text(shown_text(raw))


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

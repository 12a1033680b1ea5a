"""Number formats (ECMA-376 part 1, 18.8.31): what a format makes of a value, and the text that the cell shows.

A format has up to four sections, for positive numbers, negative ones, zero and texts, or for the conditions that
the first two state; which of them applies, the value decides. Ours rather than bought: the libraries that know sections
(ports of SheetJS's SSF) round what they show, and are no longer kept.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import Raw
from perfxl.form.types.number import decimal, is_number, plain, text_or_none

_TOKEN = late_pattern(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|_.|\*.|\[\$(?P<symbol>[^\]-]*)[^\]]*\]|\[(?P<elapsed>[hHmMsS]+)\]'
    r"|\[(?P<condition>[<>=][^\]]*)\]|\[(?:DB|Nat)Num[^\]]*\]|\[(?P<colour>[^\]]*)\]"
    r"|(?P<general>General|G/通用格式|常规|[0#?]+ *[0#?]*/ *[0-9#?]+|[0#?.,]*[eE][-+][0#?]+)"
    r"|(?P<digits>[0#?][0#?.,]*|\.[0#?]+)|(?P<half>AM/PM|A/P|上午/下午)"
    r"|(?P<letters>[yY]+|[eE]+|[mM]+|[dD]+|[aA]{3,4}|[hH]+|[sS]+(?:\.0+)?)"
    r"|(?P<percent>%)|(?P<end>;)|(?P<at>@)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_KINDS = {
    "quoted": "literal", "escaped": "literal", "symbol": "literal", "other": "literal", "letters": "date",
    "elapsed": "elapsed", "digits": "run", "percent": "percent",
}  # fmt: skip
_CONDITION = late_pattern(r"(<=|>=|<>|=|<|>)\s*(-?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2})?)\s*")
_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, "=": operator.eq, "<>": operator.ne, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip
_MINUS = frozenset(("-", "－", "−", "负"))
_NEGATIVE = _MINUS | {"(", "（", "(-", "△", "▲"}
"""The signs before a number, beside a currency sign, that say that it is negative; a minus says it anywhere."""


class _Piece(NamedTuple):
    """A part of a section of a number format code.

    ``text``: the part as it stands in the code; ``kind``: ``literal``, ``run`` (of digits; ``General`` too),
    ``percent``, ``date`` or ``elapsed`` (a time of more than a day: [h], [mm], [ss]).
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


class Nature(NamedTuple):
    """The properties of a number format that decide what a value in the cell means.

    ``date``: it shows a date or a time; ``percent``: it shows 100 times the number, with the sign; ``text``: it adds
    text to the number (``0"人"``, ``¥0.00``) or replaces it; ``plain``: none of these and no problem.
    ``problem``: the reason why the sheet shows something else than the cell holds, a word for ``Understood.problem``;
    ``scaled_format``: another number (``0.00,``, or ``0!.0000`` with the point as a literal); ``hidden_sign``: another
    sign; ``hidden_value``: nothing.
    """

    plain: bool = True
    date: bool = False
    percent: bool = False
    text: bool = False
    problem: str = ""


class _Section(NamedTuple):
    """A section of a number format.

    ``runs``: its runs of digits; ``sign``: what it has before the number to say that it is negative (``-0``, ``(0)``);
    ``coloured``: it has a colour; ``nature``: its properties, as far as the value makes no difference.
    """

    pieces: tuple[_Piece, ...]
    condition: tuple[str, float] | None
    coloured: bool
    runs: tuple[str, ...]
    sign: str
    nature: Nature

    def holds(self, value: float) -> bool:
        """Return whether the section's condition holds for a number; the section has one."""
        assert self.condition is not None
        return _HOLDS[self.condition[0]](value, self.condition[1])


class _Format(NamedTuple):
    """A number format: the sections for numbers, and whether it shows texts.

    ``simple``: the properties of a format that are the same for all numbers; None where the number decides.
    """

    sections: tuple[_Section, ...]
    shows_text: bool
    simple: Nature | None


def _section(code: str) -> _Section:
    """Return a section of a number format, without its padding, locale and numerals."""
    pieces: list[_Piece] = []
    condition, coloured = None, False
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or ""
        if kind == "general":
            pieces.append(_Piece("General", "run"))
        elif kind in _KINDS and match[kind]:
            pieces.append(_Piece(match[kind], _KINDS[kind]))
        elif kind == "condition" and (stated := _CONDITION.fullmatch(match[kind])):
            condition = stated[1], float(stated[2])
        coloured = coloured or kind == "colour"
    runs = tuple(piece.text for piece in pieces if piece.kind == "run")
    first_run = next((at for at, piece in enumerate(pieces) if piece.kind == "run"), 0)
    before = "".join(piece.text for piece in pieces[:first_run])
    sign = re.sub(r"[¥￥$\s]|人民币", "", before)
    sign = sign if sign in _NEGATIVE else ""
    return _Section(tuple(pieces), condition, coloured, runs, sign, _nature_of(pieces, runs))


def _nature_of(pieces: list[_Piece], runs: tuple[str, ...]) -> Nature:
    """Return the properties of a section with these parts."""
    literal = "".join(piece.text for piece in pieces if piece.kind == "literal").strip(" \u00a0\u3000()+-")
    date = any(piece.letter for piece in pieces)
    percent = any(piece.kind == "percent" for piece in pieces)
    divided = any(re.search(r",(?:\.|$)", run) for run in runs) or (len(runs) > 1 and "." in literal)
    # 0."5" shows 1.5 for 1
    completed = any(run.text.endswith(".") and after.text[:1].isdigit() for run, after in pairwise(pieces))
    scaled = not date and (divided or completed)
    problem = "scaled_format" if scaled else ""
    return Nature(not (date or percent or literal or problem), date, percent, bool(literal), problem)


_GENERAL = _section("General")


@lru_cache(maxsize=512)  # asked for every number of every form, with a handful of formats
def _format(code: str) -> _Format:
    """Return a number format, cut into its sections."""
    ends = [match.start() for match in _TOKEN.finditer(code) if match.lastgroup == "end"][:4]
    codes = [code[start:end] for start, end in zip((0, *(at + 1 for at in ends)), (*ends, len(code)), strict=True)][:4]
    shows_text = len(codes) < 4 or bool(_section(codes[3]).pieces) or _has_text(codes[3])
    if len(codes) == 4 or _has_text(codes[-1]):
        codes.pop()
    sections = tuple(_section(part) for part in codes) or (_GENERAL,)
    if len(sections) == 1 and not sections[0].pieces and '"' not in code:  # [Red] is General in red, "" shows nothing
        sections = (_GENERAL._replace(condition=sections[0].condition),)
    only = sections[0]
    varies = len(sections) > 1 or only.condition or only.sign or (len(only.runs) != 1 and not only.nature.date)
    return _Format(sections, shows_text, None if varies else only.nature)


def _has_text(code: str) -> bool:
    """Return whether a section shows the cell's text (``@``)."""
    return any(match.lastgroup == "at" for match in _TOKEN.finditer(code))


def _choose(sections: tuple[_Section, ...], value: float) -> tuple[_Section, bool]:
    """Return the section that applies to a number, and whether it shows the number without its sign.

    Where no section applies the number is shown as it is. General alone shows the sign. Programs differ in which
    sections with a condition show the sign of a negative number, so that none of these is taken to.
    """
    first, count = sections[0], len(sections)
    if first.condition:
        applies = first.holds(value)
    else:
        applies = count == 1 or value > 0 or (value == 0 and count == 2)
    if applies:
        section, unsigned = first, count > 1 and first.condition is not None
    elif count > 1 and (sections[1].holds(value) if sections[1].condition else value < 0 or count == 2):
        section, unsigned = sections[1], True
    else:
        section, unsigned = (sections[2], True) if count > 2 else (_GENERAL, False)
    return section, unsigned and section.pieces != _GENERAL.pieces


def nature(raw: Raw) -> Nature:
    """Return the properties of a cell's number format, by the section that applies to its value.

    What a text section adds to a text (``"第"@"号"``) is not part of what was typed; only a text that is not shown at
    all is a problem.
    """
    format, value = _format(raw.format), raw.value
    if not is_number(value):
        hidden = isinstance(value, str) and not format.shows_text
        return Nature(plain=False, problem="hidden_value") if hidden else _GENERAL.nature
    if format.simple is not None:
        return format.simple
    section, unsigned = _choose(format.sections, float(value))
    known = section.nature
    if known.date or known.problem:
        return known
    if not section.runs:
        # A zero that is shown as a dash, as a word or not at all is still a zero.
        if not value:
            return _GENERAL.nature
        return known if known.text else Nature(plain=False, problem="hidden_value")
    # the colour of a negative number is a sign, too: 0.00;[Red]0.00 is one of Excel's own choices
    marked = section.sign or section.coloured
    if (section.sign in _MINUS and value > 0) or (unsigned and value < 0 and not marked):
        return known._replace(plain=False, problem="hidden_sign")
    if len(section.runs) > 1 and (_is_pointed(section) or value != int(value)):
        return known._replace(plain=False, problem="scaled_format")
    return known


def _is_pointed(section: _Section) -> bool:
    """Return whether a run of digits of a section has a decimal point or is General."""
    return any(not set(run) <= set("0#?,") for run in section.runs)


def shown_text(raw: Raw) -> str:
    """Return the text that a cell shows: dates, percentages and units as formatted, but no digit rounded away.

    Numbers are shown in Arabic digits and times by 24 hours; a fraction or a power of ten as a decimal.
    A number of which the sheet shows something else (``Nature.problem``) is given as the cell holds it.
    """
    value = raw.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    if not is_number(value):  # not finite, or larger than any number of Excel
        return text_or_none(value) or ""
    section, unsigned = _choose(_format(raw.format).sections, float(value))
    if section.nature.date and (as_date := _shown_date(float(value), section.pieces, raw.epoch)) is not None:
        return as_date
    number = decimal(value) * 100 ** sum(piece.kind == "percent" for piece in section.pieces)
    if section.nature.date or nature(raw).problem:
        return plain(number) + ("%" if section.nature.percent else "")
    bare = "".join(_shown_parts(section, abs(number))).strip()
    signed = number < 0 and not (unsigned and (section.sign or not section.runs))
    return f"-{bare}" if signed else bare or plain(number)


def _shown_parts(section: _Section, number: Decimal) -> Iterator[str]:
    """Yield what the parts of a section show for a number that is not negative."""
    digits, places = plain(number), [sum(sign in "0#?" for sign in run) for run in section.runs[1:]]
    for piece in section.pieces:
        if piece.kind == "run" and len(section.runs) > 1:  # 000-0000-0000: the digits fill the places from the right
            cut = max(len(digits) - sum(places), 0)
            yield digits[:cut].zfill(piece.text.count("0"))
            digits, places = digits[cut:], places[1:]
        else:
            yield _group_thousands(number, piece.text) if piece.kind == "run" else piece.text


def _group_thousands(number: Decimal, digits: str) -> str:
    """Return a number with the thousands separators, leading zeros and decimals of a format.

    ``digits``: the run of digits in the format, such as ``#,##0.00``. More decimals than the format has are kept.
    """
    if not number and digits != "General" and "0" not in digits:
        return ""
    whole, _, fraction = plain(number).partition(".")
    before, _, after = digits.partition(".")
    whole = f"{int(whole):,}" if "," in before else whole.zfill(before.count("0"))
    fraction = fraction.ljust(after.count("0"), "0")
    return whole + (f".{fraction}" if fraction else "")


def date_shown(raw: Raw) -> str | None:
    """Return the date of a cell under a date format as it is shown; None where it is no date, as 60 (1900-02-29)."""
    if not is_number(raw.value):
        return None
    section, _ = _choose(_format(raw.format).sections, float(raw.value))
    return _shown_date(float(raw.value), section.pieces, raw.epoch) if section.nature.date else None


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
    letters = "".join("h" if piece.kind == "elapsed" else piece.letter for piece in pieces)
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

"""A date, to the day."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from perfxl.form.types.base import AnswerType, Raw, Understood, Validation, ValueType
from perfxl.form.types.number import decimal, is_number, plain, text_or_none
from perfxl.form.types.number_format import date_of, nature, serial_of, shown_text
from perfxl.form.types.spelling import (
    CHINESE_DIGITS,
    clean_text,
    is_blank,
    is_error_text,
    numeral,
    unreadable,
    without_ending,
)

_DAY = re.compile(
    r"([0-9]{4})(?:年([0-9]{1,2})月([0-9]{1,2})[日号]?|([-./–—])([0-9]{1,2})\4([0-9]{1,2})[日号]?|([0-9]{2})([0-9]{2}))"
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# a time and a day of the week behind the date; both are dropped
_CLOCK = re.compile(r"(?:(?<!\s)\s+|T|(?<=[日号]))[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?$")
_WEEKDAY = re.compile(r"(?<!\s)\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?$")
_CHINESE = re.compile(
    rf"([〇○零Oo一二三四五六七八九]{{4}})年(?:(正|[{CHINESE_DIGITS}]{{1,3}})月(?:([{CHINESE_DIGITS}]{{1,3}})([日号]?))?)?"
)
_YEAR_SIGNS = str.maketrans("〇○零Oo一二三四五六七八九", "00000123456789")
# incomplete dates: a year and month, a year alone, a date without year
_MONTH = re.compile(r"[0-9]{4}(?:年[0-9]{1,2}月?(?:份|底|末|初)?|[-./–—][0-9]{1,2}月?|[0-9]{2})")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:年度?)?")
_NO_YEAR = re.compile(
    r"(?:[0-9]{2}年)?[0-9]{1,2}月(?:份|底|末|初|[0-9]{1,2}[日号]?)?|[0-9]{2}([-./])[0-9]{1,2}\1[0-9]{1,2}"
)
_POSSIBLE = ("1950-01-01", "2099-12-31")  # outside of these a date is a slip: 0204-11-05, 20204-11-05
_PLAUSIBLE = range(2000, 2100)  # the years in which a serial that lost its format is taken for a date


def _day(year: int, month: int, day: int) -> datetime.date | None:
    """Return the date, or None where the calendar has no such day."""
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _day_in(text: str) -> datetime.date | None:
    """Return the date that a text states in Arabic digits (2024年11月5日, 2024-11-5, 20241105), or None."""
    match = _DAY.fullmatch(text)
    if not match:
        return None
    month, day = [int(part) for part in match.group(2, 3, 5, 6, 7, 8) if part]
    return _day(int(match[1]), month, day)


def _arabic(text: str) -> str:
    """Return a date in Chinese numerals in Arabic digits, 二〇二四年十一月五日 as 2024年11月5日.

    Any other text is returned unchanged.
    """
    match = _CHINESE.fullmatch(text)
    if not match:
        return text
    month, day = (numeral("一" if part == "正" else part or "") for part in match.group(2, 3))
    if (match[2] and month is None) or (match[3] and day is None):
        return text
    year = match[1].translate(_YEAR_SIGNS)
    return f"{year}年" + (f"{month}月" if match[2] else "") + (f"{day}{match[4]}" if match[3] else "")


def _date_problem(text: str) -> str:
    """Return the problem of a text that is no date: which part of a date is missing, or ``not_a_date``."""
    if _MONTH.fullmatch(text):
        return "incomplete_date"
    if _YEAR.fullmatch(text):
        return "date_without_month"
    return "date_without_year" if _NO_YEAR.fullmatch(text) else "not_a_date"


@dataclass(frozen=True)
class Date(AnswerType):
    """A date: ISO text in the record, a serial of the 1900 system in the cell.

    A serial whose cell lost its date format is taken for a date if that lies between 2000 and 2099; the number
    20231105 is read as it is written. A time of day is dropped. A date without day, month or year is not understood,
    and the problem says which of them is missing.
    """

    name: ClassVar[str] = "date"
    value_type: ClassVar[ValueType] = "date"
    number_format: ClassVar[str] = "yyyy-mm-dd"
    align: ClassVar[Literal["left", "center"]] = "center"

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as a date, in ISO notation (``2024-11-05``)."""
        if raw.error:
            return unreadable(raw, "error_value")
        if is_blank(raw):
            return Understood(None)
        format = nature(raw)
        if format.problem:
            return unreadable(raw, format.problem)
        if isinstance(raw.value, str):
            return self._read_text(raw, raw.value)
        if not is_number(raw.value) or format.percent:
            return unreadable(raw, "not_a_date")
        number = float(raw.value)
        day = date_of(number, raw.epoch)
        if day is None or not (format.date or day.year in _PLAUSIBLE):
            # 20241105 typed into a cell with a date format is a serial beyond the year 9999
            adds_text = format.text and not format.date
            return self._read_text(raw, shown_text(raw) if adds_text else plain(decimal(raw.value)))
        as_written = raw.format == self.number_format and serial_of(day) == number
        return Understood(day.isoformat(), () if as_written else ("date",))

    def _read_text(self, raw: Raw, text: str) -> Understood:
        """Interpret ``text``, which is the content of the cell or the number in it as the cell shows it."""
        half, cleaned = clean_text(text)
        how = list(cleaned)
        without_time = _WEEKDAY.sub("", _CLOCK.sub("", half))
        bare = "".join(without_time.split())
        if bare != without_time and "trimmed" not in how:
            how.insert(0, "trimmed")
        ended = without_ending(bare)
        if ended != bare:
            how.append("punctuation")
        day = _day_in(_arabic(ended))
        if day is None:
            return unreadable(raw, "error_value" if is_error_text(text) else _date_problem(_arabic(ended)))
        return Understood(day.isoformat(), tuple(how) if half == day.isoformat() else (*how, "date"))

    def show(self, value: Any) -> str | int | None:
        """Return the serial of the 1900 system for a date; any other value as its text."""
        if isinstance(value, datetime.date):  # YAML turns an unquoted date into one
            value = value.strftime("%Y-%m-%d")
        # fromisoformat also takes 2023-W44-7 from Python 3.11 on, which the reader does not.
        day = _day_in(value) if isinstance(value, str) and _ISO.fullmatch(value) else None
        serial = serial_of(day) if day else None
        return text_or_none(value) if serial is None else serial

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        return Validation("date", *_POSSIBLE)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "string", "format": "date"}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        return dict(zip(("minimum", "maximum"), _POSSIBLE, strict=True))

"""A date, to the day, the month or the year."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import AnswerLimits, AnswerType, Raw, Understood, UnknownOption, Validation, ValueType
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

_DAY = late_pattern(
    r"([0-9]{4})(?:年([0-9]{1,2})月([0-9]{1,2})[日号]?|([-./–—])([0-9]{1,2})\4([0-9]{1,2})[日号]?|([0-9]{2})([0-9]{2}))"
)
_ISO = late_pattern(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
# a time and a day of the week behind the date; both are dropped
_CLOCK = late_pattern(r"(?:(?<!\s)\s+|T|(?<=[日号]))[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?$")
_WEEKDAY = late_pattern(r"(?<!\s)\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?$")
_CHINESE = late_pattern(
    rf"([〇○零Oo一二三四五六七八九]{{4}})年(?:(正|[{CHINESE_DIGITS}]{{1,3}})月(?:([{CHINESE_DIGITS}]{{1,3}})([日号]?))?)?"
)
_YEAR_SIGNS = str.maketrans("〇○零Oo一二三四五六七八九", "00000123456789")
# incomplete dates: a year and month, a year alone, a date without year
_MONTH = late_pattern(r"([0-9]{4})(?:年([0-9]{1,2})月?(?:份|底|末|初)?|[-./–—]([0-9]{1,2})月?|([0-9]{2}))")
_YEAR = late_pattern(r"(?:19|20)[0-9]{2}(?:年度?)?")
_ANY_YEAR = late_pattern(r"([12][0-9]{3})(?:年度?)?")  # where a year is asked for
_NO_YEAR = late_pattern(
    r"(?:[0-9]{2}年)?[0-9]{1,2}月(?:份|底|末|初|[0-9]{1,2}[日号]?)?|[0-9]{2}([-./])[0-9]{1,2}\1[0-9]{1,2}"
)
_POSSIBLE = ("1950-01-01", "2099-12-31")  # outside of these a date is a slip: 0204-11-05, 20204-11-05
_DIGITS: Mapping[str, int] = {"day": 10, "month": 7, "year": 4}  # of an ISO date, by its precision
_FORMATS: Mapping[str, str] = {"day": "yyyy-mm-dd", "month": "yyyy-mm", "year": "0"}
_EXAMPLE = "2024-11-05"
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


def _month_in(text: str) -> str | None:
    """Return the month that a text states without a day (2024年11月), as 2024-11; None where it states none."""
    match = _MONTH.fullmatch(text)
    month = next((int(part) for part in match.group(2, 3, 4) if part), 0) if match else 0
    return f"{match[1]}-{month:02d}" if match and 1 <= month <= 12 else None


def _date_problem(text: str, precision: str) -> str:
    """Return the problem of a text that is no date: which part of a date is missing, or ``not_a_date``."""
    if precision == "day" and _MONTH.fullmatch(text):
        return "incomplete_date"
    if _YEAR.fullmatch(text):
        return "date_without_month"
    return "date_without_year" if _NO_YEAR.fullmatch(text) else "not_a_date"


def _ends(iso: str) -> tuple[datetime.date, datetime.date] | None:
    """Return the first and the last day of a date that may lack its day or month; None where the calendar has none."""
    if not _ISO.fullmatch(iso):
        return None
    year, month, day = (*map(int, iso.split("-")), 0, 0)[:3]
    first = _day(year, month or 1, day or 1)
    if first is None or day:
        return (first, first) if first else None
    return first, datetime.date(year, month or 12, calendar.monthrange(year, month or 12)[1])


@dataclass(frozen=True)
class Date(AnswerType):
    """A date: ISO text in the record, a serial of the 1900 system in the cell.

    ``precision``: ``day``, ``month`` (2024-11 in the record, the first of the month in the cell) or ``year`` (2024 in
    the record, the number 2024 in the cell: under a date format Excel would show 1905 to who types 2024).
    ``minimum``, ``maximum``: ISO dates.

    A serial whose cell lost its date format is taken for a date if that lies between 2000 and 2099; the number
    20231105 is read as it is written. A time of day is dropped, and so is more than the precision asks for. A date
    without day, month or year is not understood where it is asked for, and the problem says which of them is missing.
    """

    name: ClassVar[str] = "date"
    value_type: ClassVar[ValueType] = "date"
    number_format: ClassVar[str] = "yyyy-mm-dd"
    align: ClassVar[Literal["left", "center"]] = "center"
    precision: Literal["day", "month", "year"] = "day"
    minimum: str = _POSSIBLE[0]
    maximum: str = _POSSIBLE[1]

    def __post_init__(self) -> None:
        for option in ("minimum", "maximum"):
            if _ends(getattr(self, option)) is None:
                raise UnknownOption(self.name, option, (self._cut(_EXAMPLE),), "value")
        # Class variables, since most kinds have a fixed format; here an option decides it.
        object.__setattr__(self, "number_format", _FORMATS[self.precision])
        if self.precision == "year":
            object.__setattr__(self, "value_type", "text")

    def _cut(self, iso: str) -> str:
        """Return an ISO date to the precision."""
        return iso[: _DIGITS[self.precision]]

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as a date, in ISO notation (``2024-11-05``, ``2024-11``, ``2024``)."""
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
        as_written = as_written and (self.precision == "day" or day.day == 1)
        return Understood(self._cut(day.isoformat()), () if as_written else ("date",))

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
        stated = self._stated(_arabic(ended))
        # the number 2024.1 was typed as 2024.1 or as 2024.10
        if stated is None or (not isinstance(raw.value, str) and re.fullmatch(r"[0-9]{4}\.[0-9]", text)):
            problem = _date_problem(_arabic(ended), self.precision)
            return unreadable(raw, "error_value" if is_error_text(text) else problem)
        if self.precision == "year" and half == stated:
            return Understood(stated, (*how, "number_as_text") if isinstance(raw.value, str) else tuple(how))
        return Understood(stated, tuple(how) if half == stated and isinstance(raw.value, str) else (*how, "date"))

    def _stated(self, text: str) -> str | None:
        """Return the date that a text in Arabic digits states, to the precision; None where it states none."""
        if (day := _day_in(text)) is not None:
            return self._cut(day.isoformat())
        if self.precision == "day":
            return None
        if (month := _month_in(text)) is not None:
            return self._cut(month)
        match = _ANY_YEAR.fullmatch(text) if self.precision == "year" else None
        return match[1] if match else None

    def show(self, value: Any) -> str | int | None:
        """Return the serial of the 1900 system for a date, the number of a year; any other value as its text."""
        if isinstance(value, datetime.date):  # YAML turns an unquoted date into one
            value = self._cut(value.strftime("%Y-%m-%d"))
        if self.precision == "year" and re.fullmatch("[12][0-9]{3}", str(value)):
            return int(value)
        # fromisoformat also takes 2023-W44-7 from Python 3.11 on, which the reader does not.
        whole = isinstance(value, str) and len(value) == _DIGITS[self.precision]
        ends = _ends(value) if whole else None
        serial = serial_of(ends[0]) if ends and self.precision != "year" else None
        return text_or_none(value) if serial is None else serial

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        first, last = _ends(self.minimum), _ends(self.maximum)
        if not first or not last:  # __post_init__ made sure
            return Validation("date", *_POSSIBLE)
        if self.precision == "year":
            return Validation("whole", float(first[0].year), float(last[1].year))
        if self.precision == "month":  # any day of the months
            first, last = _ends(self._cut(self.minimum)) or first, _ends(self._cut(self.maximum)) or last
        return Validation("date", first[0].isoformat(), last[1].isoformat())

    def limits(self) -> AnswerLimits:
        """Return the limits of the date, to its precision."""
        return AnswerLimits(self._cut(self.minimum), self._cut(self.maximum))

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        if self.precision == "day":
            return {"type": "string", "format": "date"}
        return {"type": "string", "pattern": {"month": "^[0-9]{4}-[0-9]{2}$", "year": "^[0-9]{4}$"}[self.precision]}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        limits = {"minimum": self._cut(self.minimum), "maximum": self._cut(self.maximum)}
        limited = {"first": self.minimum != _POSSIBLE[0], "last": self.maximum != _POSSIBLE[1]}
        example = self._cut(max(self.minimum, min(self.maximum, _EXAMPLE)))
        return {**limits, **limited, "precision": self.precision, "example": self.example or example}

"""A day."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from perfxl.form.fields.base import Kind, Raw, Understood, Validation, ValueType
from perfxl.form.fields.spelling import (
    CHINESE_DIGITS,
    clean_text,
    date_of,
    decimal,
    is_blank,
    is_error_text,
    is_number,
    nature,
    numeral,
    plain,
    serial_of,
    shown_text,
    text_or_none,
    unreadable,
    without_ending,
)

_DAY = re.compile(
    r"([0-9]{4})(?:年([0-9]{1,2})月([0-9]{1,2})[日号]?|([-./–—])([0-9]{1,2})\4([0-9]{1,2})[日号]?|([0-9]{2})([0-9]{2}))"
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# a time and a day of the week behind the day; the day itself is what is asked
_CLOCK = re.compile(r"(?:\s+|T|(?<=[日号]))[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?$")
_WEEKDAY = re.compile(r"\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?$")
_CHINESE = re.compile(
    rf"([〇○零Oo一二三四五六七八九]{{4}})年(?:(正|[{CHINESE_DIGITS}]{{1,3}})月(?:([{CHINESE_DIGITS}]{{1,3}})([日号]?))?)?"
)
_YEAR_SIGNS = str.maketrans("〇○零Oo一二三四五六七八九", "00000123456789")
# what is missing of a day, by what stands there
_MONTH = re.compile(r"[0-9]{4}(?:年[0-9]{1,2}月?(?:份|底|末|初)?|[-./–—][0-9]{1,2}月?|[0-9]{2})")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:年度?)?")
_NO_YEAR = re.compile(
    r"(?:[0-9]{2}年)?[0-9]{1,2}月(?:份|底|末|初|[0-9]{1,2}[日号]?)?|[0-9]{2}([-./])[0-9]{1,2}\1[0-9]{1,2}"
)
_PLAUSIBLE = range(2000, 2100)  # years of a day that lost its format


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _day_in(text: str) -> datetime.date | None:
    found = _DAY.fullmatch(text)
    if not found:
        return None
    month, day = [int(part) for part in found.group(2, 3, 5, 6, 7, 8) if part]
    return _day(int(found[1]), month, day)


def _arabic(text: str) -> str:
    """二〇二四年十一月五日 as 2024年11月5日; any other text as it is."""
    found = _CHINESE.fullmatch(text)
    if not found:
        return text
    month, day = (numeral("一" if part == "正" else part or "") for part in found.group(2, 3))
    if (found[2] and month is None) or (found[3] and day is None):
        return text
    year = found[1].translate(_YEAR_SIGNS)
    return f"{year}年" + (f"{month}月" if found[2] else "") + (f"{day}{found[4]}" if found[3] else "")


def _missing(text: str) -> str:
    """Why a text is no day: the problem that says which part of a date it lacks."""
    if _MONTH.fullmatch(text):
        return "incomplete_date"
    if _YEAR.fullmatch(text):
        return "date_without_month"
    return "date_without_year" if _NO_YEAR.fullmatch(text) else "not_a_date"


@dataclass(frozen=True)
class Date(Kind):
    """A day: ISO text in the record, a serial of the 1900 system in the cell.

    A serial that lost its format is taken for a day between 2000 and 2099, and 20231105 as written; a
    time of day is dropped. What lacks its day, its month or its year is not understood, and it is said which.
    """

    name: ClassVar[str] = "date"
    value_type: ClassVar[ValueType] = "date"
    number_format: ClassVar[str] = "yyyy-mm-dd"
    align: ClassVar[Literal["left", "center"]] = "center"

    def read(self, raw: Raw) -> Understood:
        if raw.error:
            return unreadable(raw, "error_value")
        if is_blank(raw):
            return Understood(None)
        if isinstance(raw.value, str):
            return self._read_text(raw, raw.value)
        format = nature(raw.format)
        if not is_number(raw.value) or format.percent:
            return unreadable(raw, "not_a_date")
        number = float(raw.value)
        day = date_of(number, raw.epoch)
        if day is None or not (format.date or day.year in _PLAUSIBLE):
            # 20241105 typed into a cell of dates is beyond the year 9999
            of_its_own = format.text and not format.date
            return self._read_text(raw, shown_text(raw) if of_its_own else plain(decimal(raw.value)))
        as_written = raw.format == self.number_format and serial_of(day) == number
        return Understood(day.isoformat(), () if as_written else ("date",))

    def _read_text(self, raw: Raw, text: str) -> Understood:
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
            return unreadable(raw, "error_value" if is_error_text(text) else _missing(_arabic(ended)))
        return Understood(day.isoformat(), tuple(how) if half == day.isoformat() else (*how, "date"))

    def show(self, value: Any) -> str | int | None:
        if isinstance(value, datetime.date):  # YAML makes one of an unquoted date
            value = value.strftime("%Y-%m-%d")
        # fromisoformat also takes 2023-W44-7 from Python 3.11 on, which the reader does not.
        day = _day_in(value) if isinstance(value, str) and _ISO.fullmatch(value) else None
        serial = serial_of(day) if day else None
        return text_or_none(value) if serial is None else serial

    def validation(self) -> Validation:
        return Validation("date", "1950-01-01", "2099-12-31")

    def schema(self) -> Mapping[str, Any]:
        return {"type": "string", "format": "date"}

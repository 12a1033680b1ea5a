"""A time of day, to the minute."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import AnswerType, Raw, Understood, UnknownOption, Validation, ValueType
from perfxl.form.types.number import decimal, is_number, plain, text_or_none
from perfxl.form.types.number_format import nature, shown_text
from perfxl.form.types.spelling import (
    CHINESE_DIGITS,
    clean_text,
    is_blank,
    is_error_text,
    numeral,
    unreadable,
    without_ending,
)

_HALVES: Mapping[str, range] = {
    **dict.fromkeys(("am", "a.m.", "a.m", "上午", "早上", "早晨", "清晨", "凌晨"), range(12)),
    **dict.fromkeys(("pm", "p.m.", "p.m", "下午", "傍晚", "晚上", "夜里"), range(12, 24)),
    "中午": range(11, 15),
}
"""The hours that the word for a part of the day leaves open."""

_WORDS = "|".join(map(re.escape, sorted(_HALVES, key=len, reverse=True)))
_NUMERAL = rf"[{CHINESE_DIGITS}]{{1,3}}"
_TIME = late_pattern(
    rf"(?P<before>{_WORDS})?(?P<hour>[0-9]{{1,2}})"
    r"(?:(?::(?P<minute>[0-5][0-9])(?::[0-5][0-9](?:\.[0-9]{1,6})?)?)|[.h](?P<pointed>[0-5][0-9])"
    r"|[点时](?:(?P<said>[0-5]?[0-9])分?|(?P<half>半)|(?P<quarter>[13])刻|整|钟)?|(?P<sharp>h?))"
    rf"(?P<after>{_WORDS})?"
)
_DIGITS = late_pattern(r"([01][0-9]|2[0-3]|[0-9])([0-5][0-9])")
_ISO = late_pattern(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_MINUTES = 24 * 60
_FARTHEST = 10**9  # far beyond the last day of Excel


def clock(minutes: int) -> str:
    """Return a time as the record has it, of the minutes since midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def minutes_of(text: Any) -> int | None:
    """Return the minutes since midnight of a time as the record has it; None for anything else."""
    match = _ISO.fullmatch(text) if isinstance(text, str) else None
    return int(match[1]) * 60 + int(match[2]) if match else None


def _arabic(text: str) -> str:
    """Return a time in Chinese numerals in Arabic digits: 八点三十分 as 8点30分."""
    return re.sub(_NUMERAL, lambda match: match[0] if (number := numeral(match[0])) is None else str(number), text)


def _minutes_in(text: str) -> int | None:
    """Return the minutes since midnight that a text states (8:30, 8点30分, 0830); None where it states none."""
    if digits := _DIGITS.fullmatch(text):
        return int(digits[1]) * 60 + int(digits[2])
    match = _TIME.fullmatch(text)
    if not match or (match["before"] and match["after"]):
        return None
    word = match["before"] or match["after"]
    if match["sharp"] == "" and not word:  # a bare 8
        return None
    minute = int(match["minute"] or match["pointed"] or match["said"] or 0)
    minute = 30 if match["half"] else 15 * int(match["quarter"]) if match["quarter"] else minute
    hour = _hour(int(match["hour"]), word)
    return None if hour is None else hour * 60 + minute


def _hour(hour: int, word: str | None) -> int | None:
    """Return the hour of the day; None where the part of the day that ``word`` names has no such hour."""
    if not word:
        return hour if hour < 24 else None
    if word in ("晚上", "夜里", "凌晨") and hour in (0, 12):  # midnight, but of which day
        return None
    possible = [whole for whole in ({hour, hour % 12, hour % 12 + 12} if hour <= 12 else {hour}) if whole < 24]
    return next((whole for whole in sorted(possible) if whole in _HALVES[word]), None)


@dataclass(frozen=True)
class Time(AnswerType):
    """A time of day by 24 hours, HH:MM in the record, a fraction of a day in the cell.

    Seconds are dropped, and so is a date before the time. 830 and 0830 are read as they are written. A bare 8, and
    the number 8.3 (it was 8.30 or 8.3 hours), are not understood.
    """

    name: ClassVar[str] = "time"
    number_format: ClassVar[str] = "hh:mm"
    value_type: ClassVar[ValueType] = "time"
    align: ClassVar[Literal["left", "center"]] = "center"
    minimum: str = "00:00"
    maximum: str = "23:59"

    def __post_init__(self) -> None:
        for option in ("minimum", "maximum"):
            if minutes_of(getattr(self, option)) is None:
                raise UnknownOption(self.name, option, ("00:00", "…", "23:59"), "value")

    def read(self, raw: Raw) -> Understood:
        """Interpret the content of a cell as a time of day."""
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
            return unreadable(raw, "not_a_time")
        if format.text and not format.date:
            return self._read_text(raw, shown_text(raw))
        return self._read_number(raw, decimal(raw.value), format.date)

    def _read_number(self, raw: Raw, number: Decimal, is_date: bool) -> Understood:
        """Interpret a number: a fraction of a day, a date with one, or a time written without its colon."""
        if abs(number) >= _FARTHEST:
            return unreadable(raw, "not_a_time")
        fraction = number % 1
        if number < 0 or (number >= 1 and fraction and not is_date):
            return unreadable(raw, "not_a_time")
        if number >= 1 and not fraction:
            return self._read_text(raw, plain(number))
        seconds = min(round(fraction * 86400), 86399)  # 0.99999999 of a day is still this day
        time = clock(seconds // 60)
        as_written = raw.format == self.number_format and number < 1 and self._is_written(time, number)
        return Understood(time, () if as_written else ("time",))

    def _is_written(self, time: str, number: Decimal) -> bool:
        """Return whether a number is what perfxl writes for a time."""
        return abs(Decimal(minutes_of(time) or 0) / _MINUTES - number) < Decimal("1e-12")

    def _read_text(self, raw: Raw, text: str) -> Understood:
        """Interpret ``text``, which is the content of the cell or the number in it as the cell shows it."""
        half, cleaned = clean_text(text)
        how = list(cleaned)
        bare = "".join(half.split()).casefold()
        if bare != half.casefold() and "trimmed" not in how:
            how.insert(0, "trimmed")
        minutes = _minutes_in(_arabic(bare))
        if minutes is None and (ended := without_ending(bare)) != bare:
            minutes = _minutes_in(_arabic(ended))
            how.append("punctuation")
        if minutes is None:
            return unreadable(raw, "error_value" if is_error_text(text) else "not_a_time")
        time = clock(minutes)
        return Understood(time, tuple(how) if isinstance(raw.value, str) and half == time else (*how, "time"))

    def show(self, value: Any) -> str | float | None:
        """Return the fraction of a day for a time; any other value as its text."""
        minutes = minutes_of(value)
        return text_or_none(value) if minutes is None else minutes / _MINUTES

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        return Validation("time", self.minimum, self.maximum)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "string", "pattern": f"^{_ISO.pattern}$"}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        return {"minimum": self.minimum, "maximum": self.maximum}

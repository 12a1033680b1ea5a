"""A day."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from perfxl.form.fields.base import Kind, Raw, Understood, Validation
from perfxl.form.fields.spelling import (
    date_of,
    half_width,
    is_blank,
    is_date,
    is_percent,
    serial_of,
    text_or_none,
    trim,
    unreadable,
)

_DAY = re.compile(
    r"([0-9]{4})(?:年([0-9]{1,2})月([0-9]{1,2})[日号]?|([-./])([0-9]{1,2})\4([0-9]{1,2})|([0-9]{2})([0-9]{2}))"
    r"(?:T?00:00(?::00(?:\.0+)?)?)?"
)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}(?:年[0-9]{1,2}月?|[-./][0-9]{1,2}|年)")
_PLAUSIBLE = range(36526, 73051)  # serials of 2000-01-01 … 2099-12-31: what a day is without its format


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


@dataclass(frozen=True)
class Date(Kind):
    """A day: ISO text in the record, a serial of the 1900 system in the cell.

    A serial that lost its format is taken for a day between 2000 and 2099, and 20231105 as written;
    a month without a day is not understood.
    """

    name: ClassVar[str] = "date"
    number_format: ClassVar[str] = "yyyy-mm-dd"
    align: ClassVar[Literal["left", "center"]] = "center"

    def read(self, raw: Raw) -> Understood:
        if raw.error:
            return unreadable(raw, "error_value")
        if is_blank(raw):
            return Understood(None)
        if isinstance(raw.value, str):
            return self._read_text(raw, raw.value)
        if isinstance(raw.value, bool) or raw.value is None or not math.isfinite(raw.value) or is_percent(raw.format):
            return unreadable(raw, "not_a_date")
        number = float(raw.value)
        day = date_of(number) if is_date(raw.format) or int(number) in _PLAUSIBLE else _day_in(str(int(number)))
        if day is None:
            return unreadable(raw, "not_a_date")
        as_written = raw.format == self.number_format and number == int(number)
        return Understood(day.isoformat(), () if as_written else ("date",))

    def _read_text(self, raw: Raw, text: str) -> Understood:
        how = []
        trimmed = trim(text)
        half = half_width(trimmed)
        bare = "".join(half.split())
        if trimmed != text or bare != half:
            how.append("trimmed")
        if half != trimmed:
            how.append("full_width")
        day = _day_in(bare)
        if day is None:
            return unreadable(raw, "incomplete_date" if _MONTH.fullmatch(bare) else "not_a_date")
        return Understood(day.isoformat(), tuple(how) if bare == day.isoformat() else (*how, "date"))

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

"""The times that a project's 时效 (timeliness) indicators name, as bounds on its spending plan; for PL-06 and PL-07.

The plans that 每季度末 (the end of each quarter), 年初 (the beginning of the year) and the like imply are those of
``indicator_value``. Here they are read with more caution: a deadline leaves open how much is spent before it, and
年初工作计划 (the work plan made at the beginning of the year) is no time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.indicator_value import Plan, Value, parse
from perfxl.rules.subject import Subject

MONTHS = (3, 6, 10, 12)
"""The months at whose end the plan has a value."""
PATHS = ("plan.march", "plan.june", "plan.october", "plan.december")
"""The paths of the plan's values, in the order of MONTHS."""

Bounds = tuple[tuple[float, float], ...]
"""The least and the most that is spent by the end of each of the MONTHS, in percent."""

_OPEN = (0.0, 100.0)
_SOME = (10.0, 90.0)  # 年中及年末 (mid-year and year's end): part of the money; the text does not say how much
# 前 (before), 内 (within), 截至 (until); but not 提前 (ahead of time), 前期 (early stage)
_DEADLINE = re.compile(r"(?<!提)前(?!期)|内|截[止至]|不[迟晚]于|最迟")
_NO_TIME = re.compile(r"年初(?:工作)?(?:计划|预算|安排|部署)|[次下翌上去]一?年(?:年?[初底末]|第?.季度)?")
_SHARES = re.compile(r"\d\s*[%％]|百分之|[一二三四五六七八九]成|余款|尾款|预付")


@dataclass(frozen=True)
class Timing:
    """One 时效 indicator: its path, its text, and the bounds that the text sets for the plan.

    ``bounds`` is None where the text names no time. ``pays``: it is about paying money, not about work being done.
    ``steady``: nothing is spent from 6月底 (the end of June) to 10月底 (the end of October).
    """

    path: str
    text: str
    bounds: Bounds | None
    pays: bool
    steady: bool = False


def timings(subject: Subject) -> tuple[Timing, ...]:
    """Return the times of the 时效 indicators: of each the value, or the description where only that names a time."""
    return tuple(_timing(subject, row) for row in indicators(subject) if row.belongs("时效") and row.text("target"))


def spending(subject: Subject) -> tuple[float, ...] | None:
    """Return the plan's four values in percent, or None where they make no plan (PL-01 to PL-03 report that)."""
    values = [float(value) for path in PATHS if (value := subject.number(path)) is not None]
    sound = len(values) == len(PATHS) and values == sorted(values) and values[0] >= 0 and values[-1] == 100
    return tuple(values) if sound else None


def _timing(subject: Subject, row: Indicator) -> Timing:
    """Return the time that an indicator names, with its value's text where it names none."""
    words = " ".join((row.text("target"), row.text("level3"), row.text("description")))
    pays = any(word in words for word in subject.words("paying")) and not any(
        word in words for word in subject.words("goods")
    )
    year = subject.unit.year
    text, limits = next(_bounded_texts(row, year), (row.text("target"), None))
    return Timing(row.path("target"), text, limits, pays, limits is not None and limits[1:3] == (_SOME, _SOME))


def _bounded_texts(row: Indicator, year: int | None) -> Iterator[tuple[str, Bounds]]:
    """Yield the indicator's value and its description where they name a time, with the bounds that follow."""
    for column in ("target", "description"):
        if (text := row.text(column)) and (limits := bounds(text, year)) is not None:
            yield text, limits


@lru_cache(maxsize=4096)
def bounds(text: str, year: int | None) -> Bounds | None:
    """Return the bounds that a text sets for the plan, or None where it names no time of the year."""
    bare = _NO_TIME.sub("", text)
    value = parse(bare)
    by = bool(_DEADLINE.search(bare)) or value.operator in ("≤", "<")
    if value.kind == "date":
        return _of_date(value.period, year, by)
    if value.plan is None or _SHARES.search(bare):
        return None
    return _of_plan(value, bare, by)


def _of_date(period: str, year: int | None, by: bool) -> Bounds | None:
    """Return the bounds for a date: nothing is spent before its month, all from then on.

    None is returned for a date without a month and for one in another year than the budget's.
    ``period``: ISO 8601, ``--11`` without a year. ``by``: the date is a deadline, so anything may be spent before it.
    """
    date = re.fullmatch(r"(\d{4}|-)-(\d\d)(?:-\d\d)?", period)
    if not date or (date[1] != "-" and int(date[1]) != year):
        return None
    before = _OPEN if by else (0.0, 0.0)
    return tuple((100.0, 100.0) if month >= int(date[2]) else before for month in MONTHS)


def _of_plan(value: Value, text: str, by: bool) -> Bounds:
    """Return the bounds for a value with a schedule; ``by``: it is a deadline, so anything may be spent before it."""
    plan: Plan = value.plan or ()
    if value.schedule == "half":
        return (0.0, 0.0), _SOME, _SOME, (100.0, 100.0)
    if value.schedule == "quarterly" and re.search(r"季度?初", text):
        plan = (25, 50, 100, 100)  # the fourth quarter is paid in October
    at_once = all(points in (0, 100, None) for points in plan)
    return tuple(_OPEN if points is None or (by and at_once and not points) else (points, points) for points in plan)


def allows(found: Bounds, plan: tuple[float, ...], tolerance: float) -> tuple[bool, ...]:
    """Return, for each value of the plan, True if it lies within its bounds or at most ``tolerance`` outside them."""
    pairs = zip(found, plan, strict=True)
    return tuple(low - tolerance <= value <= high + tolerance for (low, high), value in pairs)

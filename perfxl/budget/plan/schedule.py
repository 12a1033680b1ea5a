"""When the 时效 indicators of a project say that things happen, as bounds on its spending plan; for PL-06 and PL-07.

The plans of 每季度末, 年初 and the like are those of the indicator value; here they are read with care: a deadline
leaves open how much is spent before it, and 年初工作计划 is no time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.indicator_value import Plan, Value, parse
from perfxl.rules.subject import Subject

MONTHS = (3, 6, 10, 12)
"""The ends of months at which the plan has a value."""
PATHS = ("plan.march", "plan.june", "plan.october", "plan.december")

Bounds = tuple[tuple[float, float], ...]
"""The least and the most spent by the end of each of the MONTHS, in percent."""

_OPEN = (0.0, 100.0)
_SOME = (10.0, 90.0)  # 年中及年末: more than nothing and less than all; how much is not said
# 前, 内, 截至; but not 提前, 前期
_DEADLINE = re.compile(r"(?<!提)前(?!期)|内|截[止至]|不[迟晚]于|最迟")
_NO_TIME = re.compile(r"年初(?:工作)?(?:计划|预算|安排|部署)|[次下翌上去]一?年(?:年?[初底末]|第?.季度)?")
_SHARES = re.compile(r"\d\s*[%％]|百分之|[一二三四五六七八九]成|余款|尾款|预付")


@dataclass(frozen=True)
class Timing:
    """One 时效 indicator: where it stands, what it says, what that means for the plan, None where it leaves it open.

    ``pays``: it is about paying money, not about work being done. ``steady``: nothing is spent from 6月底 to 10月底.
    """

    path: str
    text: str
    bounds: Bounds | None
    pays: bool
    steady: bool = False


def timings(subject: Subject) -> tuple[Timing, ...]:
    """What the 时效 indicators say: each one's value, or where that tells no time its description."""
    return tuple(_timing(subject, row) for row in indicators(subject) if row.belongs("时效") and row.text("target"))


def spending(subject: Subject) -> tuple[float, ...] | None:
    """The plan's four values in percent; None where they are no plan: PL-01, PL-02 and PL-03 speak of that."""
    found = [float(value) for path in PATHS if (value := subject.number(path)) is not None]
    sound = len(found) == len(PATHS) and found == sorted(found) and found[0] >= 0 and found[-1] == 100
    return tuple(found) if sound else None


def _timing(subject: Subject, row: Indicator) -> Timing:
    said = " ".join((row.text("target"), row.text("level3"), row.text("description")))
    pays = any(word in said for word in subject.words("paying")) and not any(
        word in said for word in subject.words("goods")
    )
    year = subject.unit.year
    text, found = next(_told(row, year), (row.text("target"), None))
    return Timing(row.path("target"), text, found, pays, found is not None and found[1:3] == (_SOME, _SOME))


def _told(row: Indicator, year: int | None) -> Iterator[tuple[str, Bounds]]:
    for column in ("target", "description"):
        if (text := row.text(column)) and (found := bounds(text, year)) is not None:
            yield text, found


@lru_cache(maxsize=4096)
def bounds(text: str, year: int | None) -> Bounds | None:
    """What a text means for the plan; None where it names no time of the year."""
    bare = _NO_TIME.sub("", text)
    value = parse(bare)
    by = bool(_DEADLINE.search(bare)) or value.operator in ("≤", "<")
    if value.kind == "date":
        return _of_date(value.period, year, by)
    if value.plan is None or _SHARES.search(bare):
        return None
    return _of_plan(value, bare, by)


def _of_date(period: str, year: int | None, by: bool) -> Bounds | None:
    """Nothing before a day's month, all from then on; ``by``: who knows how much before it."""
    found = re.fullmatch(r"(\d{4}|-)-(\d\d)(?:-\d\d)?", period)
    if not found or (found[1] != "-" and int(found[1]) != year):
        return None
    before = _OPEN if by else (0.0, 0.0)
    return tuple((100.0, 100.0) if month >= int(found[2]) else before for month in MONTHS)


def _of_plan(value: Value, text: str, by: bool) -> Bounds:
    plan: Plan = value.plan or ()
    if value.schedule == "half":
        return (0.0, 0.0), _SOME, _SOME, (100.0, 100.0)
    if value.schedule == "quarterly" and re.search(r"季度?初", text):
        plan = (25, 50, 100, 100)  # the fourth is paid in October
    once = all(points in (0, 100, None) for points in plan)
    return tuple(_OPEN if points is None or (by and once and not points) else (points, points) for points in plan)


def allows(found: Bounds, plan: tuple[float, ...], tolerance: float) -> tuple[bool, ...]:
    """Does each value of the plan lie in its bounds?"""
    pairs = zip(found, plan, strict=True)
    return tuple(low - tolerance <= value <= high + tolerance for (low, high), value in pairs)

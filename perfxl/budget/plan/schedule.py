"""The times that a project's 时效 (timeliness) indicators name, as bounds on its spending plan; for PL-06 and PL-07.

The plans that 每季度末 (the end of each quarter), 年初 (the beginning of the year) and the like imply are those of
``indicator_value``. Here they are read with more caution: a deadline leaves open how much is spent before it, what is
paid by the month or the quarter is paid in it or after it, and 年初工作计划 (the work plan made at the beginning of the
year) is no time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.indicator_value import parse, schedules_named
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.subject import Subject

MONTHS = (3, 6, 10, 12)
"""The months at whose end the plan has a value."""
PATHS = ("plan.march", "plan.june", "plan.october", "plan.december")
"""The paths of the plan's values, in the order of MONTHS."""

Bounds = tuple[tuple[float, float], ...]
"""The least and the most that is spent by the end of each of the MONTHS, in percent."""
Expected = tuple[float | None, ...]
"""What a time implies at each of the MONTHS, as it is told; None where it leaves one open."""

_OPEN, _NONE, _ALL = (0.0, 100.0), (0.0, 0.0), (100.0, 100.0)
_SOME = (10.0, 90.0)  # 年中及年末 (mid-year and year's end): part of the money; the text does not say how much
# 前 (before), 内 (within), 截至 (until); but not 提前 (ahead of time), 前期 (early stage)
_DEADLINE = late_pattern(r"(?<!提)前(?!期)|内|截[止至]|不[迟晚]于|最迟")
_FINISHED = late_pattern(r"完毕|完成|付清|到位|结清|发完")
_NO_TIME = late_pattern(r"年初(?:工作)?(?:计划|预算|安排|部署)|[次下翌上去]一?年(?:年?[初底末]|第?.季度)?")
_SHARES = late_pattern(r"\d\s*[%％]|百分之|[一二三四五六七八九]成|余款|尾款|预付")
_OPEN_END = late_pattern(r"起|开始|以后|之后|月后")
_MONTH = late_pattern(r"(?<![\d.])(1[0-2]|[1-9])月(?!份?度)")
_YEAR = late_pattern(r"((?:19|20)\d\d)[年./-]")
_SPAN = late_pattern(r"(?<![\d.])(1[0-2]|[1-9])月?份?(?:\d{1,2}日)?[至到\-—–~～]+(?:(?:19|20)\d\d年)?(1[0-2]|[1-9])月")
_FROM = late_pattern(r"(?<![\d.])(1[0-2]|[1-9])月份?(?:\d{1,2}日)?(?:起|开始)")
_BY_MONTH = late_pattern(r"每个?月|[按分逐]月|月月")
_TERM = late_pattern(r"[每按分各两]个?学期")
_SPRING, _AUTUMN = late_pattern(r"春(?!节|运)"), late_pattern(r"(?<!中)秋")
_NEW_YEAR, _OTHER_FEASTS = (
    late_pattern(r"春节|元旦"),
    late_pattern(r"端午|中秋|国庆|重阳|八一|建军|七一|五一|六一|教师节|节日"),
)
_PAID = "(?:足额|全额|全部)?(?:发|拨|支付|兑|付|下达|打卡|到位|结清)"
_ONCE = late_pattern(rf"一次性{_PAID}")
_CONDITION = late_pattern(r"后|审核|申[请报]|每|按|随|分批|陆续")
_TWICE = late_pattern(r"每半年|半年一次|[分共]?(?:两|2|二)[次批期](?=.{0,2}(?:发|拨|支|兑|付|下达|到位|$))")
_SEVERAL = late_pattern(r"[分共]([三四34])[次批期]")


class PaymentTime(NamedTuple):
    """The time that a text names: the bounds that it sets for the plan, None where it names none of the year.

    ``expected``: what it implies, as it is told; empty where that cannot be told in four values. ``payments``: the
    most payments that are made, 0 where it does not say. ``steady``: nothing is spent from 6月底 (the end of June) to
    10月底 (the end of October); ``growing``: something is.
    """

    bounds: Bounds | None
    expected: Expected = ()
    payments: int = 0
    steady: bool = False
    growing: bool = False


NO_TIME = PaymentTime(None)


@dataclass(frozen=True)
class Timing:
    """One 时效 indicator: its path, its text, the time that the text names; ``pays``: it is about paying money."""

    path: str
    text: str
    time: PaymentTime
    pays: bool


_EXACT: dict[str, Bounds] = {
    "start": (_ALL, _ALL, _ALL, _ALL),
    "half": (_NONE, _SOME, _SOME, _ALL),
    "first_half": (_OPEN, _ALL, _ALL, _ALL),
    "middle": (_NONE, _ALL, _ALL, _ALL),
    "second_half": (_NONE, _NONE, _OPEN, _ALL),
    "third_quarter": (_NONE, _NONE, _ALL, _ALL),
    "end": (_NONE, _NONE, _NONE, _ALL),
    "quarterly": ((0, 40), (20, 65), (45, 90), _ALL),
    "monthly": ((16.7, 30), (41.7, 60), (75, 90), _ALL),
    "bimonthly": ((16.7, 16.7), (50, 50), (83.3, 83.3), _ALL),
}
"""The bounds that each schedule sets. By the quarter or the month, not each payment is equal, and one may be late."""
_TOLD: dict[str, Expected] = {"quarterly": (25, 50, 75, 100), "monthly": (25, 50, 83.3, 100)}
_TERMS = PaymentTime(((0.0, 60.0), (0.0, 75.0), (25.0, 100.0), _ALL))
"""By the term: in spring and in autumn, at their beginning or their end."""


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
    text, time = next(_times(row, subject.unit.year), (row.text("target"), NO_TIME))
    return Timing(row.path("target"), text, time, _pays(subject, row))


def _pays(subject: Subject, row: Indicator) -> bool:
    """Return True if an indicator is about paying money, not about giving goods or doing work."""
    own = f"{row.text('target')} {row.text('level3')}"
    words = f"{own} {row.text('description')}"
    if any(word in words for word in subject.words("goods")):
        return False
    paying = subject.words("paying")
    if any(word in own for word in paying):
        return True
    return any(word in words for word in paying) and not any(word in own for word in subject.words("working"))


def _times(row: Indicator, year: int | None) -> Iterator[tuple[str, PaymentTime]]:
    """Yield the indicator's value and its description where they name a time, with that time."""
    for column in ("target", "description"):
        text = row.text(column)
        if text and (time := read(text, year)) != NO_TIME:
            yield text, time


@lru_cache(maxsize=4096)
def read(text: str, year: int | None) -> PaymentTime:
    """Return the time of the year that a text names, ``NO_TIME`` where it names none."""
    bare = _NO_TIME.sub("", text)
    value = parse(bare)
    if value.kind == "date":
        return _of_date(value.period, year, _is_deadline(bare) or value.operator in ("≤", "<"))
    if _SHARES.search(bare) or any(int(named) != year for named in _YEAR.findall(bare)):
        return NO_TIME
    payments, rest = _payments(bare)
    time = _of_span(rest) or _of_term(rest) or _of_months(rest) or _of_schedules(rest) or NO_TIME
    return time._replace(payments=payments)


def _is_deadline(text: str) -> bool:
    """Return True if a time is one up to which anything may be spent: 6月底前, 12月发放完毕 (all paid in December)."""
    return bool(_DEADLINE.search(text)) or (bool(_FINISHED.search(text)) and not _ONCE.search(text))


def _payments(text: str) -> tuple[int, str]:
    """Return the most payments that a text speaks of, 0 where it does not, and the text without these words."""
    if _ONCE.search(text) and not _CONDITION.search(text):
        return 1, text
    if _TWICE.search(text):
        return 2, _TWICE.sub("", text)
    several = _SEVERAL.search(text)
    return ({"三": 3, "3": 3}.get(several[1], 4) if several else 0), text


def _of_date(period: str, year: int | None, by: bool) -> PaymentTime:
    """Return the time of a date: nothing is spent before its month, all from then on.

    ``NO_TIME`` is returned for a date without a month and for one in another year than the budget's.
    ``period``: ISO 8601, ``--11`` without a year. ``by``: the date is a deadline, so anything may be spent before it.
    """
    date = re.fullmatch(r"(\d{4}|-)-(\d\d)(?:-\d\d)?", period)
    if not date or (date[1] != "-" and int(date[1]) != year):
        return NO_TIME
    return _told(tuple(_ALL if month >= int(date[2]) else _OPEN if by else _NONE for month in MONTHS))


def _of_span(text: str) -> PaymentTime | None:
    """Return the time of months from … to …: in 1月至6月每月 (each month) a share in each."""
    spans = _SPAN.findall(text) or [(month, "12") for month in _FROM.findall(text) if _BY_MONTH.search(text)]
    if len(spans) != 1 or len(_MONTH.findall(_FROM.sub("", _SPAN.sub("", text)))) > 0:
        return None
    first, last = map(int, spans[0])
    if first > last:
        return NO_TIME
    if not _BY_MONTH.search(text):
        by = _is_deadline(text)
        return _told(tuple(_ALL if end >= last else _NONE if end < first and not by else _OPEN for end in MONTHS))
    shares = [_share(first, last, end) for end in MONTHS]
    late = [_share(first, last, end - 1) for end in MONTHS]  # a month is paid in the next one
    low = [*late[:-1], 100.0]
    return PaymentTime(tuple(zip(low, (min(100.0, share + 5) for share in shares), strict=True)), tuple(shares))


def _share(first: int, last: int, month: int) -> float:
    """Return the share of the months from ``first`` to ``last`` that has passed by the end of a month, in percent."""
    return 100 * min(max(month - first + 1, 0) / (last - first + 1), 1)


def _of_term(text: str) -> PaymentTime | None:
    """Return the time of school terms, of the seasons, or of the Spring Festival, in which money is paid."""
    if _NEW_YEAR.search(text):
        return None if _OTHER_FEASTS.search(text) else _told(_EXACT["start"])
    spring, autumn = bool(_SPRING.search(text)), bool(_AUTUMN.search(text))
    if _TERM.search(text) or (spring and autumn):
        return _TERMS
    if autumn:
        return _told((_NONE, _NONE, _OPEN, _ALL))
    return _told((_OPEN, _OPEN if "学期" in text else (90.0, 100.0), _ALL, _ALL)) if spring else None


def _of_months(text: str) -> PaymentTime | None:
    """Return the time of the months that a sentence names: nothing before the first, all from the last on."""
    months = [int(month) for month in _MONTH.findall(text)]
    if not months or _BY_MONTH.search(text):
        return None
    before = _OPEN if _is_deadline(text) else _NONE
    behind = _OPEN if _OPEN_END.search(text) else _ALL
    bounds = [before if end < min(months) else behind if end >= max(months) else _OPEN for end in MONTHS]
    return _told((*bounds[:-1], _ALL))


def _of_schedules(text: str) -> PaymentTime | None:
    """Return the time of the schedules that a text names; of several, the bounds leave room for each."""
    named = [word for word in schedules_named(text) if word in _EXACT]
    if not named:
        return None
    by = _is_deadline(text)
    several = [_of_schedule(word, text, by) for word in named]
    if len(named) == 1:
        told = _TOLD.get(named[0]) or _middles(several[0])
        return PaymentTime(several[0], told, 0, named[0] == "half", named[0] == "quarterly")
    bounds = tuple(
        (min(low), max(high)) for low, high in (zip(*ends, strict=True) for ends in zip(*several, strict=True))
    )
    return _told(bounds)


def _of_schedule(word: str, text: str, by: bool) -> Bounds:
    """Return the bounds of one schedule in a text; ``by``: a deadline, so anything may be spent before it."""
    bounds = list(_EXACT[word])
    if word == "quarterly" and re.search(r"季度?初", text):
        bounds[2] = (45, 100)  # the fourth quarter is paid in October
    elif word == "end" and "季" in text and not re.search("[末底终]", text):
        bounds[2] = _OPEN  # October is in the fourth quarter
    elif word == "middle" and "年中" in text:
        bounds[1] = _OPEN  # June or July
    at_once = all(bound in (_NONE, _ALL, _OPEN) for bound in bounds)
    return tuple(_OPEN if by and at_once and bound == _NONE else bound for bound in bounds)


def _told(bounds: Bounds) -> PaymentTime:
    return PaymentTime(bounds, _middles(bounds))


def _middles(bounds: Bounds) -> Expected:
    """Return the middle of each value's bounds, None where any value is allowed."""
    return tuple(None if bound == _OPEN else (bound[0] + bound[1]) / 2 for bound in bounds)


def allows(bounds: Bounds, plan: tuple[float, ...], tolerance: float) -> tuple[bool, ...]:
    """Return, for each value of the plan, True if it lies within its bounds or at most ``tolerance`` outside them."""
    pairs = zip(bounds, plan, strict=True)
    return tuple(low - tolerance <= value <= high + tolerance for (low, high), value in pairs)


def payments(plan: tuple[float, ...], tolerance: float) -> tuple[str, ...]:
    """Return the paths of the plan's values up to which something is spent; less than ``tolerance`` is nothing."""
    before = (0.0, *plan)
    return tuple(path for path, start, end in zip(PATHS, before, plan, strict=False) if end - start > tolerance)

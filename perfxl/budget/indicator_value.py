"""The value of an indicator (指标值): a number with operator and unit, a date, a schedule, or words.

The record keeps the text as typed; ``parse`` returns its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Literal

from perfxl.form.characters import visible_text, without_invisible
from perfxl.form.late_pattern import late_pattern
from perfxl.form.types.base import AnswerType, Raw, Understood, Validation, ValueType
from perfxl.form.types.money import IN_YUAN
from perfxl.form.types.number import text_or_none
from perfxl.form.types.spelling import arabic_share, clean_text, verbatim

Plan = tuple[float | None, ...]


CONVERTED: Mapping[str, tuple[str, float]] = {
    **{unit: ("money", float(IN_YUAN[unit])) for unit in ("元", "千元", "万元", "百万元", "亿元")},
    "米": ("length", 1.0),
    "公里": ("length", 1000.0),
    "千米": ("length", 1000.0),
    "平方米": ("area", 1.0),
    "万平方米": ("area", 10000.0),
    "公顷": ("area", 10000.0),
    "平方公里": ("area", 1e6),
    "人": ("people", 1.0),
    "万人": ("people", 10000.0),
    "人次": ("visits", 1.0),
    "万人次": ("visits", 10000.0),
    "公斤": ("weight", 1.0),
    "千克": ("weight", 1.0),
    "吨": ("weight", 1000.0),
}
"""The units that are converted into each other, each with its dimension and its factor."""


@dataclass(frozen=True)
class IndicatorValue(AnswerType):
    """The type of answer for an indicator value: a text such as ≥95%, 217人, 2023年11月 or 及时保障.

    It is kept as it is shown: as typed, but trimmed, without invisible characters and with the characters that people
    type in the place of those that only look like them (米 for ⽶). A number that Excel made of the text becomes the
    text again: 1 under the format 0% is 100%, a date serial under yyyy"年"m"月" is 2023年11月.
    """

    name: ClassVar[str] = "indicator_value"
    free_text: ClassVar[bool] = True
    align: ClassVar[Literal["left", "center"]] = "center"
    parts: ClassVar[Mapping[str, ValueType]] = {
        "operator": "text", "number": "number", "unit": "text", "period": "text",
    }  # fmt: skip
    units: ClassVar[Mapping[str, tuple[str, float]]] = CONVERTED
    max_length: int = 100
    unit_of: str = ""

    @property
    def like(self) -> str:
        """The answer beside it in whose unit its number is counted: 62500元 is 6.25 beside 21.45万元."""
        return self.unit_of

    def read(self, raw: Raw) -> Understood:
        """Return the text as it is shown; ``how`` says in what this differs from what was typed."""
        typed = verbatim(raw)
        if typed.value is None or typed.problem:
            return typed
        drawn = without_invisible(typed.value)
        trimmed = drawn.strip()
        text = visible_text(trimmed)
        if text == typed.value:
            return Understood(text, typed.how)
        steps = {"trimmed": trimmed != drawn, "invisible": drawn != typed.value, "look_alike": text != trimmed}
        return Understood(text, tuple(dict.fromkeys((*typed.how, *(word for word in steps if steps[word])))))

    def show(self, value: Any) -> str | None:
        """Return what is written into the cell for a record's value."""
        return text_or_none(value)

    def part(self, value: Any, name: str, like: Any = None) -> str | float | None:
        """Return the operator, the number, or the unit as typed, None for other values than numbers; or the period.

        The number is in the unit of ``like``, where that is a number too; None where the units do not agree. The period
        is a date in ISO 8601, as far as it was given; None for other values than dates.
        """
        found = parse(value) if isinstance(value, str) else None
        if name == "period":
            return (found.period or None) if found else None
        if found is None or found.kind != "number" or found.number is None:
            return None
        if name == "number":
            number = number_in_unit_of(found, parse(like)) if isinstance(like, str) else found.number
            return float(number) if number is not None else None
        return (found.operator if name == "operator" else found.unit) or None

    def validation(self) -> Validation:
        """Return the validation of the cell in Excel."""
        return Validation("text_length", maximum=self.max_length)

    def schema(self) -> Mapping[str, Any]:
        """Return the JSON Schema of the record's value."""
        return {"type": "string", "maxLength": self.max_length}

    def facts(self) -> Mapping[str, Any]:
        """Return the values that the sentences about this type need."""
        own = "98%" if self.unit_of else "≥95%"
        return {"max_length": self.max_length, "example": self.example or own, "actual": bool(self.unit_of)}


@dataclass(frozen=True)
class Value:
    """The meaning of an indicator value; ``raw`` is the text as typed.

    ``operator``: one of "", ≥, ≤, =, >, <.
    ``number``: a number in ``unit``, which is in perfxl's spelling (% for 百分比, 平方米 for ㎡).
    ``dimension``: count, length, area, volume, weight, money, money_per_head, money_per_head_month,
    money_per_head_day, money_per_unit, ratio or duration; empty where the unit is unknown or missing.
    ``period``: a date in ISO 8601, as far as it was given: 2023-11-05, 2023-11, 2023, --11 (no year).
    ``schedule``: its word, see SCHEDULES; ``plan``: the cumulative percents that it implies at 3月底, 6月底, 10月底 and
    12月底 (the ends of March, June, October and December), None where it leaves one open.
    """

    raw: str
    kind: Literal["number", "date", "schedule", "qualitative"]
    operator: str = ""
    number: Decimal | None = None
    unit: str = ""
    dimension: str = ""
    period: str = ""
    schedule: str = ""
    plan: Plan | None = None

    @property
    def amount(self) -> Decimal | None:
        """Return the amount in 元, for money and money per head, month, day or unit; None for all else."""
        if self.number is None or not self.dimension.startswith("money"):
            return None
        return self.number * IN_YUAN[self.unit.partition("/")[0]]

    @property
    def amount_a_year(self) -> Decimal | None:
        """Return ``amount``, twelve times as much where it is per month."""
        if self.amount is None:
            return None
        return self.amount * 12 if self.dimension == "money_per_head_month" else self.amount

    @property
    def spelled(self) -> str:
        """Return a number or a date in perfxl's spelling, ≥95% or 2023年11月; any other text as it is."""
        if self.kind == "number":
            return f"{self.operator}{self.number:f}{self.unit}"
        if self.kind == "date":
            year, month, day = (*re.findall("[0-9]+|-(?=-)", self.period), "", "")[:3]
            units = zip((year.strip("-"), month, day), ("年", "月", "日"), strict=True)
            return self.operator + "".join(part.lstrip("0") + unit for part, unit in units if part)
        return self.raw

    @property
    def how(self) -> tuple[str, ...]:
        """Return the words of ``types.base.HOW`` for the tolerances needed; none for perfxl's own spelling."""
        if self.spelled == self.raw:
            return ()
        text, cleaned = clean_text(self.raw)
        needed = {
            "thousands": bool(re.search("[0-9],[0-9]", text)),
            "percent_sign": "百分之" in text,
            "unit": self.unit not in text,
            "operator": bool(self.operator)
            and (
                not text.startswith(self.operator)
                or text.startswith(self.operator * 2)
                or text.rstrip("。;").endswith(tuple(_AFTER))
            ),
            "date": self.kind == "date",
            "punctuation": text[-1:] in "。;",
            "trimmed": len(text.split()) > 1 and "trimmed" not in cleaned,
        }
        words = (*cleaned, *(word for word, is_needed in needed.items() if is_needed))
        # otherwise an ending of the unit (元整), or the digits themselves, are in another spelling: +5%, 05人
        return words or (("number_as_text",) if text.endswith(self.unit) else ("unit",))


# Operators before and behind a number. Longer ones are tried first, since 大于等于 begins with 大于.

_BEFORE: Mapping[str, str] = {
    spelling: sign
    for sign, spellings in {
        "≥": "≥ ≧ ⩾ ≮ >= => >或= 大于或等于 高于或等于 大于等于 不低于 不少于 不小于 不短于 不得低于 不得少于 "
        "不得小于 至少 最少 最低 达到或超过 达到 达",
        "≤": "≤ ≦ ⩽ ≯ <= =< <或= 小于或等于 低于或等于 小于等于 不超过 不超出 不高于 不大于 不多于 不得超过 "
        "不得超出 不得高于 不得大于 不得多于 至多 最多 最高 控制在",
        "=": "= == 等于",
        ">": "> 大于 超过 高于 多于",
        "<": "< 小于 低于 少于",
    }.items()
    for spelling in spellings.split()
}
_AFTER: Mapping[str, str] = {
    "以上": "≥",
    "及以上": "≥",
    "或以上": "≥",
    "含以上": "≥",
    "(含)以上": "≥",
    "以上(含)": "≥",
    "以下": "≤",
    "及以下": "≤",
    "或以下": "≤",
    "含以下": "≤",
    "(含)以下": "≤",
    "以下(含)": "≤",
    "以内": "≤",
    "之内": "≤",
}

_DIRECTION = {"≥": 1, ">": 1, "=": 0, "≤": -1, "<": -1}


def _alternatives(words: Mapping[str, str]) -> str:
    """Return the words as a part of a pattern, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NUMBER = late_pattern(
    rf"(?P<before>{_alternatives(_BEFORE)})?(?P<ratio>百分之)?"
    r"(?P<number>[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?)"
    rf"(?P<unit>[^0-9.,]*?)(?P<after>{_alternatives(_AFTER)})?"
)
_BEFORE_PERIOD = late_pattern(rf"({_alternatives(_BEFORE)})(.+)")


# Units

_UNITS: Mapping[str, str] = {
    "count": (
        "人 名 位 个 户 辆 台 套 件 次 期 篇 份 条 处 座 项 家 村 场 批 册 本 张 只 头 株 棵 盏 组 支 队 间 所 栋 幅 "
        "部 块 面 例 宗 起 卷 点 口 眼 员 对 副 班 班次 课时 学时 人次 户次 车次 台次 万人 万人次 万户 万次 万份 万册 "
        "个村 个社区 个乡镇 个项目 人/次 人/年 次/年 次/月 个/年 人月 人天"
    ),
    "length": "米 万米 公里 万公里 千米 里 延米 延长米 厘米 毫米 m km",
    "area": "平方米 平方公里 万平方米 亩 万亩 公顷 平米",
    "volume": "立方米 万立方米 方 升 立方",
    "weight": "吨 万吨 公斤 千克 克 斤",
    "ratio": "% ‰",
    "duration": "年 月 个月 天 日 小时 个小时 时 分钟 秒 周 季度 个季度 工作日 个工作日",
    "money": " ".join(IN_YUAN),
}
_DIMENSIONS: Mapping[str, str] = {unit: dimension for dimension, units in _UNITS.items() for unit in units.split()}
_SPELLINGS: Mapping[str, str] = {
    "百分比": "%",
    "个百分点": "%",
    "百分点": "%",
    "m": "米",
    "km": "公里",
    "千米": "公里",
    "m2": "平方米",
    "m²": "平方米",
    "㎡": "平方米",
    "平米": "平方米",
    "m3": "立方米",
    "m³": "立方米",
    "㎥": "立方米",
    "立方": "立方米",
    "圆": "元",
    "元整": "元",
    "万": "万元",
    "W": "万元",
    "w": "万元",
    "万元整": "万元",
    "亿": "亿元",
}
_HEADS = ("人", "名", "位", "户", "人次", "员")
_PER = late_pattern(rf"({_alternatives(dict.fromkeys(IN_YUAN, ''))})(?:/|每|·)(.+)")
# the part behind the money in amounts per head and time: 100元/人天, 10元/人·月, 10元/月/人, 元/月·人
_HEAD = "|".join(_HEADS)
_PER_HEAD = late_pattern(rf"(?P<head>{_HEAD})?[/·*.每]?(?P<time>年|月|天|日)?(?:[/·*.每]?(?P<behind>{_HEAD}))?")
_TIMES = {"月": "money_per_head_month", "天": "money_per_head_day", "日": "money_per_head_day"}


def _parse_unit(text: str) -> tuple[str, str] | None:
    """Return a unit in perfxl's spelling and its dimension; None where the text is no unit."""
    if text == "":
        return "", ""
    per = _PER.fullmatch(text)
    if per:
        return _parse_rate(_SPELLINGS.get(per[1], per[1]), per[2])
    unit = _SPELLINGS.get(text, text)
    dimension = _DIMENSIONS.get(unit, "")
    # An unknown unit is a short word; 3年内完成 and 100%覆盖 are sentences.
    if dimension or re.fullmatch(r"[一-鿿]{1,2}|[A-Za-z]{1,4}", unit):
        return unit, dimension
    # 45个村, 12个行政村: a count with the thing that is counted
    counted = re.fullmatch(r"([个条处座项名户辆台套])[一-鿿]{1,4}", unit)
    return (unit, "count") if counted else None


def _parse_rate(money: str, base: str) -> tuple[str, str]:
    """Return the unit and the dimension of money per ``base``: a head, a head and a time, or any unit."""
    match = _PER_HEAD.fullmatch(base)
    head = (match["head"] or match["behind"]) if match else None
    if match and head:
        time = match["time"] or ""
        return f"{money}/{head}" + (f"/{time}" if time else ""), _TIMES.get(time, "money_per_head")
    return f"{money}/{base}", "money_per_unit"


def number_in_unit_of(value: Value, like: Value) -> Decimal | None:
    """Return the number of a value in the unit of another one, None where the units do not agree.

    A bare number is in that unit; beside a percentage one of at most 1 is a fraction: 0.8 is 80%. A bound is no number
    where it does not tell whether the other one is kept.
    """
    number = value.number
    if number is None or like.number is None:
        return number
    if _is_bound_against(value, like):
        return None
    if value.unit == like.unit:
        return number
    if not value.unit:
        return number * 100 if like.unit == "%" and 0 < number <= 1 else number
    one, other = CONVERTED.get(value.unit), CONVERTED.get(like.unit)
    if one and other and one[0] == other[0]:
        return number * Decimal(one[1]) / Decimal(other[1])
    return number if _is_same_count(value, like) else None


def _is_bound_against(value: Value, like: Value) -> bool:
    """Return True for a bound that does not tell whether another one is kept: <300人 for 300人, ≥2万元 for ≤2万元."""
    if value.operator in ("≤", "<"):
        return like.operator not in ("≤", "<")
    if value.operator in ("≥", ">"):
        return like.operator not in ("≥", ">") and (bool(like.operator) or like.dimension.startswith("money"))
    return False


def _is_same_count(value: Value, like: Value) -> bool:
    """Return True for a count with and without the thing: 45个村 and 45个; but 人次 (visits) are no 人 (people)."""
    short, long = sorted((value.unit, like.unit), key=len)
    rest = long.removeprefix(short)
    counts = value.dimension == like.dimension == "count" and bool(short)
    return counts and rest != long and rest not in _OTHER_COUNTS and (rest[:1] != "/" or rest == "/年")


_OTHER_COUNTS = ("次", "月", "天")
"""Behind a unit they make another one: 人次, 户次, 人月, 人天."""


# Dates

_TAIL = r"(?:份)?(?:底)?(?:以?前|之前|内)?(?:完成|完工|竣工|发放|拨付|支付|到位|发放到位|拨付到位)?"
_DATES = (
    late_pattern(rf"(?P<y>(?:19|20)[0-9]{{2}})年(?P<m>[0-9]{{1,2}})月(?:(?P<d>[0-9]{{1,2}})[日号]?)?{_TAIL}"),
    late_pattern(rf"(?P<y>(?:19|20)[0-9]{{2}})年度?(?:末|终)?{_TAIL}"),
    late_pattern(rf"(?P<y>(?:19|20)[0-9]{{2}})(?P<s>[-./])(?P<m>[0-9]{{1,2}})(?:(?P=s)(?P<d>[0-9]{{1,2}}))?{_TAIL}"),
    late_pattern(rf"(?P<m>[0-9]{{1,2}})月(?:(?P<d>[0-9]{{1,2}})[日号])?{_TAIL}"),
)


def _parse_period(text: str) -> str:
    """Return the date of a text in ISO 8601, "" where the text is none."""
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if not match:
            continue
        parts = match.groupdict()
        year, month, day = parts.get("y"), int(parts.get("m") or 0), int(parts.get("d") or 0)
        if month > 12 or day > 31 or (parts.get("m") and not month) or (parts.get("d") and not day):
            return ""
        date = (year or "-") + (f"-{month:02d}" if month else "")
        return date + (f"-{day:02d}" if day else "")
    return ""


# Schedules

SCHEDULES: Mapping[str, Plan | None] = {
    "start": (100, 100, 100, 100),
    "half": (0, None, None, 100),  # 年中及年末 (mid-year and year-end): equal at 6月底 and 10月底, and more than 0
    "first_half": (None, 100, 100, 100),
    "middle": (0, 100, 100, 100),
    "second_half": (0, 0, None, 100),
    "third_quarter": (0, 0, 100, 100),
    "end": (0, 0, 0, 100),
    "quarterly": (25, 50, 75, 100),
    "monthly": (25, 50, 83.3, 100),
    "bimonthly": (16.7, 50, 83.3, 100),
    "timely": None,  # something is spent before the last quarter, but nobody can say how much
    "mixed": None,  # the plan is made of those of its parts
}
"""The cumulative percents that each schedule implies at 3月底 6月底 10月底 12月底."""

# Tried in this order at each place of the text: 每季度末 before 季度, 每两月 before 每月.
_WORDS = (
    ("half", r"年中(?:及|和|与|、)年[末底终]|每半年|半年一次|分两次"),
    ("bimonthly", r"每(?:两|2|二)个?月|双月|隔月"),
    ("quarterly", r"每个?季度?末?|[按分逐]季度?|季末|各季度末?"),
    ("monthly", r"每个?月[末底]?|[按分逐]月|月月"),
    ("start", r"第?[一1]季度末?|首季度?|年初"),
    ("middle", r"第?[二2]季度末?|年中"),
    ("third_quarter", r"第?[三3]季度末?"),
    ("end", r"第?[四4]季度末?|年[末底终]"),
    ("first_half", r"上半年"),
    ("second_half", r"下半年"),
    ("timely", r"及时"),
)
_SCHEDULE = late_pattern("|".join(f"(?P<{word}>{pattern})" for word, pattern in _WORDS))


def schedules_named(text: str) -> tuple[str, ...]:
    """Return the schedules that a text names, as words of SCHEDULES, each once in the order of the text."""
    return tuple(dict.fromkeys(match.lastgroup or "" for match in _SCHEDULE.finditer(text)))


def _parse_schedule(text: str) -> tuple[str, Plan | None] | None:
    """Return the word and the plan of the schedule in a text, None where there is none.

    Of several schedules the plan has the percents on which all agree.
    """
    words = schedules_named(text)
    named = [word for word in words if word != "timely"]  # 按季度及时拨付 is quarterly
    if not named:
        return ("timely", None) if words else None
    if len(named) == 1:
        return named[0], SCHEDULES[named[0]]
    plans = [plan for word in named if (plan := SCHEDULES[word]) is not None]
    return "mixed", tuple(shares[0] if len(set(shares)) == 1 else None for shares in zip(*plans, strict=True))


def parse(text: str) -> Value:
    """Return the meaning of an indicator value; never raises. A text that is nothing else is qualitative."""
    return _parse_cached(text) if len(text) <= _CACHED_LENGTH else _parse(text)


_CACHED_LENGTH = 64  # characters: longer texts hardly repeat, and would only fill the cache


def _parse(text: str) -> Value:
    bare = arabic_share("".join(clean_text(text)[0].split()))
    bare = re.sub(r"(?<=[0-9])。(?=[0-9])", ".", bare).rstrip("。;；")
    period = _parse_period(bare)
    if period:
        return Value(text, "date", period=period)
    before = _BEFORE_PERIOD.match(bare)
    if before and (period := _parse_period(before[2])) and not re.fullmatch(r"[0-9.]+", before[2]):
        return Value(text, "date", operator=_BEFORE[before[1]], period=period)
    number = _parse_number(text, bare)
    if number:
        return number
    schedule = _parse_schedule(bare)
    if schedule:
        return Value(text, "schedule", schedule=schedule[0], plan=schedule[1])
    return Value(text, "qualitative")


_parse_cached = lru_cache(maxsize=4096)(_parse)  # a county has few different values: 100%, ≥95%, 及时保障


def _parse_number(raw: str, bare: str) -> Value | None:
    """Return the value of a text that is a number with operator and unit, None for any other.

    ``bare``: the text, cleaned; ``raw``: the text as typed."""
    match = _NUMBER.fullmatch(bare)
    if not match:
        return None
    unit = _parse_unit("%" if match["ratio"] and not match["unit"] else match["unit"])
    before, after = _BEFORE.get(match["before"] or "", ""), _AFTER.get(match["after"] or "", "")
    # 不低于95%以内 contradicts itself: nobody can say which was meant. 控制在…以内, >95%以上 do not.
    if unit is None or (before and after and _DIRECTION[before] != _DIRECTION[after]):
        return None
    number = Decimal(match["number"].replace(",", ""))
    return Value(raw, "number", before or after, number, unit[0], unit[1])

"""The class (二级指标) to which an indicator belongs by the ending of its name, or by its name and value together."""

from __future__ import annotations

from collections.abc import Mapping

from perfxl.budget.indicator import Indicator, taxonomy_of
from perfxl.budget.indicator_value import Value
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.subject import Subject

SATISFACTION = "服务对象满意度"
_BENEFIT = ("经济效益", "社会效益", "生态效益", "可持续影响")
_NO_INCOME = ("社会效益", "生态效益", "可持续影响")
_OUTPUT = ("数量", "质量", "时效", "成本", "经济成本")
_COST = ("成本", "经济成本")

_HOMES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "satisfaction_names": ((SATISFACTION,), (*_OUTPUT, *_BENEFIT)),
    "time_names": (("时效",), ("数量", "质量", *_COST, *_BENEFIT, SATISFACTION)),
    "timely_rates": (("时效",), ("数量", *_COST, SATISFACTION)),
    "cost_names": (_COST, ("数量", "质量", "时效", SATISFACTION)),
    "count_names": (("数量",), ("质量", "时效", SATISFACTION)),
    "quality_names": (("质量",), ("数量", "时效", *_COST, SATISFACTION)),
}
"""Word list of endings → the classes to which these belong, and the classes in which they cannot stand."""

_TIMES = late_pattern(r"[次期场轮回批遍]|[0-9一二三四五六七八九十两][个人户件份篇条处]")
"""A schedule with these is a count: 每季度一次 (once a quarter)."""


def home_class(subject: Subject, row: Indicator) -> str:
    """Return the level 2 to which an indicator belongs, "" where it may stay in its class."""
    for homes in (_home_by_name(subject, row), _home_by_value(subject, row)):
        if homes:
            known = tree.level2 if (tree := taxonomy_of(subject)) else ()
            return next((level2 for level2 in known if level2.removesuffix("指标") in homes), "")
    return ""


def _home_by_name(subject: Subject, row: Indicator) -> tuple[str, ...]:
    """Return the classes to which the ending of a name belongs, none where it may stay."""
    name = squeeze(row.text("level3"))
    for words, (homes, never) in _HOMES.items():
        if row.belongs(*never) and name.endswith(subject.words(words)):
            return () if words == "count_names" and _counts_quality(subject, row, name) else homes
    return ()


def _counts_quality(subject: Subject, row: Indicator, name: str) -> bool:
    """Return True for a count that tells how well something is done, or how seldom it goes wrong.

    合格人数 (persons who passed) may be a quality, 投诉次数 (complaints) a satisfaction.
    """
    if any(word in name for word in subject.words("counted_qualities")):
        return True
    return row.value is not None and (row.value.operator in ("≤", "<") or row.value.number == 0)


def _home_by_value(subject: Subject, row: Indicator) -> tuple[str, ...]:
    """Return the classes to which a name belongs together with its value: a time, or money for a cost."""
    name, value = squeeze(row.text("level3")), row.value
    if value is None:
        return ()
    if row.belongs("数量") and value.kind == "schedule" and not _TIMES.search(value.raw):
        return ("时效",)
    if row.belongs("质量", *_NO_INCOME) and value.kind == "date" and name.endswith(subject.words("time_endings")):
        return ("时效",)
    if row.belongs("质量") and value.dimension == "count" and _is_work(subject, row, name):
        return ("数量",)
    if row.belongs("经济效益") and any(word in name for word in subject.words("ecology_words")):
        return ("生态效益",)
    if not value.dimension.startswith("money"):
        return ()
    if row.belongs("生态效益") and any(word in name for word in subject.words("income_words")):
        return ("经济效益",)
    return _COST if _is_cost(subject, row, value) else ()


def _is_work(subject: Subject, row: Indicator, name: str) -> bool:
    """Return True for a number of things that are done: 发放宣传资料 (leaflets handed out) with 5000份."""
    acts = (*subject.words("definite_acts"), *subject.words("task_words"))
    if name.startswith(subject.words("action_manners")) or name.endswith(subject.words("rate_names")):
        return False  # IN-31 says it better
    return any(act in name for act in acts) and not _counts_quality(subject, row, name)


def _is_cost(subject: Subject, row: Indicator, value: Value) -> bool:
    """Return True if an amount of money in a class without money is a cost, neither saved nor earned."""
    texts = tuple(squeeze(row.text(column)) for column in ("level3", "description"))
    if not row.belongs("数量", "质量", *_NO_INCOME) or any(w in t for t in texts for w in subject.words("gains")):
        return False
    if row.belongs("数量"):
        return texts[0].endswith(subject.words("cost_endings"))
    named = any(text.endswith(subject.words("cost_endings")) for text in texts)
    return named or (value.dimension == "money_per_unit" and row.belongs(*_NO_INCOME))

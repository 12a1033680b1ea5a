"""IN-21: an indicator stands in the class that its name speaks of: 满意度, 时间, 成本, 人数, 合格率.

Only endings that leave no doubt are judged, and only in classes where they never belong: 受益人数 may be a benefit.
Where the value's unit shows it already, IN-17 says so.
"""

from collections.abc import Iterator, Mapping

from perfxl.budget.indicator import Indicator, indicators, taxonomy_of
from perfxl.budget.indicators.in17_unit_of_class import unfit
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze

_OUTPUT = ("数量", "质量", "时效", "成本", "经济成本")
_BENEFIT = ("经济效益", "社会效益", "生态效益", "可持续影响")
_SATISFACTION = "服务对象满意度"

_HOMES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "satisfaction_names": ((_SATISFACTION,), (*_OUTPUT, *_BENEFIT)),
    "time_names": (("时效",), ("数量", "质量", "成本", "经济成本", *_BENEFIT, _SATISFACTION)),
    "cost_names": (("成本", "经济成本"), ("数量", "质量", "时效", _SATISFACTION)),
    "count_names": (("数量",), ("质量", "时效", _SATISFACTION)),
    "quality_names": (("质量",), ("数量", "时效", "成本", "经济成本", _SATISFACTION)),
}
"""The list of endings → the classes it belongs to, the classes where it cannot stand."""


def check(subject: Subject) -> Iterator[Hit]:
    for row in indicators(subject):
        if not row.pair or not row.text("level3") or unfit(row):
            continue
        home = _home(subject, row)
        if home or _no_satisfaction(subject, row):
            facts = {"name": row.text("level3"), "class_": row.pair[1], "home": home}
            yield Hit((row.path("level2"), row.path("level3")), facts, _suggestion(subject, row, home))


def _home(subject: Subject, row: Indicator) -> str:
    """The class of level 2 where it belongs; empty where it may stand as it does."""
    name = squeeze(row.text("level3"))
    for words, (homes, never) in _HOMES.items():
        if row.belongs(*never) and name.endswith(subject.words(words)):
            known = tree.level2 if (tree := taxonomy_of(subject)) else ()
            return next((each for each in known if each.removesuffix("指标") in homes), "")
    return ""


def _no_satisfaction(subject: Subject, row: Indicator) -> bool:
    said = row.text("level3") + row.text("description")
    return row.belongs(_SATISFACTION) and not any(word in said for word in subject.words("satisfaction_marks"))


def _suggestion(subject: Subject, row: Indicator, home: str) -> str | None:
    """Its class, where that stands under the same level 1: else the whole row has to move."""
    below = tree.levels[row.pair[0]] if (tree := taxonomy_of(subject)) and row.pair else ()
    return home if home in below else None


RULE = Rule(
    code="IN-21",
    severity="warning",
    check=check,
    needs=("indicators.level2", "indicators.level3"),
    bad={"indicators[3].level3": "补贴名单复核完成时间", "indicators[3].description": "县级复核补贴名单的时间"},
    good={"indicators[6].level3": "履职到岗人数", "indicators[6].description": "年度考核中履职到岗的人数"},
    together=True,
)

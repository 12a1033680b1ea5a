"""IN-21: an indicator stands in the class that the ending of its name speaks of.

Such endings are 满意度 (satisfaction), 时间 (time), 成本 (cost), 人数 (number of persons), 合格率 (pass rate). Only
unambiguous ones are judged, and only in classes where they never belong: 受益人数 (number of beneficiaries) may be a
benefit. Where the unit of the value already shows the wrong class, it is left to IN-17.
"""

from collections.abc import Iterator, Mapping

from perfxl.budget.indicator import Indicator, indicators, taxonomy_of
from perfxl.budget.indicators.in17_unit_of_class import unfit
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

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
"""Word list of endings → the classes to which these belong, and the classes in which they cannot stand."""


def check(subject: Subject) -> Iterator[Hit]:
    """Find indicators that stand in the wrong class, and propose the right one."""
    for row in indicators(subject):
        if not row.pair or not row.text("level3") or unfit(row):
            continue
        home = _home_class(subject, row)
        if home or _lacks_satisfaction(subject, row):
            facts = {"name": row.text("level3"), "class_": row.pair[1], "home": home}
            yield Hit((row.path("level2"), row.path("level3")), facts, _suggestion(subject, row, home))


def _home_class(subject: Subject, row: Indicator) -> str:
    """Return the level 2 to which an indicator belongs, "" where it may stay in its class."""
    name = squeeze(row.text("level3"))
    for words, (homes, never) in _HOMES.items():
        if row.belongs(*never) and name.endswith(subject.words(words)):
            known = tree.level2 if (tree := taxonomy_of(subject)) else ()
            return next((level2 for level2 in known if level2.removesuffix("指标") in homes), "")
    return ""


def _lacks_satisfaction(subject: Subject, row: Indicator) -> bool:
    """Return True for an indicator of satisfaction whose name and description do not speak of it."""
    texts = row.text("level3") + row.text("description")
    return row.belongs(_SATISFACTION) and not any(word in texts for word in subject.words("satisfaction_marks"))


def _suggestion(subject: Subject, row: Indicator, home: str) -> str | None:
    """Return the right class if it stands under the same level 1, else None: then the whole row has to move."""
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

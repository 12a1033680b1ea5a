"""IN-31: the value is of the kind that the name asks for: a length in 米, an area in 平方米, a rate in %.

The name says the kind by its ending (长度, 面积, 率, 完成时间), or by its beginning: 按时发放 (paid in time) is no
number of persons. Only kinds that the name excludes are reported, and none that IN-17 or IN-21 reports for the class.
"""

from collections.abc import Iterator, Mapping

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.indicators.figures import is_other_rate
from perfxl.budget.indicators.home_class import home_class
from perfxl.budget.indicators.in17_unit_of_class import misfits
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_EXCLUDED: Mapping[str, tuple[str, ...]] = {
    "length_names": ("area", "volume", "weight", "duration", "money", "count", "date"),
    "area_names": ("length", "weight", "duration", "money", "count", "date"),
    "people_names": ("length", "area", "volume", "weight", "money", "date", "things"),
    "household_names": ("length", "area", "volume", "weight", "money", "date", "people"),
    "rate_names": ("length", "area", "volume", "weight", "duration", "money", "count", "date"),
    "time_endings": ("length", "area", "volume", "weight", "money", "count", "ratio"),
    "degree_names": ("length", "area", "volume", "weight", "count"),
    "money_names": ("length", "area", "volume", "weight", "count"),
}
"""Word list of endings → the kinds of values that such names exclude."""

_PEOPLE = ("人", "名", "位", "员", "万人", "人次", "万人次")
_THINGS = ("户", "辆", "台", "套", "座", "处", "条", "项", "本", "册", "份", "栋", "村", "个村", "所", "家")
_PERIOD = late_pattern(r"[日天月年周时]")
_JUDGED_MANNER = ("质量", "时效", "经济效益", "社会效益", "生态效益", "可持续影响")


def check(subject: Subject) -> Iterator[Hit]:
    """Find values of a kind that the names exclude."""
    for row in indicators(subject):
        if row.value and row.text("level3") and _differs(subject, row) and not _is_judged(subject, row):
            facts = {"name": row.text("level3"), "found": row.text("target")}
            yield Hit((row.path("target"), row.path("level3")), facts)


def _is_judged(subject: Subject, row: Indicator) -> bool:
    """Return True if another rule says that the indicator stands in a class where it cannot be."""
    return misfits(subject, row) or bool(home_class(subject, row))


def _differs(subject: Subject, row: Indicator) -> bool:
    """Return True if the value is of a kind that the name excludes."""
    name, kinds = squeeze(row.text("level3")), _kinds(row)
    if not kinds:
        return False
    for words, excluded in _EXCLUDED.items():
        if name.endswith(subject.words(words)):
            rate_of_its_own = words == "rate_names" and is_other_rate(name, subject.words("other_rates"))
            return not (rate_of_its_own or _is_share(words, row)) and any(kind in excluded for kind in kinds)
    is_manner = name.startswith(subject.words("action_manners")) and not name.endswith(subject.words("measure_endings"))
    return is_manner and row.belongs(*_JUDGED_MANNER) and "count" in kinds


def _is_share(words: str, row: Indicator) -> bool:
    """Return True if a time is given as a share by its description: 24小时内扑灭率 (share put out within a day)."""
    return words == "time_endings" and any(word in row.text("description") for word in ("率", "比例", "占"))


def _kinds(row: Indicator) -> tuple[str, ...]:
    """Return the kind of a value, and of a count what it counts; none for a zero, or where it is not known."""
    value = row.value
    if value is None or value.number == 0:
        return ()
    if value.kind == "date":
        return ("date",) if any(sign in value.raw for sign in "年月") else ()
    if value.kind != "number" or not value.dimension:
        return ()
    if value.dimension == "count" and _PERIOD.search(
        value.unit.partition("/")[0]
    ):  # 30个工作日内 (within 30 working days)
        return ("duration",)
    dimension = "money" if value.dimension.startswith("money") else value.dimension
    if value.unit.partition("/")[0] in _PEOPLE:
        return "count", "people"
    return (dimension, "things") if value.unit in _THINGS else (dimension,)


RULE = Rule(
    code="IN-31",
    severity="warning",
    check=check,
    needs=("indicators.level3", "indicators.target"),
    bad={"indicators[3].target": "320人"},
    good={"indicators[3].level3": "补贴发放频率", "indicators[3].target": "2次/年"},
    together=True,
)

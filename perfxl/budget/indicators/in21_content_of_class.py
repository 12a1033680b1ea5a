"""IN-21: an indicator stands in the class that its name speaks of.

The ending of the name shows it: 满意度 (satisfaction), 时间 (time), 成本 (cost), 人数 (number of persons), 合格率 (pass
rate); or the name and the value together: 管护费用 (cost of upkeep) with 3000元/座 is no benefit. Only unambiguous ones
are judged, and only in classes where they never belong: 受益人数 (number of beneficiaries) may be a benefit. Where the
unit of the value cannot stand in the class at all, it is left to IN-17.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators, taxonomy_of
from perfxl.budget.indicators.home_class import SATISFACTION, home_class
from perfxl.budget.indicators.in17_unit_of_class import cannot_be
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find indicators that stand in the wrong class, and propose the right one."""
    for row in indicators(subject):
        if not row.pair or not row.text("level3") or cannot_be(row):
            continue
        home = home_class(subject, row)
        if home or _lacks_satisfaction(subject, row):
            facts = {"name": row.text("level3"), "class_": row.pair[1], "home": home}
            yield Hit((row.path("level2"), row.path("level3")), facts, _suggestion(subject, row, home))


def _lacks_satisfaction(subject: Subject, row: Indicator) -> bool:
    """Return True for an indicator of satisfaction whose name and description do not speak of it."""
    texts = row.text("level3") + row.text("description")
    return row.belongs(SATISFACTION) and not any(word in texts for word in subject.words("satisfaction_marks"))


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

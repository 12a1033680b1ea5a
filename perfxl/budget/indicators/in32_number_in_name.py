"""IN-32: a name ends without the number that is the value: 村组干部230人 (230 village cadres).

Another unit than the value's is to be put right or explained; the same number twice is a hint. Another number is
for IN-24.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from perfxl.budget.indicator import Indicator, indicators
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_ENDING = late_pattern(
    r"(?<![0-9.〔\[年月第])(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"(?P<unit>万?(?:[人名位户辆台套件次期篇份条处座项家场批册张只头株棵盏组支队间所栋副班个眼口亩吨米]|公里|平方米|立方米|公顷|人次|场次))$"
)
_SAME = {"名": "人", "位": "人"}


def check(subject: Subject) -> Iterator[Hit]:
    """Find names that end with the number of the value; those with another unit one by one, the others together."""
    same: list[Indicator] = []
    for row in indicators(subject):
        match = _ENDING.search(squeeze(row.text("level3")))
        if match is None or row.value is None or row.value.kind != "number" or row.value.number is None:
            continue
        if row.value.number != Decimal(match["number"]):
            continue  # which of two numbers is right is asked by IN-24
        if _has_unit(row, match):
            same.append(row)
        else:
            facts = {"stated": match[0], "found": row.text("target"), "count": 1, "same": False}
            yield Hit((row.path("level3"), row.path("target")), facts)
    if same:
        stated = _ENDING.search(squeeze(same[0].text("level3")))
        facts = {
            "stated": stated[0] if stated else "",
            "found": same[0].text("target"),
            "count": len(same),
            "same": True,
        }
        yield Hit(tuple(row.path("level3") for row in same), facts, severity="hint")


def _has_unit(row: Indicator, match: re.Match[str]) -> bool:
    """Return True if the unit in a name is that of the value, or the value has none."""
    assert row.value is not None
    unit = _SAME.get(row.value.unit, row.value.unit)
    named = _SAME.get(match["unit"], match["unit"])
    return not unit or unit.startswith(named) or named.startswith(unit)


RULE = Rule(
    code="IN-32",
    severity="warning",
    check=check,
    needs=("indicators.level3", "indicators.target"),
    bad={"indicators[1].level3": "补贴覆盖38户", "indicators[1].description": "发放误工补贴的村的数量"},
    good={"indicators[1].level3": "60岁以上村民小组长补贴覆盖村数"},
    together=True,
)

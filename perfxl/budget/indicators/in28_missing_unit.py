"""IN-28: a number has a unit: 63 may be persons, times or kilometres.

Where the end of the name gives the unit (人数, number of persons), it is a hint. A cost or a satisfaction without a
unit is left to IN-17. An index, a score or a rank (指数, 得分, 名次) has none, nor has zero.
"""

import re
from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.numbers import blank, plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_JUDGED = ("数量", "质量", "时效", "经济效益", "社会效益", "生态效益", "可持续影响")
_UNIT_IN_NAME = late_pattern(r"[（(](?:单位[:：]?)?[^（()）]{1,5}[)）]$")


def check(subject: Subject) -> Iterator[Hit]:
    """Find numbers without a unit; those whose names give it, and the others, each together."""
    bare = [row for row in indicators(subject) if _lacks_unit(subject, row)]
    clear = [row for row in bare if squeeze(row.text("level3")).endswith(subject.words("clear_units"))]
    unclear = [row for row in bare if row not in clear]
    for rows, severity in ((unclear, None), (clear, "hint")):
        if rows:
            facts = {"found": rows[0].text("target"), "name": rows[0].text("level3"), "count": len(rows)}
            paths = tuple(row.path("target") for row in rows)
            suggestion = _suggestion(subject, rows[0]) if len(rows) == 1 else None
            yield Hit(paths, facts, suggestion, "hint" if severity else None)


def _lacks_unit(subject: Subject, row: Indicator) -> bool:
    """Return True if the value is a number without a unit that needs one."""
    value, name = row.value, squeeze(row.text("level3"))
    if value is None or value.kind != "number" or value.unit or not value.number or not row.belongs(*_JUDGED):
        return False
    if not blank(row.cells.get("unit")) or _UNIT_IN_NAME.search(name):
        return False
    is_year = row.belongs("时效") and re.fullmatch(r"(?:19|20)[0-9]{2}", plain_number(value.number))
    return not is_year and not any(word in name for word in subject.words("unitless"))


def _suggestion(subject: Subject, row: Indicator) -> str | None:
    """Return the value as a percentage, where the name is a rate and the number can be one."""
    value = row.value
    if value is None or value.number is None or not 1 < value.number <= 100:
        return None
    is_rate = squeeze(row.text("level3")).endswith(subject.words("rate_names"))
    return f"{value.operator}{plain_number(value.number)}%" if is_rate else None


RULE = Rule(
    code="IN-28",
    severity="warning",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[1].level3": "补贴发放范围", "indicators[1].target": "38"},
    good={"indicators[1].level3": "补贴发放范围", "indicators[1].target": "38个村"},
    still="ISNUMBER(--{cell})",
)

"""IN-16: a number says whether it is to be reached (≥), kept (≤) or met (=).

Nobody writes ＝217人, so no pack makes this check. The ≥ of a satisfaction is left to IN-15; ≤ is proposed for money
only.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import COSTS, indicators
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find numbers without an operator, and propose ≤ for the money of a cost."""
    rest = []
    for row in indicators(subject):
        value = row.value
        if value is None or value.kind != "number" or value.operator or row.belongs("服务对象满意度"):
            continue
        if row.belongs(*COSTS) and value.dimension.startswith("money"):
            yield Hit((row.path("target"),), {"found": row.text("target"), "count": 1}, f"≤{row.text('target')}")
        else:
            rest.append(row)
    if rest:
        yield Hit(tuple(row.path("target") for row in rest), {"found": rest[0].text("target"), "count": len(rest)})


RULE = Rule(
    code="IN-16",
    severity="hint",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[0].target": "326人"},
    good={
        "indicators[0].target": "=326人",
        "indicators[1].target": "＝38个",
        "indicators[2].target": "=100%",
        "indicators[5].target": "≤200元/人",
    },
)

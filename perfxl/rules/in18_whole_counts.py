"""IN-18: persons, vehicles, villages are counted in whole numbers."""

from collections.abc import Iterator
from decimal import Decimal

from perfxl.rules.base import Hit, Rule, Subject


def check(subject: Subject) -> Iterator[Hit]:
    for row in subject.rows:
        value = row.value
        if value is None or value.kind != "number" or value.dimension != "count" or value.number is None:
            continue
        # 1.5万人 are whole persons
        scale = {"万": Decimal(10**4), "亿": Decimal(10**8)}.get((value.unit or "")[:1], Decimal(1))
        if value.unit and value.number * scale % 1:
            yield Hit((row.path("target"),), {"found": row.text("target"), "unit": value.unit})


RULE = Rule(
    code="IN-18",
    severity="error",
    check=check,
    needs=("indicators.target",),
    bad={"indicators[1].target": "38.5个"},
    good={"indicators[1].target": "1.5万个"},
)

"""IN-06: no required answer is blank: the cells of an indicator that was begun, the purpose, the goals.

Amounts, the spending plan and the basis have their own checks (MN-01, PL-01, BS-01).
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from perfxl.form.form import Field
from perfxl.rules.base import Hit, Rule, Subject, blank

_OTHERS = ("money", "percent")


def check(subject: Subject) -> Iterator[Hit]:
    blanks: list[str] = []
    for row, group in groupby(subject.cells, key=lambda cell: cell[0].rpartition("]")[0]):
        cells = list(group)
        if not row:
            yield from (Hit((path,), {"count": 1, "row": False}) for path in _blanks(cells))
        # a list's word may stand in a row beforehand: it alone begins none
        elif any(not blank(value) for _, asked, value in cells if asked.kind.name != "choice"):
            blanks += _blanks(cells)
    if blanks:
        yield Hit(tuple(blanks), {"count": len(blanks), "row": True})


def _blanks(cells: list[tuple[str, Field, Any]]) -> list[str]:
    return [
        path
        for path, asked, value in cells
        if blank(value)
        and asked.required
        and not asked.given
        and asked.id != "basis"
        and asked.kind.name not in _OTHERS
    ]


RULE = Rule(
    code="IN-06",
    severity="error",
    check=check,
    bad={"indicators[1].description": None, "indicators[4].target": ""},
    good={"indicators[1].description": "设有村民小组的行政村个数", "budget.other": None},
    still="LEN(TRIM({cell}))=0",
)

"""IN-06: no required answer is blank: the cells of an indicator that was begun, the purpose, the goals.

What only says that there is nothing (无, /) does not fill the purpose or a target.
Amounts, the spending plan and the basis have their own checks (MN-01, PL-01, BS-01).
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from perfxl.budget.indicator import STILL_UNFILLED, is_placeholder
from perfxl.form.form import Field
from perfxl.rules.numbers import blank
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_OTHERS = ("money", "percent")
_FILLED = ("purpose", "target")


def check(subject: Subject) -> Iterator[Hit]:
    found: dict[str, list[tuple[str, Any]]] = {}
    for row, group in groupby(subject.cells, key=lambda cell: cell[0].rpartition("]")[0]):
        cells = list(group)
        if not row:
            yield from (_hit(problem, [(path, value)], False) for problem, path, value in _wanting(subject, cells))
        # a list's word may stand in a row beforehand: it alone begins none
        elif any(not blank(value) for _, asked, value in cells if asked.kind.name != "choice"):
            for problem, path, value in _wanting(subject, cells):
                found.setdefault(problem, []).append((path, value))
    for problem in ("blank", "nothing"):
        if problem in found:
            yield _hit(problem, found[problem], True)


def _hit(problem: str, wanting: list[tuple[str, Any]], row: bool) -> Hit:
    values = list(dict.fromkeys(str(value).strip() for _, value in wanting if not blank(value)))
    facts = {"problem": problem, "found": values, "count": len(wanting), "row": row}
    return Hit(tuple(path for path, _ in wanting), facts)


def _wanting(subject: Subject, cells: list[tuple[str, Field, Any]]) -> Iterator[tuple[str, str, Any]]:
    for path, asked, value in cells:
        if asked.given or asked.id == "basis" or asked.kind.name in _OTHERS:
            continue
        if problem := _problem(subject, asked, value):
            yield problem, path, value


def _problem(subject: Subject, asked: Field, value: Any) -> str:
    """Why it is not filled, in one word; empty where it is, or need not be."""
    if not asked.required:
        return ""
    return "blank" if blank(value) else "nothing" if asked.id in _FILLED and is_placeholder(subject, value) else ""


RULE = Rule(
    code="IN-06",
    severity="error",
    check=check,
    bad={"indicators[1].description": None, "indicators[4].target": ""},
    good={"indicators[1].description": "设有村民小组的行政村个数", "budget.other": None},
    still=STILL_UNFILLED,
)

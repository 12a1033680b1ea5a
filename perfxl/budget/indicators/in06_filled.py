"""IN-06: no required answer is blank: the cells of an indicator row that was begun, the purpose, the goals.

A placeholder that says that there is nothing (无, /) does not fill the purpose or a target. Amounts, the spending plan
and the basis have checks of their own (MN-01, PL-01, BS-01).
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from perfxl.budget.indicator import STILL_UNFILLED, is_placeholder
from perfxl.form.form import Field
from perfxl.rules.numbers import blank
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_CHECKED_ELSEWHERE = ("money", "percent")  # types of answer
_NO_PLACEHOLDER = ("purpose", "target")  # fields that a placeholder does not fill


def check(subject: Subject) -> Iterator[Hit]:
    """Find required answers that are blank or, in some fields, only a placeholder."""
    unfilled: dict[str, list[tuple[str, Any]]] = {}
    for row, group in groupby(subject.cells, key=lambda cell: cell[0].rpartition("]")[0]):
        cells = list(group)
        if not row:
            yield from (
                _hit(problem, [(path, value)], False) for problem, path, value in _find_unfilled(subject, cells)
            )
        # the word of a drop-down list may stand in a row beforehand: alone it does not begin the row
        elif any(not blank(value) for _, field, value in cells if field.type.name != "choice"):
            for problem, path, value in _find_unfilled(subject, cells):
                unfilled.setdefault(problem, []).append((path, value))
    for problem in ("blank", "nothing"):
        if problem in unfilled:
            yield _hit(problem, unfilled[problem], True)


def _hit(problem: str, cells: list[tuple[str, Any]], row: bool) -> Hit:
    values = list(dict.fromkeys(str(value).strip() for _, value in cells if not blank(value)))
    facts = {"problem": problem, "found": values, "count": len(cells), "row": row}
    return Hit(tuple(path for path, _ in cells), facts)


def _find_unfilled(subject: Subject, cells: list[tuple[str, Field, Any]]) -> Iterator[tuple[str, str, Any]]:
    """Yield the problem, path and value of every cell that is not filled."""
    for path, field, value in cells:
        if field.given or field.id == "basis" or field.type.name in _CHECKED_ELSEWHERE:
            continue
        if problem := _problem(subject, field, value):
            yield problem, path, value


def _problem(subject: Subject, field: Field, value: Any) -> str:
    """Return why a cell is not filled, "blank" or "nothing" (a placeholder); "" where it is, or need not be."""
    if not field.required:
        return ""
    if blank(value):
        return "blank"
    return "nothing" if field.id in _NO_PLACEHOLDER and is_placeholder(subject, value) else ""


RULE = Rule(
    code="IN-06",
    severity="error",
    check=check,
    bad={"indicators[1].description": None, "indicators[4].target": ""},
    good={"indicators[1].description": "设有村民小组的行政村个数", "budget.other": None},
    still=STILL_UNFILLED,
    limits=("LM-01",),
)

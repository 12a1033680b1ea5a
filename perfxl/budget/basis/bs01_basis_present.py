"""BS-01: every indicator names the basis of its value, else nobody can say why the value is what it is."""

from collections.abc import Iterator

from perfxl.budget.indicator import STILL_UNFILLED, Indicator, indicators, is_placeholder
from perfxl.rules.numbers import blank
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    found: dict[str, list[str]] = {}
    for row in indicators(subject):
        if problem := _problem(subject, row):
            found.setdefault(problem, []).append(row.path("basis"))
    for problem, paths in found.items():
        values = list(dict.fromkeys(str(subject.get(path)).strip() for path in paths if problem != "blank"))
        yield Hit(tuple(paths), {"problem": problem, "found": values, "count": len(paths)})


def _problem(subject: Subject, row: Indicator) -> str:
    """Why it names none, in one word; empty where it names one."""
    if not subject.sure(row.path("basis")):
        return ""
    basis = row.cells.get("basis")
    return "blank" if blank(basis) else "nothing" if is_placeholder(subject, basis) else ""


RULE = Rule(
    code="BS-01",
    severity="error",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[1].basis": None, "indicators[3].basis": " "},
    good={"indicators[1].basis": "清溪县统计年鉴"},
    still=STILL_UNFILLED,
)

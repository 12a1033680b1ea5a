"""BS-01: every indicator names the basis of its value; otherwise nobody can explain the value."""

from collections.abc import Iterator

from perfxl.budget.indicator import STILL_UNFILLED, Indicator, indicators, is_placeholder
from perfxl.rules.numbers import blank
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find indicators whose basis is blank or only a placeholder such as 无 (none)."""
    paths_by_problem: dict[str, list[str]] = {}
    for row in indicators(subject):
        if problem := _problem(subject, row):
            paths_by_problem.setdefault(problem, []).append(row.path("basis"))
    for problem, paths in paths_by_problem.items():
        values = list(dict.fromkeys(str(subject.get(path)).strip() for path in paths if problem != "blank"))
        yield Hit(tuple(paths), {"problem": problem, "found": values, "count": len(paths)})


def _problem(subject: Subject, row: Indicator) -> str:
    """Return what is wrong with the basis, "blank" or "nothing" (a placeholder); "" where it names one."""
    if not subject.sure(row.path("basis")):
        return ""
    basis = row.cells.get("basis")
    if blank(basis):
        return "blank"
    return "nothing" if is_placeholder(subject, basis) else ""


RULE = Rule(
    code="BS-01",
    severity="error",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[1].basis": None, "indicators[3].basis": " "},
    good={"indicators[1].basis": "清溪县统计年鉴"},
    still=STILL_UNFILLED,
    limits=("LM-01",),
)

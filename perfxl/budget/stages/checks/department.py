"""DE-01 to DE-04, DE-06, DE-07: a department's self-evaluation says what its projects' say, and what it reached.

DE-03 and DE-04 stand for CO-01, which would say the two numbers alone.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from perfxl.budget.stages.checks import DEPARTMENT
from perfxl.budget.stages.goal_values import value_in
from perfxl.budget.stages.progress import Row, read_row
from perfxl.budget.stages.project_figures import (
    FIGURES,
    ROOT,
    ProjectFigures,
    by_number,
    figures_in,
    figures_of,
    linked_to,
    weighted_mean,
)
from perfxl.form.answers import without_rows
from perfxl.rules.asked.co01_calculated import CODE
from perfxl.rules.numbers import are_close, blank
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit

_SUMS = ("budget", "adjusted", "spent", "score")


class _Part(NamedTuple):
    """A part of the goals on the sheet. ``path``: of its row."""

    path: str
    cells: Mapping[str, Any]

    def items(self, column: str) -> tuple[str, ...]:
        """Return the texts of one of its lists."""
        value = self.cells.get(column)
        return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


def check_projects(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every figure that a project's own self-evaluation has otherwise, and for missing projects."""
    now = subject.unit.once(_figures)
    if not now:
        return
    rows = subject.once(_projects)
    for index, row in enumerate(rows):
        own = now.get(row.number)
        for name in (*FIGURES, "grade") if own else ():
            found, value = getattr(row, name), getattr(own, name)
            if not _is_same(found, value) and subject.sure(f"projects[{index}].{name}"):
                told = {"figure": name, "project": _label(row), "found": _plain(found), "value": _plain(value)}
                yield Hit((f"projects[{index}].{name}",), {**told, **_totals(name, rows, now)})
    here = {row.number for row in rows}
    missing = [_label(own) for number, own in now.items() if number not in here]
    if missing and subject.sure("projects"):
        yield Hit(("projects",), {"figure": "missing", "project": "", "missing": missing})


def _totals(name: str, rows: tuple[ProjectFigures, ...], now: Mapping[Any, ProjectFigures]) -> Mapping[str, Any]:
    """Return what a figure comes to over all projects on the sheet, and by their own self-evaluations."""
    if name in ("score", "grade"):
        return {"total": None, "total_now": None}
    ours = [getattr(now.get(row.number, row), name) for row in rows]
    return {
        "total": float(sum(getattr(row, name) or 0 for row in rows)),
        "total_now": float(sum(value or 0 for value in ours)),
    }


def check_average(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every part whose average is not that of its projects on this sheet."""
    for part in _parts(subject):
        linked = linked_to(part.items("projects"), subject.once(_projects))
        value, found = weighted_mean(linked), subject.number(f"{part.path}.average")
        if linked and value != found and subject.sure(f"{part.path}.average"):
            names = [_label(project) for project in linked]
            yield Hit((f"{part.path}.average",), {"projects": names, "found": _plain(found), "value": _plain(value)})


def check_sums(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every sum where the sheet shows something else."""
    for one in subject.miscalculated:
        if one.field in _SUMS:
            told = {"count": len(subject.once(_projects)), "sum": one.field, "found": one.found, "value": one.value}
            yield Hit((one.field,), {**told, "problem": one.problem})


def check_scores(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every calculated score of a part where the sheet shows something else."""
    for one in subject.miscalculated:
        if without_rows(one.field) == "parts.score":
            row = one.field.rpartition(".")[0]
            points, average = (subject.get(f"{row}.{name}") for name in ("points", "average"))
            told = {"points": points, "average": average, "found": one.found, "value": one.value}
            yield Hit((one.field,), {**told, "problem": one.problem})


def check_values(subject: Subject) -> Iterator[Hit]:
    """Yield a hit where the values reached do not stand one for one beside the indicators, or are no numbers."""
    for part in _parts(subject):
        asked, reached = part.items("indicators"), part.items("actual")
        facts = {"count": len(reached), "asked": len(asked), "indicator": "", "found": ""}
        if reached and len(reached) != len(asked):
            yield Hit((f"{part.path}.actual",), facts)
        for row in _rows(part, subject):
            if row.state in ("unread", "impossible"):
                told = {"indicator": row.text("level3"), "found": row.text("actual")}
                yield Hit((f"{part.path}.actual",), {**facts, **told})


def check_reasons(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for a part that did not reach one of its values and gives no reason."""
    for part in _parts(subject):
        if not blank(part.cells.get("reason")) or not subject.sure(f"{part.path}.reason"):
            continue
        short = next((row for row in _rows(part, subject) if row.is_short), None)
        if short:
            told = {"indicator": short.text("level3"), "found": short.text("actual")}
            yield Hit((f"{part.path}.reason",), told)


def _rows(part: _Part, subject: Subject) -> Iterator[Row]:
    """Yield the indicators of a part that state a number, each with what was reached."""
    asked, reached = part.items("indicators"), part.items("actual")
    if len(asked) != len(reached):
        return
    for index, (indicator, actual) in enumerate(zip(asked, reached, strict=True)):
        if target := value_in(indicator):
            cells = {"target": target, "level3": indicator, "actual": actual}
            yield read_row(index, cells, "", value_in(actual) or actual, subject)


def _parts(subject: Subject) -> Iterator[_Part]:
    table = subject.record.get("parts")
    for index, cells in enumerate(table if isinstance(table, (list, tuple)) else ()):
        path = f"parts[{index}]"
        if isinstance(cells, Mapping) and all(subject.sure(f"{path}.{name}") for name in ("actual", "projects")):
            yield _Part(path, cells)


def _projects(subject: Subject) -> tuple[ProjectFigures, ...]:
    """Return the projects on the sheet; what is no row is one without figures, so that all keep their places."""
    table = subject.record.get("projects")
    rows = table if isinstance(table, (list, tuple)) else ()
    return tuple(figures_in(row if isinstance(row, Mapping) else {}) for row in rows)


def _figures(unit: Unit) -> dict[Any, ProjectFigures]:
    """Return the projects by the self-evaluations that are here, by number."""
    return by_number([figures_of(record) for record in unit.records.get(ROOT, ())])


def _is_same(one: Any, other: Any) -> bool:
    return are_close(one, other) if isinstance(one, Decimal) and isinstance(other, Decimal) else bool(one == other)


def _label(project: ProjectFigures) -> str:
    return f"{project.number}.{project.name}"


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _self_evaluation(spent: float) -> Mapping[str, Any]:
    """Return a self-evaluation of the example's project, with 90 points for the money and one indicator."""
    row = {"level1": "产出指标", "level2": "数量指标", "level3": "人数", "target": "9人", "actual": "9人", "points": 10}
    return {
        "number": 1,
        "name": "村民小组长误工补贴",
        "budget": {"total": 6.52},
        "adjusted": {"fiscal": 6.52},
        "spent": {"fiscal": spent},
        "execution": {"points": 90},
        "scheme": {"less": "ratio", "excellent": 90, "good": 80, "fair": 60},
        "indicators": [row],
    }


_OTHER = {"unit.self_evaluations": [_self_evaluation(6.5)], "projects[0].score": 99.72, "parts[0].average": 99.72}
_SAME = {"unit.self_evaluations": [_self_evaluation(6.52)]}

RULES = (
    Rule(
        code="DE-01",
        severity="error",
        check=check_projects,
        needs=DEPARTMENT,
        limits=("ID-08",),
        bad=_OTHER,
        good=_SAME,
        compares=True,
    ),
    Rule(code="DE-02", severity="error", check=check_average, needs=DEPARTMENT, bad={"parts[0].average": 90}),
    Rule(
        code="DE-03",
        severity="error",
        check=check_sums,
        needs=DEPARTMENT,
        limits=(CODE, "LM-03"),
        bad={"spent": 6.6},
    ),
    Rule(
        code="DE-04",
        severity="error",
        check=check_scores,
        needs=DEPARTMENT,
        limits=(CODE, "LM-03"),
        bad={"parts[0].score": 20},
    ),
    Rule(code="DE-06", severity="error", check=check_values, needs=DEPARTMENT, bad={"parts[0].actual": ["100%"]}),
    Rule(
        code="DE-07",
        severity="error",
        check=check_reasons,
        needs=DEPARTMENT,
        limits=("LM-01",),
        bad={"parts[0].actual": ["100%", "96%"]},
        good={"parts[0].actual": ["100%", "96%"], "parts[0].reason": "一人病休。"},
    ),
)

"""The self-evaluation of a department, made of its goals and of its projects' self-evaluations.

The money is that of its projects. Every part of the goals has an equal share of the points; where it names projects,
its score comes of theirs, else the unit gives it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfxl.budget.stages.points import share_equally
from perfxl.budget.stages.project_figures import FIGURES, ROOT, ProjectFigures, figures_of, linked_to, weighted_mean
from perfxl.budget.stages.records import Made
from perfxl.budget.unit.linked_projects import GoalPart, mappings, number_of, parts_of
from perfxl.budget.unit.unit_records import DEPARTMENT, PROJECTS
from perfxl.errors import StageError
from perfxl.form import scheme as schemes
from perfxl.form.answers import get
from perfxl.form.installed import load
from perfxl.form.scheme import WHOLE, Scheme
from perfxl.form.types.number import whole_or_float

_GIVEN = {
    "met": "bands.met",
    **{name: f"grades.{name}" for name in ("excellent", "good", "fair")},
    "low_rate": "explain.low_rate",
}


@dataclass(frozen=True)
class DepartmentStage:
    """The stage of a department's self-evaluation. ``form``: the form of its workbooks.

    ``phase``: the phase that is printed on them where none is said; ``source``: empty, since it is made of two things,
    which no round has together.
    """

    form: str
    source: str = ""
    phase: str = "年终"

    def units_decided(self, adjusted: Path) -> frozenset[str]:
        """Return no units: a file of decisions is refused when the records are made."""
        return frozenset()

    def make(
        self, records: Mapping[str, Any], scheme: str = "", adjusted: Path | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> Made:  # fmt: skip
        """Return the records for the goals and the self-evaluations of a unit.

        ``scheme``: that of its projects where it is empty. Raises FormError for a scheme that is not there.
        """
        goals, projects = records.get(DEPARTMENT), list(map(figures_of, mappings(records.get(ROOT))))
        parts = tuple(parts_of(goals)) if isinstance(goals, Mapping) else ()
        mistakes = tuple(_mistakes(records, parts, projects, adjusted))
        if mistakes:
            return Made({}, mistakes)
        used = schemes.load(scheme or _scheme_of(records))
        made = _record(str((goals or {}).get("overall") or ""), parts, projects, used)
        head = {"year": records.get("year"), "unit": records.get("unit") or {}, **(given or {})}
        return Made({**head, load(self.form).root: made}, (), tuple(_notes(records, parts, projects)))


def _record(overall: str, parts: Sequence[GoalPart], projects: Sequence[ProjectFigures], used: Scheme) -> Any:
    shares = share_equally(WHOLE - used.execution, len(parts))
    return {
        "overall": overall,
        "scheme": {"name": used.id, **{name: _plain(used.number(there)) for name, there in _GIVEN.items()}},
        "execution": {"points": _plain(used.execution)},
        "parts": [_part(part, share, projects) for part, share in zip(parts, shares, strict=True)],
        "projects": [_row(project) for project in projects],
    }


def _part(part: GoalPart, share: Decimal, projects: Sequence[ProjectFigures]) -> Mapping[str, Any]:
    linked = linked_to(part.named, projects)
    return {
        "area": part.area,
        **{name: part.cells.get(name) for name in ("name", "goal", "indicators")},
        "projects": [str(project.number) for project in linked] or None,
        "average": _plain(weighted_mean(linked)),
        "points": _plain(share),
    }


def _row(project: ProjectFigures) -> Mapping[str, Any]:
    figures = {name: _plain(getattr(project, name)) for name in FIGURES}
    return {"number": project.number, "name": project.name, **figures, "grade": project.grade or None}


def _mistakes(
    records: Mapping[str, Any], parts: Sequence[GoalPart], projects: Sequence[ProjectFigures], adjusted: Path | None
) -> Iterator[StageError]:
    """Yield what is wrong with the records."""
    unit = str((records.get("unit") or {}).get("code") or "")
    if adjusted is not None:
        yield StageError(what="no_adjustment", file=str(adjusted))
    if not parts:
        yield StageError(what="no_goals", unit=unit)
    if not projects:
        yield StageError(what="no_evaluations", unit=unit)
        return
    numbers = [project.number for project in projects]
    for project in projects:
        if not isinstance(project.number, int):
            yield StageError(what="no_number", project=project.name)
    for number in sorted({one for one in numbers if isinstance(one, int) and numbers.count(one) > 1}):
        yield StageError(what="evaluated_twice", number=number)
    rows = [{"number": project.number, "name": project.name} for project in projects]
    waiting = mappings(records.get(PROJECTS))
    for part in parts:
        for named in part.named:
            if number_of(named, rows) is None:
                missing = number_of(named, waiting) is not None
                yield StageError(
                    what="link_not_evaluated" if missing else "unknown_link", part=_label(part), named=named
                )


def _notes(
    records: Mapping[str, Any], parts: Sequence[GoalPart], projects: Sequence[ProjectFigures]
) -> Iterator[StageError]:
    """Yield what is said beside: projects that serve no part, have no score, or were not evaluated."""
    served = {project.number for part in parts for project in linked_to(part.named, projects)}
    here = {project.number for project in projects}
    left_out = [_name(one) for one in projects if one.number not in served]
    unfinished = [_name(one) for one in projects if one.score is None and one.number in served]
    waiting = [one for one in mappings(records.get(PROJECTS)) if one.get("number") not in here]
    if not served:
        yield StageError(what="nothing_linked", count=len(parts))
    elif left_out:
        yield StageError(what="not_linked", projects=left_out)
    if unfinished:
        yield StageError(what="no_score", projects=unfinished)
    if waiting:
        yield StageError(what="not_evaluated", projects=[f"{one.get('number')}.{one.get('name')}" for one in waiting])


def _plain(number: Decimal | None) -> int | float | None:
    return None if number is None else whole_or_float(number)


def _name(project: ProjectFigures) -> str:
    return f"{project.number}.{project.name}"


def _label(part: GoalPart) -> str:
    return "·".join(text for text in (part.area, str(part.cells.get("name") or "")) if text)


def _scheme_of(records: Mapping[str, Any]) -> str:
    """Return the scheme by which all the projects were judged; the usual one where they differ."""
    names = {str(get(record, "scheme.name") or "") for record in mappings(records.get(ROOT))}
    return next(iter(names)) or schemes.DEFAULT if len(names) == 1 else schemes.DEFAULT


DEPARTMENT_STAGE = DepartmentStage("department-self-evaluation")

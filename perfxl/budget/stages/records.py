"""The records of the next stage, made of approved projects: what is given, and how it will be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from perfxl.budget.indicator import TABLE
from perfxl.budget.stages.approved_shape import misshapen
from perfxl.budget.stages.checks.fallen import BETWEEN
from perfxl.budget.stages.decisions import FUNDS, Decisions, ProjectDecision, read_decisions
from perfxl.budget.stages.points import classes_without_rows, share_points
from perfxl.budget.stages.results import evaluation_result, monitoring_result
from perfxl.budget.stages.summary import evaluation_tables, monitoring_tables
from perfxl.errors import PerfxlError, StageError
from perfxl.form import scheme as schemes
from perfxl.form import taxonomy
from perfxl.form.installed import load
from perfxl.form.scheme import WHOLE, Scheme
from perfxl.form.taxonomy import Taxonomy
from perfxl.rules.numbers import are_close, blank
from perfxl.rules.subject import Subject
from perfxl.summary import StageSheet, SummaryTable, UnitLine

ROOT = "projects"
"""Under this the approved projects stand in a records file."""

Record = Mapping[str, Any]
Project = Mapping[str, Any]


@dataclass(frozen=True)
class Made:
    """The records of a unit for a stage; ``mistakes``: why there are none; ``notes``: what is said beside them."""

    records: Record
    mistakes: tuple[PerfxlError, ...] = ()
    notes: tuple[PerfxlError, ...] = ()


@dataclass(frozen=True)
class Stage:
    """A stage after the target.

    ``form``: the form of its workbooks; ``phase``: the phase that is printed on them where none is said; ``judged``:
    what its records hold besides the approved answers, from the project, the scheme, and what the unit reported in the
    stage before; ``result``: what came of a sheet, and ``tables``: of all, in a language, by the names of the stages.
    """

    form: str
    phase: str
    judged: Callable[[Project, Scheme, ProjectDecision, Record | None, Taxonomy], Mapping[str, Any]]
    result: Callable[[Subject], Any]
    tables: Callable[[Mapping[str, Sequence[StageSheet]], Sequence[UnitLine], str], tuple[SummaryTable, ...]]
    values: Callable[[Scheme], Mapping[str, float]] = lambda _: {}
    pointed: bool = False

    @property
    def root(self) -> str:
        """The top of its records in a records file."""
        return load(self.form).root

    @property
    def source(self) -> str:
        """The top of the approved records in a records file."""
        return ROOT

    def units_decided(self, adjusted: Path) -> frozenset[str]:
        """Return the codes of the units that a file of decisions names, "" for a decision that names none.

        Raises FormError.
        """
        return read_decisions(adjusted).units

    def make(
        self, records: Record, scheme: str = "", adjusted: Path | None = None, given: Mapping[str, Any] | None = None
    ) -> Made:
        """Return the records of this stage for the approved projects of a unit.

        ``scheme``: the way of judging, the usual one where it is empty; ``adjusted``: a file of decisions; ``given``:
        issue values that were said in the call. Raises FormError for a mistake in one of the files.
        """
        used = schemes.load(scheme or schemes.DEFAULT)
        said = {**self.values(used), **(given or {})}
        if not _are_months(said):
            return Made({}, (StageError(what="bad_months", **said),))
        used = _with_months(used, said)
        decisions = read_decisions(adjusted) if adjusted else Decisions()
        if wrong := (
            *misshapen(records, ROOT, "monitoring"),
            *misshapen({"added": [one for _, one in decisions.added]}, "added", file=decisions.file),
        ):
            return Made({}, wrong)
        source = _Source(records, decisions, used)
        mistakes = tuple(source.mistakes(self.pointed))
        if mistakes:
            return Made({}, mistakes)
        before = {one.get("number"): one for one in records.get("monitoring") or ()}
        made = [self._record(source, project, before.get(project.get("number"))) for project in source.projects]
        unit = records.get("unit") or {}
        whole = {"year": records.get("year"), "unit": unit, **said, self.root: made}
        return Made(whole, (), tuple(source.notes()))

    def _record(self, source: _Source, project: Project, before: Record | None) -> Record:
        decision = source.decision_of(project)
        used = decision.scheme or source.scheme
        # the months are those of the call, whatever scheme a project has
        used = replace(used, numbers={**used.numbers, **_months_of(source.scheme)})
        adjusted = _adjust(project, decision, source.decisions.month)
        judged = self.judged(adjusted, used, decision, before, source.classes)
        budget = {fund: (adjusted.get("budget") or {}).get(fund) for fund in FUNDS}
        rows = judged.get(TABLE) or adjusted.get(TABLE) or []
        head = {key: adjusted.get(key) for key in ("number", "code", "name")}
        own = {key: value for key, value in judged.items() if key != TABLE}
        return {
            **head,
            "budget": budget,
            **own,
            "goals": adjusted.get("goals"),
            TABLE: [_approved(row, source.classes) for row in rows],
        }


@dataclass(frozen=True)
class _Source:
    """The approved projects of a unit with the decisions since."""

    records: Record
    decisions: Decisions
    scheme: Scheme

    @property
    def unit(self) -> str:
        """The code of the unit."""
        return str((self.records.get("unit") or {}).get("code") or "")

    @cached_property
    def decided(self) -> Mapping[int, ProjectDecision]:
        """The decisions about projects of this unit, by their numbers."""
        return self.decisions.about(self.unit)

    @property
    def added(self) -> Sequence[Project]:
        """The projects that were added to this unit."""
        return self.decisions.added_to(self.unit)

    def decision_of(self, project: Project) -> ProjectDecision:
        """Return the decision about a project, one that changes nothing where there is none."""
        number = _number(project)
        return self.decided.get(number) or ProjectDecision(number, 0)

    @property
    def classes(self) -> Taxonomy:
        """The taxonomy of the projects' form."""
        return taxonomy.load(load("project-target").taxonomy)

    @property
    def approved(self) -> Sequence[Project]:
        """The projects that were approved and are carried out, in their order; then those that were added."""
        return (*(self.records.get(ROOT) or ()), *self.added)

    @property
    def projects(self) -> tuple[Project, ...]:
        """The projects that go on."""
        return tuple(one for one in self.approved if not self.decision_of(one).dropped)

    def mistakes(self, pointed: bool) -> Iterator[StageError]:
        """Yield what is wrong; ``pointed``: the stage gives points."""
        if not self.approved:
            yield StageError(what="nothing_approved", unit=self.unit)
            return
        yield from self._wrong_decisions()
        numbers = Counter(_number(project) for project in self.projects)
        for number, count in numbers.items():
            if number and count > 1:
                yield StageError(what="number_twice", unit=self.unit, number=number)
        for project in self.projects:
            rows = project.get(TABLE) or ()
            facts = {"project": _title(project)}
            if not isinstance(project.get("number"), int):
                yield StageError(what="no_number", **facts)
            elif not rows:
                yield StageError(what="no_rows", **facts)
            elif pointed:
                yield from self._wrong_points(project, rows, facts)

    def _wrong_points(self, project: Project, rows: Sequence[Record], facts: Mapping[str, Any]) -> Iterator[StageError]:
        decision = self.decision_of(project)
        used = decision.scheme or self.scheme
        missing = classes_without_rows(rows, used, self.classes)
        points = points_of(rows, used, decision, self.classes)
        total = sum((one for one in points if one is not None), used.execution)
        if total != WHOLE:
            yield StageError(what="points", total=float(total), classes=missing, scheme=used.label, **facts)

    def _wrong_decisions(self) -> Iterator[StageError]:
        if not self.decisions.file:
            return
        file = {"file": self.decisions.file}
        if self.decisions.year != self.records.get("year"):
            yield StageError(what="other_year", year=self.decisions.year, found=self.records.get("year"), **file)
        known = {_number(one): one for one in self.approved}
        for number, decision in self.decided.items():
            if number not in known:
                yield StageError(what="unknown_project", line=decision.line, number=number, **file)
                continue
            names = [str(row.get("level3") or "") for row in known[number].get(TABLE) or ()]
            for name in (*decision.targets, *decision.points):
                facts = {"line": decision.line, "number": number, "name": name, **file}
                if name not in names:
                    yield StageError(what="unknown_row", **facts)
                elif names.count(name) > 1:
                    yield StageError(what="several_rows", **facts)
            amounts = {**(known[number].get("budget") or {}), **decision.budget}
            parts = sum(Decimal(str(amounts.get(fund) or 0)) for fund in FUNDS[1:])
            total = Decimal(str(amounts.get("total") or 0))
            if decision.budget and not are_close(total, Decimal(parts)):
                yield StageError(what="budget_sum", line=decision.line, number=number, total=total, parts=parts, **file)

    def notes(self) -> Iterator[StageError]:
        """Yield what is said beside: projects that were dropped or added, and those without a budget."""
        for project in self.approved:
            facts = {"project": _title(project)}
            decision = self.decision_of(project)
            if decision.dropped:
                yield StageError(what="dropped", why=decision.dropped, **facts)
            elif not (project.get("budget") or {}).get("total"):
                yield StageError(what="no_budget", **facts)
        if self.added:
            yield StageError(what="added", count=len(self.added), file=self.decisions.file)


def points_of(
    rows: Sequence[Record], scheme: Scheme, decision: ProjectDecision, classes: Taxonomy
) -> list[Decimal | None]:
    """Return the points of each row: those that were decided, else its share of its class."""
    shares = share_points(rows, scheme, classes)
    return [decision.points.get(str(row.get("level3") or ""), share) for row, share in zip(rows, shares, strict=True)]


def _title(project: Project) -> str:
    """Return a project's number and name, as far as it has them."""
    return ".".join(str(project[key]) for key in ("number", "name") if not blank(project.get(key)))


def _number(project: Project) -> int:
    number = project.get("number")
    return number if isinstance(number, int) else 0


def _adjust(project: Project, decision: ProjectDecision, month: int) -> Project:
    """Return a project with what was decided about it; the description of a changed target says what it was."""
    rows = [_adjust_row(row, decision, month) for row in project.get(TABLE) or ()]
    return {**project, "budget": {**(project.get("budget") or {}), **decision.budget}, TABLE: rows}


def _adjust_row(row: Record, decision: ProjectDecision, month: int) -> Record:
    target = decision.targets.get(str(row.get("level3") or ""))
    if target is None or target == row.get("target"):
        return row
    when = f"{month}月" if month else ""
    said = f"（原{row.get('target')}，{when}调整为{target}）"
    return {**row, "target": target, "description": f"{row.get('description') or ''}{said}"}


def _approved(row: Record, classes: Taxonomy) -> Record:
    """Return what is given of a row; its class as the sheet names it, or it would not be what was sent out."""
    pair = classes.canonical(str(row.get("level1") or ""), str(row.get("level2") or ""))
    row = {**row, "level1": pair[0], "level2": pair[1]} if pair else row
    return {
        key: value
        for key, value in row.items()
        if key in ("level1", "level2", "level3", "description", "target", "points")
    }


def monitored(
    project: Project, scheme: Scheme, decision: ProjectDecision, before: Record | None, classes: Taxonomy
) -> Mapping[str, Any]:
    """Return what a monitoring record holds besides the approved answers: how its lights are given."""
    numbers = {name: _plain(scheme.number(f"lights.{name}")) for name in ("yellow", "green", "blue")}
    return {
        "scheme": {
            "name": scheme.id,
            "lights": scheme.lights,
            **numbers,
            "ahead": _plain(scheme.number("explain.ahead")),
            "ahead_reason": _plain(scheme.number("explain.ahead_reason")),
            "months": _plain(scheme.number("months.last")),
        }
    }


def _with_months(scheme: Scheme, given: Mapping[str, Any]) -> Scheme:
    """Return a scheme with the months that were given as issue values."""
    said = {f"months.{name}": given.get(f"{name}_month") for name in ("first", "last")}
    numbers = {key: Decimal(str(value)) for key, value in said.items() if value is not None}
    return replace(scheme, numbers={**scheme.numbers, **numbers})


def _are_months(said: Mapping[str, Any]) -> bool:
    """Return False for issue values that are no months, or not in order."""
    found = [str(said[name]) for name in ("first_month", "last_month") if name in said]
    numbers = [int(text) for text in found if text.isascii() and text.isdigit() and len(text) < 3]
    return len(numbers) == len(found) and sorted([1, *numbers, 12]) == [1, *numbers, 12]


def _months_of(scheme: Scheme) -> Mapping[str, Decimal]:
    return {name: number for name, number in scheme.numbers.items() if name.startswith("months.")}


def months(scheme: Scheme) -> Mapping[str, float]:
    """Return the months that are looked at, as issue values."""
    return {f"{name}_month": _plain(scheme.number(f"months.{name}")) or 0 for name in ("first", "last")}


def evaluated(
    project: Project, scheme: Scheme, decision: ProjectDecision, before: Record | None, classes: Taxonomy
) -> Mapping[str, Any]:
    """Return what a self-evaluation holds besides the approved answers: points, how scores come, July's figures."""
    rows: Sequence[Record] = project.get(TABLE) or ()
    points = points_of(rows, scheme, decision, classes)
    july = [
        f"{row.get('level3')}{BETWEEN}{row.get('actual') or ''}"
        for row in (before or {}).get(TABLE) or ()
        if row.get("level3")
    ]
    return {
        "scheme": {
            "name": scheme.id,
            "less": scheme.less,
            "above": _plain(scheme.number("explain.above")),
            **{name: _plain(scheme.number(f"bands.{name}")) for name in ("met", "partly")},
            **{name: _plain(scheme.number(f"grades.{name}")) for name in ("excellent", "good", "fair")},
            "low_rate": _plain(scheme.number("explain.low_rate")),
        },
        "july": july or None,
        "execution": {"points": _plain(scheme.execution)},
        TABLE: [{**row, "points": _plain(share)} for row, share in zip(rows, points, strict=True)],
    }


def _plain(number: Decimal | None) -> float | int | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


MONITORING = Stage(
    form="project-monitoring",
    phase="年中",
    judged=monitored,
    result=monitoring_result,
    tables=monitoring_tables,
    values=months,
)
SELF_EVALUATION = Stage(
    form="project-self-evaluation",
    phase="年终",
    judged=evaluated,
    result=evaluation_result,
    tables=evaluation_tables,
    pointed=True,
)

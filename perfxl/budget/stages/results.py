"""The results of a project in a stage: what came of its indicators and its money, as plain values.

They are by the approved values: where a sheet went out with one, it counts, whatever stands in its place now.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from perfxl.budget.indicator import TABLE
from perfxl.budget.stages.checks.reasons import needs_reason
from perfxl.budget.stages.lights import Light, LightRule, light_of, money_light, progress_of, worst
from perfxl.budget.stages.monitored import light_rule
from perfxl.budget.stages.progress import Row, rows
from perfxl.budget.stages.words import rounded
from perfxl.form.answers import get, put
from perfxl.form.calculation import calculate_record
from perfxl.rules.subject import Subject


class MonitoredRow(NamedTuple):
    """An indicator in monitoring; ``progress`` in percent of what is due; ``needs_reason``: a reason is asked for."""

    name: str
    target: str
    actual: str
    light: Light | None
    progress: Decimal | None
    needs_reason: bool
    causes: tuple[str, ...]
    reason: str
    possibility: str


@dataclass(frozen=True)
class MonitoredProject:
    """A project in monitoring; amounts in 万元 (ten thousand yuan).

    ``reported``: anything was reported of its indicators or its money; ``months``: the first and the last month;
    ``how``: how lights were given; ``money``: the light of the money.
    """

    rows: tuple[MonitoredRow, ...]
    reported: bool
    months: tuple[int, int]
    how: str
    budget: Decimal | None
    spent: Decimal | None
    money: Light | None
    money_progress: Decimal | None
    money_note: str

    @property
    def light(self) -> Light | None:
        """The worst light of its indicators."""
        return worst(row.light for row in self.rows)

    @property
    def light_with_money(self) -> Light | None:
        """The worst light of its indicators and its money."""
        return worst((self.light, self.money))


class EvaluatedRow(NamedTuple):
    """An indicator in self-evaluation."""

    name: str
    target: str
    actual: str
    points: Decimal | None
    score: Decimal | None


class Score(NamedTuple):
    """The score of a project and its grade, each None where it has none."""

    total: Decimal | None
    grade: str | None


@dataclass(frozen=True)
class EvaluatedProject:
    """A project in self-evaluation; amounts in 万元 (ten thousand yuan).

    ``less``: how a value counts that should be low and is not; ``other``: its score where that counted the other way;
    ``points``: of all its rows and its money.
    """

    rows: tuple[EvaluatedRow, ...]
    reported: bool
    less: str
    budget: Decimal | None
    adjusted: Decimal | None
    spent: Decimal | None
    points: Decimal | None
    score: Score
    other: Score


def monitoring_result(subject: Subject) -> MonitoredProject:
    """Return the result of a project in monitoring."""
    approved = _as_approved(subject)
    rule, read = light_rule(approved), rows(approved)
    budget, spent = approved.number("budget.total"), approved.number("spent.total")
    progress = Fraction(spent) / (Fraction(budget) * rule.share) * 100 if spent is not None and budget else None
    months = approved.number("first_month"), approved.number("last_month")
    return MonitoredProject(
        rows=tuple(_monitored_row(row, rule, approved) for row in read),
        reported=_is_reported(read, approved),
        months=(int(months[0] or 1), int(months[1] or rule.share * 12)),
        how=rule.how,
        budget=budget,
        spent=spent,
        money=money_light(_fraction(spent), _fraction(budget), rule),
        money_progress=None if progress is None else rounded(progress),
        money_note=_text(approved, "money_note"),
    )


def _monitored_row(row: Row, rule: LightRule, subject: Subject) -> MonitoredRow:
    progress = progress_of(row, rule)
    causes = row.cells.get("causes")
    return MonitoredRow(
        name=row.text("level3"),
        target=row.text("target"),
        actual=row.text("actual"),
        light=light_of(row, rule),
        progress=None if progress is None else rounded(progress),
        needs_reason=needs_reason(row, subject),
        causes=tuple(map(str, causes)) if isinstance(causes, (list, tuple)) else (),
        reason=row.text("reason"),
        possibility=row.text("possibility"),
    )


def evaluation_result(subject: Subject) -> EvaluatedProject:
    """Return the result of a project in self-evaluation."""
    approved = _as_approved(subject)
    read = rows(approved)
    less = _text(approved, "scheme.less")
    score = _score(approved.record)
    return EvaluatedProject(
        rows=tuple(_evaluated_row(row, approved) for row in read),
        reported=_is_reported(read, approved),
        less=less,
        budget=approved.number("budget.total"),
        adjusted=approved.number("adjusted.total"),
        spent=approved.number("spent.total"),
        points=approved.number("points"),
        score=score,
        other=_counted_otherwise(approved, less) if _has_excess(read) else score,
    )


def _evaluated_row(row: Row, subject: Subject) -> EvaluatedRow:
    return EvaluatedRow(
        name=row.text("level3"),
        target=row.text("target"),
        actual=row.text("actual"),
        points=subject.number(row.path("points")),
        score=subject.number(row.path("score")),
    )


def _has_excess(read: tuple[Row, ...]) -> bool:
    """Return True where a value that should be low is not, so that it matters how it counts."""
    return any(row.less and row.number is not None and row.is_short for row in read)


def _counted_otherwise(subject: Subject, less: str) -> Score:
    """Return the score where values that should be low count the other way."""
    other = "linear" if less == "ratio" else "ratio"
    scheme = {**(subject.record.get("scheme") or {}), "less": other}
    full, _ = calculate_record(subject.form, {**subject.record, "scheme": scheme}, subject.unit.known)
    return _score(full)


def _score(record: Mapping[str, Any]) -> Score:
    total, grade = record.get("score"), record.get("grade")
    number = isinstance(total, (int, float, Decimal)) and not isinstance(total, bool)
    return Score(Decimal(str(total)) if number else None, str(grade) if grade else None)


def _as_approved(subject: Subject) -> Subject:
    """Return a subject in which given answers are those that its sheet went out with; mostly it is this very one."""
    issued = subject.seen.issued if subject.seen else {}
    changed = {
        path: value for path, value in issued.items() if _is_given(path, subject) and get(subject.record, path) != value
    }
    if not changed:
        return subject
    record = deepcopy(dict(subject.record))
    for path, value in changed.items():
        put(record, path, value)
    said = subject.seen.said if subject.seen else {}
    return Subject(subject.form, calculate_record(subject.form, record, said)[0], subject.unit, subject.seen)


def _is_given(path: str, subject: Subject) -> bool:
    """Return True for a given answer of the head, and for one in a row of the indicators that is there."""
    row, inside, column = path.rpartition("].")
    asked = subject.form.tables[TABLE].columns.get(column) if inside else subject.form.fields.get(path)
    if asked is None or not asked.given:
        return False
    return not inside or isinstance(get(subject.record, f"{row}]"), Mapping)


def _is_reported(read: tuple[Row, ...], subject: Subject) -> bool:
    funds = ("fiscal", "carried", "other")
    return any(row.state != "blank" for row in read) or any(
        subject.number(f"spent.{fund}") is not None for fund in funds
    )


def _text(subject: Subject, path: str) -> str:
    value = subject.get(path)
    return str(value).strip() if value is not None else ""


def _fraction(number: Decimal | None) -> Fraction | None:
    return Fraction(number) if number is not None else None

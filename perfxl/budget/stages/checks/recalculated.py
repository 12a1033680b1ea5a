"""MO-11, MO-13, SE-05, SE-09 to SE-11, SE-14: what the sheet calculates is what it comes to, with the arithmetic.

They stand for CO-01, which would say the two numbers alone.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from perfxl.budget.stages.checks import EVALUATION, MONITORING
from perfxl.budget.stages.progress import rows
from perfxl.budget.stages.words import show
from perfxl.form.answers import without_rows
from perfxl.form.calculation import Miscalculation
from perfxl.rules.asked.co01_calculated import CODE
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

Facts = Callable[[Subject, Miscalculation], Mapping[str, Any]]

_FUNDS = ("fiscal", "carried", "other")


def _of(paths: tuple[str, ...], facts: Facts) -> Callable[[Subject], Iterator[Hit]]:
    """Return a check that yields a hit for every one of these answers where the sheet shows something else."""

    def check(subject: Subject) -> Iterator[Hit]:
        for one in subject.miscalculated:
            if without_rows(one.field) in paths:
                told = {"found": one.found, "value": one.value, "problem": one.problem, **facts(subject, one)}
                yield Hit((one.field,), told)

    return check


def _parts(subject: Subject, one: Miscalculation) -> Mapping[str, Any]:
    """Return the parts of a total of money."""
    name = one.field.rpartition(".")[0]
    parts = {fund: float(subject.number(f"{name}.{fund}") or 0) for fund in _FUNDS}
    found, value = (_amount(text) for text in (one.found, one.value))
    difference = abs(found - value) if found is not None and value is not None else None
    return {**parts, "difference": difference}


def _amount(text: str) -> float | None:
    try:
        return float(Decimal(text.replace(",", "")))
    except ArithmeticError:
        return None


def _score(subject: Subject, one: Miscalculation) -> Mapping[str, Any]:
    """Return how the score of a row comes about."""
    row = next((row for row in rows(subject) if row.path("score") == one.field), None)
    if row is None:  # a row without a target
        return {"target": "", "actual": "", "way": "", "points": ""}
    points = subject.number(row.path("points"))
    facts: dict[str, Any] = {"target": row.text("target"), "actual": row.text("actual"), "way": "", "points": ""}
    if row.number is None or row.aim is None or points is None:
        return facts
    way = "met" if row.is_met else "more"
    if row.less and not row.is_met:
        way = "zero" if row.aim <= 0 else str(subject.get("scheme.less"))
    shown = {"aim": show(row.aim), "number": show(row.number), "points": f"{points.normalize():f}"}
    return {**facts, **shown, "way": way, "unit": row.target.unit}


def _total(subject: Subject, one: Miscalculation) -> Mapping[str, Any]:
    """Return the sums from which the total comes."""
    left_out = [row for row in rows(subject) if row.state == "left_out"]
    return {"left_out": len(left_out)}


def _execution(subject: Subject, one: Miscalculation) -> Mapping[str, Any]:
    spent, adjusted = subject.number("spent.total"), subject.number("adjusted.total")
    return {"spent": float(spent or 0), "adjusted": float(adjusted or 0), "points": subject.get("execution.points")}


def _rate(subject: Subject, one: Miscalculation) -> Mapping[str, Any]:
    fund = one.field.rpartition(".")[2]
    spent, budget = subject.number(f"spent.{fund}"), subject.number(f"budget.{fund}")
    return {"spent": float(spent or 0), "budget": float(budget or 0)}


def _nothing(subject: Subject, one: Miscalculation) -> Mapping[str, Any]:
    return {}


def _rule(code: str, paths: tuple[str, ...], facts: Facts, needs: tuple[str, ...], bad: Mapping[str, Any]) -> Rule:
    return Rule(code=code, severity="error", check=_of(paths, facts), needs=needs, limits=(CODE, "LM-03"), bad=bad)


RULES = (
    _rule("MO-11", ("spent.total", "expected.total"), _parts, MONITORING, {"spent.total": 3.9}),
    _rule("MO-13", ("rate.total", *(f"rate.{fund}" for fund in _FUNDS)), _rate, MONITORING, {"rate.total": 60}),
    _rule("SE-05", ("indicators.score",), _score, EVALUATION, {"indicators[0].score": 10}),
    _rule("SE-09", ("score",), _total, EVALUATION, {"score": 98}),
    _rule("SE-10", ("adjusted.total", "spent.total"), _parts, EVALUATION, {"adjusted.total": 6.6}),
    _rule("SE-11", ("execution.score",), _execution, EVALUATION, {"execution.score": 9}),
    _rule("SE-14", ("grade",), _nothing, EVALUATION, {"grade": "中"}),
)

"""MO-03 to MO-05, SE-08, SE-19: what was reached, or is expected, is of the kind that the approved value asks for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from perfxl.budget.indicator_value import Value
from perfxl.budget.stages.checks import EVALUATION, MONITORING
from perfxl.budget.stages.progress import Row, State, rows
from perfxl.form.characters import squeeze
from perfxl.form.types.number import decimal
from perfxl.rules.numbers import plain_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def _in_state(state: State, *columns: str) -> Callable[[Subject], Iterable[Hit]]:
    """Return a check that yields a hit for every cell of these columns that is in a state."""

    def check(subject: Subject) -> Iterator[Hit]:
        for column in columns:
            for row in rows(subject, column):
                repeats = column == "expected" and squeeze(row.text(column)) == squeeze(row.text("target"))
                if row.state == state and not repeats:  # what was approved is expected
                    yield Hit((row.path(column),), _facts(row, column))

    return check


def _facts(row: Row, column: str) -> dict[str, object]:
    found = row.text(column)
    return {
        "column": column,
        "target": row.text("target"),
        "found": found,
        "kind": row.target.kind,
        "date": _spelled_date(row.target),
        "negative": found[:1] in "-－−",
    }


def _spelled_date(value: Value) -> str:
    """Return the date of a target, spelled plainly and as exactly as the target; "" for all else."""
    return replace(value, operator="").spelled if value.kind == "date" else ""


def check_fraction(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every percentage that was written as a fraction, 0.8 for 80%."""
    for row in rows(subject):
        if row.fraction and row.number is not None:
            read = plain_number(decimal(float(row.number)))
            yield Hit((row.path("actual"),), {"found": row.text("actual"), "read": f"{read}%"}, f"{read}%")


_TEXT = {"indicators[0].actual": "运转正常"}
_NUMBER = {"indicators[0].actual": "200"}
_BEYOND = {"indicators[2].actual": "105%"}

RULES = (
    Rule(
        code="MO-03",
        severity="error",
        check=_in_state("unread", "actual", "expected"),
        needs=MONITORING,
        bad=_TEXT,
        good=_NUMBER,
    ),
    Rule(code="MO-04", severity="warning", check=check_fraction, needs=MONITORING, bad={"indicators[2].actual": "0.9"}),
    Rule(
        code="MO-05",
        severity="error",
        check=_in_state("impossible", "actual", "expected"),
        needs=MONITORING,
        bad=_BEYOND,
    ),
    Rule(code="SE-08", severity="error", check=_in_state("unread", "actual"), needs=EVALUATION, bad=_TEXT),
    Rule(code="SE-19", severity="error", check=_in_state("impossible", "actual"), needs=EVALUATION, bad=_BEYOND),
)

"""MO-02, MO-17, SE-18: what was reached is filled in, or a remark says why it is not yet known."""

from collections.abc import Iterator

from perfxl.budget.stages.checks import EVALUATION, MONITORING
from perfxl.budget.stages.decisions import FUNDS
from perfxl.budget.stages.progress import LEFT_OUT, Row, State, rows
from perfxl.rules.numbers import blank
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def _not_filled(subject: Subject, *also: State) -> Iterator[Row]:
    """Yield the rows without a result; ``also``: other states that are none."""
    return (row for row in rows(subject) if row.state in ("blank", *also) and subject.sure(row.path("actual")))


def check_progress(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for what is not filled in and has no remark, for the money as well."""
    for row in _not_filled(subject, "left_out"):
        if not row.text("remark"):
            what = row.state if row.state == "left_out" else "actual"
            yield Hit((row.path("actual"),), {"found": row.text("actual"), "what": what})
    spent = [subject.get(f"spent.{fund}") for fund in FUNDS[1:]]
    if all(map(blank, spent)) and subject.sure("spent.fiscal"):
        yield Hit(("spent.fiscal",), {"found": "", "what": "money"})


def check_remark(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for what is not filled in, with the remark that says why."""
    for row in _not_filled(subject, "left_out"):
        if row.text("remark"):
            found = LEFT_OUT if row.state == "left_out" else ""
            yield Hit((row.path("actual"),), {"found": found, "remark": row.text("remark")})


def check_evaluation(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for what is not filled in, and for a score that the unit gives itself and did not."""
    for row in _not_filled(subject):
        yield Hit((row.path("actual"),), {"what": "actual"})
    for row in rows(subject):
        if row.state in ("word", "date") and blank(row.cells.get("score")) and subject.sure(row.path("score")):
            yield Hit((row.path("score"),), {"what": "score"})


RULES = (
    Rule(
        code="MO-02",
        severity="error",
        check=check_progress,
        beside=("remark",),
        needs=MONITORING,
        limits=("LM-01",),
        bad={"indicators[0].actual": None},
        good={"indicators[0].actual": None, "indicators[0].remark": "年底才有数"},
    ),
    Rule(
        code="MO-17",
        severity="hint",
        check=check_remark,
        needs=MONITORING,
        limits=("LM-01",),
        bad={"indicators[7].actual": None, "indicators[7].remark": "年底开展问卷调查"},
    ),
    Rule(
        code="SE-18",
        severity="error",
        check=check_evaluation,
        beside=("actual",),
        needs=EVALUATION,
        limits=("LM-01",),
        bad={"indicators[0].actual": None},
    ),
)

"""PL-01: the spending plan has its four values, each a number from 0 to 100."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from perfxl.form.expression import Expression
from perfxl.form.form import Form, FormRule, scope_of
from perfxl.rules.numbers import blank, plain_number, to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


@lru_cache(maxsize=64)
def lines(form: Form) -> tuple[FormRule, ...]:
    """Return one form rule per value of the plan: a value that is filled in lies between 0 and 100."""
    scope = scope_of(form.fields, form.tables)
    plan = (id for id, field in form.fields.items() if field.type.name == "percent" and id.startswith("plan."))
    return tuple(FormRule(RULE.code, RULE.severity, Expression(f"0 <= {id} <= 100", scope), (id,)) for id in plan)


def check(subject: Subject) -> Iterator[Hit]:
    """Find values of the spending plan that are missing, no number, or outside 0 to 100."""
    by_problem: dict[str, list[tuple[str, Any]]] = {}
    for path, field, value in subject.cells:
        if field.type.name == "percent" and path.startswith("plan."):
            by_problem.setdefault(_problem(value), []).append((path, value))
    for problem in ("blank", "text", "range"):
        if problem in by_problem:
            values = [_text(value) for _, value in by_problem[problem]]
            yield Hit(tuple(path for path, _ in by_problem[problem]), {"problem": problem, "found": values})


def _problem(value: Any) -> str:
    """Return the reason why a value is no valid percentage, as the word that the messages know; empty if it is one."""
    if blank(value):
        return "blank"
    points = to_number(value)
    if points is None:
        return "text"
    return "" if 0 <= points <= 100 else "range"


def _text(value: Any) -> str:
    """Return a value as a message quotes it: a number without trailing zeros, a text trimmed."""
    points = to_number(value)
    if points is not None:
        return plain_number(points)
    return "" if value is None else str(value).strip()


RULE = Rule(
    code="PL-01",
    severity="error",
    check=check,
    needs=("plan.march", "plan.december"),
    bad={"plan.june": "上半年过半"},
    good={"plan.june": 12.5},
    # A percent cell holds a fraction (0 to 1); the reader takes a number from 2 on as percentage points.
    lines=lines,
    types=("percent",),
    still="NOT(AND(ISNUMBER({cell}),OR(AND(N({cell})>=0,N({cell})<=1),AND(N({cell})>=2,N({cell})<=100))))",
    limits=("LM-01", "LM-02", "LM-03"),
)

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
    """A line for each of the values: what is filled in lies between 0 and 100."""
    scope = scope_of(form.fields, form.tables)
    plan = (id for id, asked in form.fields.items() if asked.kind.name == "percent" and id.startswith("plan."))
    return tuple(FormRule(RULE.code, RULE.severity, Expression(f"0 <= {id} <= 100", scope), (id,)) for id in plan)


def check(subject: Subject) -> Iterator[Hit]:
    found: dict[str, list[tuple[str, Any]]] = {}
    for path, asked, value in subject.cells:
        if asked.kind.name == "percent" and path.startswith("plan."):
            found.setdefault(_problem(value), []).append((path, value))
    for problem in ("blank", "text", "range"):
        if problem in found:
            values = [_text(value) for _, value in found[problem]]
            yield Hit(tuple(path for path, _ in found[problem]), {"problem": problem, "found": values})


def _problem(value: Any) -> str:
    if blank(value):
        return "blank"
    points = to_number(value)
    return "text" if points is None else "" if 0 <= points <= 100 else "range"


def _text(value: Any) -> str:
    points = to_number(value)
    return plain_number(points) if points is not None else "" if value is None else str(value).strip()


RULE = Rule(
    code="PL-01",
    severity="error",
    check=check,
    needs=("plan.march", "plan.december"),
    bad={"plan.june": "上半年过半"},
    good={"plan.june": 12.5},
    # a percent cell holds a fraction; from 2 on the reader takes points
    lines=lines,
    kinds=("percent",),
    still="NOT(AND(ISNUMBER({cell}),OR(AND(N({cell})>=0,N({cell})<=1),AND(N({cell})>=2,N({cell})<=100))))",
)

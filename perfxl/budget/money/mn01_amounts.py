"""MN-01: amounts are numbers, not negative, with at most two decimals; the budget is more than nothing."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from perfxl.form.form import Field
from perfxl.rules.numbers import blank, excess_digits, plain_number, to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    for path, asked, value in subject.cells:
        if asked.kind.name == "money" and (problem := _problem(path, asked, value)):
            yield Hit((path,), {"problem": problem, "found": _text(value)})


def _problem(path: str, asked: Field, value: Any) -> str:
    """Why it is no amount, in one word; empty where it is one."""
    if blank(value):
        return "blank" if asked.required or path == "budget.total" else ""
    amount = to_number(value)
    if amount is None:
        return "text"
    if amount < 0:
        return "negative"
    if amount == 0 and path == "budget.total":
        return "zero"
    # a sum of binary fractions may be off in the tenth place: that is nobody's typing
    return "decimals" if excess_digits(amount, 2) > Decimal("1e-6") else ""


def _text(value: Any) -> str:
    amount = to_number(value)
    return plain_number(amount) if amount is not None else "" if value is None else str(value).strip()


RULE = Rule(
    code="MN-01",
    severity="error",
    check=check,
    bad={"budget.fiscal": "六万五千二百元"},
    good={"budget.other": 0},
    kinds=("money",),
)

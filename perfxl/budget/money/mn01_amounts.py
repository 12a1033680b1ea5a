"""MN-01: amounts are numbers that are not negative and have at most two decimals; the budget is greater than zero."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from perfxl.form.form import Field
from perfxl.rules.numbers import blank, excess_digits, plain_number, to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find amounts that are missing, no number, negative or too precise, and a budget of zero."""
    for path, field, value in subject.cells:
        if field.type.name == "money" and (problem := _problem(path, field, value)):
            yield Hit((path,), {"problem": problem, "found": _text(value)})


def _problem(path: str, field: Field, value: Any) -> str:
    """Return the reason why a value is no valid amount, as the word that the messages know; empty if it is valid."""
    if blank(value):
        return "blank" if field.required or path == "budget.total" else ""
    amount = to_number(value)
    if amount is None:
        return "text"
    if amount < 0:
        return "negative"
    if amount == 0 and path == "budget.total":
        return "zero"
    # A sum of binary fractions may be off in the tenth decimal; nobody typed that.
    return "decimals" if excess_digits(amount, 2) > Decimal("1e-6") else ""


def _text(value: Any) -> str:
    """Return a value as a message quotes it: a number without trailing zeros, a text trimmed."""
    amount = to_number(value)
    if amount is not None:
        return plain_number(amount)
    return "" if value is None else str(value).strip()


RULE = Rule(
    code="MN-01",
    severity="error",
    check=check,
    bad={"budget.fiscal": "六万五千二百元"},
    good={"budget.other": 0},
    types=("money",),
    limits=("LM-01", "LM-02", "LM-03"),
)

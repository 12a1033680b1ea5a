"""CO-01: what the workbook calculates is what it comes to; calculated anew, the record has the right value."""

from collections.abc import Iterator

from perfxl.form.calculation import in_order
from perfxl.form.form import Form
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

CODE = "CO-01"

NEEDS = "@calculated"
"""Stands among the answers that the rule needs for any that a form calculates."""


def applies_to(form: Form) -> bool:
    """Return True if a form calculates answers, or sums of its tables."""
    sums = any(table.totals or (table.groups and table.groups.subtotal) for table in form.tables.values())
    return sums or bool(in_order(form))


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every calculated answer where something else was found."""
    for one in subject.miscalculated:
        yield Hit((one.field,), {"found": one.found, "value": one.value, "problem": one.problem})


RULE = Rule(code=CODE, severity="error", check=check, needs=(NEEDS,))

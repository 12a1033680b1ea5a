"""What a budget knows of a unit: its projects, its department goals, its control total."""

from __future__ import annotations

from decimal import Decimal

from perfxl.form.form import Form
from perfxl.rules.numbers import to_number
from perfxl.rules.subject import Record, Subject, Unit

PROJECTS, DEPARTMENT = "projects", "department"
"""The roots of the forms for projects and for the goals of a department."""


def projects_of(unit: Unit) -> tuple[Record, ...]:
    """The unit's projects, in its order."""
    return unit.records.get(PROJECTS, ())


def department_of(unit: Unit) -> Record | None:
    """The unit's own goals; None where they are not at hand."""
    return next(iter(unit.records.get(DEPARTMENT, ())), None)


def control_of(unit: Unit) -> Decimal | None:
    """The unit's control total in 万元, where it was issued."""
    return to_number(unit.known.get("control"))


def subjects(unit: Unit, form: Form) -> tuple[Subject, ...]:
    """In the unit's order; ask by ``unit.once(subjects, form)``."""
    return tuple(Subject(form, project, unit) for project in projects_of(unit))


def label(subject: Subject) -> tuple[int, str]:
    """A project's number and name, as a sentence names it."""
    number, name = subject.get("number"), subject.get("name")
    return number if isinstance(number, int) else 0, name.strip() if isinstance(name, str) else ""

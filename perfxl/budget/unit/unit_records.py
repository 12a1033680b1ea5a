"""A unit's records in a budget: its projects, its department goals, its control total."""

from __future__ import annotations

from decimal import Decimal

from perfxl.form.form import Form
from perfxl.rules.numbers import to_number
from perfxl.rules.subject import Record, Subject, Unit

PROJECTS, DEPARTMENT = "projects", "department"
"""The roots of the form of a project and of the form of a department's goals."""


def projects_of(unit: Unit) -> tuple[Record, ...]:
    """Return the unit's projects, in the unit's order."""
    return unit.records.get(PROJECTS, ())


def department_of(unit: Unit) -> Record | None:
    """Return the unit's own goals, or None where they are not at hand."""
    return next(iter(unit.records.get(DEPARTMENT, ())), None)


def control_of(unit: Unit) -> Decimal | None:
    """Return the unit's control total in 万元 (10,000 yuan), or None where none was issued."""
    return to_number(unit.known.get("control"))


def subjects(unit: Unit, form: Form) -> tuple[Subject, ...]:
    """Return the unit's projects as subjects, in the unit's order.

    Call it by ``unit.once(subjects, form)``, which builds them only once.
    """
    return tuple(Subject(form, project, unit) for project in projects_of(unit))


def label(subject: Subject) -> tuple[int, str]:
    """Return a project's number and name as messages quote them: 0 and empty where they are missing."""
    number, name = subject.get("number"), subject.get("name")
    return number if isinstance(number, int) else 0, name.strip() if isinstance(name, str) else ""

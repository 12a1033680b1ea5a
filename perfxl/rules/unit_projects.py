"""All projects of a unit as subjects of one form, for what is judged across them."""

from perfxl.form.form import Form
from perfxl.rules.base import Subject, Unit


def subjects(unit: Unit, form: Form) -> tuple[Subject, ...]:
    """In the unit's order; ask by ``unit.once(subjects, form)``."""
    return tuple(Subject(form, project, unit) for project in unit.projects)


def label(subject: Subject) -> tuple[int, str]:
    """A project's number and name, as a sentence names it."""
    number, name = subject.get("number"), subject.get("name")
    return number if isinstance(number, int) else 0, name.strip() if isinstance(name, str) else ""

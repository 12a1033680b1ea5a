"""The project code for the rules ID-01 to ID-04: its scheme, its text, and the constant of its check character."""

from perfxl.budget.unit.unit_records import projects_of
from perfxl.form import code_scheme
from perfxl.form.code_scheme import CodeScheme
from perfxl.form.types.code import Code
from perfxl.rules.subject import Subject, Unit

_ENOUGH = 5  # codes of a unit that show the constant by themselves


def scheme(subject: Subject) -> CodeScheme | None:
    """Return the scheme of the form's project codes, None where the form names none."""
    field = subject.form.fields.get("code")
    kind = field.type if field else None
    return code_scheme.load(kind.scheme) if isinstance(kind, Code) and kind.scheme else None


def code(subject: Subject) -> str:
    """Return the project's code, "" where there is none."""
    value = subject.get("code")
    return value.strip() if isinstance(value, str) else ""


def constant(unit: Unit, scheme: CodeScheme) -> int | None:
    """Return the constant by which the unit's codes are checked, None where they cannot be checked.

    Five codes or more show the constant themselves if at least 90 % share it; otherwise it is None. Fewer codes are
    checked by the scheme's constant, unless there are several and none of them fits it: then it is not theirs.
    """
    codes = {text for project in projects_of(unit) if code_scheme.matches(text := str(project.get("code")), scheme)}
    if len(codes) >= _ENOUGH:
        return code_scheme.calibrate(codes, scheme)
    fitting = sum(code_scheme.fits(text, scheme) for text in codes)
    return scheme.constant if fitting or len(codes) < 2 else None

"""Project codes for the rules ID-01 to ID-04: the form's scheme, and the constant of the check character."""

from perfxl.budget.unit.unit_records import projects_of
from perfxl.form import code_scheme
from perfxl.form.code_scheme import CodeScheme
from perfxl.form.fields.code import Code
from perfxl.rules.subject import Subject, Unit

_FEW = 5


def scheme(subject: Subject) -> CodeScheme | None:
    """The scheme of the form's project codes; None where the form names none."""
    asked = subject.form.fields.get("code")
    kind = asked.kind if asked else None
    return code_scheme.load(kind.scheme) if isinstance(kind, Code) and kind.scheme else None


def code(subject: Subject) -> str:
    """The project's code, empty where there is none."""
    found = subject.get("code")
    return found.strip() if isinstance(found, str) else ""


def constant(unit: Unit, scheme: CodeScheme) -> int | None:
    """The constant by which the unit's codes are checked; None where they cannot be.

    Five codes or more show it themselves (at least 90 % share it), or there is none. Fewer are
    checked by the scheme's, unless there are several of which none fits: then it is not theirs.
    """
    codes = {found for project in projects_of(unit) if code_scheme.matches(found := str(project.get("code")), scheme)}
    if len(codes) >= _FEW:
        return code_scheme.calibrate(codes, scheme)
    fitting = sum(code_scheme.fits(found, scheme) for found in codes)
    return scheme.constant if fitting or len(codes) < 2 else None

"""ID-02: the check character of a project code agrees with its other characters, so that any slip shows.

The scheme's constant was found on published codes, so the unit's own codes are tried first (see
``project_code.constant``).
"""

from collections.abc import Iterator

from perfxl.budget.identity import project_code
from perfxl.form import code_scheme
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find a project code whose check character does not agree with the rest."""
    scheme, code = project_code.scheme(subject), project_code.code(subject)
    if not scheme or not code_scheme.matches(code, scheme):
        return
    constant = subject.unit.once(project_code.constant, scheme)
    if constant is None:
        return
    expected = code_scheme.check_character(code, scheme, constant)
    if expected != code[-1]:
        yield Hit(("code",), {"found": code, "last": code[-1], "expected": expected})


RULE = Rule(code="ID-02", severity="error", check=check, needs=("code",), bad={"code": "99019924P00731210116X"})

"""ID-01: a project code has the shape of its scheme.

The shape is its length and the place of region, year, kind letter, serial and check character.
"""

from collections.abc import Iterator

from perfxl.budget.identity import project_code
from perfxl.form import code_scheme
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find a project code of another shape, and propose the code that was probably meant."""
    scheme, code = project_code.scheme(subject), project_code.code(subject)
    if scheme and code and not code_scheme.matches(code, scheme):
        foreign = [character for character in dict.fromkeys(code) if character not in scheme.alphabet]
        facts = {"found": code, "length": len(code), "expected": scheme.length, "foreign": foreign}
        constant = subject.unit.once(project_code.constant, scheme)
        yield Hit(("code",), facts, code_scheme.propose(code, scheme, constant))


RULE = Rule(code="ID-01", severity="error", check=check, needs=("code",), bad={"code": "99O19924P00731210115X"})

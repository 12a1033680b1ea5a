"""ID-01: a project code has the shape of its scheme: length, region, year, kind letter, serial, check character."""

from collections.abc import Iterator

from perfxl.budget.identity import project_code
from perfxl.form import code_scheme
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    scheme, code = project_code.scheme(subject), project_code.code(subject)
    if scheme and code and not code_scheme.matches(code, scheme):
        foreign = [c for c in dict.fromkeys(code) if c not in scheme.alphabet]
        facts = {"found": code, "length": len(code), "expected": scheme.length, "foreign": foreign}
        constant = subject.unit.once(project_code.constant, scheme)
        yield Hit(("code",), facts, code_scheme.propose(code, scheme, constant))


RULE = Rule(code="ID-01", severity="error", check=check, needs=("code",), bad={"code": "99O19924P00731210115X"})

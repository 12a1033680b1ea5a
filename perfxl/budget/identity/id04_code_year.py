"""ID-04: the year in a project code is the budget year; only a project that is carried over keeps an older one.

A new project under last year's code is booked to last year in the budget system.
"""

from collections.abc import Iterator

from perfxl.budget.identity import project_code
from perfxl.form import code_scheme
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find a project code of another year, unless the project's name says that it is carried over."""
    scheme, code, year = project_code.scheme(subject), project_code.code(subject), subject.unit.year
    if not scheme or year is None or not code_scheme.matches(code, scheme):
        return
    code_year = year // 100 * 100 + int(scheme.part(code, "year"))
    name = str(subject.get("name") or "")
    carried_over = code_year < year and any(word in name for word in subject.words("carried_over"))
    if code_year != year and not carried_over:
        yield Hit(("code",), {"code": code, "found": code_year, "year": year})


RULE = Rule(
    code="ID-04",
    severity="warning",
    check=check,
    needs=("code",),
    bad={"code": "99019923P00731210115F"},
    good={"code": "99019923P00731210115F", "name": "上年结转村民小组长误工补贴"},
)

"""ID-03: all project codes of a unit begin with the same digits, those of its region."""

from collections import Counter
from collections.abc import Iterator

from perfxl.budget.identity import project_code
from perfxl.budget.unit.unit_records import projects_of
from perfxl.form import code_scheme
from perfxl.form.code_scheme import CodeScheme
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit


def check(subject: Subject) -> Iterator[Hit]:
    scheme, code = project_code.scheme(subject), project_code.code(subject)
    if not scheme or not code_scheme.matches(code, scheme):
        return
    region, found = subject.unit.once(_region, scheme), scheme.part(code, "region")
    if region and found != region:
        yield Hit(("code",), {"code": code, "found": found, "region": region})


def _region(unit: Unit, scheme: CodeScheme) -> str:
    """The region of more than half of at least three codes; empty where there is none."""
    found = [str(project.get("code")) for project in projects_of(unit)]
    regions = Counter(scheme.part(code, "region") for code in found if code_scheme.matches(code, scheme))
    if sum(regions.values()) < 3:
        return ""
    region, times = regions.most_common(1)[0]
    return region if times * 2 > sum(regions.values()) else ""


RULE = Rule(
    code="ID-03",
    severity="error",
    check=check,
    needs=("code",),
    bad={
        "code": "99029924P007312101152",
        "unit.projects": [
            {"number": 2, "name": "防汛物资储备经费", "code": "99019924P00731210116H"},
            {"number": 3, "name": "秸秆禁烧巡查经费", "code": "99019924P007312101175"},
            {"number": 4, "name": "敬老院取暖经费", "code": "99019924P00731210118Q"},
        ],
    },
)

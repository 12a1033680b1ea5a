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
    """Find a project code with another region than most codes of the unit."""
    scheme, code = project_code.scheme(subject), project_code.code(subject)
    if not scheme or not code_scheme.matches(code, scheme):
        return
    common, region = subject.unit.once(_common_region, scheme), scheme.part(code, "region")
    if common and region != common:
        yield Hit(("code",), {"code": code, "found": region, "region": common})


def _common_region(unit: Unit, scheme: CodeScheme) -> str:
    """Return the region of more than half of the unit's codes, "" where there is none or fewer than three codes."""
    codes = [str(project.get("code")) for project in projects_of(unit)]
    regions = Counter(scheme.part(code, "region") for code in codes if code_scheme.matches(code, scheme))
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
    compares=True,
)

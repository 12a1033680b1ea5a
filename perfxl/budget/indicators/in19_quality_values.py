"""IN-19: not every quality value of a unit is 100 %; values that are alike everywhere tell no good work from bad.

Reported once, for all projects together, if at least three projects have a quality value.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.budget.unit.unit_records import subjects
from perfxl.form.form import Form
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit

_FEWEST_PROJECTS = 3


def check(subject: Subject) -> Iterator[Hit]:
    """Find a unit whose quality values are all 100 %."""
    if not subject.leads:
        return
    full, projects = subject.unit.once(_quality_values, subject.form)
    if projects >= _FEWEST_PROJECTS and all(full):
        yield Hit(("unit",), {"projects": projects, "count": len(full)})


def _quality_values(unit: Unit, form: Form) -> tuple[list[bool], int]:
    """Return for every quality value of the unit whether it is 100 %, and the number of projects that have any."""
    values_by_project = [
        [row.value for row in indicators(project) if row.value and row.belongs("质量")]
        for project in unit.once(subjects, form)
    ]
    full = [value.unit == "%" and value.number == 100 for values in values_by_project for value in values]
    return full, sum(map(bool, values_by_project))


def _project(number: int, name: str) -> dict[str, object]:
    quality = {"level1": "产出指标", "level2": "质量指标", "level3": f"{name}完成率", "target": "100%"}
    return {
        "number": number,
        "name": name,
        "code": None,
        "purpose": f"用于{name}。",
        "goals": [f"完成{name}。"],
        "indicators": [quality],
    }


_NEIGHBOURS = [_project(2, "防汛物资储备"), _project(3, "桥梁检修")]

RULE = Rule(
    code="IN-19",
    severity="hint",
    check=check,
    of_unit=True,
    needs=("indicators.level2", "indicators.target"),
    bad={"indicators[3].target": "100%", "unit.projects": _NEIGHBOURS},
    good={"indicators[3].target": "≥98%", "unit.projects": _NEIGHBOURS},
)

"""XP-05: the projects that a part of a department's goals names are projects of the unit."""

from collections.abc import Iterator

from perfxl.budget.unit.linked_projects import number_of, parts_of
from perfxl.budget.unit.unit_records import projects_of
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_COLUMN = "areas.parts.projects"


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every part that names projects the unit does not have; none where its projects are not here."""
    projects = projects_of(subject.unit)
    for part in parts_of(subject.record) if projects else ():
        path = f"{part.path}.projects"
        unknown = [named for named in part.named if number_of(named, projects) is None]
        if unknown and subject.sure(path):
            yield Hit((path,), {"unknown": unknown, "count": len(projects)})


_PROJECTS = [{"number": 1, "name": "村民小组长误工补贴"}]

RULE = Rule(
    code="XP-05",
    severity="error",
    check=check,
    needs=(_COLUMN,),
    bad={"areas[0].parts[0].projects": ["1", "7"], "unit.projects": _PROJECTS},
    good={"areas[0].parts[0].projects": ["村民小组长误工补贴"], "unit.projects": _PROJECTS},
    compares=True,
)

"""XP-01: every project serves one of the areas of the unit's overall goals; otherwise either of them is incomplete.

A project belongs to an area if a part of the area names it, or if its name, or a phrase of its purpose or goals,
occurs in the texts of the area; a county's list gives words with the same meaning (安监=安全生产, both work safety). A
project whose name says nothing (工作经费, working funds) is not checked, and no project is where the unit's overall
goals are missing or have no areas.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from perfxl.budget.unit.linked_projects import number_of, parts_of
from perfxl.budget.unit.topic import pairs, topics
from perfxl.budget.unit.unit_records import department_of, projects_of
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import word_pattern

_HAN = late_pattern("[\u4e00-\u9fff]+")
_RUN = 3  # the length of the phrases that are compared, in characters


def check(subject: Subject) -> Iterator[Hit]:
    """Find a project that serves none of the areas of its unit's overall goals."""
    areas, name = subject.unit.once(_area_text), subject.get("name")
    if not areas or not isinstance(name, str) or not topics(name, subject.unit.policy):
        return
    if subject.get("number") in subject.unit.once(_named_projects):
        return
    if not _belongs_to_area(subject, name, areas):
        count = len((department_of(subject.unit) or {}).get("areas") or ())
        yield Hit(("name",), {"name": name.strip(), "count": count})


def _belongs_to_area(subject: Subject, name: str, areas: str) -> bool:
    """Return True if a project's name, purpose or goals speak of something in ``areas``, the text of all areas."""
    project, policy = subject.record, subject.unit.policy
    general = word_pattern(policy.words["area_general"])
    if any(pair in areas for pair in pairs(name, policy) if not general.fullmatch(pair)):
        return True
    goals = project.get("goals")
    texts = [project.get("purpose"), *(goals if isinstance(goals, (list, tuple)) else ())]
    whole = "，".join(squeeze(text) for text in texts if isinstance(text, str))
    for word, _, other in (entry.partition("=") for entry in policy.words["area_synonyms"]):
        if word in name and other in areas:
            return True
    own = _runs(general.sub("，", whole.replace(squeeze(name), "，")))
    return not subject.unit.once(_area_runs).isdisjoint(own)


def _runs(text: str) -> Iterator[str]:
    """Yield all runs of ``_RUN`` neighbouring Chinese characters of a text."""
    for part in _HAN.findall(text):
        yield from (part[i : i + _RUN] for i in range(len(part) - _RUN + 1))


def _area_runs(unit: Unit) -> frozenset[str]:
    """Return the runs of the text of all areas."""
    return frozenset(_runs(unit.once(_area_text)))


def _named_projects(unit: Unit) -> frozenset[int | None]:
    """Return the numbers of the projects that parts of the unit's goals name."""
    projects = projects_of(unit)
    texts = (named for part in parts_of(department_of(unit) or {}) for named in part.named)
    return frozenset(number_of(text, projects) for text in texts) - {None}


def _area_text(unit: Unit) -> str:
    """Return the names, goals and indicators of the unit's areas as one text; empty where there are none."""
    return "，".join(squeeze(text) for text in _texts((department_of(unit) or {}).get("areas")))


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of a list of areas: names, goals and indicators, those of their parts included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Mapping):
        for key in ("name", "parts", "goal", "indicators"):
            yield from _texts(value.get(key))


def _department(name: str, goal: str) -> Mapping[str, Any]:
    """Return the goals of a department with one area, for the examples."""
    part = {"name": None, "goal": goal, "indicators": ["完成率达到100%"]}
    return {"overall": "建设平安和美的乡镇。", "areas": [{"name": name, "parts": [part]}], "measures": []}


RULE = Rule(
    code="XP-01",
    severity="warning",
    check=check,
    needs=("name", "purpose"),
    bad={"unit.department": _department("森林防火", "落实巡护，管住林区火源。")},
    good={"unit.department": _department("村级组织建设", "落实村民小组长待遇。")},
    compares=True,
)

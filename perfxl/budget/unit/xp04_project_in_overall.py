"""XP-04: the overall goal speaks of the whole unit; a sentence in it about one project was copied from that project.

Such a sentence has the whole name of the project, or a long run of characters that its purpose or goals have too.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from perfxl.budget.unit.unit_records import projects_of
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import squeeze

_CLAUSE = re.compile("[^；;。\n]+")
_SHORT_NAME = 4


class _Project(NamedTuple):
    """A project as sentences are compared with it; ``texts`` are its purpose and goals without white space."""

    number: int
    name: str
    texts: tuple[str, ...]


def check(subject: Subject) -> Iterator[Hit]:
    """Find sentences of the overall goal that speak of one project."""
    overall = subject.get("overall")
    projects = subject.unit.once(_projects)
    if not isinstance(overall, str) or not projects:
        return
    run = int(subject.limit("copied_run"))
    for sentence in _CLAUSE.findall("".join(overall.split())):
        project = next((project for project in projects if _speaks_of(squeeze(sentence), project, run)), None)
        if project:
            yield Hit(("overall",), {"found": _shorten(sentence), "number": project.number, "name": project.name})


def _speaks_of(sentence: str, project: _Project, run: int) -> bool:
    """Return True if a sentence has the project's name, or ``run`` characters in a row that the project has too."""
    if len(project.name) >= _SHORT_NAME and project.name in sentence:
        return True
    runs = (sentence[i : i + run] for i in range(len(sentence) - run + 1))
    return any(piece in text for piece in runs for text in project.texts)


def _shorten(sentence: str) -> str:
    """Return a sentence cut down to 20 characters, as messages quote it."""
    return sentence if len(sentence) <= 20 else f"{sentence[:19]}…"


def _projects(unit: Unit) -> tuple[_Project, ...]:
    """Return the unit's projects that have a name, those with longer names first."""
    named = []
    for project in projects_of(unit):
        name, number, goals = project.get("name"), project.get("number"), project.get("goals")
        if isinstance(name, str) and name.strip():
            texts = [project.get("purpose"), *(goals if isinstance(goals, (list, tuple)) else ())]
            squeezed = tuple(squeeze(text) for text in texts if isinstance(text, str))
            named.append(_Project(number if isinstance(number, int) else 0, squeeze(name), squeezed))
    # The longer name is tried first: 离任补贴发放 before 离任补贴, which is a part of it.
    return tuple(sorted(named, key=lambda project: -len(project.name)))


RULE = Rule(
    code="XP-04",
    severity="hint",
    check=check,
    needs=("overall",),
    bad={
        "overall": "建设平安和美的乡镇；通过开展防汛物资储备经费项目，做好汛期物资保障。",
        "unit.projects": [{"number": 2, "name": "防汛物资储备经费"}],
    },
    good={
        "overall": "建设平安和美的乡镇，守住防汛安全底线。",
        "unit.projects": [{"number": 2, "name": "防汛物资储备经费"}],
    },
)

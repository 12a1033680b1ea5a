"""XP-04: the overall goal speaks of the whole unit; a single project's sentence in it was copied from its table.

Seen by a project's whole name, or by a long run of characters that its purpose or goals have, too.
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
    number: int
    name: str
    texts: tuple[str, ...]


def check(subject: Subject) -> Iterator[Hit]:
    overall = subject.get("overall")
    projects = subject.unit.once(_projects)
    if not isinstance(overall, str) or not projects:
        return
    run = int(subject.limit("copied_run"))
    for sentence in _CLAUSE.findall("".join(overall.split())):
        found = next((each for each in projects if _speaks_of(squeeze(sentence), each, run)), None)
        if found:
            yield Hit(("overall",), {"found": _short(sentence), "number": found.number, "name": found.name})


def _speaks_of(sentence: str, project: _Project, run: int) -> bool:
    if len(project.name) >= _SHORT_NAME and project.name in sentence:
        return True
    runs = (sentence[i : i + run] for i in range(len(sentence) - run + 1))
    return any(each in text for each in runs for text in project.texts)


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= 20 else f"{sentence[:19]}…"


def _projects(unit: Unit) -> tuple[_Project, ...]:
    found = []
    for project in projects_of(unit):
        name, number, goals = project.get("name"), project.get("number"), project.get("goals")
        if isinstance(name, str) and name.strip():
            texts = [project.get("purpose"), *(goals if isinstance(goals, (list, tuple)) else ())]
            said = tuple(squeeze(text) for text in texts if isinstance(text, str))
            found.append(_Project(number if isinstance(number, int) else 0, squeeze(name), said))
    # a project that says how another one's name goes on (离任补贴, 离任补贴发放) comes after it
    return tuple(sorted(found, key=lambda each: -len(each.name)))


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

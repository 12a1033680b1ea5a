"""XP-04: the overall goal speaks of the whole unit; a sentence in it about one project was copied from that project.

Such a sentence has the whole name of the project, or a long run of characters that its purpose or goals have too.
"""

from collections.abc import Iterator
from typing import NamedTuple

from perfxl.budget.unit.unit_records import projects_of
from perfxl.form.characters import shorten, squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit

_CLAUSE = late_pattern("[^；;。\n]+")
_SHORT_NAME = 4


class _Project(NamedTuple):
    """A project as sentences are compared with it; ``texts`` are its purpose and goals without white space."""

    number: int
    name: str
    texts: tuple[str, ...]

    def shares(self, runs: frozenset[str], length: int) -> frozenset[str]:
        """Return those of some runs of characters, all of one length, that its texts have too."""
        return runs.intersection(run for text in self.texts for run in _runs(text, length))


def check(subject: Subject) -> Iterator[Hit]:
    """Find sentences of the overall goal that speak of one project."""
    overall = subject.get("overall")
    projects = subject.unit.once(_projects)
    if not isinstance(overall, str) or not projects:
        return
    run = int(subject.limit("copied_run"))
    sentences = _CLAUSE.findall("".join(overall.split()))
    runs = frozenset(piece for sentence in sentences for piece in _runs(squeeze(sentence), run))
    shared = [(project, project.shares(runs, run)) for project in projects]
    for sentence in sentences:
        speaks = (project for project, own in shared if _speaks_of(squeeze(sentence), project.name, own, run))
        if project := next(speaks, None):
            yield Hit(("overall",), {"found": shorten(sentence, 20), "number": project.number, "name": project.name})


def _speaks_of(sentence: str, name: str, shared: frozenset[str], run: int) -> bool:
    """Return True if a sentence has the project's name, or one of the runs that it shares with the project."""
    if len(name) >= _SHORT_NAME and name in sentence:
        return True
    return bool(shared) and not shared.isdisjoint(_runs(sentence, run))


def _runs(text: str, length: int) -> Iterator[str]:
    """Yield all runs of so many neighbouring characters of a text."""
    return (text[i : i + length] for i in range(len(text) - length + 1))


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
    compares=True,
)

"""BS-05: a text names another project's subject: it was copied from there and not changed.

A unit's projects are written one after another from the same table. To be sure, a text is left alone
when it also speaks of its own project, when the own name, purpose or goals speak of that subject too,
and inside 《》; a subject of two characters counts only with a word such as 工作 behind it.
"""

import re
from collections.abc import Iterator, Mapping

from perfxl.budget.unit.topic import pairs, topics
from perfxl.budget.unit.unit_records import projects_of
from perfxl.rules.policy import Policy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Record, Subject, Unit

_TITLE = re.compile(r"《[^》]*》")


def check(subject: Subject) -> Iterator[Hit]:
    others = subject.unit.once(_by_word)
    name = str(subject.record.get("name") or "")
    if not others.pattern or not name:
        return
    own = pairs(name, subject.unit.policy)
    about = "".join([name, *(text for path, text in subject.texts if path in ("purpose", "goals"))])
    found: dict[str, list[str]] = {}
    for path, text in subject.texts:
        allowed = name if path in ("purpose", "goals") else about
        for match in others.pattern.finditer(text if "《" not in text else _TITLE.sub("", text)):
            word = match[0]
            if name not in others.owners[word] and word not in allowed and not any(pair in text for pair in own):
                found.setdefault(word, []).append(path)
    for word, paths in found.items():
        number, other = next(iter(others.owners[word].values())), next(iter(others.owners[word]))
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"word": word, "other": other, "number": number, "own": name, "count": len(fields)})


class _Others:
    """The words that belong to a project: which ones they are, and whose (name → number)."""

    def __init__(self, owners: Mapping[str, Mapping[str, int]]) -> None:
        self.owners = owners
        longest = sorted(owners, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, longest))) if owners else None


def _by_word(unit: Unit) -> _Others:
    owners: dict[str, dict[str, int]] = {}
    for project in projects_of(unit):
        for word in _spoken(project, unit.policy):
            owners.setdefault(word, {})[str(project["name"])] = project.get("number") or 0
    return _Others(owners)


def _spoken(project: Record, policy: Policy) -> Iterator[str]:
    for topic in topics(str(project.get("name") or ""), policy):
        if len(topic) > 2:
            yield topic
        else:
            yield from (topic + ending for ending in policy.words["subject_endings"])


_NEIGHBOUR = [{"number": 2, "name": "防汛物资储备经费", "code": None}]

RULE = Rule(
    code="BS-05",
    severity="warning",
    check=check,
    bad={
        "indicators[1].basis": "防汛物资储备工作方案",
        "unit.projects": _NEIGHBOUR,
    },
    good={
        "indicators[1].basis": "清溪县行政区划统计表",
        "unit.projects": _NEIGHBOUR,
    },
)

"""BS-05: no text names the subject of another project; such a text was copied from there and not changed.

A unit's projects are written one after another from the same table. To be certain, these texts are not reported:
one that speaks of its own project too; a subject that also occurs in the project's own name, purpose or goals;
a subject inside 《》. A subject of two characters counts only with a word such as 工作 (work) behind it.

A project that is not of the unit is found where purpose or goals name it as theirs (通过机井维修项目的实施) and nothing
else in the table, the name included, says anything of it.
"""

import re
from collections.abc import Iterator, Mapping

from perfxl.budget.texts.citation import without_titles
from perfxl.budget.unit.topic import pairs, topics
from perfxl.budget.unit.unit_records import projects_of
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.policy import Policy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Record, Subject, Unit

_NAMED = late_pattern("通过(?:实施|开展|做好|推进)?([\u4e00-\u9fff]{3,20}?)项目的?(?:开展|实施|建设)")


def check(subject: Subject) -> Iterator[Hit]:
    """Find texts that name the subject of another project, of the unit or of somebody else."""
    found = [*_of_unit(subject)]
    yield from found
    if not any({"purpose", "goals"}.intersection(hit.fields) for hit in found):
        yield from _of_others(subject)


def _of_others(subject: Subject) -> Iterator[Hit]:
    """Find purposes and goals that name a project of which nothing else in the table says anything."""
    name, policy = str(subject.record.get("name") or ""), subject.unit.policy
    for path, text in subject.texts:
        for match in _NAMED.finditer(text) if path in ("purpose", "goals") and name and "通过" in text else ():
            word = match[1]
            others = [other for at, other in subject.texts if (at, other) != (path, text)]
            whole = "，".join([name, text.replace(match[0], ""), *others])
            known = pairs(word, policy)
            if known and not any(pair in whole for pair in known):
                yield Hit((path,), {"word": word, "other": "", "number": 0, "own": name, "count": 1})
                return


def _of_unit(subject: Subject) -> Iterator[Hit]:
    """Find texts that name the subject of another project of the unit."""
    subjects = subject.unit.once(_collect_subjects)
    name = str(subject.record.get("name") or "")
    if not subjects.pattern or not name:
        return
    own = pairs(name, subject.unit.policy)
    about = "".join([name, *(text for path, text in subject.texts if path in ("purpose", "goals"))])
    paths_by_word: dict[str, list[str]] = {}
    for path, text in subject.texts:
        allowed = name if path in ("purpose", "goals") else about
        words = dict.fromkeys(subjects.pattern.findall(without_titles(text)))
        if words and not any(pair in text for pair in own):
            for word in words:
                if name not in subjects.owners[word] and word not in allowed:
                    paths_by_word.setdefault(word, []).append(path)
    for word, paths in paths_by_word.items():
        other, number = next(iter(subjects.owners[word].items()))
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"word": word, "other": other, "number": number, "own": name, "count": len(fields)})


class _ProjectSubjects:
    """The words that name a project's subject.

    ``owners``: word → the projects that it belongs to (name → number); ``pattern`` matches any of the words, longest
    first, and is None where there are none.
    """

    def __init__(self, owners: Mapping[str, Mapping[str, int]]) -> None:
        self.owners = owners
        longest = sorted(owners, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, longest))) if owners else None


def _collect_subjects(unit: Unit) -> _ProjectSubjects:
    owners: dict[str, dict[str, int]] = {}
    for project in projects_of(unit):
        for word in _subject_words(project, unit.policy):
            owners.setdefault(word, {})[str(project["name"])] = project.get("number") or 0
    return _ProjectSubjects(owners)


def _subject_words(project: Record, policy: Policy) -> Iterator[str]:
    """Yield the words by which other texts would name a project's subject."""
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
    limits=("IN-27",),
    compares=True,
)

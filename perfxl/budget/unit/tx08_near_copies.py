"""TX-08: no two projects of a unit have the same texts with only the name changed.

Purpose and goals are compared without the projects' names and without phrases that everybody uses; the remaining text
must be long enough to be compared, and of a very long one its beginning is. Each project is compared with those after
it, and the nearest one is reported.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from rapidfuzz import fuzz, process

from perfxl.budget.texts.likeness import COMPARED, bare, without
from perfxl.budget.unit.topic import topics
from perfxl.budget.unit.unit_records import projects_of
from perfxl.rules.policy import Policy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Record, Subject, Unit


class _Copy(NamedTuple):
    """The place of the later project that a project resembles most, and the share that is the same, 70 to 100."""

    place: int
    share: float


def check(subject: Subject) -> Iterator[Hit]:
    """Find a project whose purpose and goals are nearly the same as those of a later one."""
    copies = subject.unit.once(_copies)
    place = next((at for at, project in enumerate(projects_of(subject.unit)) if project is subject.record), -1)
    if copy := copies.get(place):
        other = projects_of(subject.unit)[copy.place]
        number, share = other.get("number"), int(copy.share)
        facts = {"number": number if isinstance(number, int) else 0, "other": str(other.get("name")), "share": share}
        yield Hit(("purpose", "goals"), facts)


def _copies(unit: Unit) -> Mapping[int, _Copy]:
    """Return the nearest copy of each project that has one after it, by the project's place in the unit."""
    least, short = min(float(unit.policy.limits["near_copy"]), 1) * 100, int(unit.policy.limits["near_copy_length"])
    texts = [_own_words(project, unit.policy) for project in projects_of(unit)]
    long = {at: text for at, text in enumerate(texts) if len(text) >= short}
    copies: dict[int, _Copy] = {}
    for at, text in long.items():
        after = {other: long[other] for other in long if other > at}
        if nearest := process.extractOne(text, after, scorer=fuzz.ratio, score_cutoff=least):
            copies[at] = _Copy(nearest[2], nearest[1])
    return copies


def _own_words(project: Record, policy: Policy) -> str:
    """Return a project's purpose and goals without its name and without phrases that everybody uses."""
    name, goals = project.get("name"), project.get("goals")
    own = [name, *topics(name, policy)] if isinstance(name, str) and name.strip() else []
    parts = [project.get("purpose"), *(goals if isinstance(goals, (list, tuple)) else ())]
    text = "\n".join(part for part in parts if isinstance(part, str))
    masked = without(text, (*own, *policy.words["common_phrases"]))
    return bare(masked)[:COMPARED]


_TEXTS = {
    "purpose": "用于为镇级应急仓库更换抽水泵、编织袋和救生衣，提高汛期抢险能力。",
    "goals": ["汛前更换抽水泵12台，物资到位率达到100%。", "低洼地段群众汛期安全转移。"],
}

RULE = Rule(
    code="TX-08",
    severity="hint",
    check=check,
    needs=("name", "purpose", "goals"),
    bad={
        "unit.projects": [
            {
                "number": 2,
                "name": "护林员值守补贴",
                "code": None,
                "purpose": "用于发放护林员值守补贴，稳定村组工作队伍。",
                "goals": [
                    "为38个村的326名护林员足额发放值守补贴，补贴发放准确率达到100%。",
                    "补贴在年中及年末发放到位，护林员满意度达到95%以上。",
                ],
            }
        ]
    },
    good={"unit.projects": [{"number": 2, "name": "防汛物资储备经费", "code": None, **_TEXTS}]},
    compares=True,
)

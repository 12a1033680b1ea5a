"""TX-08: no two projects of a unit have the same texts, or the same indicators, with only the name changed.

Purpose and goals are compared without the projects' names and without phrases that everybody uses; the remaining text
must be long enough to be compared, and of a very long one its beginning is. Each project is compared with those after
it, and the nearest one is reported.

Where the texts differ, the indicators are compared: rows with the same name, description and basis, apart from the
projects' names, are copies if there are several of them. Rows that every table has (satisfaction, timely payment) are
no copies, and a project that has neither purpose nor goals is not compared.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process

from perfxl.budget.texts.likeness import COMPARED, bare, without
from perfxl.budget.unit.topic import topics
from perfxl.budget.unit.unit_records import projects_of
from perfxl.rules.policy import Policy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Record, Subject, Unit
from perfxl.rules.words import word_pattern

_CLOSEST = 20
"""A project's rows are compared with those of at most so many later projects that have the same row."""


class _Copy(NamedTuple):
    """The place of the later project that a project resembles most, and the share that is the same, 70 to 100.

    ``rows``: the numbers of the rows of indicators that are the same, from 0; empty where purpose and goals are.
    """

    place: int
    share: float
    rows: tuple[int, ...] = ()


def check(subject: Subject) -> Iterator[Hit]:
    """Find a project whose purpose and goals, or whose indicators, are nearly the same as those of a later one."""
    copies = subject.unit.once(_copies)
    place = next((at for at, project in enumerate(projects_of(subject.unit)) if project is subject.record), -1)
    if copy := copies.get(place):
        other = projects_of(subject.unit)[copy.place]
        number, share = other.get("number"), int(copy.share)
        facts = {"number": number if isinstance(number, int) else 0, "other": str(other.get("name")), "share": share}
        fields = tuple(f"indicators[{row}].level3" for row in copy.rows) or ("purpose", "goals")
        yield Hit(fields, {**facts, "rows": len(copy.rows)})


def _copies(unit: Unit) -> Mapping[int, _Copy]:
    """Return the nearest copy of each project that has one after it, by the project's place in the unit."""
    least, short = min(float(unit.policy.limits["near_copy"]), 1) * 100, int(unit.policy.limits["near_copy_length"])
    texts = [_own_words(project, unit.policy) for project in projects_of(unit)]
    long = {at: text for at, text in enumerate(texts) if len(text) >= short}
    copies: dict[int, _Copy] = dict(_copied_rows(unit, least))
    for at, text in long.items():
        after = {other: long[other] for other in long if other > at}
        if nearest := process.extractOne(text, after, scorer=fuzz.ratio, score_cutoff=least):
            copies[at] = _Copy(nearest[2], nearest[1])
    return copies


def _copied_rows(unit: Unit, least: float) -> Iterator[tuple[int, _Copy]]:
    """Yield each project that shares ``least`` percent of its rows of indicators with a later one."""
    tables = [_own_rows(project, unit.policy) for project in projects_of(unit)]
    holders: dict[str, list[int]] = {}
    for at, rows in enumerate(tables):
        for row in rows:
            holders.setdefault(row, []).append(at)
    most = int(unit.policy.limits["copied_rows"])
    for at, rows in enumerate(tables):
        shared: Counter[int] = Counter()
        for row in rows:
            later = bisect_right(holders[row], at)
            shared.update(holders[row][later : later + _CLOSEST])
        for other, count in shared.most_common(1):
            share = 100 * count / min(len(rows), len(tables[other]))
            if count >= most and share >= least:
                yield at, _Copy(other, share, tuple(rows[row] for row in rows if row in tables[other]))


def _own_rows(project: Record, policy: Policy) -> dict[str, int]:
    """Return a project's rows of indicators without its name, each with its number; no rows that all tables have."""
    table = project.get("indicators")
    if not (project.get("purpose") or project.get("goals")) or not isinstance(table, (list, tuple)):
        return {}
    standard, masked = word_pattern(policy.words["standard_rows"]), _masked(project, policy)
    rows: dict[str, int] = {}
    for index, cells in enumerate(table):
        texts = _texts_of_row(cells)
        if len(texts) == len(_COMPARED_CELLS) and not standard.search(texts[0]):
            rows.setdefault(bare(without("；".join(texts), masked)), index)
    return rows


_COMPARED_CELLS = ("level3", "description", "basis")


def _texts_of_row(cells: Any) -> list[str]:
    """Return the name, description and basis of a row, those that are filled in."""
    found = [cells.get(key) for key in _COMPARED_CELLS] if isinstance(cells, Mapping) else []
    return [text for text in found if isinstance(text, str) and text.strip()]


def _masked(project: Record, policy: Policy) -> tuple[str, ...]:
    """Return the words that do not count in a project's texts: its own name, and phrases that everybody uses.

    Those are left out that it does not have: a pattern is compiled of the words, for each project another one.
    """
    name, table = project.get("name"), project.get("indicators")
    own = [name, *topics(name, policy)] if isinstance(name, str) and name.strip() else []
    rows = table if isinstance(table, (list, tuple)) else ()
    text = "\n".join([_purpose_and_goals(project), *(text for cells in rows for text in _texts_of_row(cells))])
    return tuple(word for word in (*own, *policy.words["common_phrases"]) if word in text)


def _own_words(project: Record, policy: Policy) -> str:
    """Return a project's purpose and goals without its name and without phrases that everybody uses."""
    return bare(without(_purpose_and_goals(project), _masked(project, policy)))[:COMPARED]


def _purpose_and_goals(project: Record) -> str:
    goals = project.get("goals")
    parts = [project.get("purpose"), *(goals if isinstance(goals, (list, tuple)) else ())]
    return "\n".join(part for part in parts if isinstance(part, str))


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
    good={"unit.projects": [{"number": 2, "name": "防汛物资储备经费", "code": None, **_TEXTS, "indicators": None}]},
    compares=True,
)

"""The topics of a project, taken from its name: 防汛物资储备经费 → 防汛物资储备 (stock of flood supplies)."""

import re
from functools import lru_cache

from perfxl.form.late_pattern import late_pattern
from perfxl.rules.policy import Policy

_DOCUMENT = late_pattern(r"[\u4e00-\u9fff]{0,6}[【\[(（［〔]?\d{4}[】\])）］〕]?第?\d{0,20}号")
_LONGEST = 200
"""The characters of a name in which topics are looked for; all texts of a unit are searched for each topic."""


@lru_cache(maxsize=512)
def topics(name: str, policy: Policy) -> tuple[str, ...]:
    """Return the topics that a project's name gives, without words that any project may have; often one, or none."""
    parts = re.split(r"[（()）、，\s]+", _DOCUMENT.sub("", name[:_LONGEST]))
    general = policy.words["general_subjects"]
    return tuple(core for part in parts if len(core := _strip_ending(part, policy)) > 1 and core not in general)


def _strip_ending(part: str, policy: Policy) -> str:
    """Return a part of a name without the ending that project names have, such as 经费 (funds)."""
    for ending in policy.words["project_endings"]:
        if part.endswith(ending) and len(part) > len(ending) + 1:
            return part.removesuffix(ending)
    return part


@lru_cache(maxsize=512)
def pairs(name: str, policy: Policy) -> frozenset[str]:
    """Return the pairs of characters that show a text to speak of the project of this name."""
    cores = [topic.removesuffix("工作") for topic in topics(name, policy)]
    return frozenset(core[i : i + 2] for core in cores for i in range(len(core) - 1))

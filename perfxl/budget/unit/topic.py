"""What a project is about, as its name says: 防汛物资储备经费 → 防汛物资储备."""

import re
from functools import lru_cache

from perfxl.rules.policy import Policy

_DOCUMENT = re.compile(r"[\u4e00-\u9fff]{0,6}[【\[(（［〔]?\d{4}[】\])）］〕]?第?\d*号")


@lru_cache(maxsize=4096)
def topics(name: str, policy: Policy) -> tuple[str, ...]:
    """The subjects that a project's name names, without the words that every project has; often one, or none."""
    parts = re.split(r"[（()）、，\s]+", _DOCUMENT.sub("", name))
    general = policy.words["general_subjects"]
    return tuple(found for part in parts if len(found := _core(part, policy)) > 1 and found not in general)


def _core(part: str, policy: Policy) -> str:
    for ending in policy.words["project_endings"]:
        if part.endswith(ending) and len(part) > len(ending) + 1:
            return part.removesuffix(ending)
    return part


@lru_cache(maxsize=4096)
def pairs(name: str, policy: Policy) -> frozenset[str]:
    """The pairs of characters by which a text is known to speak of the project of this name."""
    cores = [topic.removesuffix("工作") for topic in topics(name, policy)]
    return frozenset(core[i : i + 2] for core in cores for i in range(len(core) - 1))

"""IN-02: level 1 and level 2 of an indicator are a pair of the taxonomy; another word falls out of every summary."""

import difflib
from collections.abc import Iterator

from perfxl.budget.indicator import indicators, taxonomy_of
from perfxl.form.taxonomy import Taxonomy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    tree = taxonomy_of(subject)
    for row in indicators(subject) if tree else ():
        level1, level2 = row.text("level1"), row.text("level2")
        if tree and level1 and level2 and row.pair is None:
            allowed, home = _allowed(tree, level1), _home(tree, level2)
            # a class of another level 1 is no slip of the pen: what looks like it here is something else
            near = [] if home else difflib.get_close_matches(level2, allowed, n=1)
            facts = {"level1": level1, "level2": level2, "allowed": list(allowed), "home": home}
            yield Hit((row.path("level2"), row.path("level1")), facts, near[0] if near else None)


def _home(tree: Taxonomy, level2: str) -> str:
    """The level 1 under which this level 2 stands; empty where it is none."""
    return next((above for above in tree.levels if tree.canonical(above, level2)), "")


def _allowed(tree: Taxonomy, level1: str) -> tuple[str, ...]:
    """What may stand under this level 1; nothing where it is none."""
    for name in tree.level2:
        if pair := tree.canonical(level1, name):
            return tree.levels[pair[0]]
    return ()


RULE = Rule(
    code="IN-02",
    severity="error",
    check=check,
    needs=("indicators.level1", "indicators.level2"),
    bad={"indicators[3].level2": "社会效益指标"},
    good={"indicators[3].level2": "质量", "indicators[6].level2": "环境效益指标"},
    together=True,
    kinds=("choice",),
)

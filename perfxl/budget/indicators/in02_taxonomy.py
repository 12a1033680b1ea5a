"""IN-02: level 1 and level 2 of an indicator are a pair of the taxonomy.

An indicator with any other word falls out of every summary.
"""

import difflib
from collections.abc import Iterator

from perfxl.budget.indicator import indicators, taxonomy_of
from perfxl.form.taxonomy import Taxonomy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find indicators whose two levels are no pair, and propose the level 2 that was probably meant."""
    tree = taxonomy_of(subject)
    for row in indicators(subject) if tree else ():
        level1, level2 = row.text("level1"), row.text("level2")
        if tree and level1 and level2 and row.pair is None:
            allowed, home = _classes_of(tree, level1), _level1_of(tree, level2)
            # a class of another level 1 is no typing error: one that looks similar here is something else
            near = [] if home else difflib.get_close_matches(level2, allowed, n=1)
            facts = {"level1": level1, "level2": level2, "allowed": list(allowed), "home": home}
            yield Hit((row.path("level2"), row.path("level1")), facts, near[0] if near else None)


def _level1_of(tree: Taxonomy, level2: str) -> str:
    """Return the level 1 to which a level 2 belongs, "" where the taxonomy has no such level 2."""
    return next((level1 for level1 in tree.levels if tree.canonical(level1, level2)), "")


def _classes_of(tree: Taxonomy, level1: str) -> tuple[str, ...]:
    """Return the entries of level 2 under a level 1, none where the taxonomy has no such level 1."""
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
    types=("choice",),
    limits=("LM-06",),
)

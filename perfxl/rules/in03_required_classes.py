"""IN-03: each class that the taxonomy requires has at least one indicator (数量 质量 时效 成本, 效益, 满意度)."""

from collections import Counter
from collections.abc import Iterator

from perfxl.form.taxonomy import Taxonomy
from perfxl.rules.base import Hit, Rule, Subject


def check(subject: Subject) -> Iterator[Hit]:
    tree, rows = subject.taxonomy, subject.rows
    # no indicators at all: an empty form, which has its own word; an unknown class (IN-02) may be the missing one
    if not tree or not rows or any(row.pair is None for row in rows):
        return
    there = Counter(row.pair for row in rows)
    found = {level2 for _, level2 in filter(None, there)}
    for group in tree.required:
        if not found.intersection(group):
            level1 = _level1(tree, group)
            present = [[pair[1], times] for pair, times in there.items() if pair and pair[0] == level1]
            yield Hit(("indicators",), {"level1": level1, "missing": list(group), "present": present})


def _level1(tree: Taxonomy, group: tuple[str, ...]) -> str:
    return next((level1 for level1, names in tree.levels.items() if group[0] in names), "")


RULE = Rule(
    code="IN-03",
    severity="error",
    check=check,
    needs=("indicators.level1", "indicators.level2"),
    bad={"indicators[4].level2": "质量指标"},
    good={"indicators[6].level2": "生态效益指标"},
)

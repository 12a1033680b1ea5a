"""IN-03: each class that the taxonomy requires has at least one indicator (数量 质量 时效 成本, 效益, 满意度)."""

from collections import Counter
from collections.abc import Iterator

from perfxl.form.taxonomy import Taxonomy
from perfxl.rules.base import Hit, Row, Rule, Subject


def check(subject: Subject) -> Iterator[Hit]:
    tree, rows = subject.taxonomy, subject.rows
    if not tree or not tree.required:
        return
    if not rows:
        missing = ["/".join(group) for group in tree.required]
        yield Hit(("indicators",), {"level1": "", "missing": missing, "present": []})
        return
    there = Counter(row.pair for row in rows if row.pair)
    found = {level2 for _, level2 in there}
    # a row whose level 2 is blank or unknown (IN-06, IN-02) may be the missing one of its level 1
    unsure = [row for row in rows if row.pair is None]
    level1s = {above for row in unsure for above in _may_be(tree, row)}
    lacking = [group for group in tree.required if not found.intersection(group) and _above(tree, group) not in level1s]
    if len(lacking) <= sum(not _may_be(tree, row) for row in unsure):
        return
    for group in lacking:
        level1 = _above(tree, group)
        present = [[pair[1], times] for pair, times in there.items() if pair[0] == level1]
        yield Hit(("indicators",), {"level1": level1, "missing": list(group), "present": present})


def _may_be(tree: Taxonomy, row: Row) -> set[str]:
    """The levels 1 that a row of no known class may be of: its own, and its level 2's."""
    level1, level2 = row.text("level1"), row.text("level2")
    return {
        above
        for above, names in tree.levels.items()
        if any(tree.canonical(level1, name) for name in names) or tree.canonical(above, level2)
    }


def _above(tree: Taxonomy, group: tuple[str, ...]) -> str:
    return next((level1 for level1, names in tree.levels.items() if group[0] in names), "")


RULE = Rule(
    code="IN-03",
    severity="error",
    check=check,
    needs=("indicators.level1", "indicators.level2"),
    bad={"indicators[4].level2": "质量指标"},
    good={"indicators[6].level2": "生态效益指标"},
)

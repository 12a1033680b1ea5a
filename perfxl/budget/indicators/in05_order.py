"""IN-05: within a level 1, the classes of level 2 stand in the taxonomy's order, as every summary lists them.

The correction moves whole rows: ``corrected`` for the field ``indicators`` is the new order of its rows, each given by
its old index, from 0. Rows of one class keep their order; blank rows and other levels 1 keep their places. While the
class of a row is unknown (IN-02, IN-06), nothing is moved.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from perfxl.budget.indicator import Indicator, indicators, taxonomy_of
from perfxl.form.taxonomy import Taxonomy
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find levels 1 whose rows stand in another order, and correct it."""
    tree, rows = taxonomy_of(subject), indicators(subject)
    if not tree or not rows or not all(row.pair for row in rows):
        return
    order = list(range(len(subject.get("indicators") or ())))
    moved: list[tuple[str, list[str], list[str]]] = []
    for level1, group in groupby(rows, key=lambda row: row.pair[0] if row.pair else ""):
        before = list(group)
        after = sorted(before, key=lambda row: _rank(tree, row))
        if after != before:
            moved.append((level1, _classes(before), _classes(after)))
            for place, row in zip(before, after, strict=True):
                order[place.index] = row.index
    if moved:
        level1, found, expected = moved[0]
        facts = {"level1": level1, "found": found, "expected": expected, "count": len(moved), "corrected": [order]}
        yield Hit(("indicators",), facts)


def _rank(tree: Taxonomy, row: Indicator) -> int:
    """Return the place of an indicator's class in the order of the taxonomy."""
    assert row.pair
    return tree.levels[row.pair[0]].index(row.pair[1])


def _classes(rows: Sequence[Indicator]) -> list[str]:
    """Return the classes in the order of the rows, neighbouring repeats only once."""
    return [class_ for class_, _ in groupby(row.pair[1] for row in rows if row.pair)]


RULE = Rule(
    code="IN-05",
    severity="fix",
    check=check,
    needs=("indicators.level1", "indicators.level2"),
    bad={
        "indicators[1].level2": "质量指标",
        "indicators[1].level3": "补贴发放准确率",
        "indicators[1].description": "准确发放补贴的人数占应发放人数的比例",
        "indicators[1].target": "100%",
        "indicators[2].level2": "数量指标",
        "indicators[2].level3": "补贴覆盖村数",
        "indicators[2].description": "发放误工补贴的行政村个数",
        "indicators[2].target": "38个",
    },
    good={"indicators[0].level2": "数量", "indicators[1].level2": "数量指标"},
)

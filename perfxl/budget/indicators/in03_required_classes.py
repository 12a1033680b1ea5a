"""IN-03: each class that the taxonomy requires has at least one indicator (数量 质量 时效 成本, 效益, 满意度).

While the class of an indicator is blank or unknown (IN-06, IN-02, RD-06), or all of it but its class, that one may be
the missing one: nothing is judged.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from perfxl.budget.indicator import Indicator, indicators, taxonomy_of
from perfxl.form import taxonomy
from perfxl.form.expression import Expression
from perfxl.form.form import Form, FormRule, scope_of
from perfxl.form.taxonomy import Taxonomy
from perfxl.rules.numbers import blank
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

COUNT = "(indicators | where(level2 in [{group}]) | count >= 1)"
UNSURE = "indicators | where(level2 is blank or level2 not in [{known}]) | count"


@lru_cache(maxsize=64)
def lines(form: Form) -> tuple[FormRule, ...]:
    """A line for each group of classes of which one is required."""
    return tuple(_lines(form)) if form.taxonomy else ()


def _lines(form: Form) -> Iterator[FormRule]:
    tree = taxonomy.load(form.taxonomy)
    unsure, scope = UNSURE.format(known=_quoted(tree, tree.level2)), scope_of(form.fields, form.tables)
    for group in tree.required:
        source = f"{COUNT.format(group=_quoted(tree, group))} if {unsure} == 0 else none"
        yield FormRule(RULE.code, RULE.severity, Expression(source, scope), ("indicators",))


def _above(tree: Taxonomy, group: Sequence[str]) -> str:
    """The level 1 of a group."""
    return next((above for above, names in tree.levels.items() if group[0] in names), "")


def _quoted(tree: Taxonomy, entries: Sequence[str]) -> str:
    """Entries of level 2 and every other name of them, as a list of an expression."""
    names = [*entries, *(other for other, entry in tree.names(2).items() if entry in entries)]
    return ", ".join(f'"{name}"' for name in dict.fromkeys(names))


def check(subject: Subject) -> Iterator[Hit]:
    tree = taxonomy_of(subject)
    if not tree or not tree.required:
        return
    if not indicators(subject):
        missing = ["/".join(group) for group in tree.required]
        yield Hit(("indicators",), {"level1": "", "missing": missing, "present": []})
        return
    if not all(_sure(subject, row) for row in indicators(subject)):
        return
    there = Counter(row.pair for row in indicators(subject) if row.pair)
    for group, line in zip(tree.required, lines(subject.form), strict=True):
        if line.assert_.evaluate(subject.values) is False:
            level1 = _above(tree, group)
            present = [[pair[1], times] for pair, times in there.items() if pair[0] == level1]
            yield Hit(("indicators",), {"level1": level1, "missing": list(group), "present": present})


def _sure(subject: Subject, row: Indicator) -> bool:
    """Is it known of which class a row is, and that it says anything?"""
    said = any(not blank(value) for id, value in row.cells.items() if id not in ("level1", "level2"))
    return said and subject.sure(row.path("level2"))


RULE = Rule(
    code="IN-03",
    severity="error",
    check=check,
    needs=("indicators.level1", "indicators.level2"),
    bad={"indicators[4].level2": "质量指标", "indicators[4].level3": "补贴发放公示率"},
    good={"indicators[6].level2": "生态效益指标"},
    lines=lines,
)

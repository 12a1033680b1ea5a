"""IN-03: each class that the taxonomy requires has at least one indicator.

These are 数量 (quantity), 质量 (quality), 时效 (time), 成本 (cost), 效益 (benefit) and 满意度 (satisfaction). Nothing
is judged while the class of an indicator is blank or unknown (IN-06, IN-02, RD-06), or all of it except its class: that
indicator may be the missing one.
"""

import json
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
    """Return one assertion for each group of classes of which one is required."""
    return tuple(_lines(form)) if form.taxonomy else ()


def _lines(form: Form) -> Iterator[FormRule]:
    tree = taxonomy.load(form.taxonomy)
    unsure, scope = UNSURE.format(known=_quote_names(tree, tree.level2)), scope_of(form.fields, form.tables)
    for group in tree.required:
        source = f"{COUNT.format(group=_quote_names(tree, group))} if {unsure} == 0 else none"
        yield FormRule(RULE.code, RULE.severity, Expression(source, scope), ("indicators",))


def _level1_of(tree: Taxonomy, group: Sequence[str]) -> str:
    """Return the level 1 to which a group of classes belongs."""
    return next((level1 for level1, names in tree.levels.items() if group[0] in names), "")


def _quote_names(tree: Taxonomy, entries: Sequence[str]) -> str:
    """Return entries of level 2 and all their other names as a list of the expression language."""
    names = [*entries, *(other for other, entry in tree.names(2).items() if entry in entries)]
    return ", ".join(json.dumps(name, ensure_ascii=False) for name in dict.fromkeys(names))


def check(subject: Subject) -> Iterator[Hit]:
    """Find required classes without an indicator."""
    tree = taxonomy_of(subject)
    if not tree or not tree.required:
        return
    if not indicators(subject):
        missing = ["/".join(group) for group in tree.required]
        yield Hit(("indicators",), {"level1": "", "missing": missing, "present": []})
        return
    if not all(_has_sure_class(subject, row) for row in indicators(subject)):
        return
    there = Counter(row.pair for row in indicators(subject) if row.pair)
    for group, line in zip(tree.required, lines(subject.form), strict=True):
        if any(pair[1] in group for pair in there):
            continue  # it is there; the line, the dearest of all checks, would say the same
        if line.assert_.evaluate(subject.values) is False:
            level1 = _level1_of(tree, group)
            present = [[pair[1], times] for pair, times in there.items() if pair[0] == level1]
            yield Hit(("indicators",), {"level1": level1, "missing": list(group), "present": present})


def _has_sure_class(subject: Subject, row: Indicator) -> bool:
    """Return True if the class of an indicator is known and more than its class is filled in."""
    filled = any(not blank(value) for id, value in row.cells.items() if id not in ("level1", "level2"))
    return filled and subject.sure(row.path("level2"))


RULE = Rule(
    code="IN-03",
    severity="error",
    check=check,
    needs=("indicators.level1", "indicators.level2"),
    bad={"indicators[4].level2": "质量指标", "indicators[4].level3": "补贴发放公示率"},
    good={"indicators[6].level2": "生态效益指标"},
    lines=lines,
    limits=("LM-01",),
)

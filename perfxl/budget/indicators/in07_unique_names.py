"""IN-07: no two indicators of a project have the same name.

Otherwise their results could not be told apart at the end of the year.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find indicators of the same name."""
    paths_by_name: dict[str, list[str]] = {}
    for row in indicators(subject):
        if row.text("level3"):
            paths_by_name.setdefault(squeeze(row.text("level3")), []).append(row.path("level3"))
    for paths in paths_by_name.values():
        if len(paths) > 1:
            yield Hit(tuple(paths), {"name": str(subject.get(paths[0])).strip(), "count": len(paths)})


RULE = Rule(
    code="IN-07",
    severity="error",
    check=check,
    needs=("indicators.level3",),
    bad={"indicators[1].level3": "补贴发放人数"},
    good={"indicators[1].level3": "补贴发放人次数"},
    together=True,
)

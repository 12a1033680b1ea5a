"""IN-07: no two indicators of a project have one name; results could not be told apart later."""

from collections.abc import Iterator

from perfxl.budget.indicator import indicators
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze


def check(subject: Subject) -> Iterator[Hit]:
    found: dict[str, list[str]] = {}
    for row in indicators(subject):
        if row.text("level3"):
            found.setdefault(squeeze(row.text("level3")), []).append(row.path("level3"))
    for paths in found.values():
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

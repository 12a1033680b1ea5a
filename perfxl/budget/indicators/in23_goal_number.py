"""IN-23: the goals state at least one figure, besides years and document numbers."""

from collections.abc import Iterator

from perfxl.budget.indicators import figures
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find goals without any figure."""
    goals = [text for path, text in subject.texts if path == "goals"]
    if goals and not any(map(figures.stated, goals)):
        yield Hit(("goals",), {"count": len(goals)})


RULE = Rule(
    code="IN-23",
    severity="hint",
    check=check,
    needs=("goals",),
    bad={"goals": ["2024年为村民小组长足额发放误工补贴，稳定村组工作队伍。"]},
    good={"goals": ["为三百二十六名村民小组长足额发放误工补贴。"]},
)

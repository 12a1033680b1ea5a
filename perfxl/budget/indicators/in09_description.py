"""IN-09: the description says more than the name: what is counted, of whom, over which time.

Only a description in the same words is reported; punctuation and the particle 的 make no difference.
"""

from collections.abc import Iterator

from perfxl.budget.indicator import Indicator, indicators
from perfxl.budget.texts.likeness import bare
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find descriptions that repeat the name of the indicator."""
    rows = [row for row in indicators(subject) if _repeats(row)]
    if rows:
        facts = {"name": rows[0].text("level3"), "count": len(rows)}
        yield Hit(tuple(row.path("description") for row in rows), facts)


def _repeats(row: Indicator) -> bool:
    """Return True if the description of an indicator has no more words than its name."""
    name = _core(row.text("level3"))
    return bool(name) and name == _core(row.text("description"))


def _core(text: str) -> str:
    return bare(text).replace("的", "")


RULE = Rule(
    code="IN-09",
    severity="hint",
    check=check,
    needs=("indicators.level3", "indicators.description"),
    bad={"indicators[0].description": "补贴发放的人数"},
    good={"indicators[0].description": "领取补贴的人数"},
)

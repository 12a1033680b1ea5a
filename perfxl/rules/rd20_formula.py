"""RD-20: answers are typed, not calculated."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-20",
    severity="hint",
    check=doubted("formula"),
    bad={"seen.doubts": (Doubt("formula", ("budget.fiscal",), {"count": 1}),)},
    good={"seen.doubts": ()},
)

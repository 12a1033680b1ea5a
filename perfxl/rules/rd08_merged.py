"""RD-08: no two answers are merged into one cell."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-08",
    severity="error",
    check=doubted("merged"),
    bad={"seen.doubts": (Doubt("merged", ("budget.fiscal", "budget.other"), {}, unsure=True),)},
    good={"seen.doubts": ()},
)

"""RD-15: one table stands on a sheet."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-15",
    severity="hint",
    check=doubted("stacked"),
    bad={"seen.doubts": (Doubt("stacked", (), {"count": 2}),)},
    good={"seen.doubts": ()},
)

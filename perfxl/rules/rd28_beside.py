"""RD-28: an answer stands in its own cell, not beside it."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-28",
    severity="hint",
    check=doubted("beside"),
    bad={"seen.doubts": (Doubt("beside", ("purpose",)),)},
    good={"seen.doubts": ()},
)

"""RD-12: no row was deleted."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-12",
    severity="hint",
    check=doubted("deleted_rows"),
    bad={"seen.doubts": (Doubt("deleted_rows", (), {"count": 2, "numbers": ["07", "08"]}),)},
    good={"seen.doubts": ()},
)

"""RD-10: no row stands twice."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-10",
    severity="warning",
    check=doubted("doubled_rows"),
    bad={"seen.doubts": (Doubt("doubled_rows", ("indicators[2].level3", "indicators[3].level3"), {"keys": ["03A"]}),)},
    good={"seen.doubts": ()},
)

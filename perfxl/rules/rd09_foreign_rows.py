"""RD-09: the rows are the sheet's own."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-09",
    severity="warning",
    check=doubted("foreign_rows"),
    bad={"seen.doubts": (Doubt("foreign_rows", ("indicators[2].level3",), {"count": 1, "all": False}),)},
    good={"seen.doubts": ()},
)

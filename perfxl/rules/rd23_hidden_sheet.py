"""RD-23: the sheet is not hidden."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-23",
    severity="warning",
    check=doubted("hidden_sheet"),
    bad={"seen.doubts": (Doubt("hidden_sheet", (), {}),)},
    good={"seen.doubts": ()},
)

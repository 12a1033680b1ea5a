"""RD-25: a workbook holds the sheets that went out in it."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-25",
    severity="hint",
    check=doubted("other_sheets"),
    bad={"seen.doubts": (Doubt("other_sheets", (), {"sheets": ["Sheet1"], "count": 1}),)},
    good={"seen.doubts": ()},
)

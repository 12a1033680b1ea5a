"""RD-16: every sheet that went out in a workbook comes back."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-16",
    severity="warning",
    check=doubted("missing_sheet"),
    bad={"seen.doubts": (Doubt("missing_sheet", (), {"sheets": ["森林防火巡护"], "count": 1}),)},
    good={"seen.doubts": ()},
)

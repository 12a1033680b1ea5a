"""RD-01: the marks by which a sheet is known all came back."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-01",
    severity="hint",
    check=doubted("lost_marks"),
    bad={"seen.doubts": (Doubt("lost_marks", (), {"lost": ["property", "hidden_sheet"], "baseline": False}),)},
    good={"seen.doubts": ()},
)

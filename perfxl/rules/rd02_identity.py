"""RD-02: all marks of a sheet name the same sheet, of the unit whose workbook it is."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-02",
    severity="error",
    check=doubted("identity"),
    bad={"seen.doubts": (Doubt("identity", (), {"believed": "24-990001-01-1-A", "others": ["24-990002-03-1-K"]}),)},
    good={"seen.doubts": ()},
)

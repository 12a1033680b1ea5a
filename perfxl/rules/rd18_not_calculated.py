"""RD-18: the sheet was calculated before it was saved."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-18",
    severity="hint",
    check=doubted("not_calculated"),
    bad={"seen.doubts": (Doubt("not_calculated", (), {}),)},
    good={"seen.doubts": ()},
)

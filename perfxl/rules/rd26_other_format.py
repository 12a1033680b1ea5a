"""RD-26: a file comes back in the format in which it went out."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-26",
    severity="hint",
    check=doubted("other_format"),
    bad={"seen.doubts": (Doubt("other_format", (), {"format": "xls"}),)},
    good={"seen.doubts": ()},
)

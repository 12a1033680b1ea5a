"""RD-05: an answer stands in one cell."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-05",
    severity="error",
    check=doubted("several"),
    bad={"seen.doubts": (Doubt("several", ("purpose",), {"found": ""}, unsure=True),)},
    good={"seen.doubts": ()},
)

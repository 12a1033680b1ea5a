"""RD-11: an answer stands in one row."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-11",
    severity="warning",
    check=doubted("joined_rows"),
    bad={"seen.doubts": (Doubt("joined_rows", ("indicators[2].description",), {"rows": [16]}),)},
    good={"seen.doubts": ()},
)

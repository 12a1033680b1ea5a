"""RD-07: nothing slid into a neighbouring cell."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-07",
    severity="error",
    check=doubted("slid"),
    bad={
        "seen.doubts": (
            Doubt("slid", ("indicators[2].level3", "indicators[2].description"), {"way": "left"}, unsure=True),
        )
    },
    good={"seen.doubts": ()},
)

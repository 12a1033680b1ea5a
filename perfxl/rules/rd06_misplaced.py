"""RD-06: it can be told to which group a row belongs."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-06",
    severity="error",
    check=doubted("misplaced"),
    bad={"seen.doubts": (Doubt("misplaced", ("indicators[2].level1",), {"found": ""}, unsure=True),)},
    good={"seen.doubts": ()},
)

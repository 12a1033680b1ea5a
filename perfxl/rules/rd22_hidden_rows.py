"""RD-22: no answer is hidden."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-22",
    severity="warning",
    check=doubted("hidden_rows"),
    bad={"seen.doubts": (Doubt("hidden_rows", ("indicators[2].target",), {"rows": [14]}),)},
    good={"seen.doubts": ()},
)

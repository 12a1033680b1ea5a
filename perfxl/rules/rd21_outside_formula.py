"""RD-21: no answer is taken from another workbook."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-21",
    severity="warning",
    check=doubted("outside_formula"),
    bad={"seen.doubts": (Doubt("outside_formula", ("budget.fiscal",), {"count": 1}),)},
    good={"seen.doubts": ()},
)

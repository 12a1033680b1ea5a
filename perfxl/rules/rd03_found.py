"""RD-03: every answer's cell is found."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-03",
    severity="error",
    check=doubted("not_found"),
    bad={"seen.doubts": (Doubt("not_found", ("budget.fiscal", "plan.june"), {}, unsure=True),)},
    good={"seen.doubts": ()},
)

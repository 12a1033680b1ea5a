"""RD-04: the marks of an answer's cell name the same cell."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-04",
    severity="warning",
    check=doubted("dissent"),
    bad={"seen.doubts": (Doubt("dissent", ("budget.fiscal",), {"ways": ["name"], "cell": "F6"}),)},
    good={"seen.doubts": ()},
)

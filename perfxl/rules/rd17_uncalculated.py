"""RD-17: what an answer's formula comes to is known."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-17",
    severity="error",
    check=doubted("uncalculated"),
    bad={"seen.doubts": (Doubt("uncalculated", ("budget.fiscal",), {"found": ""}, unsure=True),)},
    good={"seen.doubts": ()},
)

"""RD-19: no answer is a formula's error value."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-19",
    severity="error",
    check=doubted("error_value"),
    bad={"seen.doubts": (Doubt("error_value", ("budget.fiscal",), {"found": "#REF!"}, unsure=True),)},
    good={"seen.doubts": ()},
)

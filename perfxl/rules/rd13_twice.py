"""RD-13: a sheet stands once in a workbook."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-13",
    severity="error",
    check=doubted("twice"),
    bad={"seen.doubts": (Doubt("twice", (), {"sheets": ["项目01村民小组长误工补_2"]}),)},
    good={"seen.doubts": ()},
)

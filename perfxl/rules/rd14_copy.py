"""RD-14: a sheet was not copied."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-14",
    severity="hint",
    check=doubted("copy"),
    bad={"seen.doubts": (Doubt("copy", (), {"sheets": ["项目01村民小组长误工补_2"]}),)},
    good={"seen.doubts": ()},
)

"""TX-02: no runs of spaces and no spaces between Chinese characters; they are remains of layout by the space bar."""

import re
from collections.abc import Iterator

from perfxl.rules.corrections import propose_corrections, shorten_corrections
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_SPACE = "[ \\t\\u00a0\\u3000]"  # no line break: that is typed on purpose
_CHINESE = "[\\u4e00-\\u9fff，。；：、（）《》“”]"
_CHARACTER = re.compile(_CHINESE)
_BETWEEN = re.compile(f"(?<={_CHINESE}){_SPACE}+(?={_CHINESE})|{_SPACE}{{2,}}")


def check(subject: Subject) -> Iterator[Hit]:
    """Find texts with superfluous spaces inside, and propose them without."""
    return shorten_corrections(propose_corrections(subject, _close_up))


def _close_up(text: str) -> str:
    """Return the text without superfluous spaces inside; white space around the text is left to TX-01."""
    body = text.strip()
    closed = _BETWEEN.sub(lambda run: "" if _is_beside_chinese(run) else " ", body)
    return text if closed == body else text.replace(body, closed)


def _is_beside_chinese(run: "re.Match[str]") -> bool:
    """Return True if a Chinese character stands directly before or after a run of spaces."""
    return any(_CHARACTER.match(run.string, at) for at in (run.start() - 1, run.end()))


RULE = Rule(
    code="TX-02",
    severity="fix",
    check=check,
    bad={"purpose": "用于发放村民小组长 履职期间的  误工补贴。"},
    good={"purpose": "用于采购 A4 复印纸和 CT 机配件。"},
    white_space=True,
)

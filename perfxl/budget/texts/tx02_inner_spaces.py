"""TX-02: no runs of spaces, no spaces between Chinese characters and no invisible characters inside a text.

They are remains of layout by the space bar, of web pages and of chat programs.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from perfxl.form.characters import invisible_signs, trim_text, without_invisible
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.corrections import propose_corrections, shorten_corrections
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_SPACE = "[ \\t\\u00a0\\u3000]"  # no line break: that is typed on purpose
_CHINESE = "[\\u4e00-\\u9fff，。；：、（）《》“”]"
_CHARACTER = late_pattern(_CHINESE)
_BETWEEN = late_pattern(f"(?<={_CHINESE}){_SPACE}+(?={_CHINESE})|{_SPACE}{{2,}}")
_CLOSED = late_pattern("[!-~\u3001-\u301f\u4e00-\u9fff\uff01-\uff5e“”—…×≥≤]*")  # all is seen, and nothing is a space

# Joiners and variation selectors behind an emoji or a letter of a script that joins, and of old forms of an ideograph;
# behind a space, a sign, a letter of ours or any other ideograph they do nothing.
_SHAPED = late_pattern(
    "((?<=[^\\s!-~\u2010-\u2040\u3000-\u9fff\uff00-\uffef])[\u200c\u200d\u180b-\u180f\ufe00-\ufe0f]"
    "|(?<=[\u4e00-\u9fff])[\U000e0100-\U000e01ef])"
)


def check(subject: Subject) -> Iterator[Hit]:
    """Find texts with superfluous spaces or invisible characters inside, and propose them without."""
    for hit in propose_corrections(subject.verbatim, _close_up):
        removed = Counter(hit.facts["before"]) - Counter(hit.facts["after"])
        yield from shorten_corrections([replace(hit, facts={**hit.facts, "signs": invisible_signs("".join(removed))})])


def _close_up(text: str) -> str:
    """Return the text without what is superfluous inside; what stands around the text is left to TX-01."""
    if _CLOSED.fullmatch(text):
        return text
    body = trim_text(text)
    closed = _BETWEEN.sub(lambda run: "" if _is_beside_chinese(run) else " ", _without_stray(body))
    return text if closed == body else text.replace(body, closed)


def _without_stray(text: str) -> str:
    """Return a text without its invisible characters, but for those that shape the character before them."""
    parts = _SHAPED.split(text)
    return "".join(part if at % 2 else without_invisible(part) for at, part in enumerate(parts))


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

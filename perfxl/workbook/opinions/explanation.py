"""出错说明: when what a unit typed explains nothing. The same judged in the sheet, as it is typed, and on return."""

from __future__ import annotations

from typing import Literal

from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import text_literal

LONGEST = 200
"""So many characters the sheet lets in; what was pasted past that is read all the same."""

_SPACES = {"\t": "CHAR(9)", "\n": "CHAR(10)", "\r": "CHAR(13)"}
_SIGNS = " 　\u00a0\t\n\r，。、；：！？,.;:!?“”‘’（）()—-～~…·"
"""What does not count. One function inside another for each: Excel 2010 takes 64."""
_PIECE = 200  # characters of a string literal, which may hold 255


def squeeze_explanation(explanation: str) -> str:
    """An explanation without white space and punctuation."""
    return explanation.translate(dict.fromkeys(map(ord, _SIGNS)))


def refusal_of(explanation: str, policy: Policy) -> Literal["", "stock", "short"]:
    """Why an explanation is not taken for one: a stock phrase, or too short; empty where it is one."""
    bare = squeeze_explanation(explanation)
    if bare in _phrases(policy):
        return "stock"
    # Excel counts UTF-16 units
    return "short" if len(bare.encode("utf-16-le")) // 2 < policy.limits["shortest_explanation"] else ""


def refusal_formula(cell: str, policy: Policy) -> str:
    """The same as an Excel condition on a cell that is not blank."""
    bare = cell
    for sign in _SIGNS:
        bare = f'SUBSTITUTE({bare},{_SPACES.get(sign) or text_literal(sign)},"")'
    known = f"|{'|'.join(_phrases(policy))}|"
    pieces = "&".join(text_literal(known[at : at + _PIECE]) for at in range(0, len(known), _PIECE))
    limit = f"{policy.limits['shortest_explanation']:f}"
    return f'OR(LEN({bare})<{limit},ISNUMBER(FIND("|"&{bare}&"|",{pieces})))'


def _phrases(policy: Policy) -> tuple[str, ...]:
    bare = (squeeze_explanation(phrase).replace("|", "") for phrase in policy.words["stock_phrases"])
    return tuple(dict.fromkeys(phrase for phrase in bare if phrase))

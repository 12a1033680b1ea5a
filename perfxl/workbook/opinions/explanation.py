"""The test that an explanation (出错说明) explains something: as a formula in the sheet, and again on return."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal
from unicodedata import east_asian_width

from perfxl.form.characters import utf16_length, visible_text
from perfxl.rules.policy import Policy
from perfxl.workbook.ooxml.formula import text_literal
from perfxl.workbook.sheet.look import is_chinese

LONGEST = 200
"""The number of characters that the sheet lets a person type; longer texts, if pasted, are read all the same."""

_SPACES = {"\t": "CHAR(9)", "\n": "CHAR(10)", "\r": "CHAR(13)"}
_SIGNS = " 　\u00a0\t\n\r，。、；：！？,.;:!?“”‘’（）()—-～~…·"
"""The characters that do not count. The formula nests one function for each of them; Excel 2010 allows 64 levels."""
_PIECE = 200  # characters of a string literal, which may hold 255


_WITHOUT_SIGNS = dict.fromkeys(map(ord, _SIGNS))


def squeeze_explanation(explanation: str) -> str:
    """Return an explanation without its white space and punctuation."""
    return explanation.translate(_WITHOUT_SIGNS)


def refusal_of(explanation: str, policy: Policy) -> Literal["", "stock", "short"]:
    """Return the reason why an explanation is refused (a stock phrase, or too short); empty if it is accepted."""
    bare = squeeze_explanation(visible_text(explanation))
    if bare in _squeezed_phrases(policy):
        return "stock"
    return "short" if utf16_length(bare) < policy.limits["shortest_explanation"] else ""


def refusal_formula(cell: str, policy: Policy, lang: str) -> str:
    """Return the test of ``refusal_of`` as an Excel condition on a cell, which must not be blank.

    In a workbook of another language than Chinese, Chinese phrases and signs are left out.
    """
    bare, phrases = cell, _squeezed_phrases(policy)
    signs = _SIGNS if is_chinese(lang) else [sign for sign in _SIGNS if east_asian_width(sign) not in "FW"]
    for sign in signs:
        bare = f'SUBSTITUTE({bare},{_SPACES.get(sign) or text_literal(sign)},"")'
    if not is_chinese(lang):
        phrases = tuple(phrase for phrase in phrases if phrase.isascii())
    known = f"|{'|'.join(phrases)}|"
    pieces = "&".join(text_literal(known[at : at + _PIECE]) for at in range(0, len(known), _PIECE))
    limit = f"{policy.limits['shortest_explanation']:f}"
    return f'OR(LEN({bare})<{limit},ISNUMBER(FIND("|"&{bare}&"|",{pieces})))'


@lru_cache(maxsize=16)
def _squeezed_phrases(policy: Policy) -> tuple[str, ...]:
    """Return the stock phrases of a policy without white space, punctuation and ``|``, each once."""
    bare = (squeeze_explanation(phrase).replace("|", "") for phrase in policy.words["stock_phrases"])
    return tuple(dict.fromkeys(phrase for phrase in bare if phrase))

"""TX-04: Chinese text has full-width punctuation; half-width signs come from a keyboard left in the wrong mode.

Only signs between Chinese characters are corrected: numbers (1,354), times, formulas, addresses and document numbers
keep theirs. The sign at the end of a text is made full-width in a sentence only; TX-03 removes the one at the end of a
name.
"""

import re
from collections.abc import Iterator

from perfxl.budget.texts.citation import in_form
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.corrections import propose_corrections, shorten_corrections
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_CHINESE = r"\u4e00-\u9fff"
_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", ".": "。"}
_SIGN = late_pattern(rf"(?<=[{_CHINESE}》）”〕%％])[ ]?([,;:?!])[ ]?(?=[{_CHINESE}《（“\d(])")
_STOP = late_pattern(rf"(?<=[{_CHINESE}]{{6}})\.(?=[{_CHINESE}]{{6}})")
_LAST = late_pattern(rf"(?<=[{_CHINESE}》）”])[.;?!](?=\s*$)")
_SENTENCE = late_pattern("[，。；].*.", re.DOTALL)
_BRACKETS = late_pattern(r"[(（]([^()（）]*)[)）]")
_QUOTES = late_pattern(rf'"([^"“”{_CHINESE}]*[{_CHINESE}][^"“”]*)"')
_FORMULA = late_pattern(r"[+\-*/=×÷＋－＝<>≤≥]|^\s*\d+\s*$")
_HALF = late_pattern(r'[,;:?!.()"]')


def check(subject: Subject) -> Iterator[Hit]:
    """Find texts with half-width punctuation between Chinese characters, and propose full-width signs."""
    return shorten_corrections(propose_corrections(subject, full_width))


def full_width(text: str) -> str:
    """Return a text with the half-width signs that stand in Chinese made full-width."""
    if not _HALF.search(text) or text.lstrip().startswith("="):
        return text
    text = _SIGN.sub(lambda match: _FULL[match[1]], text)
    text = _STOP.sub("。", text) if "." in text else text
    text = _QUOTES.sub(r"“\1”", text) if '"' in text else text
    text = _LAST.sub(lambda match: _FULL[match[0]], text) if _SENTENCE.search(text) else text
    # The brackets around the year of a document number are corrected by BS-03.
    return text if in_form(text) != text else _BRACKETS.sub(_corrected_brackets, text)


def _corrected_brackets(match: "re.Match[str]") -> str:
    """Return a bracketed text in full-width brackets; formulas and texts without Chinese keep half-width ones."""
    inside = match[1]
    half_width = match[0][0] == "(" and match[0][-1] == ")"
    if half_width and (_FORMULA.search(inside) or not re.search(f"[{_CHINESE}]", inside)):
        return match[0]
    return f"（{inside}）"


RULE = Rule(
    code="TX-04",
    severity="fix",
    check=check,
    bad={"purpose": "用于发放村民小组长履职期间的误工补贴,稳定村组(含社区)工作队伍。"},
    good={"purpose": "用于为1,354名村民小组长发放补贴，(12+3)×200元。", "indicators[1].basis": "(1354-1028)人"},
)

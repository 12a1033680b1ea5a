"""TX-04: Chinese text has full-width punctuation; half-width signs in it come of a forgotten switch of the keyboard.

Only between Chinese characters: numbers (1,354), times, formulas, addresses and document numbers keep theirs. The sign
that ends a text is made full-width in a sentence only; what ends a name is TX-03's.
"""

import re
from collections.abc import Iterator

from perfxl.budget.texts.citation import in_form
from perfxl.rules.corrections import propose_corrections, shorten_corrections
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_CHINESE = r"\u4e00-\u9fff"
_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", ".": "。"}
_SIGN = re.compile(rf"(?<=[{_CHINESE}》）”〕%％])[ ]?([,;:?!])[ ]?(?=[{_CHINESE}《（“\d(])")
_STOP = re.compile(rf"(?<=[{_CHINESE}]{{6}})\.(?=[{_CHINESE}]{{6}})")
_LAST = re.compile(rf"(?<=[{_CHINESE}》）”])[.;?!](?=\s*$)")
_SENTENCE = re.compile("[，。；].*.", re.DOTALL)
_BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]")
_QUOTES = re.compile(rf'"([^"“”]*[{_CHINESE}][^"“”]*)"')
_FORMULA = re.compile(r"[+\-*/=×÷＋－＝<>≤≥]|^\s*\d+\s*$")
_HALF = re.compile(r'[,;:?!.()"]')


def check(subject: Subject) -> Iterator[Hit]:
    return shorten_corrections(propose_corrections(subject, full_width))


def full_width(text: str) -> str:
    """A text with the signs that stand in Chinese made full-width."""
    if not _HALF.search(text) or text.lstrip().startswith("="):
        return text
    text = _SIGN.sub(lambda found: _FULL[found[1]], text)
    text = _STOP.sub("。", text)
    text = _QUOTES.sub(r"“\1”", text)
    text = _LAST.sub(lambda found: _FULL[found[0]], text) if _SENTENCE.search(text) else text
    # the year of a document number stands in other brackets: BS-03's
    return text if in_form(text) != text else _BRACKETS.sub(_bracket, text)


def _bracket(found: "re.Match[str]") -> str:
    inside = found[1]
    mixed = found[0][0] != "(" or found[0][-1] != ")"
    if not mixed and (_FORMULA.search(inside) or not re.search(f"[{_CHINESE}]", inside)):
        return found[0]
    return f"（{inside}）"


RULE = Rule(
    code="TX-04",
    severity="fix",
    check=check,
    bad={"purpose": "用于发放村民小组长履职期间的误工补贴,稳定村组(含社区)工作队伍。"},
    good={"purpose": "用于为1,354名村民小组长发放补贴，(12+3)×200元。", "indicators[1].basis": "(1354-1028)人"},
)

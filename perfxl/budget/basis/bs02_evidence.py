"""BS-02: a basis is evidence that can be looked up, not a stock phrase.

Stock phrases are, for example, 往年经验 (experience of past years) and 根据实际测算 (calculated from the actual
situation). A phrase beside real evidence is not reported: there is something to look up.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from perfxl.budget.indicator import indicators, is_placeholder
from perfxl.form.characters import shorten, squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import alternatives

_LEAD = "(?:依据|根据|按照|参照|结合|按)?"
_JOINED = f"(?:以及|和|及|与|、|,|结合){_LEAD}"
_SHOWN = 13  # the most characters of a phrase that the message quotes
_EVIDENCE = late_pattern(r"[《〔\[【\d]")


def check(subject: Subject) -> Iterator[Hit]:
    """Find bases that are nothing but a stock phrase."""
    phrases, endings = _stock_pattern(subject.words("stock_bases")), subject.words("vague_endings")
    vague: dict[str, str] = {}
    for row in indicators(subject):
        basis = row.text("basis")
        if basis and not is_placeholder(subject, basis) and _is_vague(squeeze(basis), phrases, endings):
            vague[row.path("basis")] = basis.rstrip("。；;. ")
    if vague:
        used = [shorten(text, _SHOWN) for text in dict.fromkeys(vague.values())]
        yield Hit(tuple(vague), {"found": used, "count": len(vague)})


def _is_vague(basis: str, phrases: "re.Pattern[str]", endings: tuple[str, ...]) -> bool:
    """Return True for a stock phrase, and for a text with a vague ending and no title, bracket or digit."""
    if phrases.fullmatch(basis):
        return True
    return basis.rstrip("。.;；等").endswith(endings) and not _EVIDENCE.search(basis)


@lru_cache(maxsize=8)
def _stock_pattern(words: tuple[str, ...]) -> "re.Pattern[str]":
    """Return a pattern for one or several of the phrases, with the usual lead-ins, conjunctions and endings."""
    one = f"(?:{alternatives(map(squeeze, words))})"
    return re.compile(f"{_LEAD}{one}(?:{_JOINED}{one})*+(?:等|等等)?[。.;；]*")


RULE = Rule(
    code="BS-02",
    severity="hint",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[1].basis": "往年经验", "indicators[6].basis": "根据实际测算"},
    good={"indicators[1].basis": "根据往年经验和清溪县统计年鉴测算", "indicators[5].basis": "326人×200元"},
)

"""BS-02: a basis is evidence that can be looked up, not a stock phrase such as 往年经验 or 根据实际测算.

A phrase beside real evidence is left alone: what counts is that there is something to look up.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from perfxl.budget.indicator import indicators, is_placeholder
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze

_LEAD = "(?:依据|根据|按照|参照|结合|按)?"
_JOINED = f"(?:以及|和|及|与|、|,|结合){_LEAD}"
_SHOWN = 12
_EVIDENCE = re.compile(r"[《〔\[【\d]")


def check(subject: Subject) -> Iterator[Hit]:
    phrases, endings = _stock(subject.words("stock_bases")), subject.words("vague_endings")
    found: dict[str, str] = {}
    for row in indicators(subject):
        basis = row.text("basis")
        if basis and not is_placeholder(subject, basis) and _vague(squeeze(basis), phrases, endings):
            found[row.path("basis")] = basis.rstrip("。；;. ")
    if found:
        used = [text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…" for text in dict.fromkeys(found.values())]
        yield Hit(tuple(found), {"found": used, "count": len(found)})


def _vague(basis: str, phrases: "re.Pattern[str]", endings: tuple[str, ...]) -> bool:
    if phrases.fullmatch(basis):
        return True
    return basis.rstrip("。.;；等").endswith(endings) and not _EVIDENCE.search(basis)


@lru_cache(maxsize=8)
def _stock(words: tuple[str, ...]) -> "re.Pattern[str]":
    """One or several of the phrases, joined and introduced as people do."""
    one = f"(?:{'|'.join(re.escape(squeeze(word)) for word in sorted(words, key=len, reverse=True)) or '(?!)'})"
    return re.compile(f"{_LEAD}{one}(?:{_JOINED}{one})*(?:等|等等)?[。.;；]*")


RULE = Rule(
    code="BS-02",
    severity="hint",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[1].basis": "往年经验", "indicators[6].basis": "根据实际测算"},
    good={"indicators[1].basis": "根据往年经验和清溪县统计年鉴测算", "indicators[5].basis": "326人×200元"},
)

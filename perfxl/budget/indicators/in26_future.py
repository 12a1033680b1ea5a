"""IN-26: a goal speaks of what is to come, without 了 or 已完成 (marks of the past).

A goal that speaks of what is done was mostly copied from last year's report.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import alternatives


def check(subject: Subject) -> Iterator[Hit]:
    """Find the first goal with a word of the past."""
    pattern = _past_pattern(subject.words("past_words"), subject.words("not_past"))
    for path, text in subject.texts:
        if path != "goals":
            continue
        past = next((match for match in pattern.finditer(squeeze(text)) if match["past"]), None)
        if past:
            before = re.split(r"\W", past.string[: past.start()])[-1]
            yield Hit((path,), {"word": past["past"], "said": before[-4:] + past["past"]})
            return


@lru_cache(maxsize=8)
def _past_pattern(words: tuple[str, ...], not_past: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern whose group ``past`` matches words of the past, the longest first.

    Words that are no past (为了 in order to, 了解 to learn) are tried before these, outside the group.
    """
    return re.compile(f"(?:{alternatives(not_past)})|(?P<past>{alternatives(words)})")


RULE = Rule(
    code="IN-26",
    severity="hint",
    check=check,
    needs=("goals",),
    bad={"goals": ["为326名村民小组长发放了误工补贴。"]},
    good={"goals": ["为了解补贴需求，走访326名村民小组长，补贴发放准确率达到100%。"]},
)

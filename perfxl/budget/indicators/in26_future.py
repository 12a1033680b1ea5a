"""IN-26: a goal speaks of what is to come: no 了, no 已完成; what is done is last year's report, copied."""

import re
from collections.abc import Iterator
from functools import lru_cache

from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze


def check(subject: Subject) -> Iterator[Hit]:
    past = _past(subject.words("past_words"), subject.words("not_past"))
    for path, text in subject.texts:
        if path == "goals" and (found := next((each for each in past.finditer(squeeze(text)) if each["past"]), None)):
            before = re.split(r"\W", found.string[: found.start()])[-1]
            yield Hit((path,), {"word": found["past"], "said": before[-4:] + found["past"]})
            return


@lru_cache(maxsize=8)
def _past(words: tuple[str, ...], not_past: tuple[str, ...]) -> re.Pattern[str]:
    """What is no past (为了, 了解) is taken first, so that it is not found."""
    groups = [sorted(each, key=len, reverse=True) for each in (not_past, words)]
    harmless, past = ("|".join(map(re.escape, each)) or "(?!)" for each in groups)
    return re.compile(f"(?:{harmless})|(?P<past>{past})")


RULE = Rule(
    code="IN-26",
    severity="hint",
    check=check,
    needs=("goals",),
    bad={"goals": ["为326名村民小组长发放了误工补贴。"]},
    good={"goals": ["为了解补贴需求，走访326名村民小组长，补贴发放准确率达到100%。"]},
)

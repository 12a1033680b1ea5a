"""BS-12: a cited article still exists: laws on a watch-list were revised, and their articles numbered anew.

Left alone where the text names the revision itself (2021年修订).
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import alternatives, parse_dated, squeeze

_ARTICLE = r"第[一二三四五六七八九十百零〇\d]+条"
_REVISED = re.compile(r"(20\d\d)年?.{0,6}(?:修订|修正|修改|公布|施行)")


def check(subject: Subject) -> Iterator[Hit]:
    laws = subject.unit.once(_laws)
    found: dict[tuple[str, str], list[str]] = {}
    for path, text in subject.texts:
        for law, article in _cited(squeeze(text), laws) if "条" in text else ():
            found.setdefault((law, article), []).append(path)
    for (law, article), paths in found.items():
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"law": law, "article": article, "revised": laws[law], "count": len(fields)})


def _cited(text: str, laws: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The articles that a text cites, each with the law named before it."""
    named = [int(year) for year in _REVISED.findall(text)]
    law = ""
    for found in _any_of(tuple(laws)).finditer(text):
        if found["title"]:  # another title, too, takes the articles behind it
            law = max((each for each in laws if found["title"].endswith(each)), key=len, default="")
        law = found["law"] or law
        if found["article"] and law and not any(year >= laws[law] for year in named):
            yield law, found["article"]


@lru_cache(maxsize=8)
def _any_of(laws: tuple[str, ...]) -> "re.Pattern[str]":
    """A title, a law of the list without 《》, or an article."""
    return re.compile(rf"《(?P<title>[^《》]*)》|(?P<law>{alternatives(laws)})|(?P<article>{_ARTICLE})")


def _laws(unit: Unit) -> Mapping[str, int]:
    """The laws on the watch-list that were revised by the budget year, with the year."""
    found = parse_dated(unit.policy.words["revised_laws"])
    return {law: year for law, year in found.items() if unit.year is None or year <= unit.year}


RULE = Rule(
    code="BS-12",
    severity="hint",
    check=check,
    bad={"indicators[1].basis": "《清溪省人口与计划生育条例》第三十四条"},
    good={"indicators[1].basis": "《清溪省人口与计划生育条例》（2021年修订）第三十四条"},
)

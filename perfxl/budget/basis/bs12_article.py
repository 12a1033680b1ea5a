"""BS-12: a cited article still exists under its number.

Laws on a watch-list were revised and their articles numbered anew. A text that names the revision itself
(2021年修订, revised in 2021) is not reported.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import alternatives, parse_dated

_ARTICLE = r"第[一二三四五六七八九十百零〇\d]+条"
_REVISED = late_pattern(r"(20\d\d)年?.{0,6}(?:修订|修正|修改|公布|施行)")


def check(subject: Subject) -> Iterator[Hit]:
    """Find articles cited from a law on the watch-list that was revised."""
    laws = subject.unit.once(_revised_laws)
    paths_by_article: dict[tuple[str, str], list[str]] = {}
    for path, text in subject.texts:
        for law, article in _cited_articles(squeeze(text), laws) if "条" in text else ():
            paths_by_article.setdefault((law, article), []).append(path)
    for (law, article), paths in paths_by_article.items():
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"law": law, "article": article, "revised": laws[law], "count": len(fields)})


def _cited_articles(text: str, laws: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Yield the articles that a text cites from these laws (name → year of revision), each after its law."""
    named_year = max(map(int, _REVISED.findall(text)), default=0)
    law = ""
    for match in _citation_pattern(tuple(laws)).finditer(text):
        if match["title"]:  # articles behind a title that is not on the list are not judged
            law = max((name for name in laws if match["title"].endswith(name)), key=len, default="")
        law = match["law"] or law
        if match["article"] and law and named_year < laws[law]:
            yield law, match["article"]


@lru_cache(maxsize=8)
def _citation_pattern(laws: tuple[str, ...]) -> "re.Pattern[str]":
    """Return a pattern for a title in 《》, a law of the list without 《》, or an article."""
    return re.compile(rf"《(?P<title>[^《》]*)》|(?P<law>{alternatives(laws)})|(?P<article>{_ARTICLE})")


def _revised_laws(unit: Unit) -> Mapping[str, int]:
    """Return the laws of the watch-list that were revised up to the budget year, each with the year of revision."""
    laws = parse_dated(unit.policy.words["revised_laws"])
    return {law: year for law, year in laws.items() if unit.year is None or year <= unit.year}


RULE = Rule(
    code="BS-12",
    severity="hint",
    check=check,
    bad={"indicators[1].basis": "《清溪省人口与计划生育条例》第三十四条"},
    good={"indicators[1].basis": "《清溪省人口与计划生育条例》（2021年修订）第三十四条"},
)

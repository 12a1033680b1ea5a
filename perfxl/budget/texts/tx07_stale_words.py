"""TX-07: no words of a policy that has ended (脱贫攻坚, the fight against poverty, after 2020).

They show that a text was copied year after year. A county's list gives each word with its policy's last year; of a
campaign or plan with its years (2018—2020年蓝天保卫战行动) the last one counts. A title in 《》 keeps its words, and so
does a phrase about the policy's results (巩固脱贫攻坚成果) and the name of the unit itself.
"""

import re
from collections.abc import Iterator, Mapping

from perfxl.budget.texts.citation import TITLE
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import parse_dated, word_pattern

_PERIOD = late_pattern("20\\d\\d年?[-—–~至到]{1,2}(20\\d\\d)年?([\u4e00-\u9fff]{2,14})")


def check(subject: Subject) -> Iterator[Hit]:
    """Find words of policies that ended before the budget year."""
    ended, year = subject.unit.once(_ended_words), subject.unit.year
    if year is None:
        return
    pattern, allowed = word_pattern(tuple(ended)), word_pattern(subject.words("stale_allowed"))
    paths_of_words: dict[tuple[str, int], list[str]] = {}
    for path, text in subject.texts:
        plain = squeeze(text)
        periods = [*_ended_periods(subject, plain, year)] if "20" in plain and not path.endswith(".basis") else []
        words = [*dict.fromkeys(pattern.findall(_without_right(plain, allowed)))] if pattern.search(plain) else []
        for found in periods or ((word, ended[word]) for word in words):
            paths_of_words.setdefault(found, []).append(path)
    for (word, last), paths in paths_of_words.items():
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"word": word, "ended": last, "year": year, "count": len(fields)})


def _without_right(text: str, allowed: "re.Pattern[str]") -> str:
    """Return a text without its titles and the allowed phrases."""
    return allowed.sub(" ", TITLE.sub(" ", text))


def _ended_periods(subject: Subject, text: str, year: int) -> Iterator[tuple[str, int]]:
    """Yield the campaigns and plans with years (2018—2020年…行动) that ended before the budget year, with the last."""
    for match in _PERIOD.finditer(TITLE.sub(" ", text)):
        if int(match[1]) < year and (kind := word_pattern(subject.words("stale_periods")).search(match[2])):
            yield match[0][: match.start(2) - match.start() + kind.end()], int(match[1])


def _ended_words(unit: Unit) -> Mapping[str, int]:
    """Return the words whose policy ended before the budget year, each with the policy's last year."""
    known = parse_dated(unit.policy.words["stale_words"])
    name = squeeze(unit.name)
    return {word: year for word, year in known.items() if unit.year and year < unit.year and word not in name}


RULE = Rule(
    code="TX-07",
    severity="hint",
    check=check,
    bad={"purpose": "用于发放村民小组长误工补贴，助力打赢脱贫攻坚战。"},
    good={"purpose": "用于发放村民小组长误工补贴，巩固拓展脱贫攻坚成果。"},
)

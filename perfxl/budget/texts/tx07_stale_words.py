"""TX-07: no words of a policy that has ended (脱贫攻坚, the fight against poverty, after 2020).

They show that a text was copied year after year. A county's list gives each word with its policy's last year. A title
in 《》 keeps its words, and so does a phrase about the policy's results (巩固脱贫攻坚成果).
"""

from collections.abc import Iterator, Mapping

from perfxl.budget.texts.citation import TITLE
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import parse_dated, word_pattern


def check(subject: Subject) -> Iterator[Hit]:
    """Find words of policies that ended before the budget year."""
    ended = subject.unit.once(_ended_words)
    if not ended:
        return
    pattern, allowed = word_pattern(tuple(ended)), word_pattern(subject.words("stale_allowed"))
    paths_of_words: dict[str, list[str]] = {}
    for path, text in subject.texts:
        plain = squeeze(text)
        if pattern.search(plain):
            for word in pattern.findall(allowed.sub(" ", TITLE.sub(" ", plain))):
                paths_of_words.setdefault(word, []).append(path)
    for word, paths in paths_of_words.items():
        fields = tuple(dict.fromkeys(paths))
        yield Hit(fields, {"word": word, "ended": ended[word], "year": subject.unit.year, "count": len(fields)})


def _ended_words(unit: Unit) -> Mapping[str, int]:
    """Return the words whose policy ended before the budget year, each with the policy's last year."""
    known = parse_dated(unit.policy.words["stale_words"])
    return {word: year for word, year in known.items() if unit.year is not None and year < unit.year}


RULE = Rule(
    code="TX-07",
    severity="hint",
    check=check,
    bad={"purpose": "用于发放村民小组长误工补贴，助力打赢脱贫攻坚战。"},
    good={"purpose": "用于发放村民小组长误工补贴，巩固拓展脱贫攻坚成果。"},
)

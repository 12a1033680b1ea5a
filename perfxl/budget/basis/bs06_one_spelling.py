"""BS-06: a document has one spelling in all projects of a unit; otherwise it can neither be looked up nor counted.

A title is corrected only where two spellings certainly mean one document and it is certain which is right. They mean
one document where they share a document number and differ in a character or two, or where they differ only in 与, 和,
及 (all "and") or similar particles, punctuation or spaces. The more frequent spelling is right.

Not reported: a document cited by its number alone beside one cited in full, and titles that differ in a year or
another number, which are different documents. The brackets of document numbers are left to BS-03.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz.distance import Levenshtein

from perfxl.budget.texts.citation import TITLE, Document, documents, in_form
from perfxl.budget.unit.unit_records import projects_of
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.corrections import correct_columns, shorten_corrections
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit

_SMALL = late_pattern(r"[与和及以的、，,\s“”\"\-—–·<>〈〉（）()]")
_DIGITS = late_pattern(r"[\d一二三四五六七八九十〇零]+")
_MOST = 20
"""The most spellings of one document that are compared."""
_WITH_NUMBER = late_pattern(r"《([^《》]+)》\s*(?:[（(]\s*)?([^《》（）()]{1,16}?号)")


def check(subject: Subject) -> Iterator[Hit]:
    """Find titles spelled otherwise than in the unit's other projects, and correct them."""
    spellings = subject.unit.once(_spellings)
    if spellings:
        hits = correct_columns(subject, ("indicators.basis",), lambda text: _respell(text, spellings))
        yield from shorten_corrections(hits)


def _respell(text: str, spellings: Mapping[str, str]) -> str:
    if "《" not in text:
        return text
    return TITLE.sub(lambda title: f"《{spellings.get(title[1], title[1])}》", text)


def _spellings(unit: Unit) -> Mapping[str, str]:
    """Return the titles to correct, each with the unit's most frequent spelling of it."""
    titles: Counter[str] = Counter()
    numbers: dict[str, Document] = {}
    for basis in _bases(unit):
        titles.update(TITLE.findall(basis))
        for title, number in _WITH_NUMBER.findall(in_form(basis)):
            for document in documents(number)[:1]:
                numbers.setdefault(title, document)
    chosen: dict[str, str] = {}
    for title, alike in _group_alike(titles, numbers).items():
        rivals = [other for other in alike if other != title and _are_same(title, other, numbers)]
        best = max(rivals, key=lambda other: (titles[other], other), default=title)
        # a chain of spellings (甲 → 乙 → 丙) would need two corrections: only the most frequent of all is taken
        if titles[best] > titles[title] and not any(titles[rival] > titles[best] for rival in rivals):
            chosen[title] = best
    return {title: best for title, best in chosen.items() if best not in chosen}


def _group_alike(titles: Iterable[str], numbers: Mapping[str, Document]) -> Mapping[str, tuple[str, ...]]:
    """Return for each title those that may mean the same document: alike but for small words, or of one number.

    A group with more than ``_MOST`` of them is left out, since with so many nobody can say which is right.
    """
    groups: dict[object, list[str]] = {}
    for title in titles:
        groups.setdefault(_SMALL.sub("", title), []).append(title)
        if title in numbers:
            groups.setdefault(numbers[title], []).append(title)
    alike: dict[str, tuple[str, ...]] = {}
    for group in groups.values():
        for title in group if 1 < len(group) <= _MOST else ():
            alike[title] = tuple(dict.fromkeys((*alike.get(title, ()), *group)))
    return alike


def _are_same(one: str, other: str, numbers: Mapping[str, Document]) -> bool:
    """Return True if two titles certainly mean one document; ``numbers``: title → document number."""
    if one in numbers and other in numbers and numbers[one] != numbers[other]:
        return False
    if _DIGITS.findall(one) != _DIGITS.findall(other):
        return False
    if _SMALL.sub("", one) == _SMALL.sub("", other):
        return True
    known = one in numbers and numbers[one] == numbers.get(other)
    return known and min(len(one), len(other)) >= 6 and Levenshtein.distance(one, other, score_cutoff=2) <= 2


def _bases(unit: Unit) -> Iterable[str]:
    """Yield the unit's bases that cite a title."""
    for project in projects_of(unit):
        table = project.get("indicators")
        for row in table if isinstance(table, (list, tuple)) else ():
            basis = row.get("basis") if isinstance(row, Mapping) else None
            if isinstance(basis, str) and "《" in basis:
                yield basis


RULE = Rule(
    code="BS-06",
    severity="fix",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[2].basis": "《清溪县村民小组长补帖发放办法》（清政办〔2022〕18号）"},
    good={"indicators[2].basis": "清政办〔2022〕18号", "indicators[4].basis": "《清溪县村民小组长考核办法》"},
    compares=True,
)

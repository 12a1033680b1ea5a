"""BS-08: a unit does not prove a value by a request or a work plan that it wrote itself.

Its records and registers are evidence and not reported. A document number is the unit's own if it begins with the
first character of the township's name (柳河镇: 柳政发), unless that of the county or an authority above is the same.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from perfxl.budget.indicator import indicators
from perfxl.budget.texts.citation import documents
from perfxl.form.characters import squeeze
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit

_TOWNSHIP = re.compile(r"(?:^|[县市区旗])([^县市区旗\W\d]{1,6}?)(镇|乡|街道)(?:人民政府|办事处|党委|财政所|本级|$)")
_NAME_ENDING = re.compile(r"(?:人民政府|办事处)?(?:本级)?$")
_SELF = ("我镇", "本镇", "我乡", "本乡", "我单位", "本单位", "我局", "本局", "我街道", "本街道")


class _OwnMarks(NamedTuple):
    """The marks of a unit's own papers: names that occur in them, and the agency of their document numbers."""

    names: tuple[str, ...]
    agency: "re.Pattern[str] | None"


def check(subject: Subject) -> Iterator[Hit]:
    """Find bases that are a request, plan or numbered document of the unit itself."""
    marks, words = subject.unit.once(_own_marks), subject.words("own_papers")
    paths_by_paper: dict[str, list[str]] = {}
    for row in indicators(subject):
        if paper := _own_paper(squeeze(row.text("basis")), marks, words):
            paths_by_paper.setdefault(paper, []).append(row.path("basis"))
    for paper, paths in paths_by_paper.items():
        yield Hit(tuple(paths), {"found": paper, "unit": subject.unit.name, "count": len(paths)})


def _own_paper(basis: str, marks: _OwnMarks, words: tuple[str, ...]) -> str:
    """Return the unit's own paper that a basis names, "" where it names none; ``words``: kinds of such papers."""
    if marks.agency:
        for document in documents(basis):
            if marks.agency.match(document.agency):
                return str(document)
    return basis if any(name in basis for name in marks.names) and any(word in basis for word in words) else ""


def _own_marks(unit: Unit) -> _OwnMarks:
    name = squeeze(unit.name)
    short = _NAME_ENDING.sub("", name)
    township = _TOWNSHIP.search(name)
    if not township:
        return _OwnMarks((*((short,) if short else ()), *_SELF), None)
    place, first = township[1], township[1][0]
    taken = first in unit.policy.words["agencies_above"] or (township.start() > 0 and name.startswith(first))
    return _OwnMarks((place + township[2], *_SELF), _agency_pattern(place if taken else first, place))


def _agency_pattern(begin: str, place: str) -> "re.Pattern[str]":
    """Return a pattern for the agency of a number: ``begin`` or the whole name of the place, then an office."""
    rest = place.removeprefix(begin)
    return re.compile(f"{re.escape(begin)}(?:{re.escape(rest)})?[镇乡街]?(?:政|党|办|发|委|字|请|人大|函)")


RULE = Rule(
    code="BS-08",
    severity="warning",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[1].basis": "柳政请〔2023〕24号"},
    good={"indicators[1].basis": "柳河镇村民小组长花名册"},
)

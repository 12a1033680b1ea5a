"""BS-08: a unit does not prove a value by a paper of its own: a request or a work plan that it wrote itself.

Its own records and registers are evidence and left alone. A document number is taken for the unit's own by the first
character of the township's name (柳河镇: 柳政发), unless the county or an authority above has the same one.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from perfxl.budget.indicator import indicators
from perfxl.budget.texts.citation import documents
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject, Unit
from perfxl.rules.words import squeeze

_TOWNSHIP = re.compile(r"(?:^|[县市区旗])([^县市区旗\W\d]{1,6}?)(镇|乡|街道)(?:人民政府|办事处|党委|财政所|本级|$)")
_NAME = re.compile(r"(?:人民政府|办事处)?(?:本级)?$")
_SELF = ("我镇", "本镇", "我乡", "本乡", "我单位", "本单位", "我局", "本局", "我街道", "本街道")


class _Own(NamedTuple):
    """How a unit's own papers are known: by these names in them, and by the agency of their numbers."""

    names: tuple[str, ...]
    agency: "re.Pattern[str] | None"


def check(subject: Subject) -> Iterator[Hit]:
    own, papers = subject.unit.once(_own), subject.words("own_papers")
    found: dict[str, list[str]] = {}
    for row in indicators(subject):
        if paper := _paper(squeeze(row.text("basis")), own, papers):
            found.setdefault(paper, []).append(row.path("basis"))
    for paper, paths in found.items():
        yield Hit(tuple(paths), {"found": paper, "unit": subject.unit.name, "count": len(paths)})


def _paper(basis: str, own: _Own, papers: tuple[str, ...]) -> str:
    """The paper of its own that a basis names; empty where it names none."""
    if own.agency:
        for each in documents(basis):
            if own.agency.match(each.agency):
                return str(each)
    return basis if any(name in basis for name in own.names) and any(word in basis for word in papers) else ""


def _own(unit: Unit) -> _Own:
    name = squeeze(unit.name)
    short = _NAME.sub("", name)
    township = _TOWNSHIP.search(name)
    if not township:
        return _Own((*((short,) if short else ()), *_SELF), None)
    place, first = township[1], township[1][0]
    taken = first in unit.policy.words["agencies_above"] or (township.start() > 0 and name.startswith(first))
    return _Own((place + township[2], *_SELF), _agency(place if taken else first, place))


def _agency(begin: str, place: str) -> "re.Pattern[str]":
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

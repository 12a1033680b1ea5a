"""BS-10: money carried over for more than two years is taken back by the finance bureau, not budgeted again.

Its year is that of the document number in the project's name, of a year beside 结转 there, or of the project code where
the name says that it is carried over; a code of an older year alone is ID-04's.
"""

import re
from collections.abc import Iterator

from perfxl.budget.identity.project_code import code, scheme
from perfxl.budget.texts.citation import documents
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze

_YEAR = re.compile(r"(20\d\d)年")


def check(subject: Subject) -> Iterator[Hit]:
    name, year, most = subject.get("name"), subject.unit.year, subject.limit("carried_over_years")
    if not isinstance(name, str) or year is None:
        return
    years = [each.year for each in documents(name)] or _marked(subject, squeeze(name))
    if years and year - max(years) > most:
        yield Hit(("name",), {"name": name.strip(), "from": max(years), "years": year - max(years), "limit": int(most)})


def _marked(subject: Subject, name: str) -> list[int]:
    """The years that the name of a project marked as carried over speaks of; where it names none, its code's."""
    if not any(word in name for word in subject.words("carried_over")):
        return []
    found = re.fullmatch(r"\d{6}(\d\d)[A-Z].*", code(subject)) if scheme(subject) else None
    return [int(year) for year in _YEAR.findall(name)] or ([2000 + int(found[1])] if found else [])


RULE = Rule(
    code="BS-10",
    severity="warning",
    check=check,
    needs=("name",),
    bad={"name": "清财农〔2021〕44号村民小组长误工补贴"},
    good={"name": "清财农〔2022〕44号村民小组长误工补贴"},
)

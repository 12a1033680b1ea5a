"""BS-10: money carried over for more than two years is taken back by the finance bureau, not budgeted again.

The year of the money is that of the document number in the project's name. Where the name says that the project is
carried over (结转), it is the year in the name, or else that of the project code. An older year in the code alone is
left to ID-04.
"""

import re
from collections.abc import Iterator

from perfxl.budget.identity.project_code import code, scheme
from perfxl.budget.texts.citation import documents
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_YEAR = late_pattern(r"(20\d\d)年")


def check(subject: Subject) -> Iterator[Hit]:
    """Find projects whose money is older than the county's limit ``carried_over_years``."""
    name, year, most = subject.get("name"), subject.unit.year, subject.limit("carried_over_years")
    if not isinstance(name, str) or year is None:
        return
    years = [document.year for document in documents(name)] or _carried_over_years(subject, squeeze(name))
    if years and year - max(years) > most:
        yield Hit(("name",), {"name": name.strip(), "from": max(years), "years": year - max(years), "limit": int(most)})


def _carried_over_years(subject: Subject, name: str) -> list[int]:
    """Return the years in the name of a project marked as carried over, or else that of its code."""
    if not any(word in name for word in subject.words("carried_over")):
        return []
    match = re.fullmatch(r"\d{6}(\d\d)[A-Z].*", code(subject)) if scheme(subject) else None
    return [int(year) for year in _YEAR.findall(name)] or ([2000 + int(match[1])] if match else [])


RULE = Rule(
    code="BS-10",
    severity="warning",
    check=check,
    needs=("name",),
    bad={"name": "清财农〔2021〕44号村民小组长误工补贴"},
    good={"name": "清财农〔2022〕44号村民小组长误工补贴"},
)

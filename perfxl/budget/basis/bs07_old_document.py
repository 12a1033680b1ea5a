"""BS-07: a document older than five years may have been replaced; somebody confirms that it is in force."""

from collections.abc import Iterator

from perfxl.budget.texts.citation import FIRST_YEAR, cited
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Find cited documents that are older than the county's limit ``document_age``, in years."""
    year, most = subject.unit.year, subject.limit("document_age")
    if year is None:
        return
    for document, paths in cited(subject).items():
        if year - document.year > most and document.year >= FIRST_YEAR:  # else BS-13 speaks of it
            facts = {"document": str(document), "issued": document.year, "age": year - document.year}
            yield Hit(paths, {**facts, "count": len(paths)})


RULE = Rule(
    code="BS-07",
    severity="hint",
    check=check,
    bad={"indicators[1].basis": "清政办〔2016〕5号"},
    good={"indicators[1].basis": "清政办〔2019〕5号"},
)

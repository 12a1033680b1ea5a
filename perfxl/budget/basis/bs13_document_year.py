"""BS-13: the year in a document number is one in which the document can have been issued.

A year after the budget year (〔2032〕15号 in a table of 2024) and one of too many or too few digits (〔20223〕15号) are
slips of the keyboard: the document cannot be looked up. Where the budget year is not known, nothing is after it.
"""

from collections.abc import Iterator

from perfxl.budget.texts.citation import FIRST_YEAR, cited
from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject

_SLIP = late_pattern(
    r"([\u4e00-\u9fff]{1,8})"
    r"(?:[〔\[【［](?!(?:19|20)\d\d年?[〕\]】］])([\dOoIl]{1,8})年?[〕\]】］]|[(（]((?:19|20)\d{3,4})年?[)）])第?(\d{1,5})号"
)
_BEFORE = late_pattern("^.*(?:依据|根据|按照?|参照|以及|及|和|与|见)")


def check(subject: Subject) -> Iterator[Hit]:
    """Find document numbers of a year that cannot be, and of one that is no year."""
    year = subject.unit.year
    wrong: dict[tuple[str, str], list[str]] = {}
    for document, places in cited(subject).items():
        if document.year < FIRST_YEAR or (year is not None and document.year > year):
            wrong[str(document), str(document.year)] = [*places]
    for path, text in subject.texts:
        for match in _SLIP.finditer(squeeze(text)) if "号" in text else ():
            digits = match[2] or match[3]
            number = f"{_BEFORE.sub('', match[1])}〔{digits}〕{match[4]}号"
            wrong.setdefault((number, digits), []).append(path)
    for (number, found), paths in wrong.items():
        fields = tuple(dict.fromkeys(paths))
        problem = "later" if found.isdecimal() and len(found) == 4 and int(found) > FIRST_YEAR else "slip"
        yield Hit(fields, {"problem": problem, "document": number, "issued": found, "year": year, "count": len(fields)})


RULE = Rule(
    code="BS-13",
    severity="warning",
    check=check,
    needs=("indicators.basis",),
    bad={"indicators[1].basis": "清政办〔2032〕15号"},
    good={"indicators[1].basis": "清政办〔2024〕15号"},
)

"""ID-06: the title of a sheet is the form's own, and the numbers of a unit's projects have no gaps and no repeats.

The title is made of the project's number and name; a changed one shows a sheet taken from another project or year.
Gaps are judged only in a records file, which holds all projects of a unit: returned workbooks may still be missing.
No single project is to blame for a gap, so that it is said once, of the file.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from perfxl.form.characters import squeeze
from perfxl.form.template import fill_text
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for a changed title and, in a records file, for a repeated number and for the gaps of all numbers."""
    if subject.seen:
        title = subject.seen.title
        if title is not None and squeeze(title) != squeeze(expected := _title(subject)):
            yield Hit(("name",), {"what": "title", "title": title.strip(), "expected": expected}, expected)
        return
    number = subject.get("number")
    numbers = [number for project in subject.siblings if isinstance(number := project.get("number"), int)]
    if isinstance(number, int) and numbers.count(number) > 1:
        yield Hit(("number",), {"what": "repeated", "number": number})
    if subject.leads and len(subject.siblings) > 1 and (missing := list(_gaps(numbers))):
        yield Hit((), {"what": "gap", "missing": missing})


def _gaps(numbers: Iterable[int]) -> Iterator[str]:
    """Yield the numbers that are missing below the highest one, those that follow each other as one text (4—9)."""
    present = sorted({number for number in numbers if number > 0})
    for before, number in pairwise((0, *present)):
        if number - before == 2:
            yield str(before + 1)
        elif number - before > 2:
            yield f"{before + 1}—{number - 1}"


def _title(subject: Subject) -> str:
    """Return the title that the form gives to this record's sheet."""
    unit = subject.unit
    said = {name: subject.seen.issued.get(name) for name in subject.form.issue} if subject.seen else {}
    return fill_text(subject.form.title, {**subject.record, **said, "unit": unit, "year": unit.year}, strict=False)


RULE = Rule(
    code="ID-06",
    severity="error",
    check=check,
    needs=("number", "name"),
    bad={"seen.title": "1.村民小组长补贴绩效目标表"},
    good={"seen.title": "１．村民小组长误工补贴 绩效目标表"},
)

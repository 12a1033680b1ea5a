"""ID-06: the title of a sheet is the form's own, and the numbers of a unit's projects have no gaps and no repeats.

The title is made of the project's number and name; a changed one shows a sheet taken from another project or year.
Gaps are judged only in a records file, which holds all projects of a unit: returned workbooks may still be missing.
"""

from collections.abc import Iterator

from perfxl.form.template import fill_text
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for a changed title and, in a records file, for a repeated number or a gap before it."""
    if subject.seen:
        title = subject.seen.title
        if title is not None and squeeze(title) != squeeze(expected := _title(subject)):
            yield Hit(("name",), {"what": "title", "title": title.strip(), "expected": expected}, expected)
        return
    number = subject.get("number")
    numbers = [project.get("number") for project in subject.siblings]
    if len(numbers) < 2 or not isinstance(number, int):
        return
    if numbers.count(number) > 1:
        yield Hit(("number",), {"what": "repeated", "number": number})
    elif number > 1 and number - 1 not in numbers:
        yield Hit(("number",), {"what": "gap", "number": number, "missing": number - 1})


def _title(subject: Subject) -> str:
    """Return the title that the form gives to this record's sheet."""
    unit = subject.unit
    return fill_text(subject.form.title, {**subject.record, "unit": unit, "year": unit.year}, strict=False)


RULE = Rule(
    code="ID-06",
    severity="error",
    check=check,
    needs=("number", "name"),
    bad={"seen.title": "1.村民小组长补贴绩效目标表"},
    good={"seen.title": "１．村民小组长误工补贴 绩效目标表"},
)

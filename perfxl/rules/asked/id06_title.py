"""ID-06: the title of a sheet is the form's own, and the keys of a unit's records have no repeats, numbers no gaps.

The title is made of what was given, such as number and name; a changed one shows a sheet taken from another project or
year. Of keys that were given, repeats are judged in a records file alone: a sheet that came twice is another matter.
Gaps are judged only in a records file, which holds all projects of a unit: returned workbooks may still be missing.
No single project is to blame for a gap, so that it is said once, of the file.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from perfxl.form.answers import get
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.form.template import fill_text, resolve_name, uses
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for a changed title and, in a records file, for a repeated number and for the gaps of all numbers."""
    form, key = subject.form, subject.form.key
    if subject.seen:
        title = subject.seen.title if _title_is_given(form) else None
        if title is not None and squeeze(title) != squeeze(expected := _title(subject)):
            field = "name" if "name" in form.fields else key
            yield Hit((field,), {"what": "title", "title": title.strip(), "expected": expected}, expected)
    if subject.seen and form.fields[key].given:
        return
    value = subject.get(key)
    own, keys = _key_of(value), [_key_of(get(record, key)) for record in subject.siblings]
    if own and keys.count(own) > 1:
        yield Hit((key,), {"what": "repeated", "number": value.strip() if isinstance(value, str) else value})
    numbers = [number for record in subject.siblings if isinstance(number := get(record, key), int)]
    in_order = form.fields[key].given and "name" in form.fields  # others are numbered as they come
    if in_order and subject.leads and len(subject.siblings) > 1 and (missing := list(_gaps(numbers))):
        yield Hit((), {"what": "gap", "missing": missing})


def _key_of(value: object) -> str:
    """Return a key as it is compared; empty for a blank."""
    return "" if value is None else squeeze(str(value))


@lru_cache(maxsize=64)
def _title_is_given(form: Form) -> bool:
    """Return whether the title names nothing but what is given, so that it stays as it went out."""
    known = {*form.given, *form.issue, "year", "unit.code", "unit.name"}
    return all(resolve_name(use.path, known) for use in uses(form.title))


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
    needs=("@key",),
    bad={"seen.title": "1.村民小组长补贴绩效目标表"},
    good={"seen.title": "１．村民小组长误工补贴 绩效目标表"},
)

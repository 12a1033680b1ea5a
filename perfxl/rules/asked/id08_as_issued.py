"""ID-08: the values that the finance bureau filled in and locked come back unchanged."""

from collections.abc import Iterator
from typing import Any

from perfxl.form.answers import without_rows
from perfxl.form.characters import squeeze
from perfxl.form.types.money import Money
from perfxl.messages.places import label, locate
from perfxl.rules.numbers import are_close, blank, to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Yield a hit for every issued value that is another one now."""
    for path, issued in subject.seen.issued.items() if subject.seen else ():
        if path.startswith("unit."):
            continue  # ID-07
        if "[" in path and not subject.sure(path):
            continue  # what is not known of a row has a finding of its own
        found = None if path in subject.form.tables else subject.get(path)
        if not _same(issued, found):
            yield Hit((path,), dict(_facts(subject, path, issued, found)), None if blank(issued) else _text(issued))


def _same(issued: Any, found: Any) -> bool:
    """Return whether two values are equal: numbers within the tolerance, texts without regard to white space."""
    if blank(issued) or blank(found):
        return blank(issued) and blank(found)
    issued_number, found_number = to_number(issued), to_number(found)
    if issued_number is not None and found_number is not None:
        return are_close(issued_number, found_number)
    return squeeze(str(issued)) == squeeze(str(found))


def _facts(subject: Subject, path: str, issued: Any, found: Any) -> Iterator[tuple[str, Any]]:
    """Yield the facts of the finding's sentence; an amount of money also has its difference."""
    field = subject.form.given.get(without_rows(path))
    before, after = to_number(issued), to_number(found)
    amount = field is not None and isinstance(field.type, Money) and before is not None
    yield from (("label", _label(subject, path)), ("amount", amount))
    yield from (("issued", _text(issued)), ("found", _text(found)))
    yield "difference", float(after - before) if amount and before is not None and after is not None else None


def _label(subject: Subject, path: str) -> str:
    """Return the words for an answer; for one in a table's row also those that head the row, and its number."""
    if path not in subject.form.tables and "[" not in path:
        return label(path, subject.form)
    place = locate(path, subject.form, subject.record)
    return f"{place.group}{place.nth}·{place.label}" if place.nth else place.label


def _text(value: Any) -> str:
    """Return a value as a text without white space around it; empty for a blank one."""
    return "" if blank(value) else str(value).strip()


RULE = Rule(
    code="ID-08",
    severity="error",
    check=check,
    bad={"seen.issued": {"name": "村民小组长误工补贴", "code": "99019924P00731210115X", "budget.total": 6.25}},
    good={"seen.issued": {"name": "村民小组长 误工补贴", "number": "１"}},
)

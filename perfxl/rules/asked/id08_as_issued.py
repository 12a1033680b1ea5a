"""ID-08: what the finance bureau filled in and locked comes back as it went out."""

from collections.abc import Iterator
from typing import Any

from perfxl.form.fields.money import Money
from perfxl.messages.places import label
from perfxl.rules.numbers import are_close, blank, to_number
from perfxl.rules.rule import Hit, Rule
from perfxl.rules.subject import Subject
from perfxl.rules.words import squeeze


def check(subject: Subject) -> Iterator[Hit]:
    for path, issued in subject.seen.issued.items() if subject.seen else ():
        if path.startswith("unit."):
            continue  # ID-07
        found = subject.get(path)
        if not _same(issued, found):
            yield Hit((path,), dict(_facts(subject, path, issued, found)), None if blank(issued) else _text(issued))


def _same(issued: Any, found: Any) -> bool:
    if blank(issued) or blank(found):
        return blank(issued) and blank(found)
    one, other = to_number(issued), to_number(found)
    if one is not None and other is not None:
        return are_close(one, other)
    return squeeze(str(issued)) == squeeze(str(found))


def _facts(subject: Subject, path: str, issued: Any, found: Any) -> Iterator[tuple[str, Any]]:
    asked = subject.form.fields.get(path)
    one, other = to_number(issued), to_number(found)
    amount = asked is not None and isinstance(asked.kind, Money) and one is not None
    yield from (("label", label(path, subject.form)), ("amount", amount))
    yield from (("issued", _text(issued)), ("found", _text(found)))
    yield "difference", float(other - one) if amount and one is not None and other is not None else None


def _text(value: Any) -> str:
    return "" if blank(value) else str(value).strip()


RULE = Rule(
    code="ID-08",
    severity="error",
    check=check,
    bad={"seen.issued": {"name": "村民小组长误工补贴", "code": "99019924P00731210115X", "budget.total": 6.25}},
    good={"seen.issued": {"name": "村民小组长 误工补贴", "number": "１"}},
)

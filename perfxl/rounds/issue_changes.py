"""The differences between what was issued to a unit and what the registry has now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from perfxl.form import installed
from perfxl.form.answers import get
from perfxl.form.form import Form
from perfxl.form.types.money import Money


@dataclass(frozen=True)
class IssueChange:
    """What differs for one unit and form: how many projects were added, dropped, renamed, have other amounts.

    ``others``: projects with another given value; ``head``: True where unit, control total or contact differ;
    ``draft``: the draft that was issued last; ``reported``: the projects of which a draft counts already.
    """

    unit: str
    name: str
    form: str
    draft: int
    added: int = 0
    dropped: int = 0
    amounts: int = 0
    names: int = 0
    others: int = 0
    head: bool = False
    reported: int = 0


def sent_values(records: Mapping[str, Any], form: Form, printed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a sending, so that a later registry can be compared: its records and what was printed."""
    listed = [dict(record) for _, record in form.records(records)]
    return {"form": form.name, "unit": dict(records["unit"]), "records": listed, "printed": dict(printed)}


def count_changes(sent: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts of an IssueChange between two values of ``sent_values``; empty where nothing differs."""
    form = installed.load(str(now["form"]))
    before, after = ({form.number(record): record for record in given["records"]} for given in (sent, now))
    counts = {"added": len(after.keys() - before.keys()), "dropped": len(before.keys() - after.keys())}
    for number in before.keys() & after.keys():
        for kind in {*_differences(form, before[number], after[number])}:
            counts[kind] = counts.get(kind, 0) + 1
    head = any(sent.get(key) != now[key] for key in ("unit", "printed"))
    return {**counts, "head": head} if head or any(counts.values()) else {}


def _differences(form: Form, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield for each given value that differs, of which kind it is."""
    for path in dict.fromkeys((*form.fields, "name", "code")):
        if get(before, path) != get(after, path):
            field = form.fields.get(path)
            yield "names" if path == "name" else "amounts" if field and isinstance(field.type, Money) else "others"
    if any(get(before, table.lists[0]) != get(after, table.lists[0]) for table in form.tables.values()):
        yield "others"  # given rows

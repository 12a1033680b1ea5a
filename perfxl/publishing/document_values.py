"""The values that a document's template is filled with: those of its units, of the form and of forms beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from perfxl.errors import PerfxlError, PublishingError
from perfxl.form import installed
from perfxl.form.form import Form
from perfxl.publishing.selection import number_records
from perfxl.publishing.values import clean, shown_record
from perfxl.records import unit_label


@dataclass(frozen=True)
class DocumentValues:
    """The values by the names that a template may use; ``units``: the units' content as it is numbered in the document.

    ``notes``: what is to be known beside.
    """

    values: Mapping[str, Any]
    units: list[dict[str, Any]]
    notes: list[PerfxlError]


def document_values(
    units: Sequence[Mapping[str, Any]], form: Form, names: Collection[str], title: str
) -> DocumentValues:
    """Return the values for a document of units, whose records are numbered one after the other.

    ``names``: those that the template uses, by which records of other forms are shown, such as a department's goals.
    Raises PublishingError where two units have what a document has once.
    """
    dropped: list[str] = []
    numbered: list[dict[str, Any]] = []
    listed: list[dict[str, Any]] = []
    for unit in units:
        note = partial(dropped.append, unit_label(unit))
        own = {**unit, form.root: number_records(unit[form.root], form, len(listed) + 1)} if form.many else {**unit}
        numbered.append(own)
        listed += [{**shown_record(form, record, note), "unit": _told(unit, note)} for _, record in form.records(own)]
    first, note = units[0], partial(dropped.append, unit_label(units[0]))
    beside = {other.root: _single(other, units, dropped) for other in _other_forms(form, names)}
    values = {
        **{root: shown or {} for root, shown in beside.items()},
        form.root: listed if form.many else listed[0],
        "year": str(first.get("year") or ""),
        "title": clean(title, note),
        "unit": _told(first, note),
    }
    notes: list[PerfxlError] = [
        PublishingError(what="dropped", unit=unit, count=dropped.count(unit)) for unit in dict.fromkeys(dropped)
    ]
    absent = [other for other in _other_forms(form, names) if beside[other.root] is None]
    notes += [PublishingError(what="without", unit=unit_label(first), form=other.label) for other in absent]
    return DocumentValues(values, numbered, notes)


def _single(form: Form, units: Sequence[Mapping[str, Any]], dropped: list[str]) -> dict[str, Any] | None:
    """Return the one record of a form that the units have; None for none. Raises PublishingError for two."""
    holders = [unit for unit in units if unit.get(form.root)]
    if len(holders) > 1:
        first, second = (unit_label(unit) for unit in holders[:2])
        raise PublishingError(what="one_of_each", form=form.label, first=first, second=second)
    if not holders:
        return None
    return shown_record(form, holders[0][form.root], partial(dropped.append, unit_label(holders[0])))


def _other_forms(form: Form, names: Collection[str]) -> list[Form]:
    """Return the forms beside the first of which a unit has one record and whose top a template names."""
    roots = [root for root, many in installed.roots().items() if many is False and root in names and root != form.root]
    known = installed.forms() if roots else ()
    return [next(other for other in known if other.root == root) for root in roots]


def _told(unit: Mapping[str, Any], dropped: Any) -> dict[str, str]:
    return {key: clean(str((unit.get("unit") or {}).get(key) or ""), dropped) for key in ("code", "name")}

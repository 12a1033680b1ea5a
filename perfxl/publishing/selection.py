"""The records of a unit that are published, and the share of all that they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perfxl.form.answers import get, put
from perfxl.form.form import Form
from perfxl.form.schema import DISCLOSURES
from perfxl.form.types.money import Money


@dataclass(frozen=True)
class PublishedShare:
    """How many records are published, of how many, and their amounts, in the unit of the form's first amount.

    ``closed``, ``secret``: those that are left out, because they are not for publication or secret; ``unit``: the unit
    of the amounts, empty where the form has none; ``uncounted``: the published records whose amount is no number.
    """

    records: int = 0
    amount: Decimal = Decimal(0)
    of: int = 0
    of_amount: Decimal = Decimal(0)
    closed: int = 0
    secret: int = 0
    unit: str = ""
    uncounted: int = 0

    def __add__(self, other: PublishedShare) -> PublishedShare:
        """Return the share of two units together."""
        return PublishedShare(
            self.records + other.records,
            self.amount + other.amount,
            self.of + other.of,
            self.of_amount + other.of_amount,
            self.closed + other.closed,
            self.secret + other.secret,
            self.unit or other.unit,
            self.uncounted + other.uncounted,
        )


def select_published(content: Mapping[str, Any], form: Form) -> tuple[dict[str, Any], PublishedShare]:
    """Return the content of a records file without the form's records that are not published, and their share."""
    held = [record for _, record in form.records(content)] if form.many else []
    kinds = [DISCLOSURES.get(str(record.get("disclosure")), "open") for record in held]
    kept = [record for record, kind in zip(held, kinds, strict=True) if kind == "open"]
    amount = next((field for field in form.fields.values() if isinstance(field.type, Money)), None)
    share = PublishedShare(
        len(kept),
        _sum(kept, amount.id) if amount else Decimal(0),
        len(held),
        _sum(held, amount.id) if amount else Decimal(0),
        kinds.count("closed"),
        kinds.count("secret"),
        amount.type.label if amount and isinstance(amount.type, Money) else "",
        sum(not _is_amount(get(record, amount.id)) for record in kept) if amount else 0,
    )
    return {**content, form.root: kept} if form.many else dict(content), share


def number_records(records: Iterable[Mapping[str, Any]], form: Form, first: int = 1) -> list[dict[str, Any]]:
    """Return records numbered one after the other, as a document numbers them: what is left out leaves no gap."""
    numbered = []
    for number, record in enumerate(records, start=first):
        made = {**record}
        if form.key:
            put(made, form.key, number)
        numbered.append(made)
    return numbered


def _sum(records: Iterable[Mapping[str, Any]], path: str) -> Decimal:
    values = (get(record, path) for record in records)
    return sum((Decimal(str(value)) for value in values if _is_amount(value)), Decimal(0))


def _is_amount(value: Any) -> bool:
    return isinstance(value, (int, float))

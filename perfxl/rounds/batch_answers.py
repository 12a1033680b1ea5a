"""The answers that may stand only once in a whole round (``unique: batch``), in the drafts of all units that count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from perfxl.form import installed
from perfxl.rounds.model import ProjectKey
from perfxl.rules.answer_limits import BatchValue, batch_part, batch_values, differs_in_batch
from perfxl.rules.subject import Others, Record, as_shown
from perfxl.submission import Submission


class DraftAnswers(NamedTuple):
    """Such answers of one draft: the name of its unit, a record that holds them alone, and their values."""

    unit: str
    record: Record
    values: frozenset[BatchValue]


@dataclass(frozen=True)
class BatchAnswers:
    """Such answers of all drafts that count, by their projects; nothing where no form has any."""

    drafts: Mapping[ProjectKey, DraftAnswers] = field(default_factory=dict)

    @cached_property
    def _holders(self) -> Mapping[BatchValue, set[ProjectKey]]:
        holders: defaultdict[BatchValue, set[ProjectKey]] = defaultdict(set)
        for key, draft in self.drafts.items():
            for value in draft.values:
                holders[value].add(key)
        return holders

    def replaced(self, sheets: Mapping[ProjectKey, Submission | None]) -> BatchAnswers:
        """Return these with other drafts of some projects; None: none of it counts any more."""
        drafts = {key: draft for key, draft in self.drafts.items() if key not in sheets}
        for key, sheet in sheets.items():
            if sheet is not None and has_batch_answers(key[1]):
                drafts[key] = _answers_of(sheet)
        return BatchAnswers(drafts)

    def beside(self, unit: str, sheets: Iterable[Submission]) -> Others:
        """Return what the drafts of other units share with these sheets of a unit, as checks compare them."""
        if not self.drafts:
            return {}
        shared: set[ProjectKey] = set()
        for sheet in sheets:
            values = _answers_of(sheet).values if has_batch_answers(sheet.form) else ()
            shared.update(*(self._holders.get(value, ()) for value in values))
        found: dict[str, tuple[tuple[str, Record], ...]] = {}
        for key in sorted(shared):
            if key[0] != unit:
                root, draft = installed.load(key[1]).root, self.drafts[key]
                found[root] = (*found.get(root, ()), (draft.unit, draft.record))
        return found

    def touched(self, later: BatchAnswers, unit: str) -> Iterator[str]:
        """Yield the other units that share a value which came to a unit's drafts, or went from them."""
        units = set()
        for key in {*self.drafts, *later.drafts}:
            if key[0] == unit:
                was, now = (one.drafts[key].values if key in one.drafts else frozenset() for one in (self, later))
                units |= {other[0] for value in was ^ now for other in later._holders.get(value, ())}
        yield from sorted(units - {unit})


def has_batch_answers(form: str) -> bool:
    """Return True for a form with an answer that may stand only once in a round."""
    return differs_in_batch(installed.load(form))


def _answers_of(sheet: Submission) -> DraftAnswers:
    form, record = installed.load(sheet.form), as_shown(sheet.record)
    return DraftAnswers(sheet.unit_name or sheet.sender, batch_part(form, record), batch_values(form, record))

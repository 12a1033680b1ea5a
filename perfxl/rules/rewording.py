"""Safe corrections of some columns of the tables only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from perfxl.form.answers import rowless
from perfxl.rules.base import Hit, Subject, corrections

NAMES = ("indicators.level3", "areas.name", "areas.parts.name", "areas.parts.indicators")
"""Where a form holds names; a name is no sentence."""


def correct_columns(subject: Subject, columns: Collection[str], correct: Callable[[str], str]) -> Iterator[Hit]:
    """The one hit of a safe correction of these columns, as ``corrections`` makes it."""
    for hit in corrections(subject, correct):
        pairs = zip(hit.fields, hit.facts["corrected"], strict=True)
        kept = {path: after for path, after in pairs if rowless(path) in columns}
        if kept:
            first, whole = next(iter(kept.items()))
            before, after = _changed(subject.get(first), whole)
            facts = {"before": before, "after": after, "count": len(kept), "corrected": [*kept.values()]}
            yield Hit(tuple(kept), facts, after)


def _changed(before: Any, after: Any) -> tuple[str, str]:
    """The text that changed, of one text or of a list, and what became of it."""
    if isinstance(before, list) and isinstance(after, list):
        return next((old, new) for old, new in zip(before, after, strict=True) if old != new)
    return str(before), str(after)

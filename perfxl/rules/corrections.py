"""Safe corrections: one spelling is right, so the text that a check proposes may be put in its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from perfxl.form.answers import without_rows
from perfxl.rules.rule import Hit
from perfxl.rules.subject import Subject


def propose_corrections(subject: Subject, correct: Callable[[str], str]) -> Iterator[Hit]:
    """The one hit of a safe correction of the texts a unit typed; ``corrected`` is each field's whole new value."""
    found: dict[str, tuple[str, str, Any]] = {}
    for path, text in subject.texts:
        if path not in found and (after := correct(text)) != text:
            whole = subject.get(path)
            found[path] = (text, after, _each(correct, whole) if isinstance(whole, list) else after)
    if found:
        before, after, _ = next(iter(found.values()))
        corrected = [value for _, _, value in found.values()]
        yield Hit(tuple(found), {"before": before, "after": after, "count": len(found), "corrected": corrected}, after)


def shorten_corrections(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Corrections with ``before`` and ``after`` cut down to where they first differ and a few characters around it."""
    for hit in hits:
        before, after = _around_change(str(hit.facts["before"]), str(hit.facts["after"]))
        yield replace(hit, facts={**hit.facts, "before": before, "after": after})


def _around_change(before: str, after: str, around: int = 4) -> tuple[str, str]:
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    _, at, end, there, until = next(step for step in steps if step[0] != "equal")
    return before[max(0, at - around) : end + around], after[max(0, there - around) : until + around]


def _each(correct: Callable[[str], str], items: list[Any]) -> list[Any]:
    return [correct(item) if isinstance(item, str) else item for item in items]


def correct_columns(subject: Subject, columns: Collection[str], correct: Callable[[str], str]) -> Iterator[Hit]:
    """The one hit of a safe correction of these columns, as ``corrections`` makes it."""
    for hit in propose_corrections(subject, correct):
        pairs = zip(hit.fields, hit.facts["corrected"], strict=True)
        kept = {path: after for path, after in pairs if without_rows(path) in columns}
        if kept:
            first, whole = next(iter(kept.items()))
            before, after = _changed_text(subject.get(first), whole)
            facts = {"before": before, "after": after, "count": len(kept), "corrected": [*kept.values()]}
            yield Hit(tuple(kept), facts, after)


def _changed_text(before: Any, after: Any) -> tuple[str, str]:
    """The text that changed, of one text or of a list, and what became of it."""
    if isinstance(before, list) and isinstance(after, list):
        return next((old, new) for old, new in zip(before, after, strict=True) if old != new)
    return str(before), str(after)

"""Safe corrections: only one spelling is right, so the proposed text may replace the typed one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from perfxl.form.answers import without_rows
from perfxl.rules.rule import Hit
from perfxl.rules.subject import Subject


def propose_corrections(
    subject: Subject, correct: Callable[[str], str], endings: tuple[str, ...] = ("",)
) -> Iterator[Hit]:
    """Yield one hit for all texts that a correction changes; none where it changes nothing.

    ``correct``: returns the corrected text; ``endings``: it is asked about those whose paths end so. The fact
    ``corrected`` lists the whole new value of each field, which is a list for an answer of several items; ``before``
    and ``after`` are the first text that changes.
    """
    changes: dict[str, tuple[str, str, Any]] = {}  # path → text before, text after, whole new value
    for path, text in subject.texts:
        if path.endswith(endings) and path not in changes and (after := correct(text)) != text:
            whole = subject.get(path)
            changes[path] = (text, after, _correct_items(correct, whole) if isinstance(whole, list) else after)
    if changes:
        before, after, _ = next(iter(changes.values()))
        corrected = [value for _, _, value in changes.values()]
        facts = {"before": before, "after": after, "count": len(changes), "corrected": corrected}
        yield Hit(tuple(changes), facts, after)


def shorten_corrections(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Yield the hits with ``before`` and ``after`` shortened to their first difference and a little around it."""
    for hit in hits:
        before, after = _around_change(str(hit.facts["before"]), str(hit.facts["after"]))
        yield replace(hit, facts={**hit.facts, "before": before, "after": after})


_SEEN = 120
"""The characters in which the first difference is looked for, as the time for it grows with the cube of them."""


def _around_change(before: str, after: str, around: int = 4) -> tuple[str, str]:
    """Return the first difference of two texts, as it is in each of them, with ``around`` characters on both sides.

    A difference is looked for in ``_SEEN`` characters from shortly before the first one that differs.
    """
    pairs = enumerate(zip(before, after, strict=False))
    differs = next((at for at, (old, new) in pairs if old != new), min(len(before), len(after)))
    start = max(0, differs - _SEEN // 2)
    before, after = before[start : start + _SEEN], after[start : start + _SEEN]
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    _, at, end, there, until = next(step for step in steps if step[0] != "equal")
    return before[max(0, at - around) : end + around], after[max(0, there - around) : until + around]


def _correct_items(correct: Callable[[str], str], items: list[Any]) -> list[Any]:
    """Return a list with its texts corrected."""
    return [correct(item) if isinstance(item, str) else item for item in items]


def correct_columns(subject: Subject, columns: Collection[str], correct: Callable[[str], str]) -> Iterator[Hit]:
    """Yield one hit for all texts in some columns that a correction changes; see ``propose_corrections``.

    ``columns``: paths without row numbers, such as ``measures.target``.
    """
    # the last one for an item of a list of texts: areas[0].parts[1]
    endings = (*(column.rpartition(".")[2] for column in columns), "]")
    for hit in propose_corrections(subject, correct, endings):
        pairs = zip(hit.fields, hit.facts["corrected"], strict=True)
        kept = {path: after for path, after in pairs if without_rows(path) in columns}
        if kept:
            first, whole = next(iter(kept.items()))
            before, after = _changed_text(subject.get(first), whole)
            facts = {"before": before, "after": after, "count": len(kept), "corrected": [*kept.values()]}
            yield Hit(tuple(kept), facts, after)


def _changed_text(before: Any, after: Any) -> tuple[str, str]:
    """Return the text of an answer before and after its correction; of a list, the first item that changed."""
    if isinstance(before, list) and isinstance(after, list):
        return next((old, new) for old, new in zip(before, after, strict=True) if old != new)
    return str(before), str(after)

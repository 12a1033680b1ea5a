"""The decision about a sheet that arrived: whether it is a new draft of its project, or what a person is asked.

It is decided by what was typed, never by a file's name. What speaks against a new draft leaves the draft that counted
in its place and asks one question; only a person closes a question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from perfxl.form.answers import Answers, flatten
from perfxl.form.characters import squeeze
from perfxl.form.form import Form
from perfxl.workbook.sheet.page import answers_sent

Fate = Literal["blank", "same", "draft", "question"]
"""空表 as it was issued; 已有 the same answers again; a new draft that counts; 待确认 a person is asked."""

QuestionKind = Literal[
    "unknown_project", "after_approval", "in_review", "old_draft", "two_sheets", "copied", "much_changed", "order"
]
"""A project that the registry does not know; a sheet after the table was passed; one while a person reviews the draft
that counts; answers of an earlier draft; two differing sheets in one delivery; another unit's answers; nearly all is
other than before; two sheets of which nobody knows which is the later."""

Typed = Mapping[str, tuple[str, ...]]
"""The answers that were typed, as they are compared: of each field or column, sorted: a row that moved is no change."""

MOST_CHANGED = 0.6
"""The share of the answers of the draft that counts that may change before a person is asked."""
FEWEST = 5
"""Fewer answers than these never ask."""
COPIED, FEWEST_COPIED = 0.9, 10
"""The share of another unit's answers from which a sheet looks copied, and the fewest answers that are compared."""


@dataclass(frozen=True)
class Draft:
    """A draft of a project: what was typed in it, and what people have done about it.

    ``explained``: the explanations typed into 审核意见; ``reviewed``: a person decided or remarked on it since it came;
    ``sent_back``: it was returned.
    """

    typed: Typed
    explained: tuple[str, ...] = ()
    reviewed: bool = False
    sent_back: bool = False


@dataclass(frozen=True)
class DraftHistory:
    """The drafts of a project that came before the sheet that arrives.

    ``issued``: what was filled in when it was issued; ``counting``: the draft that counts; ``earlier``: those before
    it; ``approved``: a person passed it; ``registered``: the registry has it.
    """

    issued: Typed = field(default_factory=dict)
    counting: Draft | None = None
    earlier: tuple[Draft, ...] = ()
    approved: bool = False
    registered: bool = True


@dataclass(frozen=True)
class Outcome:
    """The fate of a sheet. ``kind``: the question, where one is asked; ``facts``: the numbers of its sentence."""

    fate: Fate
    kind: QuestionKind | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def typed_answers(form: Form, record: Mapping[str, Any]) -> Typed:
    """Return what a unit typed into a sheet, as it is compared: without given answers, width and white space."""
    return _typed(form, flatten(form, record))


@lru_cache(maxsize=64)
def typed_in_blank(form: Form) -> Typed:
    """Return what stands in the answers of a form as it is issued, with nothing but given answers filled in."""
    return _typed(form, answers_sent(form, flatten(form, {})))


def _typed(form: Form, answers: Answers) -> Typed:
    typed: dict[str, tuple[str, ...]] = {}
    for id, asked in form.fields.items():
        if not asked.given and (text := _compared(asked.kind.show(answers.head.get(id)))):
            typed[id] = (text,)
    for table in form.tables.values():
        for id, column in table.columns.items():
            texts = (_compared(column.kind.show(row.get(id))) for row in answers.rows.get(table.id, ()))
            if (found := tuple(sorted(filter(None, texts)))) and not (table.groups and table.groups.by == id):
                typed[table.path(id)] = found
    return typed


def _compared(shown: object) -> str:
    return "" if shown is None else squeeze(str(shown))


def count_typed(typed: Typed) -> int:
    """Return the number of answers."""
    return sum(map(len, typed.values()))


def count_changed(before: Typed, after: Typed) -> int:
    """Return how many answers of a draft are changed or emptied in another; what was added is no change."""
    return sum((Counter(texts) - Counter(after.get(id, ()))).total() for id, texts in before.items())


def decide(
    known: DraftHistory, arrived: Draft, copied_from: str = "", beside: Literal["two_sheets", "order"] | None = None
) -> Outcome:
    """Return what becomes of a sheet of a project.

    ``copied_from``: the unit whose answers it seems to hold (see ``Originals``); ``beside``: another sheet of the
    project came in the same delivery, or in the same run without an order.
    """
    counting = known.counting
    if not known.registered:
        return Outcome("question", "unknown_project")
    if arrived.typed == known.issued and not arrived.explained:
        return Outcome("blank")
    if counting and arrived.typed == counting.typed and set(arrived.explained) <= set(counting.explained):
        return Outcome("same", facts={"sent_back": counting.sent_back})
    changed = count_changed(counting.typed, arrived.typed) if counting else 0
    facts = {"changed": changed, "of": count_typed(counting.typed) if counting else 0, "unit": copied_from}
    kind = _objection(known, arrived, changed, copied_from, beside)
    return Outcome("question", kind, facts) if kind else Outcome("draft", facts=facts)


def _objection(
    known: DraftHistory, arrived: Draft, changed: int, copied_from: str, beside: QuestionKind | None
) -> QuestionKind | None:
    """Return what speaks against taking a sheet for a new draft that counts; None where nothing does."""
    counting = known.counting
    total = count_typed(counting.typed) if counting else 0
    objections: Mapping[QuestionKind, bool] = {
        "after_approval": known.approved,
        "in_review": counting is not None and counting.reviewed and not counting.sent_back,
        "two_sheets": beside == "two_sheets",
        "order": beside == "order",
        "old_draft": any(arrived.typed == earlier.typed for earlier in known.earlier),
        "copied": bool(copied_from),
        "much_changed": total >= FEWEST and changed > MOST_CHANGED * total,
    }
    return next((kind for kind, holds in objections.items() if holds), None)


class Originals:
    """The answers of the drafts that count, by their long texts, to find whose a copied sheet's answers are."""

    def __init__(self, drafts: Iterable[tuple[str, str, Typed]]) -> None:
        """Index drafts, each given as its unit, its project and its answers."""
        self._typed: dict[tuple[str, str], Typed] = {}
        self._places: dict[str, set[tuple[str, str]]] = {}
        for unit, project, typed in drafts:
            self.add(unit, project, typed)

    def add(self, unit: str, project: str, typed: Typed) -> None:
        """Add a draft, in place of an earlier one of the same project."""
        self._typed[unit, project] = typed
        for text in _long_texts(typed):
            self._places.setdefault(text, set()).add((unit, project))

    def find(self, unit: str, typed: Typed) -> str:
        """Return another unit of which nearly all of these answers are; empty if there is none."""
        total = count_typed(typed)
        if total < FEWEST_COPIED:
            return ""
        hits = Counter(place for text in _long_texts(typed) for place in self._places.get(text, ()))
        for (other, project), _ in hits.most_common(_COMPARED):
            if other != unit and total - count_changed(typed, self._typed[other, project]) >= COPIED * total:
                return other
        return ""


_COMPARED = 5  # projects with most texts in common: a copy is among them
_LONG = 8  # characters from which a text is hardly typed twice by chance


def _long_texts(typed: Typed) -> Collection[str]:
    return {text for texts in typed.values() for text in texts if len(text) >= _LONG}


def latest(times: Sequence[tuple[str, str]]) -> int | None:
    """Return the index of the sheet saved last; None where that is not known.

    ``times``: for each the ISO time at which its workbook says that it was saved, empty for none, and that of its file.
    A tie, or times that contradict each other, is a question.
    """
    if len(times) == 1:
        return 0
    by_saved = [saved for saved, _ in times]
    by_file = [file for _, file in times]
    last = max(range(len(times)), key=lambda at: times[at])
    if all(by_saved) and by_saved.count(by_saved[last]) == 1:
        return last if by_file[last] == max(by_file) else None
    return last if not any(by_saved) and by_file.count(max(by_file)) == 1 else None

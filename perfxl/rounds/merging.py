"""The decision about a sheet that arrived: whether it is a new draft of its project, or what a person is asked.

It is decided by what was typed, never by a file's name. What speaks against a new draft leaves the draft that counted
in its place and asks one question; only a person closes a question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from typing import Any, Literal

from perfxl.form.answers import Answers, flatten
from perfxl.form.characters import squeeze
from perfxl.form.form import Field, Form, Table
from perfxl.rounds.model import ProjectKey
from perfxl.workbook.sheet.page import answers_sent

Fate = Literal["blank", "same", "draft", "question"]
"""空表 as it was issued; 已有 the same answers again; a new draft that counts; 待确认 a person is asked."""

QuestionKind = Literal[
    "unknown_project", "after_approval", "in_review", "old_draft", "two_sheets", "copied", "much_changed", "order"
]
"""A project that the registry does not know; a sheet after the table was passed; one while a person reviews the draft
that counts; answers of an earlier draft; two differing sheets in one delivery; another unit's answers; nearly all is
other than before; two sheets of which nobody knows which is the later."""

MOST_CHANGED = 0.6
"""The share of the answers of the draft that counts that may change before a person is asked."""
FEWEST = 5
"""Fewer answers than these never ask."""
COPIED, FEWEST_COPIED = 0.9, 10
"""The share of another unit's answers from which a sheet looks copied, and the fewest answers that are compared."""


Row = tuple[tuple[str, str], ...]
"""The answers of a table's row: each column with its text."""


@dataclass(frozen=True)
class TypedAnswers:
    """The answers that were typed, as they are compared.

    ``head``: field → text; ``rows``: of each table, sorted, so that a row that moved is no change.
    """

    head: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def cells(self) -> Counter[tuple[str, str]]:
        """Return the answers, each field or column with its text, and how often it stands there."""
        return Counter([*self.head.items(), *(cell for rows in self.rows.values() for row in rows for cell in row)])

    def digest(self) -> str:
        """Return the SHA-256 of the answers."""
        return sha256(repr((sorted(self.head.items()), sorted(self.rows.items()))).encode(errors="replace")).hexdigest()


@dataclass(frozen=True)
class Draft:
    """A draft of a project: what was typed in it, and what people have done about it.

    ``explained``: its explanations, each with the code by which 审核意见 names what is explained; ``reviewed``: a
    person decided or remarked on it since it came; ``sent_back``: it was returned.
    """

    typed: TypedAnswers
    explained: tuple[tuple[str, str], ...] = ()
    reviewed: bool = False
    sent_back: bool = False


@dataclass(frozen=True)
class DraftHistory:
    """The drafts of a project that came before the sheet that arrives.

    ``issued``: what was filled in when it was issued; ``counting``: the draft that counts; ``pending``: those that an
    open question is about, ``asked``: that question; ``earlier``: all others; ``approved``: a person passed it;
    ``registered``: the registry has it.
    """

    issued: TypedAnswers = field(default_factory=TypedAnswers)
    counting: Draft | None = None
    earlier: tuple[Draft, ...] = ()
    pending: tuple[Draft, ...] = ()
    asked: QuestionKind | None = None
    approved: bool = False
    registered: bool = True


@dataclass(frozen=True)
class Outcome:
    """The fate of a sheet. ``kind``: the question, where one is asked; ``facts``: the numbers of its sentence."""

    fate: Fate
    kind: QuestionKind | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def join_explained(before: Draft | None, draft: Draft) -> Draft:
    """Return a draft with the explanations of the one before that it does not replace: they need not be sent again."""
    if before is None or not before.explained:
        return draft
    own = {code for code, _ in draft.explained}
    kept = (pair for pair in before.explained if pair[0] not in own)
    return replace(draft, explained=(*kept, *draft.explained))


def typed_answers(form: Form, record: Mapping[str, Any]) -> TypedAnswers:
    """Return what a unit typed into a sheet, as it is compared: without given answers, width and white space."""
    return _typed(form, flatten(form, record))


@lru_cache(maxsize=64)
def typed_in_blank(form: Form) -> TypedAnswers:
    """Return what stands in the answers of a form as it is issued, with nothing but given answers filled in."""
    return _typed(form, answers_sent(form, flatten(form, {})))


def _typed(form: Form, answers: Answers) -> TypedAnswers:
    shown = ((id, _compared(asked, answers.head.get(id))) for id, asked in form.fields.items() if asked.open)
    return TypedAnswers(
        {id: text for id, text in shown if text},
        {
            table.id: rows
            for table in form.tables.values()
            if (rows := _typed_rows(table, answers.rows.get(table.id, ())))
        },
    )


def _typed_rows(table: Table, answers: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """Return the rows of a table in which something is typed, sorted."""
    columns = [(id, table.path(id), column) for id, column in table.columns.items()]
    typed = [item for item in columns if item[0] not in table.prepared]
    rows = (
        tuple((path, text) for id, path, column in typed if (text := _compared(column, row.get(id)))) for row in answers
    )
    return tuple(sorted(filter(None, rows)))


def _compared(asked: Field, value: object) -> str:
    shown = asked.type.show(value)
    return "" if shown is None else squeeze(str(shown))


def count_typed(typed: TypedAnswers) -> int:
    """Return the number of answers."""
    return len(typed.head) + sum(map(len, chain.from_iterable(typed.rows.values())))


def count_changed(before: TypedAnswers, after: TypedAnswers) -> int:
    """Return how many answers of a draft are changed or emptied in another; what was added is no change.

    Rows are compared as wholes, each with the one that is most like it, so that it may stand elsewhere.
    """
    changed = sum(after.head.get(id) != text for id, text in before.head.items())
    return changed + sum(_count_changed_in_rows(rows, after.rows.get(id, ())) for id, rows in before.rows.items())


def _count_changed_in_rows(before: Sequence[Row], after: Sequence[Row]) -> int:
    old = list((Counter(before) - Counter(after)).elements())
    new = [frozenset(row) for row in (Counter(after) - Counter(before)).elements()]
    alike = sorted(
        ((len(there.intersection(row)), at, other) for at, row in enumerate(old) for other, there in enumerate(new)),
        key=lambda pair: (-pair[0], pair[1:]),
    )
    kept, paired, taken = 0, set[int](), set[int]()
    for shared, at, other in alike:
        if at not in paired and other not in taken:
            kept += shared
            paired.add(at)
            taken.add(other)
    return sum(map(len, old)) - kept


def decide(
    known: DraftHistory, arrived: Draft, copied_from: str = "", beside: Literal["two_sheets", "order"] | None = None
) -> Outcome:
    """Return what becomes of a sheet of a project.

    ``copied_from``: the unit whose answers it seems to hold (see ``Originals``); ``beside``: another sheet of the
    project came in the same delivery, or in the same run without an order.
    """
    counting = known.counting
    if arrived.typed == known.issued and not arrived.explained:
        return Outcome("blank")
    for draft in (*((counting,) if counting else ()), *known.pending):
        if arrived.typed == draft.typed and set(arrived.explained) <= set(draft.explained):
            return Outcome("same", facts={"sent_back": draft.sent_back})
    changed = count_changed(counting.typed, arrived.typed) if counting else 0
    facts = {"changed": changed, "of": count_typed(counting.typed) if counting else 0, "unit": copied_from}
    kind = known.asked or _objection(known, arrived, changed, copied_from, beside)
    return Outcome("question", kind, facts) if kind else Outcome("draft", facts=facts)


def _objection(
    known: DraftHistory, arrived: Draft, changed: int, copied_from: str, beside: QuestionKind | None
) -> QuestionKind | None:
    """Return what speaks against taking a sheet for a new draft that counts; None where nothing does."""
    counting = known.counting
    total = count_typed(counting.typed) if counting else 0
    is_other = counting is not None and arrived.typed != counting.typed  # else only an explanation is new
    objections: Mapping[QuestionKind, bool] = {
        "unknown_project": not known.registered,
        "after_approval": known.approved,
        "in_review": counting is not None and counting.reviewed and not counting.sent_back,
        "two_sheets": beside == "two_sheets",
        "order": beside == "order",
        "old_draft": is_other and any(arrived.typed == earlier.typed for earlier in known.earlier),
        "copied": bool(copied_from),
        "much_changed": total >= FEWEST and changed > MOST_CHANGED * total,
    }
    return next((kind for kind, holds in objections.items() if holds), None)


class Originals:
    """The answers of the drafts that count, by their long texts, to find whose a copied sheet's answers are."""

    def __init__(self, drafts: Iterable[tuple[ProjectKey, TypedAnswers]]) -> None:
        """Index drafts, each given as its project and its answers."""
        self._typed: dict[ProjectKey, TypedAnswers] = {}
        self._places: dict[str, set[ProjectKey]] = {}
        for project, typed in drafts:
            self.add(project, typed)

    def add(self, project: ProjectKey, typed: TypedAnswers) -> None:
        """Add a draft, in place of an earlier one of the same project."""
        if project in self._typed:
            for text in _long_texts(self._typed[project].cells()):
                self._places[text].discard(project)
        self._typed[project] = typed
        for text in _long_texts(typed.cells()):
            self._places.setdefault(text, set()).add(project)

    def find(self, unit: str, typed: TypedAnswers) -> ProjectKey | None:
        """Return the project of another unit of which nearly all of these answers are; None if there is none."""
        cells = typed.cells()
        total = cells.total()
        if total < FEWEST_COPIED:
            return None
        places = (self._places.get(text, ()) for text in _long_texts(cells))
        hits = Counter(place for found in places if len(found) <= _COMMON for place in found if place[0] != unit)
        for other, _ in sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))[:_COMPARED]:
            if (cells & self._typed[other].cells()).total() >= COPIED * total:
                return other
        return None


_COMPARED = 5  # projects with most texts in common: a copy is among them
_COMMON = 40  # a text that stands in more projects than these is a common phrase, and says nothing
_LONG = 8  # characters from which a text is hardly typed twice by chance


def _long_texts(cells: Iterable[tuple[str, str]]) -> Collection[str]:
    return {text for _, text in cells if len(text) >= _LONG}


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

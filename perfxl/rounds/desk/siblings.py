"""The findings on the drafts of a unit that go on counting, as they follow a change of one of its drafts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from perfxl import rules
from perfxl.rounds.batch_answers import BatchAnswers, has_batch_answers
from perfxl.rounds.desk.drafts import bare_submission
from perfxl.rounds.findings import as_finding, as_kept_finding
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round
from perfxl.rounds.states import SUPERSEDED
from perfxl.rounds.store.group import WriteGroup
from perfxl.rounds.store.rows import KeptFinding
from perfxl.rounds.store.store import Store
from perfxl.rounds.unit_review import Same, SiblingChange, UnitDrafts, own_change, same_words, sibling_changes


def change_siblings(group: WriteGroup, store: Store, change: SiblingChange) -> None:
    """Write what changed of the findings on a draft that goes on counting; what says the same stays as it is.

    One that was no longer found, and is found again, has its state again.
    """
    (kept,) = (draft for draft in store.submissions(change.key) if draft.counts)
    form = change.key[1]
    known = {_words(finding): finding for finding in kept.findings}
    for finding in change.gone:
        found = known.get(_words(as_kept_finding(finding, form)))
        if found and found.state != SUPERSEDED:
            group.set_finding(found.id, SUPERSEDED)
    cells = {finding.fields[0]: finding.cell for finding in kept.findings if finding.fields}
    placed = []
    for new in (as_kept_finding(finding, form) for finding in change.new):
        found = known.get(_words(new))
        if found is None:  # the sheet itself is not read again: a cell is known where another finding has it
            placed.append(replace(new, cell=cells.get(new.fields[0], "")) if new.fields else new)
        elif found.state == SUPERSEDED:
            group.set_finding(found.id, store.former_state(found.id) or new.state)
    group.add_findings(kept.id, placed)


def _words(finding: KeptFinding) -> Same:
    return same_words(finding.code, finding.fields, finding.facts)


def let_count(round: Round, store: Store, group: WriteGroup, key: ProjectKey, submission: int | None) -> None:
    """Have a submission of a project count, or none; the findings on it and on what is compared with it follow."""
    drafts, policy = store.drafts_of(key[0]), rules.load_policy(round.rules_file)
    unit = next((unit for unit in store.registry().units if unit.code == key[0]), None)
    bare = {kept.id: bare_submission(round, kept, unit) for kept in drafts}
    before = {kept.project: bare[kept.id] for kept in drafts if kept.counts}
    after = {other: one for other, one in before.items() if other != key}
    if submission is not None:
        after[key] = bare[submission]
    answers = counting_answers(round, store)
    others = answers.beside(key[0], [*before.values(), *after.values()])
    for change in sibling_changes(UnitDrafts(before, others), UnitDrafts(after, others), policy):
        change_siblings(group, store, change)
    for change in _changes_elsewhere(round, store, answers, answers.replaced({key: after.get(key)}), key[0]):
        change_siblings(group, store, change)
    group.set_counting(key, submission)
    for kept in drafts:
        if kept.id == submission:  # others may have come since it was checked
            own = own_change(key, [*map(as_finding, kept.findings)], UnitDrafts(after, others), policy)
            change_siblings(group, store, own)


def counting_answers(round: Round, store: Store) -> BatchAnswers:
    """Return the answers that may stand only once in the round, of the drafts that count."""
    forms = {form for form in round.forms if has_batch_answers(form)}
    keys = sorted(key for key in store.counted() if key[1] in forms) if forms else []
    units = {unit.code: unit for unit in store.registry().units} if forms else {}
    answers = BatchAnswers()
    for at in range(0, len(keys), _BATCH):
        drafts = store.submissions_of(keys[at : at + _BATCH])
        answers = answers.replaced(
            {kept.project: bare_submission(round, kept, units.get(kept.project[0])) for kept in drafts}
        )
    return answers


_BATCH = 100  # drafts that are read at once


def _changes_elsewhere(
    round: Round, store: Store, before: BatchAnswers, after: BatchAnswers, unit: str
) -> Iterator[SiblingChange]:
    """Yield what changes on the drafts of other units that share an answer with those of a unit."""
    policy, units = rules.load_policy(round.rules_file), {one.code: one for one in store.registry().units}
    for other in before.touched(after, unit):
        counting = (kept for kept in store.drafts_of(other) if kept.counts)
        drafts = {kept.project: bare_submission(round, kept, units.get(other)) for kept in counting}
        was, now = (UnitDrafts(drafts, answers.beside(other, drafts.values())) for answers in (before, after))
        yield from sibling_changes(was, now, policy)

"""The findings on the drafts of a unit that go on counting, as they follow a change of one of its drafts."""

from __future__ import annotations

from dataclasses import replace

from perfxl import rules
from perfxl.rounds.desk.drafts import bare_submission
from perfxl.rounds.findings import NOTED, SUPERSEDED, as_kept_finding, undecided_state
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round
from perfxl.rounds.rulings import standing_decisions
from perfxl.rounds.store.group import WriteGroup
from perfxl.rounds.store.rows import KeptFinding
from perfxl.rounds.store.store import Store
from perfxl.rounds.unit_review import Same, SiblingChange, same_words, sibling_changes


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
            group.set_finding(found.id, _state_of(store, found, new))
    group.add_findings(kept.id, placed)


def _words(finding: KeptFinding) -> Same:
    return same_words(finding.code, finding.fields, finding.facts)


def _state_of(store: Store, finding: KeptFinding, new: KeptFinding) -> str:
    """Return the state of a finding that is found again: as it was decided, explained, or open."""
    if decisions := standing_decisions(store.decisions()).get(("finding", str(finding.id))):
        return decisions[-1].what
    explained = {one.finding: one for one in store.explanations()}
    return new.state if new.state == NOTED else undecided_state(finding.severity, explained.get(finding.id))


def let_count(round: Round, store: Store, group: WriteGroup, key: ProjectKey, submission: int | None) -> None:
    """Have a submission of a project count, or none; the findings on its unit's other projects follow."""
    drafts = store.drafts_of(key[0])
    unit = next((one for one in store.registry().units if one.code == key[0]), None)
    bare = {kept.id: bare_submission(round, kept, unit) for kept in drafts}
    before = {kept.project: bare[kept.id] for kept in drafts if kept.counts}
    after = {other: one for other, one in before.items() if other != key}
    if submission is not None:
        after[key] = bare[submission]
    for change in sibling_changes(before, after, rules.load_policy(round.rules_file)):
        change_siblings(group, store, change)
    group.set_counting(key, submission)

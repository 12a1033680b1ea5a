"""The findings on the drafts of a unit that go on counting, as they follow a change of one of its drafts."""

from __future__ import annotations

from dataclasses import replace

from perfxl import rules
from perfxl.finding import Finding
from perfxl.rounds.desk.drafts import bare_submission
from perfxl.rounds.model import ProjectKey
from perfxl.rounds.round import Round
from perfxl.rounds.store.group import WriteGroup
from perfxl.rounds.store.rows import KeptFinding
from perfxl.rounds.store.store import Store
from perfxl.rounds.unit_review import SiblingChange, holds_nothing_back, same_words, sibling_changes

NOTED, SUPERSEDED = "noted", "superseded"
"""States of a finding: about a book or a unit, so that no project answers for it; no longer found."""


def kept_finding(finding: Finding, key: ProjectKey) -> KeptFinding:
    """Return a finding on a project's draft as the store keeps it."""
    state = NOTED if holds_nothing_back(finding, key[1]) else "open"
    return KeptFinding(finding.code, finding.severity, finding.fields, finding.cell, dict(finding.facts), state)


def change_siblings(group: WriteGroup, store: Store, change: SiblingChange) -> None:
    """Write what changed of the findings on a draft that goes on counting; what says the same stays as it is."""
    (kept,) = (draft for draft in store.submissions(change.key) if draft.counts)
    live = {
        same_words(finding.code, finding.fields, finding.facts): finding
        for finding in kept.findings
        if finding.state != SUPERSEDED
    }
    for finding in change.gone:
        if found := live.get(same_words(finding.code, finding.fields, finding.facts)):
            group.set_finding(found.id, SUPERSEDED)
    cells = {finding.fields[0]: finding.cell for finding in kept.findings if finding.fields}
    new = [finding for finding in change.new if same_words(finding.code, finding.fields, finding.facts) not in live]
    made = (kept_finding(finding, change.key) for finding in new)
    # the sheet itself is not read again: a cell is known where another finding is about the same answer
    placed = [replace(one, cell=cells.get(one.fields[0], "")) if one.fields else one for one in made]
    group.add_findings(kept.id, placed)


def follow_decision(round: Round, store: Store, group: WriteGroup, key: ProjectKey, submission: int) -> None:
    """Write what changes of the findings on a project's siblings when another submission of it is to count.

    Call it before that is written.
    """
    drafts = store.drafts_of(key[0])
    controls = {unit.code: unit.control for unit in store.registry().units}
    before = {kept.project: bare_submission(round, kept, controls.get(key[0])) for kept in drafts if kept.counts}
    (chosen,) = (kept for kept in drafts if kept.id == submission)
    after = {**before, key: bare_submission(round, chosen, controls.get(key[0]))}
    for change in sibling_changes(before, after, rules.load_policy(round.rules_file)):
        change_siblings(group, store, change)

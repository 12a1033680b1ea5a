"""The findings on the sheets of a round: each is checked beside the drafts that count of its unit, one per project.

Where the draft of one project changes, what was found by comparing its siblings may change, too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from perfxl import rules
from perfxl.finding import Finding
from perfxl.form import installed
from perfxl.rounds.model import ProjectKey
from perfxl.rules.policy import Policy
from perfxl.rules.review import review
from perfxl.rules.subject import Others
from perfxl.submission import Submission

Same = tuple[str, tuple[str, ...], str]
"""By this a finding says the same as another: its code, its fields, its facts."""


@dataclass(frozen=True)
class SiblingChange:
    """The change of the findings on a draft that goes on counting: those that are gone, and those that are new."""

    key: ProjectKey
    gone: tuple[Finding, ...]
    new: tuple[Finding, ...]


class UnitDrafts(NamedTuple):
    """The drafts of a unit that count, by their projects; ``others``: what drafts of other units share with them."""

    counting: Mapping[ProjectKey, Submission]
    others: Others = MappingProxyType({})


def same_words(code: str, fields: Sequence[str], facts: Mapping[str, Any]) -> Same:
    """Return by what a finding is known to say the same as another on the same draft."""
    return code, tuple(fields), json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str)


def is_of_unit(code: str, fields: Collection[str], form: str) -> bool:
    """Return True for a finding about the book or about the unit: it is shown, and no single project answers for it."""
    return not fields or any(rule.of_unit for rule in rules.rules(installed.load(form)) if rule.code == code)


def review_sheets(
    drafts: UnitDrafts, sheets: Sequence[tuple[ProjectKey, Submission]], policy: Policy
) -> Iterator[list[Finding]]:
    """Yield the findings on some sheets of one unit, in their order.

    ``drafts``: those of the unit that count now. A sheet that does not count is judged in the place of the one that
    does.
    """
    beside = dict(sorted(drafts.counting.items()))
    wanted = {id(submission) for _, submission in sheets}
    together = review([*beside.values()], policy, lambda submission: id(submission) in wanted, drafts.others)
    found = {id(submission): findings for submission, findings in together}
    for key, submission in sheets:
        if id(submission) not in found:
            alone = dict(sorted({**beside, key: submission}.items()))
            yield _review_one(submission, drafts._replace(counting=alone), policy)
        else:
            yield found[id(submission)]


def _review_one(own: Submission, together: UnitDrafts, policy: Policy) -> list[Finding]:
    beside = [*together.counting.values()]
    ((_, findings),) = review(beside, policy, lambda submission: submission is own, together.others)
    return findings


def sibling_changes(before: UnitDrafts, after: UnitDrafts, policy: Policy) -> Iterator[SiblingChange]:
    """Yield what changes of the findings on the drafts of a unit that count before and after.

    Both times the bare records are compared, so that only what depends on the siblings and on other units differs.
    """
    was, now = before.counting, after.counting
    staying = [key for key in sorted(was) if key in now and was[key] is now[key]]
    if not staying or (len(staying) == len(was) == len(now) and before.others == after.others):
        return
    earlier, later = (_by_words(staying, together, policy) for together in (before, after))
    for key in staying:
        gone = tuple(finding for words, finding in earlier[key].items() if words not in later[key])
        new = tuple(finding for words, finding in later[key].items() if words not in earlier[key])
        if gone or new:
            yield SiblingChange(key, gone, new)


def own_change(key: ProjectKey, kept: Sequence[Finding], drafts: UnitDrafts, policy: Policy) -> SiblingChange:
    """Return what changes of the findings on a draft that begins to count, since others may count now.

    ``kept``: what was found on it when it came; ``drafts``: the bare records of the unit that count with it.
    """
    alone = UnitDrafts({key: drafts.counting[key]})
    by_itself, found = (_by_words([key], together, policy)[key] for together in (alone, drafts))
    gone = (one for one in kept if same_words(one.code, one.fields, one.facts) not in found)
    new = (finding for words, finding in found.items() if words not in by_itself)
    compared = {rule.code for rule in rules.rules(installed.load(key[1])) if rule.compares or rule.of_unit}
    return SiblingChange(key, tuple(one for one in gone if one.code in compared), tuple(new))


def _by_words(
    keys: Sequence[ProjectKey], together: UnitDrafts, policy: Policy
) -> dict[ProjectKey, dict[Same, Finding]]:
    """Return the findings on the bare records of some projects of a unit, by what they say."""
    bare = {key: bare_record(submission) for key, submission in together.counting.items()}
    found = review_sheets(together._replace(counting=bare), [(key, bare[key]) for key in keys], policy)
    return {
        key: {same_words(one.code, one.fields, one.facts): one for one in findings}
        for key, findings in zip(keys, found, strict=True)
    }


def bare_record(submission: Submission) -> Submission:
    """Return a submission with nothing of its sheet but the record."""
    return replace(
        submission, file="", notes=(), places={}, title=None, unit=None, headers={}, lost=(), disputed=(), unplaced=(),
        doubts=(),
    )  # fmt: skip

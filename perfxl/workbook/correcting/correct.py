"""Returned workbooks written anew from the template: the sender's answers, safe corrections made, the rest flagged.

All workbooks of a call are corrected side by side, since some checks hold a unit's projects against each other. Each is
written and read again until nothing more is safe to correct, so that what is judged is always what stands there.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from perfxl import messages
from perfxl.errors import PerfxlError
from perfxl.finding import Finding
from perfxl.form.answers import get
from perfxl.rules.policy import Policy
from perfxl.rules.review import review
from perfxl.workbook.correcting import change_list, outside
from perfxl.workbook.correcting.change import Moves, Record, Trace, Traces, at, done, fixed, moved, shown, taken, then
from perfxl.workbook.correcting.change_list import PUT_BACK, Change, Past, as_it_came, changed, numbers
from perfxl.workbook.correcting.clean import as_issued, clean, issue_of
from perfxl.workbook.correcting.followed import followed
from perfxl.workbook.correcting.outside import Outside
from perfxl.workbook.flagging.flag import flag
from perfxl.workbook.flagging.sender_package import Returned
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.line import numbered, project
from perfxl.workbook.opinions.replies import Findings, Replies, hear
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.sheet.page import Issue

ROUNDS = 10
"""So often a workbook is written and read again at most; two or three times is the rule."""


@dataclass(frozen=True, eq=False)
class Source:
    """A workbook that came back, or those of its sheets that make one workbook: read, with what people said of it.

    ``others``: its sheets that make another one; ``main``: whether it takes over what stands on no form sheet.
    """

    workbook: Workbook
    readings: tuple[Reading, ...]
    replies: Replies
    others: tuple[Reading, ...] = ()
    main: bool = True


@dataclass(frozen=True, eq=False)
class Corrected:
    """A workbook written anew: its bytes, its findings, what was changed, what belongs to no field.

    ``left``: the sheets that are no forms; what stands on them is among what belongs to no field.
    """

    data: bytes
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    outside: tuple[Outside, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Draft:
    """A workbook on its way: as it was last read, and what has become of its answers so far, sheet by sheet.

    ``moves``: where the rows of the source's sheets are by now.
    """

    source: Source
    issue: Issue
    workbook: Workbook
    readings: tuple[Reading, ...]
    replies: Replies
    traces: tuple[Traces, ...]
    past: tuple[Past, ...]
    moves: tuple[Moves, ...]


def parted(source: Source, policy: Policy) -> tuple[Source, ...]:
    """The workbook by what can stand in one: sheets of one form, sent in one way. Nearly always it is itself."""
    found: dict[tuple[str, Issue], list[Reading]] = {}
    for reading in source.readings:
        found.setdefault((reading.located.form.name, issue_of(reading, policy)), []).append(reading)
    parts = [tuple(each) for each in found.values()]
    others = [tuple(each for part in parts if part is not own for each in part) for own in parts]
    both = zip(parts, others, strict=True)
    return tuple(replace(source, readings=own, others=rest, main=own is parts[0]) for own, rest in both)


def correct(
    sources: Sequence[Source], policy: Policy, safe: Container[str], deadline: str = ""
) -> list[Corrected | PerfxlError]:
    """Each workbook corrected, or why it cannot be written anew. ``safe``: the codes that may be corrected.

    ``deadline``: when it is due again, as people say it, printed on each sheet.
    """
    drafts: list[_Draft | PerfxlError] = []
    for source, found in zip(sources, _found(sources, _strict(policy)), strict=True):
        try:
            drafts.append(_first(source, found, policy, safe))
        except PerfxlError as error:
            drafts.append(error)
    for _ in range(ROUNDS):
        sound = [each for each in drafts if isinstance(each, _Draft)]
        pairs = zip(sound, _found(sound, policy), strict=True)
        corrected = [_again(draft, found, policy, safe) for draft, found in pairs]
        if all(new is old for new, old in zip(corrected, sound, strict=True)):
            break
        anew = iter(corrected)
        drafts = [next(anew) if isinstance(each, _Draft) else each for each in drafts]
    sound = [each for each in drafts if isinstance(each, _Draft)]
    finished = iter([_finished(*each, policy, deadline) for each in zip(sound, _found(sound, policy), strict=True)])
    return [next(finished) if isinstance(each, _Draft) else each for each in drafts]


def _strict(policy: Policy) -> Policy:
    """What was issued is put back and said, whatever a county asks."""
    return replace(policy, severities={**policy.severities, **dict.fromkeys(PUT_BACK, "error")})


def _found(files: Sequence[Source] | Sequence[_Draft], policy: Policy) -> list[Findings]:
    """What the rules find in each workbook, by its sheets; all are held against each other."""
    reviewed = dict(review([each.submission for file in files for each in file.readings], policy))
    return [[(each, reviewed[each.submission]) for each in file.readings] for file in files]


def _first(source: Source, found: Findings, policy: Policy, safe: Container[str]) -> _Draft:
    """The workbook written anew for the first time: as issued, spelled as understood, with what is safe corrected."""
    traces, past = change_list.earlier(source.workbook, source.readings)
    draft = _Draft(
        source=source,
        issue=issue_of(source.readings[0], policy),
        workbook=source.workbook,
        readings=source.readings,
        replies=source.replies,
        traces=tuple(as_it_came(reading, own, each) for (reading, own), each in zip(found, traces, strict=True)),
        past=tuple(past),
        moves=({},) * len(traces),
    )
    return _written(draft, [as_issued(reading) for reading in source.readings], found, policy, safe)


def _again(draft: _Draft, found: Findings, policy: Policy, safe: Container[str]) -> _Draft:
    """The workbook written anew once more; the same draft where nothing is left to be corrected."""
    if not any(_fixes(own, safe) for _, own in _heard(draft, found, policy)):
        return draft
    return _written(draft, [each.submission.record for each in draft.readings], found, policy, safe)


def _written(draft: _Draft, records: Sequence[Record], found: Findings, policy: Policy, safe: Container[str]) -> _Draft:
    heard = _heard(draft, found, policy)
    made_ = [
        fixed(record, _fixes(own, safe), reading.located.form.tables)
        for record, (reading, own) in zip(records, heard, strict=True)
    ]
    anew = clean(draft.readings, [each.record for each in made_], draft.issue, draft.source.workbook)
    moves = [then(each.moves, after) for each, after in zip(made_, anew.moves, strict=True)]
    traces = tuple(
        {moved(path, move): trace for path, trace in taken(told, each, old).items()}
        for told, each, old, move in zip(draft.traces, made_, draft.readings, moves, strict=True)
    )
    return replace(
        draft,
        workbook=anew.workbook,
        readings=anew.readings,
        replies=followed(draft.replies, draft.readings, anew.readings, moves),
        traces=traces,
        moves=tuple(then(*each) for each in zip(draft.moves, moves, strict=True)),
    )


def _heard(draft: _Draft, found: Findings, policy: Policy) -> Findings:
    return hear(found, draft.replies, policy).findings


def _fixes(findings: Sequence[Finding], safe: Container[str]) -> list[Finding]:
    """What is safe to correct, and what nobody decided otherwise about."""
    return [
        each
        for each in findings
        if each.severity == "fix" and each.code in safe and each.open and "corrected" in each.facts
    ]


def _finished(draft: _Draft, found: Findings, policy: Policy, deadline: str) -> Corrected:
    """The workbook with its flags, its list of changes, and what belongs to no field."""
    changes = [list(changed(*each)) for each in zip(draft.readings, draft.traces, strict=True)]
    told = [{each.path: Trace(each.before, each.steps) for each in own} for own in changes]
    pairs = [(reading, [*own, *done(reading, traces)]) for (reading, own), traces in zip(found, told, strict=True)]
    lines = numbered(hear(pairs, draft.replies, policy).findings)
    listed = sorted(
        (replace(each, numbers=numbers(each, lines[each.reading])) for own in changes for each in own),
        key=lambda each: (draft.readings.index(each.reading), not each.numbers, each.numbers[:1]),
    )
    flagged = flag(draft.workbook, pairs, deadline, policy, None, draft.replies)
    rest = tuple(_outside(draft))
    data = _with_lists(Workbook(Package(flagged.data, draft.workbook.package.file)), draft, listed, rest, policy)
    left = outside.strangers(draft.source.workbook, _all(draft)) if draft.source.main else ()
    return Corrected(data, flagged.findings, tuple(listed), rest, tuple(each.name for each in left))


def _all(draft: _Draft) -> tuple[Reading, ...]:
    return (*draft.source.readings, *draft.source.others)


def _outside(draft: _Draft) -> Iterator[Outside]:
    """What belongs to no field; and any answer that is otherwise now without being listed as changed."""
    source = draft.source
    yield from outside.outside(source.workbook, source.readings, draft.readings, _all(draft) if source.main else None)
    for old, new, move, traces in zip(source.readings, draft.readings, draft.moves, draft.traces, strict=True):
        for path, cell in old.submission.places.items():
            now = moved(path, move)
            was = None if path in old.located.form.tables else get(old.submission.record, path)
            if was not in (None, "") and now not in traces and was != get(new.submission.record, now):
                place = at(old, path)
                yield Outside(old.located.sheet.name, cell, shown(old.located.sheet.raw(*place)) if place else str(was))


def _with_lists(
    workbook: Workbook, draft: _Draft, changes: Sequence[Change], rest: Sequence[Outside], policy: Policy
) -> bytes:
    returned, many = Returned(workbook), len(draft.readings) > 1
    submission = draft.readings[0].submission
    unit = f"{submission.unit_code}{submission.unit_name}"
    unit += "" if many else f"　　{project(draft.readings[0])}"
    if changes or draft.past:
        data = change_list.sheet(changes, draft.past, many, unit, policy, returned.styles)
        returned.sheet(messages.say("sheet.corrections.tab"), data, None)
    if rest:
        returned.sheet(messages.say("sheet.outside.tab"), outside.sheet(rest, unit, returned.styles), None)
    return workbook.package.replaced(returned.result(), returned.removed)

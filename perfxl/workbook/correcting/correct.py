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
from perfxl.workbook.correcting.change import (
    Moves,
    Record,
    Trace,
    Traces,
    apply_corrections,
    cell_of,
    compose_moves,
    findings_done,
    moved_path,
    take_steps,
    value_text,
)
from perfxl.workbook.correcting.change_list import (
    PUT_BACK,
    ListedChange,
    Past,
    changes_by_rewriting,
    list_changes,
    opinion_numbers,
)
from perfxl.workbook.correcting.clean import issue_of, make_clean_book, restore_given
from perfxl.workbook.correcting.followed import move_replies
from perfxl.workbook.correcting.outside import Outside
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.flagging.sender_package import SenderPackage
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.line import group_findings, sheet_title
from perfxl.workbook.opinions.replies import Findings, Replies, add_replies
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.sheet.page import Issue

ROUNDS = 10
"""So often a workbook is written and read again at most; two or three times is the rule."""


@dataclass(frozen=True, eq=False)
class CorrectionSource:
    """A workbook that came back, or those of its sheets that make one workbook: read, with what people said of it.

    ``others``: its sheets that make another one; ``main``: whether it takes over what stands on no form sheet.
    """

    workbook: Workbook
    readings: tuple[Reading, ...]
    replies: Replies
    others: tuple[Reading, ...] = ()
    main: bool = True


@dataclass(frozen=True, eq=False)
class CorrectedWorkbook:
    """A workbook written anew: its bytes, its findings, what was changed, what belongs to no field.

    ``left``: the sheets that are no forms; what stands on them is among what belongs to no field.
    """

    data: bytes
    findings: tuple[Finding, ...]
    changes: tuple[ListedChange, ...]
    outside: tuple[Outside, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Draft:
    """A workbook on its way: as it was last read, and what has become of its answers so far, sheet by sheet.

    ``moves``: where the rows of the source's sheets are by now.
    """

    source: CorrectionSource
    issue: Issue
    workbook: Workbook
    readings: tuple[Reading, ...]
    replies: Replies
    traces: tuple[Traces, ...]
    past: tuple[Past, ...]
    moves: tuple[Moves, ...]


def split_by_form(source: CorrectionSource, policy: Policy) -> tuple[CorrectionSource, ...]:
    """The workbook by what can stand in one: sheets of one form, sent in one way. Nearly always it is itself."""
    found: dict[tuple[str, Issue], list[Reading]] = {}
    for reading in source.readings:
        found.setdefault((reading.located.form.name, issue_of(reading, policy)), []).append(reading)
    parts = [tuple(each) for each in found.values()]
    others = [tuple(each for part in parts if part is not own for each in part) for own in parts]
    both = zip(parts, others, strict=True)
    return tuple(replace(source, readings=own, others=rest, main=own is parts[0]) for own, rest in both)


def correct_workbooks(
    sources: Sequence[CorrectionSource], policy: Policy, safe: Container[str], deadline: str = ""
) -> list[CorrectedWorkbook | PerfxlError]:
    """Each workbook corrected, or why it cannot be written anew. ``safe``: the codes that may be corrected.

    ``deadline``: when it is due again, as people say it, printed on each sheet.
    """
    drafts: list[_Draft | PerfxlError] = []
    for source, found in zip(sources, _review(sources, _put_back_strictly(policy)), strict=True):
        try:
            drafts.append(_first_draft(source, found, policy, safe))
        except PerfxlError as error:
            drafts.append(error)
    for _ in range(ROUNDS):
        sound = [each for each in drafts if isinstance(each, _Draft)]
        pairs = zip(sound, _review(sound, policy), strict=True)
        corrected = [_next_draft(draft, found, policy, safe) for draft, found in pairs]
        if all(new is old for new, old in zip(corrected, sound, strict=True)):
            break
        anew = iter(corrected)
        drafts = [next(anew) if isinstance(each, _Draft) else each for each in drafts]
    sound = [each for each in drafts if isinstance(each, _Draft)]
    finished = iter([_finish(*each, policy, deadline) for each in zip(sound, _review(sound, policy), strict=True)])
    return [next(finished) if isinstance(each, _Draft) else each for each in drafts]


def _put_back_strictly(policy: Policy) -> Policy:
    """What was issued is put back and said, whatever a county asks."""
    return replace(policy, severities={**policy.severities, **dict.fromkeys(PUT_BACK, "error")})


def _review(files: Sequence[CorrectionSource] | Sequence[_Draft], policy: Policy) -> list[Findings]:
    """What the rules find in each workbook, by its sheets; all are held against each other."""
    reviewed = dict(review([each.submission for file in files for each in file.readings], policy))
    return [[(each, reviewed[each.submission]) for each in file.readings] for file in files]


def _first_draft(source: CorrectionSource, found: Findings, policy: Policy, safe: Container[str]) -> _Draft:
    """The workbook written anew for the first time: as issued, spelled as understood, with what is safe corrected."""
    traces, past = change_list.read_change_list(source.workbook, source.readings)
    draft = _Draft(
        source=source,
        issue=issue_of(source.readings[0], policy),
        workbook=source.workbook,
        readings=source.readings,
        replies=source.replies,
        traces=tuple(
            changes_by_rewriting(reading, own, each) for (reading, own), each in zip(found, traces, strict=True)
        ),
        past=tuple(past),
        moves=({},) * len(traces),
    )
    return _make_draft(draft, [restore_given(reading) for reading in source.readings], found, policy, safe)


def _next_draft(draft: _Draft, found: Findings, policy: Policy, safe: Container[str]) -> _Draft:
    """The workbook written anew once more; the same draft where nothing is left to be corrected."""
    if not any(_fixes(own, safe) for _, own in _add_replies(draft, found, policy)):
        return draft
    return _make_draft(draft, [each.submission.record for each in draft.readings], found, policy, safe)


def _make_draft(
    draft: _Draft, records: Sequence[Record], found: Findings, policy: Policy, safe: Container[str]
) -> _Draft:
    heard = _add_replies(draft, found, policy)
    made_ = [
        apply_corrections(record, _fixes(own, safe), reading.located.form.tables)
        for record, (reading, own) in zip(records, heard, strict=True)
    ]
    anew = make_clean_book(draft.readings, [each.record for each in made_], draft.issue, draft.source.workbook)
    moves = [compose_moves(each.moves, after) for each, after in zip(made_, anew.moves, strict=True)]
    traces = tuple(
        {moved_path(path, move): trace for path, trace in take_steps(told, each, old).items()}
        for told, each, old, move in zip(draft.traces, made_, draft.readings, moves, strict=True)
    )
    return replace(
        draft,
        workbook=anew.workbook,
        readings=anew.readings,
        replies=move_replies(draft.replies, draft.readings, anew.readings, moves),
        traces=traces,
        moves=tuple(compose_moves(*each) for each in zip(draft.moves, moves, strict=True)),
    )


def _add_replies(draft: _Draft, found: Findings, policy: Policy) -> Findings:
    return add_replies(found, draft.replies, policy).findings


def _fixes(findings: Sequence[Finding], safe: Container[str]) -> list[Finding]:
    """What is safe to correct, and what nobody decided otherwise about."""
    return [
        each
        for each in findings
        if each.severity == "fix" and each.code in safe and each.open and "corrected" in each.facts
    ]


def _finish(draft: _Draft, found: Findings, policy: Policy, deadline: str) -> CorrectedWorkbook:
    """The workbook with its flags, its list of changes, and what belongs to no field."""
    changes = [list(list_changes(*each)) for each in zip(draft.readings, draft.traces, strict=True)]
    told = [{each.path: Trace(each.before, each.steps) for each in own} for own in changes]
    pairs = [
        (reading, [*own, *findings_done(reading, traces)]) for (reading, own), traces in zip(found, told, strict=True)
    ]
    lines = group_findings(add_replies(pairs, draft.replies, policy).findings)
    listed = sorted(
        (replace(each, numbers=opinion_numbers(each, lines[each.reading])) for own in changes for each in own),
        key=lambda each: (draft.readings.index(each.reading), not each.numbers, each.numbers[:1]),
    )
    flagged = flag_workbook(draft.workbook, pairs, deadline, policy, None, draft.replies)
    rest = tuple(_outside(draft))
    data = _with_lists(Workbook(Package(flagged.data, draft.workbook.package.file)), draft, listed, rest, policy)
    left = outside.foreign_sheets(draft.source.workbook, _all(draft)) if draft.source.main else ()
    return CorrectedWorkbook(data, flagged.findings, tuple(listed), rest, tuple(each.name for each in left))


def _all(draft: _Draft) -> tuple[Reading, ...]:
    return (*draft.source.readings, *draft.source.others)


def _outside(draft: _Draft) -> Iterator[Outside]:
    """What belongs to no field; and any answer that is otherwise now without being listed as changed."""
    source = draft.source
    yield from outside.find_outside(
        source.workbook, source.readings, draft.readings, _all(draft) if source.main else None
    )
    for old, new, move, traces in zip(source.readings, draft.readings, draft.moves, draft.traces, strict=True):
        for path, cell in old.submission.places.items():
            now = moved_path(path, move)
            was = None if path in old.located.form.tables else get(old.submission.record, path)
            if was not in (None, "") and now not in traces and was != get(new.submission.record, now):
                place = cell_of(old, path)
                yield Outside(
                    old.located.sheet.name, cell, value_text(old.located.sheet.raw(*place)) if place else str(was)
                )


def _with_lists(
    workbook: Workbook, draft: _Draft, changes: Sequence[ListedChange], rest: Sequence[Outside], policy: Policy
) -> bytes:
    returned, many = SenderPackage(workbook), len(draft.readings) > 1
    submission = draft.readings[0].submission
    unit = f"{submission.unit_code}{submission.unit_name}"
    unit += "" if many else f"　　{sheet_title(draft.readings[0])}"
    if changes or draft.past:
        data = change_list.write_change_list(changes, draft.past, many, unit, policy, returned.styles)
        returned.sheet(messages.say("sheet.corrections.tab"), data, None)
    if rest:
        returned.sheet(
            messages.say("sheet.outside.tab"), outside.write_outside_sheet(rest, unit, returned.styles), None
        )
    return workbook.package.replace_parts(returned.result(), returned.removed)

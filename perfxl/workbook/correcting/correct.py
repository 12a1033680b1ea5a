"""Writing returned workbooks anew from the template: safe corrections are made, all other findings are flagged.

All workbooks of a call are corrected side by side, since some checks compare a unit's projects with each other. Each
one is written and read again until nothing more is safe to correct, so that the checks always judge what really stands
in the workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from perfxl import messages
from perfxl.errors import PerfxlError
from perfxl.finding import Finding
from perfxl.form.answers import get
from perfxl.rules.policy import Policy
from perfxl.rules.reading_doubts import GROUP as DOUBTS
from perfxl.rules.reading_doubts import SHEET
from perfxl.submission import Doubt
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
from perfxl.workbook.correcting.followed import move_replies, unsure_doubts, with_doubts
from perfxl.workbook.correcting.outside import Outside, cut_text
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.flagging.sender_package import SenderPackage
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.formula import address
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.line import group_findings, sender_words, sheet_title
from perfxl.workbook.opinions.list_formats import ListFormats
from perfxl.workbook.opinions.replies import Findings, Replies, add_replies
from perfxl.workbook.opinions.workbook_review import review_workbooks
from perfxl.workbook.reading.read import Reading
from perfxl.workbook.sheet.page import Issue

Done = TypeVar("Done")

ROUNDS = 10
"""The most times that a workbook is written and read again; two or three times are usual."""


@dataclass(frozen=True, eq=False)
class CorrectionSource:
    """A workbook that came back, or those of its sheets that make up one workbook, with the replies of people.

    ``others``: its sheets that make up other workbooks; ``main``: this one takes over what stands on no form sheet.
    """

    workbook: Workbook
    readings: tuple[Reading, ...]
    replies: Replies
    others: tuple[Reading, ...] = ()
    main: bool = True


@dataclass(frozen=True, eq=False)
class CorrectedWorkbook:
    """A workbook written anew: its bytes, its findings, the changes, and the contents that belong to no field.

    ``left``: the names of the source's sheets that are no forms; their contents are part of ``outside``; ``doubts``:
    for each of its sheets the doubts of the source that make answers unsure, which its own cells cannot tell;
    ``moves``: for each of its sheets the moves of the rows since the source.
    """

    data: bytes
    findings: tuple[Finding, ...]
    changes: tuple[ListedChange, ...]
    outside: tuple[Outside, ...]
    left: tuple[str, ...]
    doubts: tuple[tuple[Doubt, ...], ...]
    moves: tuple[Moves, ...] = ()


@dataclass(frozen=True, eq=False)
class _Draft:
    """A workbook between two rounds: as it was last read, and the changes of its answers so far, sheet by sheet.

    ``unsure``: what is said of the source's answers that are unsure; ``past``: lines of an earlier list of changes that
    no longer stand; ``moves``: the moves of the rows since the source.
    """

    source: CorrectionSource
    unsure: tuple[Outside, ...]
    issue: Issue
    workbook: Workbook
    readings: tuple[Reading, ...]
    replies: Replies
    traces: tuple[Traces, ...]
    past: tuple[Past, ...]
    moves: tuple[Moves, ...]


def split_by_form(source: CorrectionSource, policy: Policy) -> tuple[CorrectionSource, ...]:
    """Split the workbook into sources of one form that were sent in one way. Nearly always it is one source.

    The first one is the main one.
    """
    groups: dict[tuple[object, ...], list[Reading]] = {}
    for reading in source.readings:
        form = reading.located.form  # a workbook has the words of one language, and one taxonomy
        key = (form.name, form.language, form.taxonomy, issue_of(reading, policy))
        groups.setdefault(key, []).append(reading)
    parts = [tuple(group) for group in groups.values()]
    split: list[CorrectionSource] = []
    for own in parts:
        others = tuple(reading for part in parts if part is not own for reading in part)
        split.append(replace(source, readings=own, others=others, main=own is parts[0]))
    return tuple(split)


def correct_workbooks(
    sources: Sequence[CorrectionSource], policy: Policy, safe: Container[str], deadline: str = ""
) -> list[CorrectedWorkbook | PerfxlError]:
    """Return each workbook corrected, or the error that says why it cannot be written anew.

    ``safe``: the codes of the checks whose findings may be corrected; ``deadline``: when the workbook is due again, in
    words, printed on each sheet.
    """
    drafts: list[_Draft | PerfxlError] = []
    workbooks = [(source.workbook.package, source.readings) for source in sources]
    of_sources = review_workbooks(workbooks, _require_issued_values(policy))
    for source, findings in zip(sources, of_sources, strict=True):
        package = source.workbook.package
        drafts.append(_within_time(package, findings, partial(_first_draft, source, policy=policy, safe=safe)))
    reviewed = _findings_that_stand(drafts, of_sources) or _review(drafts, policy)
    for _ in range(ROUNDS):
        corrected = _work_on(drafts, reviewed, partial(_next_draft, policy=policy, safe=safe))
        if all(new is old for new, old in zip(corrected, drafts, strict=True)):
            break
        drafts, reviewed = corrected, _review(corrected, policy)
    return _work_on(drafts, reviewed, partial(_finish, policy=policy, deadline=deadline))


def join_workbooks(sources: Sequence[CorrectionSource], policy: Policy) -> CorrectedWorkbook:
    """Return one workbook of the sheets of several, by their numbers, written anew and not corrected.

    ``sources``: of one form and unit; how it was sent, and the contacts, are those of the first. Raises PerfxlError
    where it cannot be written.
    """
    parts: list[_Draft] = []
    workbooks = [(source.workbook.package, source.readings) for source in sources]
    for source, findings in zip(sources, review_workbooks(workbooks, _require_issued_values(policy)), strict=True):
        part = _within_time(source.workbook.package, findings, partial(_first_draft, source, policy=policy, safe=()))
        if isinstance(part, PerfxlError):
            raise part
        parts.append(part)
    joined = _join_drafts(parts)
    package = joined.source.workbook.package
    (findings,) = review_workbooks([(package, joined.readings)], policy)
    rest = [piece for part in parts for piece in (*_find_outside(part), *part.unsure)]
    made = _within_time(package, findings, partial(_finish, joined, policy=policy, deadline="", rest=rest))
    if isinstance(made, PerfxlError):
        raise made
    return made


def _join_drafts(parts: Sequence[_Draft]) -> _Draft:
    """Return one draft with the sheets of several, by their numbers, written into one workbook."""
    if len(parts) == 1:
        return parts[0]
    first, number = parts[0], parts[0].readings[0].located.form.number
    sheets = [sheet for part in parts for sheet in zip(part.readings, part.traces, part.moves, strict=True)]
    sheets.sort(key=lambda sheet: number(sheet[0].submission.record))
    readings = [reading for reading, _, _ in sheets]
    records = [reading.submission.record for reading in readings]
    clean = make_clean_book(readings, records, first.issue, first.source.workbook)
    after = tuple(
        with_doubts(new, unsure_doubts(old, move))
        for old, new, move in zip(readings, clean.readings, clean.moves, strict=True)
    )
    replies = Replies(
        tuple(entry for part in parts for entry in part.replies.entries),
        tuple(row for part in parts for row in part.replies.typed),
    )
    return replace(
        first,
        workbook=clean.workbook,
        readings=after,
        replies=move_replies(replies, readings, after, clean.moves),
        traces=tuple(
            {moved_path(path, move): trace for path, trace in traces.items()}
            for (_, traces, _), move in zip(sheets, clean.moves, strict=True)
        ),
        past=tuple(line for part in parts for line in part.past),
        moves=tuple(compose_moves(own, move) for (_, _, own), move in zip(sheets, clean.moves, strict=True)),
    )


def _review(drafts: Sequence[_Draft | PerfxlError], policy: Policy) -> list[Findings | PerfxlError]:
    """Return the findings of each draft, held against the others, or its error."""
    sound = [draft for draft in drafts if isinstance(draft, _Draft)]
    found = iter(review_workbooks([(draft.source.workbook.package, draft.readings) for draft in sound], policy))
    return [next(found) if isinstance(draft, _Draft) else draft for draft in drafts]


def _findings_that_stand(
    drafts: Sequence[_Draft | PerfxlError], of_sources: Sequence[Findings | PerfxlError]
) -> list[Findings | PerfxlError] | None:
    """Return the findings of the sources as those of the drafts; None where any draft has to be judged by itself.

    That is where it was read otherwise than its source, or has a finding that the policy may judge otherwise.
    """
    standing: list[Findings | PerfxlError] = []
    for draft, findings in zip(drafts, of_sources, strict=True):
        if isinstance(draft, PerfxlError) or isinstance(findings, PerfxlError):
            return None
        for new, (old, own) in zip(draft.readings, findings, strict=True):
            # all that the checks see, with the types of the values: 1 and 1.0 are equal, but not spelled alike
            if repr(new.submission) != repr(old.submission) or any(finding.code in PUT_BACK for finding in own):
                return None
        standing.append([(new, own) for new, (_, own) in zip(draft.readings, findings, strict=True)])
    return standing


def _work_on(
    drafts: Sequence[_Draft | PerfxlError],
    reviewed: Sequence[Findings | PerfxlError],
    work: Callable[[_Draft, Findings], Done],
) -> list[Done | PerfxlError]:
    """Return what becomes of each draft when it is worked on with its findings, or its error."""
    return [
        _within_time(draft.source.workbook.package, findings, partial(work, draft))
        if isinstance(draft, _Draft)
        else draft
        for draft, findings in zip(drafts, reviewed, strict=True)
    ]


def _within_time(
    package: Package, findings: Findings | PerfxlError, work: Callable[[Findings], Done]
) -> Done | PerfxlError:
    """Return what the work makes of some findings, its time counted to the package, or the error that it ends with."""
    if isinstance(findings, PerfxlError):
        return findings
    try:
        with package.work():
            return work(findings)
    except PerfxlError as error:
        return error


def _require_issued_values(policy: Policy) -> Policy:
    """Return the policy with changed issued values as errors, whatever it says: they are put back and reported."""
    return replace(policy, severities={**policy.severities, **dict.fromkeys(PUT_BACK, "error")})


def _first_draft(source: CorrectionSource, findings: Findings, policy: Policy, safe: Container[str]) -> _Draft:
    """Write the workbook anew for the first time.

    Issued values are put back, answers are spelled as they were understood, and safe corrections are made.
    """
    listed, past = change_list.read_change_list(source.workbook, source.readings)
    issue = issue_of(source.readings[0], policy)
    traces = tuple(
        changes_by_rewriting(reading, own, earlier) for (reading, own), earlier in zip(findings, listed, strict=True)
    )
    draft = _Draft(
        source=source,
        unsure=tuple(_list_doubts(findings)),
        issue=issue,
        workbook=source.workbook,
        readings=source.readings,
        replies=source.replies,
        traces=traces,
        past=tuple(past),
        moves=({},) * len(traces),
    )
    return _make_draft(draft, [restore_given(reading) for reading in source.readings], findings, policy, safe)


def _next_draft(draft: _Draft, findings: Findings, policy: Policy, safe: Container[str]) -> _Draft:
    """Write the workbook anew once more. Returns the same draft where nothing is left to be corrected."""
    if not any(_safe_fixes(own, safe) for _, own in _add_replies(draft, findings, policy)):
        return draft
    return _make_draft(draft, [reading.submission.record for reading in draft.readings], findings, policy, safe)


def _make_draft(
    draft: _Draft, records: Sequence[Record], findings: Findings, policy: Policy, safe: Container[str]
) -> _Draft:
    """Make the safe corrections in these records, one per sheet, write the workbook anew, and read it again."""
    answered = _add_replies(draft, findings, policy)
    corrections = [
        apply_corrections(record, _safe_fixes(own, safe), reading.located.form.tables)
        for record, (reading, own) in zip(records, answered, strict=True)
    ]
    corrected = [fixed.record for fixed in corrections]
    own_moves = [fixed.moves for fixed in corrections]
    clean = make_clean_book(draft.readings, corrected, draft.issue, draft.source.workbook, own_moves)
    moves = [compose_moves(fixed.moves, after) for fixed, after in zip(corrections, clean.moves, strict=True)]
    unsure = tuple(unsure_doubts(old, move) for old, move in zip(draft.readings, moves, strict=True))
    readings = tuple(map(with_doubts, clean.readings, unsure))
    traces = tuple(
        {moved_path(path, move): trace for path, trace in take_steps(earlier, fixed, old).items()}
        for earlier, fixed, old, move in zip(draft.traces, corrections, draft.readings, moves, strict=True)
    )
    return replace(
        draft,
        workbook=clean.workbook,
        readings=readings,
        replies=move_replies(draft.replies, draft.readings, readings, moves),
        traces=traces,
        moves=tuple(compose_moves(first, second) for first, second in zip(draft.moves, moves, strict=True)),
    )


def _add_replies(draft: _Draft, findings: Findings, policy: Policy) -> Findings:
    return add_replies(findings, draft.replies, policy).findings


def _safe_fixes(findings: Sequence[Finding], safe: Container[str]) -> list[Finding]:
    """Return the findings that are safe to correct and that nobody explained or withdrew."""
    return [
        finding
        for finding in findings
        if finding.severity == "fix" and finding.code in safe and finding.open and "corrected" in finding.facts
    ]


def _finish(
    draft: _Draft, findings: Findings, policy: Policy, deadline: str, rest: Sequence[Outside] | None = None
) -> CorrectedWorkbook:
    """Return the workbook with its flags, its list of changes, and its list of contents that belong to no field.

    ``rest``: these contents, where they do not come from the draft's source alone.
    """
    changes = [
        list(list_changes(reading, traces)) for reading, traces in zip(draft.readings, draft.traces, strict=True)
    ]
    pairs = []
    for (reading, own), own_changes in zip(findings, changes, strict=True):
        traces = {change.path: Trace(change.before, change.steps) for change in own_changes}
        pairs.append((reading, [*own, *findings_done(reading, traces)]))
    lines = group_findings(add_replies(pairs, draft.replies, policy).findings)
    listed = [
        (reading, change)
        for reading, own_changes in zip(draft.readings, changes, strict=True)
        for change in sorted(
            (replace(change, numbers=opinion_numbers(change, lines[reading])) for change in own_changes),
            key=lambda change: (not change.numbers, change.numbers[:1]),
        )
    ]
    flagged = flag_workbook(draft.workbook, pairs, deadline, policy, None, draft.replies)
    rest = tuple(dict.fromkeys((*_find_outside(draft), *draft.unsure) if rest is None else rest))
    data = _add_lists(Workbook(Package(flagged.data, draft.workbook.package.file)), draft, listed, rest, policy)
    left = outside.foreign_sheets(draft.source.workbook, _all_readings(draft)) if draft.source.main else ()
    names = tuple(entry.name for entry in left)
    doubts = tuple(unsure_doubts(reading) for reading in draft.readings)
    told = tuple(change for _, change in listed)
    return CorrectedWorkbook(data, flagged.findings, told, rest, names, doubts, draft.moves)


def _all_readings(draft: _Draft) -> tuple[Reading, ...]:
    return (*draft.source.readings, *draft.source.others)


def _find_outside(draft: _Draft) -> Iterator[Outside]:
    """Yield the contents that belong to no field, and every answer that changed without being listed as changed."""
    source = draft.source
    yield from outside.find_outside(
        source.workbook, source.readings, draft.readings, _all_readings(draft) if source.main else None
    )
    for old, new, move, traces in zip(source.readings, draft.readings, draft.moves, draft.traces, strict=True):
        for path, cell in old.submission.places.items():
            now = moved_path(path, move)
            was = None if path in old.located.form.tables else get(old.submission.record, path)
            if was not in (None, "") and now not in traces and was != get(new.submission.record, now):
                place = cell_of(old, path)
                text = value_text(old.located.sheet.raw(*place)) if place else str(was)
                yield Outside(old.located.sheet.name, cell, text)


def _list_doubts(findings: Findings) -> Iterator[Outside]:
    """Yield what is said of answers that are unsure, cell by cell: no cell that is written anew shows it any more."""
    for reading, own in findings:
        sheet = reading.located.sheet
        for doubt in unsure_doubts(reading):
            for finding in own if doubt.kind != "picture" else ():  # which is listed as a thing that was not carried
                if not finding.code.startswith(DOUBTS) or finding.fields != (doubt.fields or (SHEET,)):
                    continue
                lang = reading.located.form.language
                what = messages.words(finding, lang).what
                places = {path: cell_of(reading, path) for path in doubt.fields}
                for at in dict.fromkeys(places.values()) or (None,):
                    facts = {"text": value_text(sheet.raw(*at)) if at else "", "what": what}
                    cell = address(*at) if at else ""
                    yield from cut_text(sheet.name, cell, messages.say(f"{outside.WORDS}.unsure", facts, lang))


def _add_lists(
    workbook: Workbook,
    draft: _Draft,
    changes: Sequence[tuple[Reading, ListedChange]],
    rest: Sequence[Outside],
    policy: Policy,
) -> bytes:
    """Return the workbook's bytes with the sheets 代改清单 (corrections made) and 表外内容 (content outside the form).

    A sheet is added only where there is something to list.
    """
    returned, many = SenderPackage(workbook), len(draft.readings) > 1
    first, say = draft.readings[0], partial(messages.say, lang=draft.readings[0].located.form.language)
    unit = sender_words(first, "" if many else sheet_title(first))
    looks = ListFormats(returned.styles, first.located.form.language) if changes or draft.past or rest else None
    if looks and (changes or draft.past):
        data = change_list.write_change_list(changes, draft.past, many, unit, policy, looks)
        returned.write_own_sheet(say("sheet.corrections.tab"), data, None)
    if looks and rest:
        returned.write_own_sheet(say("sheet.outside.tab"), outside.write_outside_sheet(rest, unit, looks), None)
    return workbook.package.replace_parts(returned.changed_parts(), returned.removed)

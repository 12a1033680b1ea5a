"""The workbooks that go back to a unit: the unit's own file, or one written anew where its drafts lie in several.

They are written whole and under names that no file has yet, so that a run that was killed is simply run again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import count
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from perfxl import messages, rules
from perfxl.batch import output as files
from perfxl.batch.inbox import Item
from perfxl.batch.read import OpenedFile, open_items
from perfxl.errors import OutputFailed, PerfxlError, RoundError, reason_of
from perfxl.finding import Finding, Severity
from perfxl.form import installed
from perfxl.json_data import as_kept
from perfxl.rounds.model import ProjectKey, RegisteredUnit
from perfxl.rounds.returned_findings import DraftSheet, Opinions, findings_of, orders_of, undecided
from perfxl.rounds.round import Round, language_of
from perfxl.rounds.store.rows import Delivery, KeptFinding, KeptSubmission
from perfxl.rules.policy import Policy
from perfxl.rules.reading_doubts import GROUP as DOUBTS
from perfxl.rules.reading_doubts import SHEET
from perfxl.workbook.correcting.change import Moves, moved_path
from perfxl.workbook.correcting.change_list import PUT_BACK
from perfxl.workbook.correcting.correct import CorrectionSource, join_workbooks
from perfxl.workbook.correcting.followed import with_doubts
from perfxl.workbook.flagging.flag import FlaggedWorkbook, flag_workbook
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.line import sheet_title
from perfxl.workbook.opinions.opinion import Opinion
from perfxl.workbook.opinions.replies import Replies, read_replies
from perfxl.workbook.reading.read import Reading, read_workbook
from perfxl.workbook.sheet.file_name import safe_name


@dataclass(frozen=True)
class ReturnOrder:
    """The drafts of one unit that go back; it goes to another process.

    ``drafts``: those that count and about which no question is open; ``due``: the rows of those for whose sake the
    workbook goes; ``away``: the rows of those that the unit has back already, or is asked for no more; ``files``: where
    the originals of the deliveries are; ``deadline``: as people say it; ``why``: the reasons of an officer, by the row
    of the draft; ``written``: the files that were returned before, below the folder of what is returned.
    """

    round: Round
    unit: RegisteredUnit
    drafts: tuple[KeptSubmission, ...]
    due: frozenset[int]
    away: frozenset[int]
    deliveries: Mapping[int, Delivery]
    files: Mapping[int, Path]
    opinions: Opinions = field(default_factory=Opinions)
    deadline: str = ""
    why: Mapping[int, str] = field(default_factory=dict)
    written: frozenset[str] = frozenset()


class ReturnedFile(NamedTuple):
    """A file that goes back: where it is below the folder of what is returned, and its digest."""

    file: str
    digest: str


@dataclass(frozen=True)
class ReturnedProject:
    """A project that goes back: its draft, its name, how many lines are 必改 (errors) and 核实 (warnings), and why."""

    key: ProjectKey
    submission: int
    name: str
    errors: int = 0
    warnings: int = 0
    why: str = ""


@dataclass(frozen=True)
class ReturnedUnit:
    """The result for a unit: its workbooks, the notice beside them, its projects; or the reason why there is none.

    ``errors`` and ``warnings``: the lines of 审核意见 of these severities that are to be settled, in all workbooks.
    """

    unit: RegisteredUnit
    workbooks: tuple[ReturnedFile, ...] = ()
    notice: ReturnedFile | None = None
    projects: tuple[ReturnedProject, ...] = ()
    errors: int = 0
    warnings: int = 0
    deadline: str = ""
    error: PerfxlError | None = None


@dataclass(frozen=True, eq=False)
class _Piece:
    """A workbook to be flagged: what its name begins with, its sheets with the drafts on them, what was explained."""

    stem: str
    workbook: Workbook
    readings: tuple[Reading, ...]
    sheets: tuple[DraftSheet, ...]
    replies: Replies


def write_returned(order: ReturnOrder) -> ReturnedUnit:
    """Write the flagged workbooks of a unit and the notice; an error is part of the result."""
    try:
        return _write_unit(order)
    except PerfxlError as error:
        return ReturnedUnit(order.unit, error=error)


def _write_unit(order: ReturnOrder) -> ReturnedUnit:
    policy = rules.load_policy(order.round.rules_file)
    keys = {draft.id: draft.project for draft in order.drafts}
    workbooks: list[ReturnedFile] = []
    projects: list[ReturnedProject] = []
    lines: list[Opinion] = []
    for piece in _choose_workbooks(order, policy):
        flagged = _flag_piece(piece, order, policy)
        workbooks.append(_write_once(order, piece.stem, ".xlsx", flagged.data))
        to_do = [line for line in flagged.opinions if line.live.state in _TO_DO]
        lines += to_do
        for sheet in piece.sheets:
            if sheet.submission in order.due:
                own = [line for line in to_do if line.where.sheet == sheet.reading.located.sheet.name]
                project = ReturnedProject(keys[sheet.submission], sheet.submission, sheet_title(sheet.reading))
                why = order.why.get(sheet.submission, "")
                projects.append(replace(project, errors=_count(own, "error"), warnings=_count(own, "warning"), why=why))
    projects.sort(key=lambda project: project.key)
    errors, warnings = _count(lines, "error"), _count(lines, "warning")
    made = ReturnedUnit(order.unit, tuple(workbooks), None, tuple(projects), errors, warnings, order.deadline)
    word = messages.say("rounds.return.notice_file", {}, language_of(order.round))
    text = files.text_bytes(f"{notice_text(order.round, made)}\n")
    return replace(made, notice=_write_once(order, f"{word}_{_newest(order)}", ".txt", text))


def _flag_piece(piece: _Piece, order: ReturnOrder, policy: Policy) -> FlaggedWorkbook:
    """Return a workbook flagged with what the store has of its drafts."""
    found = {sheet.reading: findings_of(sheet, order.opinions) for sheet in piece.sheets}
    said: set[tuple[str, str]] = set()
    findings: list[tuple[Reading, list[Finding]]] = []
    for reading in piece.readings:
        own: list[Finding] = []
        for finding in found.get(reading, ()):
            about = finding.code, str(finding.facts)
            if not finding.of_file or about not in said:  # of a unit's drafts as a whole: found with several
                own.append(finding)
            said.add(about)
        findings.append((reading, own))
    with piece.workbook.package.work():
        orders = orders_of(piece.sheets, order.opinions)
        return flag_workbook(piece.workbook, findings, order.deadline, policy, orders, piece.replies)


def _count(lines: Sequence[Opinion], severity: Severity) -> int:
    return sum(line.severity == severity for line in lines)


def notice_text(round: Round, returned: ReturnedUnit) -> str:
    """Return the text that goes to a unit with its workbooks, in the language of the forms."""
    facts = {
        **vars(returned),
        "unit": returned.unit.label,
        "round": round.name,
        "forms": round.labels({project.key[1] for project in returned.projects}),
        "files": [PurePosixPath(workbook.file).name for workbook in returned.workbooks],
        "office": round.office,
        "phone": round.phone,
        "errors_of_file": returned.errors - sum(project.errors for project in returned.projects),
        "warnings_of_file": returned.warnings - sum(project.warnings for project in returned.projects),
    }
    return messages.say("rounds.return.notice", facts)


def unit_folder(unit: RegisteredUnit) -> str:
    """Return the name of a unit's folder."""
    return safe_name(unit.label)


def _newest(order: ReturnOrder) -> int:
    """Return the row of the newest delivery from which a draft goes back; the names of the files end with it."""
    return max(draft.delivery for draft in order.drafts if draft.id in order.due)


def _stem_of(order: ReturnOrder, file: str) -> str:
    """Return the name that a file keeps when it goes back, without the number of the return from which it came."""
    stem = safe_name(PurePosixPath(file).stem)
    came_of_a_return = stem in {PurePosixPath(written).stem for written in order.written}
    return _NUMBER_OF_RETURN.sub("", stem) if came_of_a_return else stem


_NUMBER_OF_RETURN = re.compile(r"_\d+(-\d+)?$")
_TO_DO = ("open", "refused", "upheld", "changed")
"""The states of lines that are to be put right or explained."""


def _choose_workbooks(order: ReturnOrder, policy: Policy) -> Iterator[_Piece]:
    """Yield the workbooks in which the due drafts go back: a unit's file as it came if it has them all.

    Where several files have them, one workbook is made of the unit's drafts, for each form.
    """
    opened = _Originals(order)
    due = [draft for draft in order.drafts if draft.id in order.due]
    forms = list(dict.fromkeys(draft.project[1] for draft in due))
    groups = [due] if len(forms) > 1 else []
    groups += [[draft for draft in due if draft.project[1] == form] for form in forms]
    done: set[int] = set()
    for group in groups:
        left = [draft for draft in group if draft.id not in done]
        if left and (piece := opened.as_sent(left)):
            done |= {sheet.submission for sheet in piece.sheets}
            yield piece
    used: set[int] = set()
    for form in forms:
        if any(draft.id not in done and draft.project[1] == form for draft in due):
            yield opened.written_anew(form, policy, used)


class _Originals:
    """The originals of a unit's drafts, each opened once."""

    def __init__(self, order: ReturnOrder) -> None:
        self.order = order
        self.opened: dict[int, OpenedFile] = {}
        self.by_key = {draft.project: draft for draft in order.drafts}

    def open(self, delivery: int) -> OpenedFile:
        """Return the file of a delivery. Raises RoundError where its original is gone, PackageError."""
        if delivery not in self.opened:
            kept, path = self.order.deliveries[delivery], self.order.files[delivery]
            name = kept.file_name
            try:
                data = path.read_bytes()
            except OSError as error:
                raise RoundError(
                    what="original_gone", file=str(path), name=kept.name, reason=reason_of(error)
                ) from error
            found = open_items([Item(name, PurePosixPath(name), path, data=data)])
            if found.refused:
                raise found.refused[0]
            self.opened[delivery] = found.files[0]
        return self.opened[delivery]

    def as_sent(self, due: Sequence[KeptSubmission]) -> _Piece | None:
        """Return the unit's own file that has all of these drafts and no older one; None where there is none."""
        for delivery in sorted({draft.delivery for draft in due}, reverse=True):
            file = self.open(delivery)
            matched = [(reading, *self._match(reading, delivery)) for reading in file.readings]
            own = {draft.id for _, draft, same in matched if draft and same}
            if file.workbook.package.origin or not own >= {draft.id for draft in due}:
                continue
            if all(self._may_go_back(reading, draft, same) for reading, draft, same in matched):
                sheets = tuple(
                    DraftSheet(reading, _fitting(draft, delivery), draft.id)
                    for reading, draft, same in matched
                    if draft and same
                )
                stem = _stem_of(self.order, file.item.name.name)
                return _Piece(f"{stem}_{delivery}", file.workbook, file.readings, sheets, undecided(file.replies))
        return None

    def written_anew(self, form: str, policy: Policy, used: set[int]) -> _Piece:
        """Return one workbook of the unit's drafts of a form, written anew from the files in which they came.

        ``used``: the deliveries whose other contents stand in another workbook already.
        """
        order, number = self.order, installed.load(form).number
        drafts = [draft for draft in order.drafts if draft.project[1] == form and draft.id not in order.away]
        sources: list[CorrectionSource] = []
        placed: list[KeptSubmission] = []
        for delivery in sorted({draft.delivery for draft in drafts}, reverse=True):
            file = self.open(delivery)
            wanted = {draft.sheet: draft for draft in drafts if draft.delivery == delivery}
            own = tuple(
                sorted(
                    (reading for reading in file.readings if reading.submission.sheet in wanted),
                    key=lambda reading: number(reading.submission.record),
                )
            )
            others = tuple(reading for reading in file.readings if reading not in own)
            sources.append(CorrectionSource(file.workbook, own, undecided(file.replies), others, delivery not in used))
            placed += [wanted[reading.submission.sheet] for reading in own]
            used.add(delivery)
        placed.sort(key=lambda draft: number(draft.record))
        made = join_workbooks(sources, policy)
        name = f"{order.unit.label}_{order.round.year}{installed.load(form).label}_{order.round.phase}"
        workbook = Workbook(Package(made.data, f"{name}.xlsx"))
        readings = tuple(map(with_doubts, read_workbook(workbook), made.doubts))
        sheets = tuple(
            DraftSheet(reading, tuple(_left_by_writing(draft, reading, moves, made.findings)), draft.id, moves)
            for reading, draft, moves in zip(readings, placed, made.moves, strict=True)
        )
        alone = len(sources) == 1  # it keeps its name
        stem = _stem_of(order, sources[0].workbook.package.file) if alone else safe_name(name)
        return _Piece(f"{stem}_{_newest(order)}", workbook, readings, sheets, read_replies(workbook))

    def _match(self, reading: Reading, delivery: int) -> tuple[KeptSubmission | None, bool]:
        """Return the draft that counts of a sheet's project, and whether this sheet holds just that draft."""
        submission = reading.submission
        for draft in self.order.drafts:
            if (draft.delivery, draft.sheet) == (delivery, submission.sheet):
                return draft, True
        form = installed.load(submission.form, submission.version)
        number = form.number(submission.record) if form.many else 0
        draft_of = self.by_key.get((submission.unit_code, submission.form, number))
        return draft_of, draft_of is not None and as_kept(submission.record) == draft_of.record

    def _may_go_back(self, reading: Reading, draft: KeptSubmission | None, same: bool) -> bool:
        """Return False for a sheet of another unit, and for one whose project counts with other answers."""
        return same if draft else reading.submission.unit_code == self.order.unit.code


def _fitting(draft: KeptSubmission, delivery: int) -> tuple[KeptFinding, ...]:
    """Return the findings of a draft without what is said of the file in which it came, if that is another one."""
    same = draft.delivery == delivery
    return tuple(one for one in draft.findings if same or one.fields or not one.code.startswith(DOUBTS))


def _left_by_writing(
    draft: KeptSubmission, reading: Reading, moves: Moves, found: Sequence[Finding]
) -> Iterator[KeptFinding]:
    """Yield the findings of a draft that are not settled by writing its sheet anew.

    Of the doubts only those are left that the sheet is still read with. Where given values were put back, others may
    have gone with them, or speak of other numbers: as they are ``found`` on the new sheets.
    """
    doubted = {doubt.fields or (SHEET,) for doubt in reading.submission.doubts}
    anew = {(one.code, one.fields): one.facts for one in found if one.sheet == reading.submission.sheet}
    put_back = any(kept.code in PUT_BACK for kept in draft.findings)
    for kept in draft.findings:
        fields = tuple(moved_path(path, moves) for path in kept.fields)
        if kept.code.startswith(DOUBTS):
            if fields in doubted:
                yield kept
        elif not put_back or not fields:
            yield kept
        elif kept.code not in PUT_BACK and (kept.code, fields) in anew:
            yield replace(kept, facts=anew[kept.code, fields])


def _write_once(order: ReturnOrder, stem: str, ending: str, data: bytes) -> ReturnedFile:
    """Write a file under the first name that no other file has; one that holds these bytes already is left alone."""
    folder = unit_folder(order.unit)
    for number in count(1):
        file = f"{folder}/{stem}{f'-{number}' if number > 1 else ''}{ending}"
        path = order.round.path("returned") / file
        if file in order.written:
            continue
        try:
            if path.is_symlink() or (path.exists() and path.read_bytes() != data):
                continue
        except OSError as error:
            raise OutputFailed(file=str(path), reason=reason_of(error), written=()) from error
        if not path.exists():
            files.write_file(path, data)
        return ReturnedFile(file, sha256(data).hexdigest())
    raise AssertionError("there is always a further number")

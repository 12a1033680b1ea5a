"""The verbs over many files: read, check, flag, correct all. Nothing is printed here; one bad file stops no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from perfxl import output as files
from perfxl.errors import NothingToDo, PerfxlError
from perfxl.finding import Finding
from perfxl.form import installed as forms
from perfxl.inbox import Item
from perfxl.rules import Policy
from perfxl.rules.policy import default
from perfxl.rules.review import review, review_records
from perfxl.submission import Submission
from perfxl.workbook.correcting.correct import Corrected, Source, correct, parted
from perfxl.workbook.flagging.flag import flag, opinions
from perfxl.workbook.lists import worklist
from perfxl.workbook.lists.worklist import Worklist
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.line import numbered, project
from perfxl.workbook.opinions.replies import Findings, Heard, Orders, Replies, hear, replies
from perfxl.workbook.reading.read import Reading, readings
from perfxl.workbook.writing.books import load_records

Work = TypeVar("Work")

RECORDS = (".yaml", ".yml", ".json")
"""How the names of records files end."""


@dataclass(frozen=True, eq=False)
class Opened:
    """One file that was read: its workbook, what its form sheets hold, what people wrote into its 审核意见."""

    item: Item
    workbook: Workbook
    readings: tuple[Reading, ...]
    replies: Replies

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """The form sheets' records."""
        return tuple(reading.submission for reading in self.readings)


@dataclass(frozen=True, eq=False)
class Inbox:
    """All files of a call: those that were read, and why each of the others could not be."""

    opened: tuple[Opened, ...]
    refused: tuple[PerfxlError, ...]

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """The form sheets of all files."""
        return tuple(submission for file in self.opened for submission in file.submissions)


@dataclass(frozen=True, eq=False)
class Returned:
    """A file that was flagged: where it was written, its findings; what a reviewer's list said of it and what not.

    ``sheets``: the names of its form sheets; ``missed``: cells of that list that could not be followed, and why;
    ``anew``: how the file is called, where it was of another format and had to be written anew before it was flagged;
    ``disarmed``: the same where it was a workbook with macros.
    """

    path: Path
    sheets: tuple[str, ...]
    findings: tuple[Finding, ...]
    orders: Orders
    missed: Mapping[str, str]
    anew: str = ""
    disarmed: str = ""


def open_all(items: Iterable[Item]) -> Inbox:
    """Reads every file."""
    found: list[Opened] = []
    refused: list[PerfxlError] = []
    for item in items:
        try:
            workbook = Workbook(item.package())
            found.append(Opened(item, workbook, readings(workbook), replies(workbook)))
        except PerfxlError as error:
            refused.append(error)
    return Inbox(tuple(found), tuple(refused))


def gathered(submissions: Sequence[Submission]) -> dict[str, Any]:
    """The records file that these submissions make.

    Raises NothingToDo for none, for more than one unit or year, or where a project comes twice.
    """
    if not submissions:
        raise NothingToDo(what="nothing_read")
    senders = sorted({(each.year, each.unit_code, each.unit_name) for each in submissions}, key=str)
    if len({sender[:2] for sender in senders}) > 1:
        raise NothingToDo(what="several_units", units=[f"{year} {code}{name}" for year, code, name in senders])
    year, code, name = senders[0]
    whole: dict[str, Any] = {"year": year, "unit": {"code": code, "name": name}}
    projects: dict[Any, Submission] = {}
    for each in submissions:
        record = each.record
        department = forms.load(each.form).record == "department"
        key = "department" if department else (record.get("number"), record.get("code") or record.get("name"))
        if key in projects:
            raise NothingToDo(what="twice", sheet=each.sheet, first=projects[key].file, second=each.file)
        projects[key] = each
    if "department" in projects:
        whole["department"] = projects.pop("department").record
    listed = [each.record for each in projects.values()]
    return {**whole, "projects": sorted(listed, key=lambda record: record.get("number") or 0)}


def list_all(opened: Sequence[Opened], policy: Policy | None = None) -> bytes:
    """The reviewer's working list of these files, as a workbook."""
    books = []
    for file, heard in _heard(opened, policy):
        lines = tuple(opinions(heard, numbered(heard.findings), policy or default()))
        projects = tuple(project(reading) for reading in file.readings)
        books.append(worklist.Listed(file.item.name.as_posix(), projects, lines))
    return worklist.written(books)


def _heard(opened: Sequence[Opened], policy: Policy | None) -> Iterator[tuple[Opened, Heard]]:
    for file, findings in zip(opened, _reviewed(opened, policy), strict=True):
        yield file, hear(findings, file.replies, policy or default())


def _reviewed(opened: Sequence[Opened], policy: Policy | None) -> list[Findings]:
    """What the rules find in each file, by its sheets; all are held against each other."""
    found = review([each for file in opened for each in file.submissions], policy)
    by_sheet = {id(submission): tuple(findings) for submission, findings in found}
    return [[(reading, by_sheet[id(reading.submission)]) for reading in file.readings] for file in opened]


def check_records(path: Path, form: str, policy: Policy | None = None) -> list[Finding]:
    """The findings on a records file. Raises RecordsError."""
    asked = forms.load(form)
    return review_records(load_records(path, asked), asked, str(path), policy)


def flag_all(
    opened: Sequence[Opened],
    output: Path,
    deadline: str = "",
    policy: Policy | None = None,
    force: bool = False,
    filled: Worklist | None = None,
) -> tuple[Returned, ...]:
    """Writes the flagged copies below ``output``, or to it where it is named as one workbook.

    ``filled``: a reviewer's working list, with decisions and remarks.
    """
    names = [flagged_name(each.item.name) for each in opened]
    files.free(targets_of(names, output), force)
    pieces, refused = _as_xlsx(opened, policy or default())
    for error in refused.values():
        raise error
    return tuple(_flagged(pieces, Flagging(output, deadline, policy, filled, len(opened) == 1, force)))


@dataclass(frozen=True, eq=False)
class Flagging:
    """How files are to be flagged: where they are written, when they are due, how it was checked, a reviewer's list.

    ``alone``: there is one file, to which the list's rows belong whatever file they name; ``force``: leave to write
    over what is there.
    """

    output: Path
    deadline: str
    policy: Policy | None
    filled: Worklist | None
    alone: bool
    force: bool = False


@dataclass(frozen=True, eq=False)
class _Piece:
    """A workbook to be flagged: the file it is of, and what is written; the same, save for a file of another format."""

    file: Opened
    opened: Opened


def flag_items(
    flagging: Flagging, items: Mapping[int, Item]
) -> tuple[dict[int, tuple[Returned, ...]], dict[int, PerfxlError]]:
    """Reads, checks and flags files, which are held against each other; by their places.

    A file of another format may become several workbooks.
    """
    inbox = open_all(items.values())
    pieces, refused = _as_xlsx(inbox.opened, flagging.policy or default())
    places = {id(item): at for at, item in items.items()}
    made: dict[int, tuple[Returned, ...]] = {}
    for piece, returned in zip(pieces, _flagged(pieces, flagging), strict=True):
        at = places[id(piece.file.item)]
        made[at] = (*made.get(at, ()), returned)
    _, unread = _placed(items, inbox, inbox.opened)
    return made, {**unread, **{places[id(file.item)]: error for file, error in refused.items()}}


def _as_xlsx(opened: Sequence[Opened], policy: Policy) -> tuple[list[_Piece], dict[Opened, PerfxlError]]:
    """What is flagged: each file, or for one of another format workbooks written anew, nothing in them corrected."""
    pieces: list[_Piece] = []
    refused: dict[Opened, PerfxlError] = {}
    for file in opened:
        if not file.workbook.package.origin:
            pieces.append(_Piece(file, replace(file, item=replace(file.item, name=flagged_name(file.item.name)))))
            continue
        try:
            pieces += [_Piece(file, each) for each in _anew(file, policy)]
        except PerfxlError as error:
            refused[file] = error
    return pieces, refused


def _anew(file: Opened, policy: Policy) -> Iterator[Opened]:
    sources = parted(Source(file.workbook, file.readings, file.replies), policy)
    for at, made in enumerate(correct(sources, policy, ()), start=1):
        if isinstance(made, PerfxlError):
            raise made
        workbook = Workbook(Package(made.data, file.item.label))
        item = replace(file.item, name=_clean_name(file.item.name, at))
        yield Opened(item, workbook, readings(workbook), replies(workbook))


def flagged_name(name: PurePosixPath) -> PurePosixPath:
    """What a flagged file is called: as it was, but for what is no .xlsx by its name."""
    return name if name.suffix.lower() == ".xlsx" else _clean_name(name, 1)


def check_items(policy: Policy, items: Mapping[int, Item]) -> tuple[dict[int, list[Finding]], dict[int, PerfxlError]]:
    """Reads and checks files, which are held against each other; by their places."""
    inbox = open_all(items.values())
    found = ([each for _, own in heard.findings for each in own] for _, heard in _heard(inbox.opened, policy))
    return _placed(items, inbox, found)


def _placed(
    items: Mapping[int, Item], inbox: Inbox, made: Iterable[Work]
) -> tuple[dict[int, Work], dict[int, PerfxlError]]:
    """What was made of each file that could be read, and why the others could not, by the files' places."""
    read = {id(each.item) for each in inbox.opened}
    places = [at for at, item in items.items() if id(item) in read]
    others = [at for at, item in items.items() if id(item) not in read]
    return dict(zip(places, made, strict=True)), dict(zip(others, inbox.refused, strict=True))


def _flagged(pieces: Sequence[_Piece], flagging: Flagging) -> Iterator[Returned]:
    policy, filled = flagging.policy, flagging.filled
    if _is_workbook(flagging.output) and len(pieces) > 1:
        raise NothingToDo(what="one_file", count=len(pieces), file=str(flagging.output))
    known = {flagged_name(piece.file.item.name) for piece in pieces}
    for piece, findings in zip(pieces, _reviewed([each.opened for each in pieces], policy), strict=True):
        file, name = piece.opened, piece.file.item.name
        orders = filled.orders(name.as_posix(), flagging.alone) if filled else Orders()
        made = flag(file.workbook, findings, flagging.deadline, policy, orders, file.replies)
        target = _target(file.item.name, flagging.output)
        if file.item.name not in known:  # a further workbook made of one file
            files.free([target], flagging.force)
        files.write(target, made.data)
        sheets = tuple(each.submission.sheet for each in file.readings)
        anew = piece.file.item.label if piece.file.workbook.package.origin else ""
        disarmed = piece.file.item.label if made.disarmed else ""
        yield Returned(target, sheets, made.findings, orders, made.missed, anew, disarmed)


@dataclass(frozen=True, eq=False)
class Rewritten:
    """A workbook that was written anew: where it is or would be written, what was corrected and found."""

    path: Path
    opened: Opened
    made: Corrected


def correct_all(
    opened: Sequence[Opened],
    output: Path,
    policy: Policy,
    safe: Collection[str],
    deadline: str = "",
    force: bool = False,
    dry: bool = False,
) -> tuple[tuple[Rewritten, ...], tuple[PerfxlError, ...]]:
    """Writes clean workbooks below ``output``, or to it where it is named as one; and why others cannot be written.

    ``safe``: the codes that may be corrected; ``dry``: nothing is written.
    """
    parts: list[tuple[Opened, PurePosixPath, Source]] = []
    refused: list[PerfxlError] = []
    for file in opened:
        try:
            found = parted(Source(file.workbook, file.readings, file.replies), policy)
        except PerfxlError as error:
            refused.append(error)
            continue
        parts += [(file, _clean_name(file.item.name, at), each) for at, each in enumerate(found, start=1)]
    targets = targets_of([name for _, name, _ in parts], output)
    if not dry:
        files.free(targets, force)
    made: list[Rewritten] = []
    results = correct([part for *_, part in parts], policy, safe, deadline)
    for (file, *_), target, each in zip(parts, targets, results, strict=True):
        if isinstance(each, PerfxlError):
            refused.append(each)
        else:
            if not dry:
                files.write(target, each.data)
            made.append(Rewritten(target, file, each))
    return tuple(made), tuple(refused)


def _clean_name(name: PurePosixPath, part: int) -> PurePosixPath:
    """What a workbook written anew is called; where one makes several, the others are numbered."""
    return name.with_name(f"{name.stem}{f'-{part}' if part > 1 else ''}.xlsx")


def targets_of(names: Sequence[PurePosixPath], output: Path) -> list[Path]:
    """Where files of these names are written. Raises NothingToDo where two would be one, or one an .xlsm."""
    if output.suffix.lower() == ".xlsm" and not output.is_dir():  # Excel opens none that holds no macros
        raise NothingToDo(what="no_xlsm", file=str(output))
    if _is_workbook(output) and len(names) > 1:
        raise NothingToDo(what="one_file", count=len(names), file=str(output))
    targets = [_target(name, output) for name in names]
    # Windows takes names that differ only in case for the same
    times = Counter(str(target).lower() for target in targets)
    for target in targets:
        if times[str(target).lower()] > 1:
            raise NothingToDo(what="same_name", file=str(target))
    return targets


def _target(name: PurePosixPath, output: Path) -> Path:
    return output if _is_workbook(output) else output / name


def _is_workbook(output: Path) -> bool:
    """Is one workbook named, not a folder?"""
    return output.suffix.lower() == ".xlsx" and not output.is_dir()


def status(found: Iterable[Finding], refused: Sequence[PerfxlError]) -> int:
    """A call's exit status: 2 where a file could not be read, 1 where something must be fixed, else 0."""
    return 2 if refused else 1 if any(each.severity == "error" and each.open for each in found) else 0

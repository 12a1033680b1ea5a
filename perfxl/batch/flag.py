"""Flags the findings in the senders' own workbooks, and writes the flagged copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perfxl.batch import output as files
from perfxl.batch.inbox import Item
from perfxl.batch.opened import OpenedFile, open_items, place_results, review_files
from perfxl.batch.targets import clean_name, flagged_name, is_workbook, target_path, target_paths
from perfxl.errors import NothingToDo, PerfxlError
from perfxl.finding import Finding
from perfxl.rules import Policy
from perfxl.rules.policy import default_policy
from perfxl.workbook.correcting.correct import CorrectionSource, correct_workbooks, split_by_form
from perfxl.workbook.flagging.flag import flag_workbook
from perfxl.workbook.lists.worklist import Worklist
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.replies import Orders, read_replies
from perfxl.workbook.reading.read import read_workbook


@dataclass(frozen=True, eq=False)
class FlaggedFile:
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


def flag_files(
    opened: Sequence[OpenedFile],
    output: Path,
    deadline: str = "",
    policy: Policy | None = None,
    force: bool = False,
    filled: Worklist | None = None,
) -> tuple[FlaggedFile, ...]:
    """Writes the flagged copies below ``output``, or to it where it is named as one workbook.

    ``filled``: a reviewer's working list, with decisions and remarks.
    """
    names = [flagged_name(each.item.name) for each in opened]
    files.check_free(target_paths(names, output), force)
    pieces, refused = _convert_files(opened, policy or default_policy())
    for error in refused.values():
        raise error
    return tuple(_write_flagged(pieces, FlagOptions(output, deadline, policy, filled, len(opened) == 1, force)))


@dataclass(frozen=True, eq=False)
class FlagOptions:
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

    file: OpenedFile
    opened: OpenedFile


def flag_items(
    flagging: FlagOptions, items: Mapping[int, Item]
) -> tuple[dict[int, tuple[FlaggedFile, ...]], dict[int, PerfxlError]]:
    """Reads, checks and flags files, which are held against each other; by their places.

    A file of another format may become several workbooks.
    """
    inbox = open_items(items.values())
    pieces, refused = _convert_files(inbox.opened, flagging.policy or default_policy())
    places = {id(item): at for at, item in items.items()}
    made: dict[int, tuple[FlaggedFile, ...]] = {}
    for piece, returned in zip(pieces, _write_flagged(pieces, flagging), strict=True):
        at = places[id(piece.file.item)]
        made[at] = (*made.get(at, ()), returned)
    _, unread = place_results(items, inbox, inbox.opened)
    return made, {**unread, **{places[id(file.item)]: error for file, error in refused.items()}}


def _convert_files(opened: Sequence[OpenedFile], policy: Policy) -> tuple[list[_Piece], dict[OpenedFile, PerfxlError]]:
    """What is flagged: each file, or for one of another format workbooks written anew, nothing in them corrected."""
    pieces: list[_Piece] = []
    refused: dict[OpenedFile, PerfxlError] = {}
    for file in opened:
        if not file.workbook.package.origin:
            pieces.append(_Piece(file, replace(file, item=replace(file.item, name=flagged_name(file.item.name)))))
            continue
        try:
            pieces += [_Piece(file, each) for each in _rewrite_file(file, policy)]
        except PerfxlError as error:
            refused[file] = error
    return pieces, refused


def _rewrite_file(file: OpenedFile, policy: Policy) -> Iterator[OpenedFile]:
    sources = split_by_form(CorrectionSource(file.workbook, file.readings, file.replies), policy)
    for at, made in enumerate(correct_workbooks(sources, policy, ()), start=1):
        if isinstance(made, PerfxlError):
            raise made
        workbook = Workbook(Package(made.data, file.item.label))
        item = replace(file.item, name=clean_name(file.item.name, at))
        yield OpenedFile(item, workbook, read_workbook(workbook), read_replies(workbook))


def _write_flagged(pieces: Sequence[_Piece], flagging: FlagOptions) -> Iterator[FlaggedFile]:
    policy, filled = flagging.policy, flagging.filled
    if is_workbook(flagging.output) and len(pieces) > 1:
        raise NothingToDo(what="one_file", count=len(pieces), file=str(flagging.output))
    known = {flagged_name(piece.file.item.name) for piece in pieces}
    for piece, findings in zip(pieces, review_files([each.opened for each in pieces], policy), strict=True):
        file, name = piece.opened, piece.file.item.name
        orders = filled.orders(name.as_posix(), flagging.alone) if filled else Orders()
        made = flag_workbook(file.workbook, findings, flagging.deadline, policy, orders, file.replies)
        target = target_path(file.item.name, flagging.output)
        if file.item.name not in known:  # a further workbook made of one file
            files.check_free([target], flagging.force)
        files.write_file(target, made.data)
        sheets = tuple(each.submission.sheet for each in file.readings)
        anew = piece.file.item.label if piece.file.workbook.package.origin else ""
        disarmed = piece.file.item.label if made.disarmed else ""
        yield FlaggedFile(target, sheets, made.findings, orders, made.missed, anew, disarmed)

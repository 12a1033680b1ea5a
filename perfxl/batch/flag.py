"""Flag findings in the senders' own workbooks: colours that clear by themselves, notes, the 审核意见 (review) sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from perfxl.batch import output as files
from perfxl.batch.arguments import Errors, Progress, check_arguments
from perfxl.batch.check import CheckedFiles
from perfxl.batch.inbox import Item
from perfxl.batch.known_forms import with_forms
from perfxl.batch.made_file import MadeFile
from perfxl.batch.read import (
    OpenedFile,
    ReadFiles,
    open_items,
    place_results,
    raise_first,
    review_files,
    start_anew,
)
from perfxl.batch.results import Results
from perfxl.batch.sources import RulesSource, Source, list_sources, load_rules
from perfxl.batch.targets import clean_name, flagged_name, is_workbook, target_path, target_paths
from perfxl.batch.workers import run_all
from perfxl.errors import NothingToDo, OtherFile, OutputExists, OutputFailed, PackageError, PerfxlError
from perfxl.finding import Finding
from perfxl.rules import Policy, select_policy
from perfxl.workbook.flagging.flag import FlaggedWorkbook, flag_workbook
from perfxl.workbook.lists.worklist import Worklist, read_worklist
from perfxl.workbook.ooxml.cells import Workbook
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.opinions.replies import Findings, Orders, read_replies
from perfxl.workbook.reading.opening import open_package
from perfxl.workbook.reading.read import read_workbook

Flaggable = Source | ReadFiles | CheckedFiles
"""Sources that may be flagged or corrected: workbooks by path or as bytes, or workbooks that were read or checked."""


@dataclass(frozen=True, eq=False)
class FlaggedFile(MadeFile):
    """A workbook with its flags: its name, its findings, the names of its form sheets, where it was written.

    ``path``: None where it was not written, its bytes then being kept; ``followed``: the cells of a reviewer's list
    that were; ``missed``: those of remarks on it that could not be, and why; ``anew``: the file's name where it was of
    another format and had to be written anew; ``disarmed``: the same where it was a workbook with macros;
    ``unsigned``: where it was digitally signed.
    """

    name: str
    path: Path | None
    sheets: tuple[str, ...]
    findings: tuple[Finding, ...]
    followed: frozenset[str]
    missed: Mapping[str, str]
    anew: str = ""
    disarmed: str = ""
    unsigned: str = ""
    kept: bytes | None = field(default=None, repr=False)


Flagging = FlaggedFile | PerfxlError
"""A flagged workbook, or the reason why it could not be written."""


@dataclass(frozen=True, eq=False)
class FlaggedFiles:
    """The flagged workbooks of a call, the errors of other files, and what of a reviewer's list was not followed.

    ``missed``: by the cell of the list, in a word; ``others``: what lay in folders and zips beside workbooks.
    """

    files: Sequence[FlaggedFile]
    refused: tuple[PerfxlError, ...]
    missed: Mapping[str, str]
    others: tuple[OtherFile, ...] = ()


@dataclass(frozen=True, eq=False)
class FlagOptions:
    """The options of flagging: the place to write to, the deadline, the way of checking, a reviewer's list.

    ``output``: None to write nothing; ``alone``: there is one file, to which the list's rows belong whatever file they
    name; ``force``: existing files may be overwritten.
    """

    output: Path | None
    deadline: str
    policy: Policy
    worklist: Worklist | None
    alone: bool
    force: bool = False


@dataclass(frozen=True, eq=False)
class _Piece:
    """A workbook to be flagged: the file it is of, and what is written; the same, save for a file of another format."""

    file: OpenedFile
    opened: OpenedFile


@with_forms
def flag(
    *sources: Flaggable,
    deadline: str = "",
    rules: RulesSource = None,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    remarks: Source | None = None,
    forms: Collection[str | Path] = (),
    output: str | Path | None = None,
    force: bool = False,
    errors: Errors = "raise",
    progress: Progress | None = None,
) -> FlaggedFiles:
    """Check workbooks and mark the findings in copies of them.

    What was checked before is flagged as it was checked. ``deadline``: when it is due again, printed; ``remarks``: a
    reviewer's working list, filled in; ``forms``: folders of further forms; ``output``: a folder, or a file ending in
    .xlsx, to write to. Without it nothing is written. Raises as ``read`` does, ListError for a list that is none,
    OutputExists for a file that is there already, unless ``force``.
    """
    check_arguments(deadline=deadline, select=select, ignore=ignore, remarks=remarks)
    check_arguments(output=output, force=force, errors=errors, progress=progress)
    worklist = _open_worklist(remarks)
    where = Path(output) if output is not None else None
    kept, items, policy, refused, others = split_sources(sources, rules)
    policy = select_policy(policy, select, ignore)
    count = len(kept) + len(items)
    if where is not None:
        names = [flagged_name(item.name) for item in (*(file.item for file in kept), *items)]
        files.check_free(target_paths(names, where), force)
    options = FlagOptions(where, deadline, policy, worklist, count == 1, force)
    pieces, unfit = _convert_files(kept, policy)
    made: Results[FlaggedFile] = Results()
    if first := [*unfit.values(), *_flag_pieces(pieces, options)]:
        made.put(0, first)
    run_all(partial(flag_items, options), items, made, progress)
    refused = files.name_written([*refused, *made.refused], (file.path for file in made))
    raise_first(refused, errors)
    missed = worklist.missed((file.followed, file.missed) for file in made) if worklist else {}
    return FlaggedFiles(made, tuple(refused), missed, tuple(others))


def split_sources(
    sources: Sequence[Flaggable], rules: RulesSource
) -> tuple[list[OpenedFile], list[Item], Policy, list[PerfxlError], list[OtherFile]]:
    """Divide what a verb is given: files in memory, files to be read, how it is checked, errors so far, other files.

    The policy is that of the first source that was checked, unless ``rules`` names one.
    """
    kept: list[OpenedFile] = []
    items: list[Item] = []
    refused: list[PerfxlError] = []
    others: list[OtherFile] = []
    policy = load_rules(rules)
    for source in sources:
        if isinstance(source, CheckedFiles):
            policy = source.policy if rules is None else policy
            kept += source.opened.files
            items += source.items
            others += source.others
        elif isinstance(source, ReadFiles):
            kept += source.files
            refused += source.refused
            others += source.others
        else:
            listed = list_sources([source])
            items += listed.items
            refused += listed.refused
            others += listed.others
    start_anew(kept)
    return kept, items, policy, refused, others


def _open_worklist(source: Source | None) -> Worklist | None:
    if source is None:
        return None
    if isinstance(source, bytes):
        return read_worklist(Workbook(Package(source, "list.xlsx")))
    return read_worklist(Workbook(open_package(Path(source))))


def flag_items(
    options: FlagOptions, items: Mapping[int, Item]
) -> tuple[dict[int, tuple[Flagging, ...]], dict[int, PerfxlError]]:
    """Read, check and flag files, held against each other; return the results by the places of the files.

    A file of another format may become several workbooks; one that cannot be written is the reason for it.
    """
    opened = open_items(items.values())
    pieces, refused = _convert_files(opened.files, options.policy)
    places = {id(item): at for at, item in items.items()}
    made: dict[int, tuple[Flagging, ...]] = {}
    for piece, flagged in zip(pieces, _flag_pieces(pieces, options), strict=True):
        at = places[id(piece.file.item)]
        made[at] = (*made.get(at, ()), flagged)
    _, unread = place_results(items, opened, opened.files)
    return made, {**unread, **{places[id(file.item)]: error for file, error in refused.items()}}


def _convert_files(opened: Sequence[OpenedFile], policy: Policy) -> tuple[list[_Piece], dict[OpenedFile, PerfxlError]]:
    """Return the workbooks to flag: each file, or for one of another format workbooks written anew, uncorrected."""
    pieces: list[_Piece] = []
    refused: dict[OpenedFile, PerfxlError] = {}
    for file in opened:
        if not file.workbook.package.origin:
            pieces.append(_Piece(file, replace(file, item=replace(file.item, name=flagged_name(file.item.name)))))
            continue
        try:
            pieces += [_Piece(file, rewritten) for rewritten in _rewrite_file(file, policy)]
        except PerfxlError as error:
            refused[file] = error
    return pieces, refused


def _rewrite_file(file: OpenedFile, policy: Policy) -> Iterator[OpenedFile]:
    from perfxl.workbook.correcting.correct import CorrectionSource, correct_workbooks, split_by_form
    from perfxl.workbook.correcting.followed import with_doubts

    sources = split_by_form(CorrectionSource(file.workbook, file.readings, file.replies), policy)
    for at, made in enumerate(correct_workbooks(sources, policy, ()), start=1):
        if isinstance(made, PerfxlError):
            raise made
        workbook = Workbook(Package(made.data, file.item.label))
        workbook.package.spent = file.workbook.package.spent
        item = replace(file.item, name=clean_name(file.item.name, at))
        readings = tuple(map(with_doubts, read_workbook(workbook), made.doubts))
        yield OpenedFile(item, workbook, readings, read_replies(workbook))


def _flag_pieces(pieces: Sequence[_Piece], options: FlagOptions) -> Iterator[Flagging]:
    """Flag these workbooks, checked against each other, and write them where they are to be written.

    Yields an error for a workbook that takes too long, that has a damaged part which is needed only now, or that cannot
    be written.
    """
    worklist, output = options.worklist, options.output
    if output is not None and is_workbook(output) and len(pieces) > 1:
        raise NothingToDo(what="one_file", count=len(pieces), file=str(output))
    for piece, findings in zip(pieces, review_files([piece.opened for piece in pieces], options.policy), strict=True):
        file, name = piece.opened, piece.file.item.name
        orders = worklist.orders(name.as_posix(), options.alone) if worklist else Orders()
        made = _flag_piece(file, findings, options, orders)
        if isinstance(made, PerfxlError):
            yield made
            continue
        target = target_path(file.item.name, output) if output is not None else None
        try:
            if target is not None:
                # it was free: another file of the call may have become one of its name
                files.write_free(target, made.data, options.force)
        except (OutputExists, OutputFailed) as error:
            yield error
            continue
        yield FlaggedFile(
            name=file.item.name.as_posix(),
            path=target,
            sheets=tuple(reading.submission.sheet for reading in file.readings),
            findings=made.findings,
            followed=made.followed,
            missed=made.missed,
            anew=piece.file.item.label if piece.file.workbook.package.origin else "",
            disarmed=piece.file.item.label if made.disarmed else "",
            unsigned=piece.file.item.label if made.unsigned else "",
            kept=made.data if target is None else None,
        )


def _flag_piece(
    file: OpenedFile, findings: Findings | PerfxlError, options: FlagOptions, orders: Orders
) -> FlaggedWorkbook | PerfxlError:
    """Return a workbook flagged, or the error that the work on it took too long."""
    if isinstance(findings, PerfxlError):
        return findings
    try:
        with file.workbook.package.work():
            return flag_workbook(file.workbook, findings, options.deadline, options.policy, orders, file.replies)
    except PackageError as error:
        return error

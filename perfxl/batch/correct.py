"""Write workbooks anew from the template, with the senders' answers and the safe corrections made."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from perfxl.batch import output as files
from perfxl.batch.arguments import Errors, Progress, check_arguments
from perfxl.batch.flag import Flaggable, split_sources
from perfxl.batch.inbox import Item
from perfxl.batch.known_forms import with_forms
from perfxl.batch.made_file import MadeFile
from perfxl.batch.read import OpenedFile, open_items, place_results, raise_first
from perfxl.batch.results import Results
from perfxl.batch.sources import RulesSource
from perfxl.batch.targets import clean_name, is_workbook, target_path, target_paths
from perfxl.batch.workers import run_all
from perfxl.errors import NothingToDo, OtherFile, OutputExists, OutputFailed, PerfxlError
from perfxl.finding import Finding
from perfxl.rules import Policy, Selection, select_codes
from perfxl.workbook.correcting.change_list import ListedChange
from perfxl.workbook.correcting.correct import CorrectedWorkbook, CorrectionSource, correct_workbooks, split_by_form
from perfxl.workbook.correcting.outside import Outside


@dataclass(frozen=True, eq=False)
class CorrectedFile(MadeFile):
    """A workbook that was written anew: its name, that of the file it was made of, and where it was written.

    ``path``: None where it was not written, its bytes then being kept; ``findings``: all of them, those with ``done``
    were corrected; ``changes``: every answer that is otherwise now than it was typed; ``outside``: the contents that
    belong to no field; ``left``: the names of sheets that are no forms, whose contents are part of ``outside``.
    """

    name: str
    source: str
    path: Path | None
    findings: tuple[Finding, ...] = field(repr=False)
    changes: tuple[ListedChange, ...] = field(repr=False)
    outside: tuple[Outside, ...] = field(repr=False)
    left: tuple[str, ...]
    kept: bytes | None = field(default=None, repr=False)


Correcting = CorrectedFile | PerfxlError
"""A clean workbook, or the reason why it could not be made or written."""


@dataclass(frozen=True, eq=False)
class CorrectOptions:
    """The options of correcting: the place to write to, the way of checking, what may be corrected, the deadline.

    ``output``: None to write nothing; ``safe``: the checks whose findings may be corrected; ``dry_run``:
    nothing is written; ``force``: existing files may be overwritten.
    """

    output: Path | None
    policy: Policy
    safe: Selection
    deadline: str
    dry_run: bool = False
    force: bool = False


@dataclass(frozen=True, eq=False)
class CorrectedFiles:
    """The clean workbooks of a call, and the errors of other files.

    ``others``: what lay in folders and zips beside workbooks.
    """

    files: Sequence[CorrectedFile]
    refused: tuple[PerfxlError, ...]
    others: tuple[OtherFile, ...] = ()


@with_forms
def correct(
    *sources: Flaggable,
    only: Collection[str] = (),
    leave: Collection[str] = (),
    deadline: str = "",
    rules: RulesSource = None,
    forms: Collection[str | Path] = (),
    output: str | Path | None = None,
    dry_run: bool = False,
    force: bool = False,
    errors: Errors = "raise",
    progress: Progress | None = None,
) -> CorrectedFiles:
    """Write each workbook anew from the template, with the safe corrections made and the rest flagged.

    ``only``, ``leave``: codes of checks, or groups of them, that alone or not are corrected; ``forms``: folders of
    further forms; ``output``: a folder, or a file ending in .xlsx, to write to. Without it, and with ``dry_run``,
    nothing is written. Raises as ``flag`` does.
    """
    check_arguments(only=only, leave=leave, deadline=deadline, output=output, dry_run=dry_run)
    check_arguments(force=force, errors=errors, progress=progress)
    safe = select_codes(only, leave)
    kept, items, policy, refused, others = split_sources(sources, rules)
    where = Path(output) if output is not None else None
    options = CorrectOptions(where, policy, safe, deadline, dry_run, force)
    if where is not None:
        targets = target_paths([clean_name(item.name, 1) for item in (*(file.item for file in kept), *items)], where)
        if not dry_run:
            files.check_free(targets, force)
    made: Results[CorrectedFile] = Results()
    for several in _correct_files(kept, options):
        made.put(made.next, several)
    run_all(partial(correct_items, options), items, made, progress)
    refused = files.name_written([*refused, *made.refused], (file.path for file in made))
    raise_first(refused, errors)
    return CorrectedFiles(made, tuple(refused), tuple(others))


def correct_items(
    options: CorrectOptions, items: Mapping[int, Item]
) -> tuple[dict[int, tuple[Correcting, ...]], dict[int, PerfxlError]]:
    """Read and correct files, held against each other; return the results by the places of the files.

    A file whose sheets were sent in several ways becomes several workbooks.
    """
    opened = open_items(items.values())
    return place_results(items, opened, _correct_files(opened.files, options))


def _correct_files(opened: Sequence[OpenedFile], options: CorrectOptions) -> Iterator[tuple[Correcting, ...]]:
    """Yield what each file becomes, written where it is to be. Raises NothingToDo for several with one name."""
    split = [_split_file(file, options.policy) for file in opened]
    sources = [source for several in split if not isinstance(several, PerfxlError) for source in several]
    if options.output is not None and is_workbook(options.output) and len(sources) > 1:
        raise NothingToDo(what="one_file", count=len(sources), file=str(options.output))
    made = iter(correct_workbooks(sources, options.policy, options.safe, options.deadline))
    for file, several in zip(opened, split, strict=True):
        if isinstance(several, PerfxlError):
            yield (several,)
        else:
            yield tuple(_write_result(file, part, next(made), options) for part in range(1, 1 + len(several)))


def _split_file(file: OpenedFile, policy: Policy) -> tuple[CorrectionSource, ...] | PerfxlError:
    try:
        return split_by_form(CorrectionSource(file.workbook, file.readings, file.replies), policy)
    except PerfxlError as error:
        return error


def _write_result(
    file: OpenedFile, part: int, result: CorrectedWorkbook | PerfxlError, options: CorrectOptions
) -> Correcting:
    """Write a workbook where it is to be. ``part``: which of those it is that a file becomes, from 1."""
    if isinstance(result, PerfxlError):
        return result
    name = clean_name(file.item.name, part)
    target = target_path(name, options.output) if options.output is not None and not options.dry_run else None
    try:
        if target is not None:
            # it was free: another file of the call may have become one of its name
            files.write_free(target, result.data, options.force)
    except (OutputExists, OutputFailed) as error:
        return error
    return CorrectedFile(
        name=name.as_posix(),
        source=file.item.label,
        path=target,
        findings=result.findings,
        changes=result.changes,
        outside=result.outside,
        left=result.left,
        kept=result.data if target is None else None,
    )

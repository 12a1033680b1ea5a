"""Write workbooks anew from the template, with the senders' answers and the safe corrections made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from perfxl.batch import output as files
from perfxl.batch.arguments import Errors, Progress, check_arguments
from perfxl.batch.flag import Flaggable, split_sources
from perfxl.batch.known_forms import with_forms
from perfxl.batch.read import OpenedFile, open_items, raise_first
from perfxl.batch.sources import RulesSource
from perfxl.batch.targets import clean_name, target_paths
from perfxl.errors import OtherFile, OutputFailed, PerfxlError
from perfxl.finding import Finding
from perfxl.rules import Policy, select_codes
from perfxl.workbook.correcting.change_list import ListedChange
from perfxl.workbook.correcting.correct import CorrectedWorkbook, CorrectionSource, correct_workbooks, split_by_form


@dataclass(frozen=True, eq=False)
class CorrectedFile:
    """A workbook that was written anew: its name, where it was written (None: nowhere), what became of its answers."""

    name: str
    path: Path | None
    opened: OpenedFile = field(repr=False)
    workbook: CorrectedWorkbook = field(repr=False)

    @property
    def data(self) -> bytes:
        """The bytes of the clean workbook."""
        return self.workbook.data

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings; those with ``done`` were corrected."""
        return self.workbook.findings

    @property
    def changes(self) -> tuple[ListedChange, ...]:
        """Every answer that is otherwise now than it was typed."""
        return self.workbook.changes


@dataclass(frozen=True, eq=False)
class CorrectOptions:
    """The options of correcting: the place to write to, the way of checking, what may be corrected, the deadline.

    ``output``: None to write nothing; ``safe``: the codes of checks whose findings may be corrected; ``dry_run``:
    nothing is written; ``force``: existing files may be overwritten.
    """

    output: Path | None
    policy: Policy
    safe: Collection[str]
    deadline: str
    dry_run: bool = False
    force: bool = False


@dataclass(frozen=True, eq=False)
class CorrectedFiles:
    """The clean workbooks of a call, and the errors of other files.

    ``others``: what lay in folders and zips beside workbooks.
    """

    files: tuple[CorrectedFile, ...]
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
    opened = open_items(items, progress)
    refused += opened.refused
    raise_first(refused, errors)
    where = Path(output) if output is not None else None
    options = CorrectOptions(where, policy, safe, deadline, dry_run, force)
    made, unfit = _correct_files((*kept, *opened.files), options)
    unfit = files.name_written(unfit, [file.path for file in made])
    raise_first(unfit, errors)
    return CorrectedFiles(made, (*refused, *unfit), tuple(others))


def _correct_files(
    opened: Sequence[OpenedFile], options: CorrectOptions
) -> tuple[tuple[CorrectedFile, ...], list[PerfxlError]]:
    """Return the corrected workbooks, written where they are to be, and the errors of those that cannot be made."""
    parts: list[tuple[OpenedFile, PurePosixPath, CorrectionSource]] = []
    refused: list[PerfxlError] = []
    for file in opened:
        try:
            sources = split_by_form(CorrectionSource(file.workbook, file.readings, file.replies), options.policy)
        except PerfxlError as error:
            refused.append(error)
            continue
        parts += [(file, clean_name(file.item.name, at), source) for at, source in enumerate(sources, start=1)]
    names = [name for _, name, _ in parts]
    targets = target_paths(names, options.output) if options.output is not None else [None] * len(parts)
    if not options.dry_run:
        files.check_free([target for target in targets if target is not None], options.force)
    made: list[CorrectedFile] = []
    results = correct_workbooks([source for *_, source in parts], options.policy, options.safe, options.deadline)
    for (file, name, _), target, result in zip(parts, targets, results, strict=True):
        if isinstance(result, PerfxlError):
            refused.append(result)
            continue
        written = target if not options.dry_run else None
        try:
            if written is not None:
                files.write_file(written, result.data)
        except OutputFailed as error:
            refused.append(error)
            continue
        made.append(CorrectedFile(name.as_posix(), written, file, result))
    return tuple(made), refused

"""Writes workbooks anew from the template, with safe corrections made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perfxl.batch import output as files
from perfxl.batch.opened import OpenedFile
from perfxl.batch.targets import clean_name, target_paths
from perfxl.errors import PerfxlError
from perfxl.rules import Policy
from perfxl.workbook.correcting.correct import CorrectedWorkbook, CorrectionSource, correct_workbooks, split_by_form


@dataclass(frozen=True, eq=False)
class CorrectedFile:
    """A workbook that was written anew: where it is or would be written, what was corrected and found."""

    path: Path
    opened: OpenedFile
    made: CorrectedWorkbook


def correct_files(
    opened: Sequence[OpenedFile],
    output: Path,
    policy: Policy,
    safe: Collection[str],
    deadline: str = "",
    force: bool = False,
    dry: bool = False,
) -> tuple[tuple[CorrectedFile, ...], tuple[PerfxlError, ...]]:
    """Writes clean workbooks below ``output``, or to it where it is named as one; and why others cannot be written.

    ``safe``: the codes that may be corrected; ``dry``: nothing is written.
    """
    parts: list[tuple[OpenedFile, PurePosixPath, CorrectionSource]] = []
    refused: list[PerfxlError] = []
    for file in opened:
        try:
            found = split_by_form(CorrectionSource(file.workbook, file.readings, file.replies), policy)
        except PerfxlError as error:
            refused.append(error)
            continue
        parts += [(file, clean_name(file.item.name, at), each) for at, each in enumerate(found, start=1)]
    targets = target_paths([name for _, name, _ in parts], output)
    if not dry:
        files.check_free(targets, force)
    made: list[CorrectedFile] = []
    results = correct_workbooks([part for *_, part in parts], policy, safe, deadline)
    for (file, *_), target, each in zip(parts, targets, results, strict=True):
        if isinstance(each, PerfxlError):
            refused.append(each)
        else:
            if not dry:
                files.write_file(target, each.data)
            made.append(CorrectedFile(target, file, each))
    return tuple(made), tuple(refused)

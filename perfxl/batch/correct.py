"""Writes workbooks anew from the template, with safe corrections made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perfxl.batch import output as files
from perfxl.batch.opened import Opened
from perfxl.batch.targets import clean_name, targets_of
from perfxl.errors import PerfxlError
from perfxl.rules import Policy
from perfxl.workbook.correcting.correct import Corrected, Source, correct, parted


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
        parts += [(file, clean_name(file.item.name, at), each) for at, each in enumerate(found, start=1)]
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

"""The paths and names of the files that a verb writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from perfxl.batch.output import is_folder
from perfxl.errors import NothingToDo
from perfxl.workbook.sheet.file_name import unreserved


def flagged_name(name: PurePosixPath) -> PurePosixPath:
    """Return the name of a flagged file: its own, or one that ends in .xlsx where it does not."""
    return name if name.suffix.lower() == ".xlsx" else clean_name(name, 1)


def clean_name(name: PurePosixPath, part: int) -> PurePosixPath:
    """Return the name of a workbook written anew; where one becomes several, the others are numbered."""
    return name.with_name(f"{name.stem}{f'-{part}' if part > 1 else ''}.xlsx")


def target_paths(names: Sequence[PurePosixPath], output: Path) -> list[Path]:
    """Return the paths of files of these names. Raises NothingToDo where two would be one, or one an .xlsm."""
    if output.suffix.lower() == ".xlsm" and not is_folder(output):  # Excel opens none that holds no macros
        raise NothingToDo(what="no_xlsm", file=str(output))
    if is_workbook(output) and len(names) > 1:
        raise NothingToDo(what="one_file", count=len(names), file=str(output))
    targets = [target_path(name, output) for name in names]
    check_distinct(targets)
    return targets


def check_distinct(targets: Iterable[Path]) -> None:
    """Raise NothingToDo where two paths are one; Windows takes names that differ only in case for the same."""
    known: set[str] = set()
    for target in targets:
        if str(target).lower() in known:
            raise NothingToDo(what="same_name", file=str(target))
        known.add(str(target).lower())


def target_path(name: PurePosixPath, output: Path) -> Path:
    """Return the path of a file of this name: the output itself where that names one workbook."""
    return output if is_workbook(output) else output.joinpath(*map(unreserved, name.parts))


def is_workbook(output: Path) -> bool:
    """Return True if one workbook is named, not a folder."""
    return output.suffix.lower() == ".xlsx" and not is_folder(output)

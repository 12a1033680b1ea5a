"""Archives that are no zips (.rar, .7z), unpacked by a tool of the machine into a scratch folder, under limits."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from perfxl.batch.inbox import Item, walk_items
from perfxl.errors import PackageError
from perfxl.messages import one_line
from perfxl.workbook.ooxml.limits import current_limits

ENDINGS = (".rar", ".7z")

_TOOLS: dict[str, tuple[str, ...]] = {
    "7zz": ("x", "-y", "-bd", "-p-", "-o{folder}", "{archive}"),
    "7z": ("x", "-y", "-bd", "-p-", "-o{folder}", "{archive}"),
    "unar": ("-quiet", "-force-overwrite", "-no-directory", "-password", "-", "-o", "{folder}", "{archive}"),
    "bsdtar": ("-x", "-f", "{archive}", "-C", "{folder}"),
}  # fmt: skip
"""The tools that unpack such archives, with what they are told; none of them writes outside of the folder."""

_LOOK = 0.1  # seconds from one look at what is unpacked to the next


def unpack(item: Item, scratch: Path | None) -> list[Item]:
    """Return the files in an archive, unpacked below a scratch folder; else the file itself, as it is.

    It stays closed without a scratch folder, and where the machine has no tool.
    """
    closed = item.refusal or scratch is None or PurePosixPath(item.label.lower()).suffix not in ENDINGS
    tools = [] if closed else [(found, words) for tool, words in _TOOLS.items() if (found := shutil.which(tool))]
    if scratch is None or not tools:
        return [item]
    folder = scratch / f"{len(list(scratch.iterdir()))}"
    folder.mkdir()
    try:
        archive = folder / f"archive{PurePosixPath(item.label.lower()).suffix}"  # its own name is no tool's business
        archive.write_bytes(item.content())
        for at, (tool, words) in enumerate(tools):
            target = folder / f"{at}"
            target.mkdir()
            named = [word.format(folder=target, archive=archive) for word in words]
            if _run([tool, *named], target, item.label):
                return list(_unpacked(item, target))
    except PackageError as error:
        return [replace(item, refusal=error)]
    except OSError:  # the scratch folder takes no more
        return [item]
    return [replace(item, refusal=PackageError(file=item.label, what="cannot_unpack"))]


def _run(command: list[str], target: Path, label: str) -> bool:
    """Run a tool while it keeps to the limits; return True where it unpacked all. Raises PackageError."""
    seconds = current_limits().seconds
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=target
    )
    try:
        for _ in range(round(seconds / _LOOK)):
            try:
                done = process.wait(_LOOK) == 0
                _check_limits(target, label)
                return done
            except subprocess.TimeoutExpired:
                _check_limits(target, label)
        raise PackageError(file=label, what="too_slow", limit=seconds)
    finally:
        process.kill()
        process.wait()


def _check_limits(target: Path, label: str) -> None:
    held = current_limits()
    sizes = [path.lstat().st_size for path in target.rglob("*")]
    if len(sizes) > held.parts:
        raise PackageError(file=label, what="too_many_parts", count=len(sizes), limit=held.parts)
    if (size := sum(sizes)) > held.whole:
        raise PackageError(file=label, what="too_large_inside", size=size, limit=held.whole)


def _unpacked(archive: Item, folder: Path) -> Iterator[Item]:
    """Yield the files that were unpacked, named below their archive."""
    start = len(one_line(str(folder))) + 1
    for item in walk_items(folder):
        yield replace(item, label=f"{archive.label}:{item.label[start:]}")

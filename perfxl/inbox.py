"""What is named on the command line: files, folders, zips; each file in them by its name and bytes."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perfxl.errors import NothingToDo, PackageError
from perfxl.workbook.package import LIMITS, Package, open_package

SHEETS = (".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods", ".csv")
"""What is taken from a folder or a zip; anything is taken that is named itself."""

_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, NotImplementedError, ValueError,
)  # fmt: skip
"""What ``zipfile`` raises over a zip that is none, or cannot be unpacked."""


@dataclass(frozen=True)
class Item:
    """One file to be read: how it is called in messages, its name below the output folder, where it is."""

    label: str
    name: PurePosixPath
    path: Path
    member: zipfile.ZipInfo | None = None

    def package(self) -> Package:
        """The file as a package. Raises PackageError."""
        if self.member is None:
            return open_package(self.path)
        if self.member.file_size > LIMITS.file:
            raise PackageError(file=self.label, what="too_large", size=self.member.file_size, limit=LIMITS.file)
        if self.member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # bz2 and lzma members are unpacked by zipfile without a limit, whatever size they state
            raise PackageError(file=self.label, what="truncated")
        if self.member.flag_bits & 1:
            raise PackageError(file=self.label, what="encrypted")
        try:
            with zipfile.ZipFile(self.path) as archive:
                data = archive.read(self.member)
        except _DAMAGED as error:
            raise PackageError(file=self.label, what="truncated") from error
        if not data:
            raise PackageError(file=self.label, what="empty")
        return Package(data, self.label)


def items(paths: Iterable[Path]) -> Iterator[Item]:
    """The files named, those in folders and in zips, in order of their names; locks of open files are passed over.

    Raises NothingToDo where a folder or zip holds no workbook, PackageError for a zip that cannot be opened.
    """
    for path in paths:
        if _is_folder(path):
            found = sorted(each for each in path.rglob("*") if _is_sheet(each.name) and each.is_file())
            if not found:
                raise NothingToDo(what="empty_folder", file=str(path))
            yield from (Item(str(each), PurePosixPath(each.relative_to(path).as_posix()), each) for each in found)
        elif path.suffix.lower() == ".zip":
            yield from _zipped(path)
        else:
            yield Item(str(path), PurePosixPath(path.name), path)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name that no file can have
        raise PackageError(file=str(path), what="unreadable", problem=error.strerror or "") from error


def _zipped(path: Path) -> Iterator[Item]:
    if not path.is_file():
        raise PackageError(file=str(path), what="no_file")
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except _DAMAGED as error:
        raise PackageError(file=str(path), what="truncated") from error
    if len(infos) > LIMITS.parts:
        raise PackageError(file=str(path), what="too_many_parts", count=len(infos), limit=LIMITS.parts)
    # a path out of a zip is never used: only the last part of it names the output
    named = [(_name(info), info) for info in infos if not info.is_dir()]
    found = sorted((name, at) for at, (name, _) in enumerate(named) if _is_sheet(PurePosixPath(name).name))
    if not found:
        raise NothingToDo(what="empty_folder", file=str(path))
    for name, at in found:
        yield Item(f"{path}:{name}", PurePosixPath(PurePosixPath(name).name), path, named[at][1])


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name; without the UTF-8 flag the zips of Chinese Windows hold GBK (zipfile reads them as CP437)."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeEncodeError, UnicodeDecodeError):
            name = name.encode("cp437").decode("gb18030")
    return name.replace("\\", "/")


def _is_sheet(name: str) -> bool:
    return name.lower().endswith(SHEETS) and not name.startswith(("~$", "."))

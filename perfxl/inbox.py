"""What is named on the command line: files, folders, zips; each file in them by its name and bytes."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perfxl.errors import NothingToDo, PackageError
from perfxl.workbook.package import LIMITS, Package, open_package

SHEETS = (".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods", ".csv")
"""What is taken from a folder or a zip; anything is taken that is named itself."""


@dataclass(frozen=True)
class Item:
    """One file to be read: how it is called in messages, its name below the output folder, where it is."""

    label: str
    name: PurePosixPath
    path: Path
    member: str = ""

    def package(self) -> Package:
        """The file as a package. Raises PackageError."""
        if not self.member:
            return open_package(self.path)
        with zipfile.ZipFile(self.path) as archive:
            info = archive.getinfo(self.member)
            if info.file_size > LIMITS.file:
                raise PackageError(file=self.label, what="too_large", size=info.file_size, limit=LIMITS.file)
            if info.flag_bits & 1:
                raise PackageError(file=self.label, what="encrypted")
            try:
                data = archive.read(info)
            except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
                raise PackageError(file=self.label, what="truncated") from error
        return Package(data, self.label) if data else _empty(self.label)


def _empty(label: str) -> Package:
    raise PackageError(file=label, what="empty")


def items(paths: Iterable[Path]) -> Iterator[Item]:
    """The files named, those in folders and in zips, in order of their names; locks of open files are passed over.

    Raises NothingToDo where a folder or zip holds no workbook, PackageError for a zip that cannot be opened.
    """
    for path in paths:
        if path.is_dir():
            found = sorted(each for each in path.rglob("*") if each.is_file() and _is_sheet(each.name))
            if not found:
                raise NothingToDo(what="empty_folder", file=str(path))
            yield from (Item(str(each), PurePosixPath(each.relative_to(path).as_posix()), each) for each in found)
        elif path.suffix.lower() == ".zip":
            yield from _zipped(path)
        else:
            yield Item(str(path), PurePosixPath(path.name), path)


def _zipped(path: Path) -> Iterator[Item]:
    if not path.is_file():
        raise PackageError(file=str(path), what="no_file")
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise PackageError(file=str(path), what="truncated") from error
    if len(infos) > LIMITS.parts:
        raise PackageError(file=str(path), what="too_many_parts", count=len(infos), limit=LIMITS.parts)
    names = [(_name(info), info.filename) for info in infos if not info.is_dir()]
    found = sorted((name, member) for name, member in names if _is_sheet(PurePosixPath(name).name))
    if not found:
        raise NothingToDo(what="empty_folder", file=str(path))
    for name, member in found:
        # a path out of a zip is never used: only the last part of it names the output
        yield Item(f"{path}:{name}", PurePosixPath(PurePosixPath(name).name), path, member)


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name; without the UTF-8 flag the zips of Chinese Windows hold GBK (zipfile reads them as CP437)."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


def _is_sheet(name: str) -> bool:
    return name.lower().endswith(SHEETS) and not name.startswith(("~$", ".", "._"))


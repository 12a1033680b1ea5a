"""The files that are named, in folders and in zips; each with its name and its bytes. None is dropped in silence."""

from __future__ import annotations

import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from perfxl.batch.other_files import LEFT_BEHIND, is_left_behind, kind_of
from perfxl.errors import NothingToDo, OtherFile, PackageError, PerfxlError, reason_of
from perfxl.messages import one_line
from perfxl.records import ENDINGS
from perfxl.workbook.ooxml.limits import current_limits
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.zip_file import find_overlap
from perfxl.workbook.reading.opening import open_bytes, open_package, read_file
from perfxl.workbook.sheet.file_name import safe_name

SHEETS = (".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods", ".fods", ".xml", ".html", ".htm", ".csv")
"""The endings of what is taken from a folder or a zip, beside further zips; anything is taken that is named itself."""

DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, NotImplementedError, ValueError,
)  # fmt: skip
"""The errors that ``zipfile`` raises over a zip that is none, or cannot be unpacked."""


class Listed(NamedTuple):
    """The files of a folder or zip, or of a call: workbooks, errors of what cannot be listed, and all other files."""

    items: list[Item]
    refused: list[PerfxlError]
    others: list[OtherFile]


@dataclass(frozen=True)
class Item:
    """One file to be read: how it is called in messages, its name below the output folder, where it is.

    ``member``: the entry of the zip at ``path``; ``refusal``: why it is not even opened; ``data``: its bytes, where it
    is no file at all.
    """

    label: str
    name: PurePosixPath
    path: Path
    member: zipfile.ZipInfo | None = None
    refusal: PackageError | None = None
    data: bytes | None = field(default=None, repr=False)

    def package(self) -> Package:
        """Open the file as a package. Raises PackageError."""
        if self.refusal:
            raise self.refusal
        if self.data is not None:
            return open_bytes(self.data, self.label, current_limits())
        if self.member is None and self.path.suffix.lower() in ENDINGS:
            read_file(self.path, current_limits())
            raise PackageError(file=self.label, what="is_records")
        if self.member is None:
            return open_package(self.path)
        held = current_limits()
        if self.member.file_size > held.file:
            raise PackageError(file=self.label, what="too_large", size=self.member.file_size, limit=held.file)
        if self.member.file_size > max(held.ratio_from, held.ratio * self.member.compress_size):
            raise PackageError(file=self.label, what="inflated", part=self.name.name)
        if self.member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # bz2 and lzma members are unpacked by zipfile without a limit, whatever size they state
            raise PackageError(file=self.label, what="truncated")
        if self.member.flag_bits & 1:
            raise PackageError(file=self.label, what="encrypted")
        try:
            with zipfile.ZipFile(self.path) as archive:
                data = archive.read(self.member)
        except DAMAGED as error:
            raise PackageError(file=self.label, what="truncated") from error
        return open_bytes(data, self.label, held)


def list_items(path: Path) -> Listed:
    """List a file that is named, or the files in a folder or zip, by name.

    A folder or zip that holds no workbook is an error beside what it holds. Raises PackageError for a zip that cannot
    be opened, FormError for limits that are wrong.
    """
    current_limits()
    if _is_folder(path):
        walked = sorted(_walk_folder(path), key=lambda item: item.path)
        found = [entry for item in walked for entry in _expand_zip(item)]
    elif path.suffix.lower() == ".zip":
        found = list(_list_zip(path))
    else:
        return Listed([Item(one_line(str(path)), PurePosixPath(path.name), path)], [], [])
    label = one_line(str(path))
    items = [entry for entry in found if isinstance(entry, Item)]
    others = [entry for entry in found if isinstance(entry, OtherFile)]
    named = [other for other in others if other.facts["what"] != LEFT_BEHIND]
    if count := len(others) - len(named):
        named.append(OtherFile(file=label, what=LEFT_BEHIND, count=count))
    return Listed(items, [] if items else [NothingToDo(what="empty_folder", file=label)], named)


def _walk_folder(folder: Path) -> Iterator[Item]:
    """Yield the files in a folder and the folders in it; a link is reported and not followed."""
    unread: list[OSError] = []
    for here, folders, files in os.walk(folder, onerror=unread.append):
        for name in sorted({*folders, *files}):
            path = Path(here, name)
            link = path.is_symlink() and (name in folders or _is_taken(PurePosixPath(name)))
            if link or name not in folders:
                yield _make_item(folder, path, PackageError(file=str(path), what="link") if link else None)
    for error in unread:
        refusal = PackageError(file=error.filename, what="unreadable", reason=reason_of(error))
        yield _make_item(folder, Path(error.filename), refusal)


def _expand_zip(item: Item) -> Iterator[Item | OtherFile]:
    """Yield the files in a zip, below its own name; a workbook as it is, anything else as what it is."""
    if item.refusal:
        yield item
    elif not _is_taken(item.name):
        yield OtherFile(file=item.label, what=kind_of(item.name))
    elif item.path.suffix.lower() != ".zip":
        yield item
    else:
        try:
            for entry in _list_zip(item.path):
                yield replace(entry, name=item.name.with_suffix("") / entry.name) if isinstance(entry, Item) else entry
        except PackageError as error:
            yield replace(item, refusal=error)


def _make_item(folder: Path, path: Path, refusal: PackageError | None) -> Item:
    return Item(one_line(str(path)), PurePosixPath(path.relative_to(folder).as_posix()), path, refusal=refusal)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name that no file can have
        raise PackageError(file=str(path), what="unreadable", reason=reason_of(error)) from error


def _list_zip(path: Path) -> Iterator[Item | OtherFile]:
    """Yield the files in a zip, by name. Raises PackageError for one that cannot be opened."""
    label, held = one_line(str(path)), current_limits()
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PackageError(file=label, what="no_plain_file")
        if (size := _directory_size(path)) > held.parts * _ENTRY:
            raise PackageError(file=label, what="too_many_parts", count=size // _ENTRY, limit=held.parts)
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except FileNotFoundError as error:
        raise PackageError(file=label, what="dead_link" if path.is_symlink() else "no_file") from error
    except DAMAGED as error:
        raise PackageError(file=label, what="truncated") from error
    if len(infos) > held.parts:
        raise PackageError(file=label, what="too_many_parts", count=len(infos), limit=held.parts)
    if shared := find_overlap(infos):
        raise PackageError(file=label, what="overlapping_parts", part=one_line(shared))
    # a path out of a zip is never used: only the last part of it names the output
    named = [(_decode_name(info), info) for info in infos if not info.is_dir()]
    if not named:
        yield OtherFile(file=label, what="empty_zip")
    for name, at in sorted((name, at) for at, (name, _) in enumerate(named)):
        inside, inner = PurePosixPath(name), f"{label}:{one_line(name)}"
        if not _is_taken(inside):
            yield OtherFile(file=inner, what=kind_of(inside))
            continue
        output = PurePosixPath(f"{safe_name(inside.stem)}{inside.suffix}")
        refusal = PackageError(file=inner, what="zip_in_zip") if output.suffix.lower() == ".zip" else None
        yield Item(inner, output, path, named[at][1], refusal)


_ENTRY = 1_000  # bytes of a file's entry in a zip's directory: 46 and its name, rarely more than 200
_END = struct.Struct("<4s8xL")


def _directory_size(path: Path) -> int:
    """Return the bytes of a zip's directory as its end states them, as ``zipfile`` does (PKWARE APPNOTE, 4.3.16)."""
    with path.open("rb") as stream:
        stream.seek(max(stream.seek(0, os.SEEK_END) - 65_557, 0))
        tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    return int(_END.unpack_from(tail, at)[1]) if 0 <= at <= len(tail) - _END.size else 0


def _decode_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; without the UTF-8 flag a zip of Chinese Windows has it in GBK (zipfile reads CP437)."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeEncodeError, UnicodeDecodeError):
            name = name.encode("cp437").decode("gb18030")
    return name.replace("\\", "/")


def _is_taken(path: PurePosixPath) -> bool:
    return path.name.lower().endswith((*SHEETS, ".zip")) and not is_left_behind(path)

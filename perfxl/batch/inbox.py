"""The files that are named, in folders and in zips; each with its name and its bytes. None is dropped in silence.

A file or folder is a path or a URL (``Place``), which is asked where the file is wanted, in a worker too.
"""

from __future__ import annotations

import datetime
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from perfxl.batch.other_files import LEFT_BEHIND, is_left_behind, kind_of
from perfxl.batch.urls import Url, is_url, parse_url
from perfxl.errors import NothingToDo, OtherFile, PackageError, PerfxlError, reason_of
from perfxl.messages import one_line
from perfxl.records import ENDINGS
from perfxl.workbook.ooxml.limits import current_limits
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.zip_file import find_overlap
from perfxl.workbook.reading.opening import open_bytes, read_file
from perfxl.workbook.sheet.file_name import safe_name

SHEETS = (".xlsx", ".xlsm", ".xls", ".et", ".xlsb", ".ods", ".fods", ".xml", ".html", ".htm", ".csv")
"""The endings of what is taken from a folder or a zip, beside further zips; anything is taken that is named itself."""

DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, NotImplementedError, ValueError,
)  # fmt: skip
"""The errors that ``zipfile`` raises over a zip that is none, or cannot be unpacked."""


Place = Path | Url
"""Where a file, a folder or a zip is."""


class Listed(NamedTuple):
    """The files of a folder or zip, or of a call: workbooks, errors of what cannot be listed, and all other files."""

    items: list[Item]
    refused: list[PerfxlError]
    others: list[OtherFile]


@dataclass(frozen=True)
class Item:
    """One file to be read: how it is called in messages, its name below the output folder, where it is.

    ``member``: the entry of the zip at ``path``; ``within``: the entry that is itself a zip, in which ``member`` lies;
    ``other``: what it is by its name, where that is no workbook's; ``refusal``: why it is not even opened; ``data``:
    its bytes, where it is no file at all.
    """

    label: str
    name: PurePosixPath
    path: Place
    member: zipfile.ZipInfo | None = None
    refusal: PackageError | None = None
    data: bytes | None = field(default=None, repr=False)
    within: zipfile.ZipInfo | None = None
    other: str = ""

    def package(self) -> Package:
        """Open the file as a package. Raises PackageError."""
        if self.refusal:
            raise self.refusal
        if self.data is not None:
            return open_bytes(self.data, self.label, current_limits())
        if self.member is not None:
            return open_bytes(_read_member(self), self.label, current_limits())
        data = _read_place(self.path)
        if self.path.suffix.lower() in ENDINGS:
            raise PackageError(file=self.label, what="is_records" if isinstance(self.path, Path) else "records_by_url")
        return open_bytes(data, str(self.path), current_limits())

    def beside(self) -> frozenset[str] | None:
        """Return the names of the files in its folder, or anywhere in its zip; None where it is no file."""
        if self.data is not None:
            return None
        if self.member is None:
            return _names_in(self.path.parent) if isinstance(self.path, Path) else self.path.beside()
        with _open_archive(self) as archive:
            return frozenset(PurePosixPath(_decode_name(entry)).name for entry in archive.infolist())

    def content(self) -> bytes:
        """Return the file as it came. Raises PackageError; a link is not followed."""
        if self.data is not None:
            return self.data
        if self.refusal and self.refusal.facts["what"] in ("link", "unreadable"):
            raise self.refusal
        return _read_place(self.path) if self.member is None else _read_member(self)

    def stamp(self) -> tuple[int, int] | None:
        """Return by what it shows that a file is still being written: its size and time; None for none.

        A server is not asked for it: that its file is read twice, and is the same, says as much.
        """
        with suppress(OSError, ValueError):
            if isinstance(self.path, Path):
                state = self.path.stat()
                return state.st_size, state.st_mtime_ns
        return None

    def time(self) -> str:
        """Return the time of a file, or of a zip's entry, as an ISO text; empty where there is none."""
        with suppress(OSError, ValueError):
            if self.member is not None:
                return datetime.datetime(*self.member.date_time).isoformat()
            changed = self.path.stat().st_mtime if isinstance(self.path, Path) else self.path.changed
            return datetime.datetime.fromtimestamp(int(changed)).isoformat() if changed is not None else ""
        return ""


def places_of(source: str | Path) -> list[Place]:
    """Return what is named: a path, or the URLs that a URL with ``*`` in it matches, by name.

    Raises PackageError where URLs cannot be had here, or nobody answers.
    """
    return [*parse_url(str(source)).matches()] if is_url(source) else [Path(source)]


def _read_place(place: Place) -> bytes:
    """Return the bytes of a file. Raises PackageError."""
    return read_file(place, current_limits()) if isinstance(place, Path) else place.read(current_limits())


def _read_member(item: Item) -> bytes:
    """Return the bytes of an entry of a zip. Raises PackageError."""
    assert item.member is not None
    _check_member(item.member, item.label)
    try:
        with _open_archive(item) as archive:
            return archive.read(item.member)
    except DAMAGED as error:
        raise PackageError(file=item.label, what="truncated") from error


def _check_member(member: zipfile.ZipInfo, label: str) -> None:
    """Raise PackageError for an entry of a zip that is not to be unpacked."""
    held = current_limits()
    if member.file_size > held.file:
        raise PackageError(file=label, what="too_large", size=member.file_size, limit=held.file)
    if member.file_size > max(held.ratio_from, held.ratio * member.compress_size):
        raise PackageError(file=label, what="inflated", part=PurePosixPath(_decode_name(member)).name)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # bz2 and lzma members are unpacked by zipfile without a limit, whatever size they state
        raise PackageError(file=label, what="truncated")
    if member.flag_bits & 1:
        raise PackageError(file=label, what="encrypted")


def _open_archive(item: Item) -> zipfile.ZipFile:
    """Open the zip in which an item lies."""
    path = item.path
    if item.within is None:
        return zipfile.ZipFile(path if isinstance(path, Path) else path.fetched())
    changed = path.stat().st_mtime_ns if isinstance(path, Path) else path.asked
    return zipfile.ZipFile(io.BytesIO(_inner_zip(path, changed, item.within.header_offset)))


@lru_cache(maxsize=1)  # its entries are read one after the other
def _inner_zip(path: Place, changed: int, offset: int) -> bytes:
    """Return the bytes of a zip within a zip, whose entry begins at this offset; ``changed``: the file's time."""
    with zipfile.ZipFile(path if isinstance(path, Path) else path.fetched()) as archive:
        return archive.read(next(info for info in archive.infolist() if info.header_offset == offset))


def _names_in(folder: Path) -> frozenset[str] | None:
    """Return the names of the files in a folder; None where it cannot be looked into."""
    try:
        return frozenset(entry.name for entry in folder.iterdir())
    except OSError:
        return None


def list_items(path: Place) -> Listed:
    """List a file that is named, or the files in a folder or zip, by name.

    A folder or zip that holds no workbook is an error beside what it holds. Raises PackageError for a zip that cannot
    be opened, FormError for limits that are wrong.
    """
    found = walk_items(path)
    items = [item for item in found if not item.other]
    label = one_line(str(path))
    empty: list[PerfxlError] = [] if items else [NothingToDo(what="empty_folder", file=label)]
    return Listed(items, empty, name_others(found, label))


def name_others(items: Iterable[Item], label: str) -> list[OtherFile]:
    """Return what the files are that are no workbooks by their names; those that programs leave are counted."""
    others = [item for item in items if item.other]
    named = [OtherFile(file=item.label, what=item.other) for item in others if item.other != LEFT_BEHIND]
    if count := len(others) - len(named):
        named.append(OtherFile(file=label, what=LEFT_BEHIND, count=count))
    return named


def walk_items(path: Place, zips: int = 0) -> list[Item]:
    """Return every file that is named, or lies in a folder or zip, by name, whatever it is.

    ``zips``: how many zips, one within the other, are opened inside of a zip. Raises as ``list_items`` does.
    """
    current_limits()
    path, is_folder = path.look() if isinstance(path, Url) else (path, _is_folder(path))
    if is_folder:
        return [entry for item in _walk_place(path) for entry in _expand_zip(item, zips)]
    if path.suffix.lower() == ".zip":
        return list(_list_zip(path, zips))
    return [Item(one_line(str(path)), PurePosixPath(path.name), path)]


def _walk_place(folder: Place) -> list[Item]:
    """Return the files in a folder and the folders in it, by name; a link is reported and not followed."""
    if isinstance(folder, Path):
        return sorted(_walk_folder(folder), key=lambda item: Path(str(item.path)))
    return [
        Item(str(url), inside, url, refusal=refusal, other="" if is_folder else _kind_of_other(inside))
        for inside, url, refusal, is_folder in sorted(folder.walk(), key=lambda found: found.inside)
    ]


def _walk_folder(folder: Path) -> Iterator[Item]:
    """Yield the files in a folder and the folders in it; a link is reported and not followed."""
    unread: list[OSError] = []
    for here, folders, files in os.walk(folder, onerror=unread.append):
        for name in sorted({*folders, *files}):
            path = Path(here, name)
            link = path.is_symlink()
            if link or name not in folders:
                other = _kind_of_other(PurePosixPath(path.relative_to(folder).as_posix()))
                refusal = PackageError(file=str(path), what="link") if link else None
                # a link to a folder is no file of another kind
                yield replace(_make_item(folder, path, refusal), other="" if link and name in folders else other)
    for error in unread:
        refusal = PackageError(file=error.filename, what="unreadable", reason=reason_of(error))
        yield _make_item(folder, Path(error.filename), refusal)


def _expand_zip(item: Item, zips: int) -> Iterator[Item]:
    """Yield the files in a zip, below its own name; any other file as it is."""
    if item.refusal or item.other or item.path.suffix.lower() != ".zip":
        yield item
        return
    try:
        for entry in _list_zip(item.path, zips):
            yield replace(entry, name=item.name.with_suffix("") / entry.name)
    except PackageError as error:
        yield replace(item, refusal=error)


def _make_item(folder: Path, path: Path, refusal: PackageError | None) -> Item:
    return Item(one_line(str(path)), PurePosixPath(path.relative_to(folder).as_posix()), path, refusal=refusal)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name that no file can have
        raise PackageError(file=str(path), what="unreadable", reason=reason_of(error)) from error


def _list_zip(path: Place, zips: int) -> Iterator[Item]:
    """Yield the files in a zip, by name. Raises PackageError for one that cannot be opened."""
    label = one_line(str(path))
    infos = _read_archive(path, label)
    limit = current_limits().parts
    for at, item in enumerate(_list_entries(Item(label, PurePosixPath(path.name), path), infos, zips)):
        if at == limit:  # those of the zips within it are counted, too
            raise PackageError(file=label, what="too_many_parts", count=at + 1, limit=limit)
        yield item


def _read_archive(path: Place, label: str) -> list[zipfile.ZipInfo]:
    """Return the entries of a zip. Raises PackageError."""
    try:
        if isinstance(path, Url):
            return _read_directory(path.fetched(), label)
        if not stat.S_ISREG(path.stat().st_mode):
            raise PackageError(file=label, what="no_plain_file")
        with path.open("rb") as stream:
            return _read_directory(stream, label)
    except FileNotFoundError as error:
        dead = isinstance(path, Path) and path.is_symlink()
        raise PackageError(file=label, what="dead_link" if dead else "no_file") from error
    except DAMAGED as error:
        raise PackageError(file=label, what="truncated") from error


def _list_entries(zip: Item, infos: Iterable[zipfile.ZipInfo], zips: int) -> Iterator[Item]:
    """Yield the entries of a zip as files, by name, those of a zip within it after its own."""
    # a path out of a zip is never used: only the last part of it names the output
    named = [(_decode_name(info), info) for info in infos if not info.is_dir()]
    if not named:
        yield replace(zip, other="empty_zip")
    for name, at in sorted((name, at) for at, (name, _) in enumerate(named)):
        inside, inner = PurePosixPath(name), f"{zip.label}:{one_line(name)}"
        output = PurePosixPath(f"{safe_name(inside.stem)}{inside.suffix}")
        item = Item(inner, output, zip.path, named[at][1], within=zip.member, other=_kind_of_other(inside))
        if item.other or output.suffix.lower() != ".zip":
            yield item
        elif not zips:
            yield replace(item, refusal=PackageError(file=inner, what="zip_in_zip"))
        else:
            try:
                with io.BytesIO(_read_member(item)) as stream:
                    yield from _list_entries(item, _read_directory(stream, inner), zips - 1)
            except PackageError as error:
                yield replace(item, refusal=error)
            except DAMAGED:
                yield replace(item, refusal=PackageError(file=inner, what="truncated"))


def _read_directory(stream: IO[bytes], label: str) -> list[zipfile.ZipInfo]:
    """Return the entries of a zip. Raises PackageError, and the errors of DAMAGED."""
    held = current_limits()
    if (size := _directory_size(stream)) > held.parts * _ENTRY:
        raise PackageError(file=label, what="too_many_parts", count=size // _ENTRY, limit=held.parts)
    with zipfile.ZipFile(stream) as archive:
        infos = archive.infolist()
    if len(infos) > held.parts:
        raise PackageError(file=label, what="too_many_parts", count=len(infos), limit=held.parts)
    if shared := find_overlap(infos):
        raise PackageError(file=label, what="overlapping_parts", part=one_line(shared))
    return infos


_ENTRY = 1_000  # bytes of a file's entry in a zip's directory: 46 and its name, rarely more than 200
_END = struct.Struct("<4s8xL")


def _directory_size(stream: IO[bytes]) -> int:
    """Return the bytes of a zip's directory as its end states them, as ``zipfile`` does (PKWARE APPNOTE, 4.3.16)."""
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


def _kind_of_other(path: PurePosixPath) -> str:
    """Return what a file is that is no workbook by its name; empty for a workbook or a zip."""
    taken = path.name.lower().endswith((*SHEETS, ".zip")) and not is_left_behind(path)
    return "" if taken else kind_of(path)

"""The package of a workbook: a zip of parts, opened under limits, written whole; untouched parts stay byte for byte.

Zips are read by ``zipfile``; they are written here, because no library copies a part's deflated bytes as they are.
"""

from __future__ import annotations

import io
import os
import posixpath
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from time import process_time
from typing import Any, Generic, TypeVar
from urllib.parse import unquote
from xml.parsers import expat

from perfxl.errors import PackageError
from perfxl.workbook.ooxml import foreign
from perfxl.workbook.ooxml.limits import LIMITS, Limits, limits


@dataclass(frozen=True)
class Part:
    """One part ready to be zipped: its name, its deflated (or stored) bytes, CRC-32 and plain size in bytes."""

    name: str
    packed: bytes
    crc: int
    size: int
    method: int = zipfile.ZIP_DEFLATED

    @cached_property
    def local(self) -> bytes:
        """The part's header, before its bytes (PKWARE APPNOTE 6.3.9, 4.3.7)."""
        name = self.name.encode()
        sizes = (self.crc, len(self.packed), self.size, len(name), 0)
        return _LOCAL.pack(b"PK\x03\x04", 20, self._flag, self.method, 0, _DATE, *sizes) + name

    @cached_property
    def central(self) -> bytes:
        """The part's entry in the zip's directory up to the place of its header (4.3.12)."""
        sizes = (self.crc, len(self.packed), self.size, len(self.name.encode()))
        return _CENTRAL.pack(b"PK\x01\x02", 20, 20, self._flag, self.method, 0, _DATE, *sizes, 0, 0, 0, 0, 0)

    @property
    def _flag(self) -> int:
        return 0 if self.name.isascii() else 0x800


def pack(name: str, data: bytes, level: int = 1) -> Part:
    """A part out of plain bytes. Level 1 costs a third of level 6 and a tenth more bytes (measured on forms)."""
    return Part(name, deflated(data, level), zlib.crc32(data), len(data))


def deflated(data: bytes, level: int = 1, last: bool = True) -> bytes:
    """Plain bytes deflated; if they are not the last of their part, they end on a byte, so that others can follow."""
    # memory level 6: setting up the usual 8 costs 40 µs, more than deflating most parts
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15, 6)
    return deflater.compress(data) + deflater.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5HL")
_OFFSET = struct.Struct("<L")
_END = struct.Struct("<4s4H2LH")
_DATE = (1 << 5) | 1  # 1980-01-01, the zip format's first day: no clock in what perfxl writes


def zipped(parts: Iterable[Part]) -> bytes:
    """The zip of these parts, in their order (PKWARE APPNOTE 6.3.9, 4.3). The same parts give the same bytes."""
    local: list[bytes] = []
    central: list[bytes] = []
    offset = 0
    for part in parts:
        local += (part.local, part.packed)
        central += (part.central, _OFFSET.pack(offset), part.name.encode())
        offset += len(part.local) + len(part.packed)
    directory = b"".join(central)
    count = len(central) // 3
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
    return b"".join((*local, directory, end))


@dataclass(frozen=True)
class Relation:
    """One relationship of a part: its id, the last word of its type, the part it points to (empty if outside)."""

    id: str
    kind: str
    target: str


def overlapping(infos: Iterable[zipfile.ZipInfo]) -> str:
    """The name of a zip's entry that begins within another one: a way to unpack the same bytes again and again."""
    end = 0
    for info in sorted(infos, key=_header_offset):
        if info.header_offset < end:
            return info.filename
        end = info.header_offset + _LOCAL.size + info.compress_size
    return ""


_header_offset = attrgetter("header_offset")


T = TypeVar("T")


class Remembered(Generic[T]):
    """A reader of parts that knows the last few it has read: workbooks of one origin share their styles and relations.

    Parts are known by their name and bytes, large ones are not kept; what is returned must not be changed.
    """

    COUNT, SIZE = 32, 100_000

    def __init__(self, read: Callable[[Package, str], T]) -> None:
        self._read = read
        self._known: dict[tuple[str, bytes], T] = {}

    def __call__(self, package: Package, part: str) -> T:
        """What the reader makes of the part."""
        key = (part, package.read(part))
        if key not in self._known:
            made = self._read(package, part)
            if len(key[1]) > self.SIZE:
                return made
            while len(self._known) >= self.COUNT:
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = made
        return self._known[key]


class Package:
    """A returned file's parts, by name. Raises PackageError, with the file's name, for whatever cannot be opened."""

    def __init__(self, data: bytes, file: str, limits: Limits = LIMITS, origin: str = "") -> None:
        self.data = data
        self.origin = origin
        """The format of the file where it is another one, of which this package was made: ``xls``, ``ods`` …"""
        self.file = file
        self.limits = limits
        self.spent = 0.0
        self._plain: dict[str, bytes] = {}
        # zipfile would make an object of every entry, as many as there are, before they can be counted
        if len(data) > _MANY and (count := data.count(b"PK\x01\x02")) > limits.parts:
            raise self.refused("too_many_parts", count=count, limit=limits.parts)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
            raise self.refused("truncated" if data[:2] == b"PK" else "not_zip") from error
        self._called: dict[str, str] = {}
        self.entries = self._checked()

    def refused(self, what: str, **facts: object) -> PackageError:
        """The error to raise about this file."""
        return PackageError(file=self.file, what=what, **facts)

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        """The parts by their names. Folders, and names that no part can have (``../a``), are passed over."""
        entries: dict[str, zipfile.ZipInfo] = {}
        infos = self._zip.infolist()
        if len(infos) > self.limits.parts:
            raise self.refused("too_many_parts", count=len(infos), limit=self.limits.parts)
        for info in infos:
            name = info.filename.replace("\\", "/").removeprefix("/")
            if not _NO_PART.isdisjoint(name.split("/")):
                continue
            if name.lower() in self._called:  # ECMA-376 part 2, 6.3.5: names that differ in case alone are one
                raise self.refused("doubled_part", part=name)
            if info.flag_bits & 1:
                raise self.refused("encrypted")
            if info.file_size > self.limits.part:
                raise self.refused("part_too_large", part=name, size=info.file_size, limit=self.limits.part)
            most = max(self.limits.ratio_from, self.limits.ratio * (info.compress_size or 1))
            if info.file_size > most:
                raise self.refused("inflated", part=name)
            entries[name] = info
            self._called[name.lower()] = name
        whole = sum(info.file_size for info in infos)
        if whole > self.limits.whole:
            raise self.refused("too_large_inside", size=whole, limit=self.limits.whole)
        if shared := overlapping(infos):
            raise self.refused("overlapping_parts", part=shared)
        return entries

    def named(self, name: str) -> str:
        """A part's name as the zip spells it: in another case, or with ``%20`` undone. As given where it is none."""
        if name in self.entries:
            return name
        return self._called.get(name.lower()) or self._called.get(unquote(name).lower(), name)

    def spend(self, seconds: float) -> None:
        """Counts the time that the file's large parts have taken. Raises PackageError when it is too much."""
        self.spent += seconds
        if self.spent > self.limits.seconds:
            raise self.refused("too_slow", limit=self.limits.seconds)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parts, in the zip's order."""
        return tuple(self.entries)

    @property
    def seen(self) -> frozenset[str]:
        """The names of the parts that were read."""
        return frozenset(self._plain)

    def read(self, name: str) -> bytes:
        """A part's plain bytes."""
        if name not in self._plain:
            if name not in self.entries:
                raise self.refused("missing_part", part=name)
            try:
                self._plain[name] = self._inflated(self.entries[name])
            except (
                zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
                struct.error,
            ) as error:  # fmt: skip
                raise self.refused("damaged_part", part=name) from error
        return self._plain[name]

    def _inflated(self, info: zipfile.ZipInfo) -> bytes:
        """As ``zipfile`` reads it, with the same checks, at a third of the cost. The directory's sizes are believed.

        ECMA-376 part 2 knows no other way to pack a part, and others ``zipfile`` would unpack without a limit.
        """
        magic, _, flags, *_, name_length, extra_length = _LOCAL.unpack_from(self.data, info.header_offset)
        start = info.header_offset + _LOCAL.size
        name = self.data[start : start + name_length]
        if magic != b"PK\x03\x04" or name.decode("utf-8" if flags & 0x800 else "cp437") != info.orig_filename:
            raise zipfile.BadZipFile(info.filename)
        start += name_length + extra_length
        packed = self.data[start : start + info.compress_size]
        if info.compress_type == zipfile.ZIP_STORED:
            data, ended = packed, True
        elif info.compress_type == zipfile.ZIP_DEFLATED:
            inflater = zlib.decompressobj(-15)
            data = inflater.decompress(packed, info.file_size + 1)
            ended = inflater.eof
        else:
            raise NotImplementedError(info.compress_type)
        if not ended or len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise zipfile.BadZipFile(info.filename)
        return data

    def part(self, name: str) -> Part:
        """A part as it is, its deflated bytes untouched."""
        info = self.entries[name]
        head = self.data[info.header_offset : info.header_offset + _LOCAL.size]
        if len(head) < _LOCAL.size:
            raise self.refused("damaged_part", part=name)
        name_length, extra_length = _LOCAL.unpack(head)[-2:]
        start = info.header_offset + _LOCAL.size + name_length + extra_length
        return Part(name, self.data[start : start + info.compress_size], info.CRC, info.file_size, info.compress_type)

    def replaced(self, parts: Mapping[str, bytes], removed: Iterable[str] = ()) -> bytes:
        """The package with these parts in the place of their namesakes, new ones at the end; the rest as it was."""
        gone = set(removed)
        kept = [
            pack(name, parts[name]) if name in parts else self.part(name) for name in self.entries if name not in gone
        ]
        new = [pack(name, data) for name, data in parts.items() if name not in self.entries]
        return zipped([*kept, *new])

    def relations(self, part: str) -> dict[str, Relation]:
        """A part's relationships by id; of the package itself for an empty name."""
        folder, name = posixpath.split(part)
        source = self.named(posixpath.join(folder, "_rels", f"{name}.rels"))
        if source not in self.entries:
            return {}
        found = dict(_relations(self, source))
        for id, each in found.items():
            if each.target and each.target not in self.entries:
                found[id] = Relation(id, each.kind, self.named(each.target))
        return found

    @cached_property
    def workbook(self) -> str:
        """The name of the workbook part. Raises PackageError where the package is something else."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and relation.target in self.entries:
                folder = relation.target.split("/")[0]
                if folder in ("word", "ppt"):
                    raise self.refused("not_a_workbook", kind={"word": "Word", "ppt": "PowerPoint"}[folder])
                return relation.target
        raise self.refused("no_workbook")


@Remembered
def _relations(package: Package, source: str) -> dict[str, Relation]:
    folder = posixpath.dirname(posixpath.dirname(source))
    found: dict[str, Relation] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            outside = attributes.get("TargetMode") == "External"
            path = "" if outside else _resolved(folder, attributes.get("Target", ""))
            kind = attributes.get("Type", "").rsplit("/", 1)[-1]
            found[attributes.get("Id", "")] = Relation(attributes.get("Id", ""), _STRICT.get(kind, kind), path)
            if len(found) > package.limits.relations:
                raise package.refused("too_many_relations", part=source, limit=package.limits.relations)

    walk(package, source, start)
    return found


_STRICT = {"customProperties": "custom-properties"}
"""The words of ISO 29500 strict that are not those of everyday files."""


def open_package(path: Path) -> Package:
    """The package of a file, under the limits that hold here.

    Raises PackageError for what is no package, FormError for limits that are wrong.
    """
    held = limits()
    return opened(read_file(path, held), str(path), held)


def opened(data: bytes, file: str, limits: Limits = LIMITS) -> Package:
    """The package of a file's bytes; of a workbook in another format one made of it. Raises PackageError."""
    if data[:2] == b"PK":
        package = Package(data, file, limits)
        if not foreign.zipped(package.entries):
            return package
    # nothing of it is imported for a plain workbook
    from perfxl.workbook.other_formats import package_of

    return package_of(data, file, limits)


def read_file(path: Path, limits: Limits = LIMITS) -> bytes:
    """A file's bytes. Raises PackageError for one that is missing, empty, too large, or a pipe, a device, a socket."""
    file = str(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PackageError(file=file, what="no_plain_file")
        # it may have become a pipe since: opening one would wait for whoever writes into it
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as stream:
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode):
                raise PackageError(file=file, what="no_plain_file")
            if state.st_size > limits.file:
                raise PackageError(file=file, what="too_large", size=state.st_size, limit=limits.file)
            data = stream.read(limits.file + 1)
    except FileNotFoundError as error:
        raise PackageError(file=file, what="dead_link" if path.is_symlink() else "no_file") from error
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise PackageError(file=file, what="unreadable", problem=getattr(error, "strerror", None) or "") from error
    if not data:
        raise PackageError(file=file, what="empty")
    if len(data) > limits.file:  # it has grown since
        raise PackageError(file=file, what="too_large", size=len(data), limit=limits.file)
    return data


def _resolved(folder: str, target: str) -> str:
    target = target.replace("\\", "/")
    path = target if target.startswith("/") else posixpath.join("/", folder, target)
    return posixpath.normpath(path).lstrip("/")


LARGE = 1_000_000
"""Bytes of a part from which on more is asked about it: no form has such a part, and what is smaller can do no harm."""

_PIECE = 4_000_000  # bytes parsed at a time: a comment that is longer is begun anew with each
_MANY = 100_000  # bytes of a file that can hold too many entries
_NO_PART = frozenset(("", ".", ".."))  # as a step of a part's name (ECMA-376 part 2, 6.2.2.2)


def parser(package: Package, part: str) -> Any:
    """An expat parser that refuses a DOCTYPE, and so every entity. Deep nesting is left to its caller."""
    reader = expat.ParserCreate()
    reader.buffer_text = True

    def refuse(*_: object) -> None:
        raise package.refused("doctype", part=part)

    reader.StartDoctypeDeclHandler = refuse
    return reader


def parse(reader: Any, data: bytes, package: Package, part: str) -> None:
    """Runs the parser over a part. Raises PackageError where the part is no well-formed XML, or too much of it."""
    try:
        if len(data) <= LARGE:
            reader.Parse(data, True)
        else:
            _parse_large(reader, data, package, part)
    except (expat.ExpatError, ValueError, LookupError) as error:  # LookupError: an encoding that is none
        raise package.refused("damaged_part", part=part) from error
    finally:
        # a handler that knows its parser would keep both, and all they know, until the next garbage collection
        reader.StartElementHandler = reader.EndElementHandler = reader.CharacterDataHandler = None


def _parse_large(reader: Any, data: bytes, package: Package, part: str) -> None:
    """Piece by piece: expat keeps every name that it meets, and a whole tag or text, however long."""
    limits = package.limits
    at = 0
    while len(data) - at > limits.token:  # the last "<" within reach: neither a tag nor a text can hold one
        at = data.rfind(b"<", at + 1, at + limits.token)
        if at < 0:
            raise package.refused("token_too_long", part=part, limit=limits.token)
    for at in range(0, len(data), _PIECE):
        started = process_time()
        reader.Parse(data[at : at + _PIECE], at + _PIECE >= len(data))
        if at + _PIECE - reader.CurrentByteIndex > limits.token and at + _PIECE < len(data):  # a comment, unfinished
            raise package.refused("token_too_long", part=part, limit=limits.token)
        if len(reader.intern) > limits.words:
            raise package.refused("too_many_words", part=part, limit=limits.words)
        package.spend(process_time() - started)


Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


def walk(
    package: Package, part: str, start: Start, end: End | None = None, characters: End | None = None, data: bytes = b""
) -> None:
    """Gives every element of a part to these handlers, its name without a prefix. ``data``: the part, if not as it is.

    Some programs write ``x:row``, most do not and pay nothing for it. Raises PackageError for what is no well-formed
    XML, has a DOCTYPE, or is large and deeper than it may be.
    """
    data = data or package.read(part)
    depth = 0
    limit = package.limits.depth

    def first(tag: str, attributes: dict[str, str]) -> None:
        if len(data) > LARGE or ":" in tag:
            reader.StartElementHandler, reader.EndElementHandler = counted, last
        else:  # nearly always: nothing has to stand between
            reader.StartElementHandler, reader.EndElementHandler = start, end
        reader.StartElementHandler(tag, attributes)

    def counted(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > limit:
            raise package.refused("too_deep", part=part, limit=limit)
        start(tag.rpartition(":")[2] if ":" in tag else tag, attributes)

    def last(tag: str) -> None:
        nonlocal depth
        depth -= 1
        if end:
            end(tag.rpartition(":")[2] if ":" in tag else tag)

    reader = parser(package, part)
    reader.StartElementHandler, reader.CharacterDataHandler = first, characters
    parse(reader, data, package, part)

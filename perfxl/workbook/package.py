"""The package of a workbook: a zip of parts, opened under limits, written whole; untouched parts stay byte for byte.

Zips are read by ``zipfile``; they are written here, because no library copies a part's deflated bytes as they are.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar
from xml.parsers import expat

from perfxl.errors import PackageError


@dataclass(frozen=True)
class Limits:
    """What a returned file may be at most. A form is 16–40 KB; public workbooks' 99.9th percentile unzips to 16 MB."""

    file: int = 20_000_000
    parts: int = 2_000
    part: int = 64_000_000
    whole: int = 96_000_000
    ratio: int = 200
    ratio_from: int = 1_000_000
    depth: int = 64
    cells: int = 200_000
    merges: int = 50_000
    names: int = 20_000
    sheets: int = 500


LIMITS = Limits()

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"\xff\xd8\xff", "picture"),
    (b"\x89PNG", "picture"),
    (b"GIF8", "picture"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"<?xml", "xml"),
    (b"<html", "html"),
    (b"<!DOCTYPE", "html"),
)


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

    def __init__(self, data: bytes, file: str, limits: Limits = LIMITS) -> None:
        self.data = data
        self.file = file
        self.limits = limits
        self._plain: dict[str, bytes] = {}
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
            raise self.refused(_what_instead(data)) from error
        self.entries = self._checked()

    def refused(self, what: str, **facts: object) -> PackageError:
        """The error to raise about this file."""
        return PackageError(file=self.file, what=what, **facts)

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        entries: dict[str, zipfile.ZipInfo] = {}
        infos = self._zip.infolist()
        if len(infos) > self.limits.parts:
            raise self.refused("too_many_parts", count=len(infos), limit=self.limits.parts)
        for info in infos:
            if info.filename in entries:
                raise self.refused("doubled_part", part=info.filename)
            if info.flag_bits & 1:
                raise self.refused("encrypted")
            if info.file_size > self.limits.part:
                raise self.refused("part_too_large", part=info.filename, size=info.file_size, limit=self.limits.part)
            most = max(self.limits.ratio_from, self.limits.ratio * (info.compress_size or 1))
            if info.file_size > most:
                raise self.refused("inflated", part=info.filename)
            entries[info.filename] = info
        whole = sum(info.file_size for info in infos)
        if whole > self.limits.whole:
            raise self.refused("too_large_inside", size=whole, limit=self.limits.whole)
        return entries

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
        """As ``zipfile`` reads it, with the same checks, at a third of the cost; what is stored is left to it.

        ECMA-376 part 2 knows no other way to pack a part, and others ``zipfile`` would unpack without a limit.
        """
        if info.compress_type == zipfile.ZIP_STORED:
            with self._zip.open(info) as stream:
                return stream.read(info.file_size + 1)
        if info.compress_type != zipfile.ZIP_DEFLATED:
            raise NotImplementedError(info.compress_type)
        magic, _, flags, *_, name_length, extra_length = _LOCAL.unpack_from(self.data, info.header_offset)
        start = info.header_offset + _LOCAL.size
        name = self.data[start : start + name_length]
        if magic != b"PK\x03\x04" or name.decode("utf-8" if flags & 0x800 else "cp437") != info.orig_filename:
            raise zipfile.BadZipFile(info.filename)
        start += name_length + extra_length
        inflater = zlib.decompressobj(-15)
        data = inflater.decompress(self.data[start : start + info.compress_size], info.file_size + 1)
        if not inflater.eof or len(data) != info.file_size or zlib.crc32(data) != info.CRC:
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
        source = posixpath.join(folder, "_rels", f"{name}.rels")
        if source not in self.entries:
            return {}
        return dict(_relations(self, source))

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
    for tag, attributes in elements(package.read(source), package, source):
        if tag == "Relationship":
            target = attributes.get("Target", "")
            outside = attributes.get("TargetMode") == "External"
            path = "" if outside else _resolved(folder, target)
            kind = attributes.get("Type", "").rsplit("/", 1)[-1]
            found[attributes.get("Id", "")] = Relation(attributes.get("Id", ""), kind, path)
    return found


def open_package(path: Path, limits: Limits = LIMITS) -> Package:
    """The package of a file. Raises PackageError for a file that is too large, missing, or no package."""
    file = str(path)
    try:
        if not path.is_file():
            raise PackageError(file=file, what="no_file")
        size = path.stat().st_size
        if size == 0:
            raise PackageError(file=file, what="empty")
        if size > limits.file:
            raise PackageError(file=file, what="too_large", size=size, limit=limits.file)
        data = path.read_bytes()
    except OSError as error:
        raise PackageError(file=file, what="unreadable", problem=error.strerror or "") from error
    return Package(data, file, limits)


def _what_instead(data: bytes) -> str:
    """What a file that is no zip seems to be."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":  # OLE2: an encrypted workbook, or one of before 2007
        return "encrypted" if "EncryptedPackage".encode("utf-16-le") in data else "old_format"
    if data[:2] == b"PK":
        return "truncated"
    for start, what in _FOREIGN:
        if data.lstrip(b"\xef\xbb\xbf \r\n\t")[: len(start)].lower() == start.lower():
            return f"is_{what}"
    return "not_zip"


def _resolved(folder: str, target: str) -> str:
    path = target if target.startswith("/") else posixpath.join("/", folder, target)
    return posixpath.normpath(path).lstrip("/")


def parser(package: Package, part: str) -> Any:
    """An expat parser that refuses a DOCTYPE (and so every entity) and deep nesting is left to its caller."""
    reader = expat.ParserCreate()
    reader.buffer_text = True

    def refuse(*_: object) -> None:
        raise package.refused("doctype", part=part)

    reader.StartDoctypeDeclHandler = refuse
    return reader


def parse(reader: Any, data: bytes, package: Package, part: str) -> None:
    """Runs the parser over a part. Raises PackageError where the part is no well-formed XML."""
    try:
        reader.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # LookupError: an encoding that is none
        raise package.refused("damaged_part", part=part) from error
    finally:
        # a handler that knows its parser would keep both, and all they know, until the next garbage collection
        reader.StartElementHandler = reader.EndElementHandler = reader.CharacterDataHandler = None


def elements(data: bytes, package: Package, part: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every element of a small part: its name without prefix, and its attributes."""
    found: list[tuple[str, dict[str, str]]] = []
    reader = parser(package, part)
    reader.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(":")[2], attributes))
    parse(reader, data, package, part)
    return iter(found)


def unprefixed(reader: Any, start: Any, end: Any) -> tuple[Any, Any]:
    """The handlers, given names without a prefix: some programs write ``x:row``, most do not and pay nothing for it."""

    def first(tag: str, attributes: dict[str, str]) -> None:
        prefix = len(tag.rpartition(":")[0])
        if prefix:
            reader.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
            reader.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
        else:
            reader.StartElementHandler, reader.EndElementHandler = start, end
        reader.StartElementHandler(tag.rpartition(":")[2], attributes)

    return first, end

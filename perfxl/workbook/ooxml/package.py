"""The package of a workbook: a zip of parts, opened under limits, written whole; untouched parts stay byte for byte.

Zips are read by ``zipfile``; they are written here, because no library copies a part's deflated bytes as they are.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from perfxl.errors import PackageError
from perfxl.workbook.ooxml.limits import LIMITS, Limits
from perfxl.workbook.ooxml.zip import LOCAL_HEADER, Part, find_overlap, pack, write_zip


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
            raise self.refusal("too_many_parts", count=count, limit=limits.parts)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
            raise self.refusal("truncated" if data[:2] == b"PK" else "not_zip") from error
        self._called: dict[str, str] = {}
        self.entries = self._check_entries()

    def refusal(self, what: str, **facts: object) -> PackageError:
        """The error to raise about this file."""
        return PackageError(file=self.file, what=what, **facts)

    def _check_entries(self) -> dict[str, zipfile.ZipInfo]:
        """The parts by their names. Folders, and names that no part can have (``../a``), are passed over."""
        entries: dict[str, zipfile.ZipInfo] = {}
        infos = self._zip.infolist()
        if len(infos) > self.limits.parts:
            raise self.refusal("too_many_parts", count=len(infos), limit=self.limits.parts)
        for info in infos:
            name = info.filename.replace("\\", "/").removeprefix("/")
            if not _NO_PART.isdisjoint(name.split("/")):
                continue
            if name.lower() in self._called:  # ECMA-376 part 2, 6.3.5: names that differ in case alone are one
                raise self.refusal("doubled_part", part=name)
            if info.flag_bits & 1:
                raise self.refusal("encrypted")
            if info.file_size > self.limits.part:
                raise self.refusal("part_too_large", part=name, size=info.file_size, limit=self.limits.part)
            most = max(self.limits.ratio_from, self.limits.ratio * (info.compress_size or 1))
            if info.file_size > most:
                raise self.refusal("inflated", part=name)
            entries[name] = info
            self._called[name.lower()] = name
        whole = sum(info.file_size for info in infos)
        if whole > self.limits.whole:
            raise self.refusal("too_large_inside", size=whole, limit=self.limits.whole)
        if shared := find_overlap(infos):
            raise self.refusal("overlapping_parts", part=shared)
        return entries

    def find_part(self, name: str) -> str:
        """A part's name as the zip spells it: in another case, or with ``%20`` undone. As given where it is none."""
        if name in self.entries:
            return name
        return self._called.get(name.lower()) or self._called.get(unquote(name).lower(), name)

    def spend(self, seconds: float) -> None:
        """Counts the time that the file's large parts have taken. Raises PackageError when it is too much."""
        self.spent += seconds
        if self.spent > self.limits.seconds:
            raise self.refusal("too_slow", limit=self.limits.seconds)

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
                raise self.refusal("missing_part", part=name)
            try:
                self._plain[name] = self._inflate(self.entries[name])
            except (
                zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
                struct.error,
            ) as error:  # fmt: skip
                raise self.refusal("damaged_part", part=name) from error
        return self._plain[name]

    def _inflate(self, info: zipfile.ZipInfo) -> bytes:
        """As ``zipfile`` reads it, with the same checks, at a third of the cost. The directory's sizes are believed.

        ECMA-376 part 2 knows no other way to pack a part, and others ``zipfile`` would unpack without a limit.
        """
        magic, _, flags, *_, name_length, extra_length = LOCAL_HEADER.unpack_from(self.data, info.header_offset)
        start = info.header_offset + LOCAL_HEADER.size
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
        head = self.data[info.header_offset : info.header_offset + LOCAL_HEADER.size]
        if len(head) < LOCAL_HEADER.size:
            raise self.refusal("damaged_part", part=name)
        name_length, extra_length = LOCAL_HEADER.unpack(head)[-2:]
        start = info.header_offset + LOCAL_HEADER.size + name_length + extra_length
        return Part(name, self.data[start : start + info.compress_size], info.CRC, info.file_size, info.compress_type)

    def replace_parts(self, parts: Mapping[str, bytes], removed: Iterable[str] = ()) -> bytes:
        """The package with these parts in the place of their namesakes, new ones at the end; the rest as it was."""
        gone = set(removed)
        kept = [
            pack(name, parts[name]) if name in parts else self.part(name) for name in self.entries if name not in gone
        ]
        new = [pack(name, data) for name, data in parts.items() if name not in self.entries]
        return write_zip([*kept, *new])


_MANY = 100_000  # bytes of a file that can hold too many entries
_NO_PART = frozenset(("", ".", ".."))  # as a step of a part's name (ECMA-376 part 2, 6.2.2.2)

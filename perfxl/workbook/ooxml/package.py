"""The package of a workbook: a zip of parts, opened under limits and written as a whole.

Parts that are not changed stay the same byte for byte. Zips are read by ``zipfile``; they are written by
``perfxl.workbook.ooxml.zip_file``, because no library copies a part's deflated bytes as they are.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from time import process_time
from urllib.parse import unquote

from perfxl.errors import PackageError
from perfxl.workbook.ooxml.limits import LIMITS, Limits
from perfxl.workbook.ooxml.zip_file import LOCAL_HEADER, Part, find_overlap, pack, write_zip


class Package:
    """A returned file's parts, by name.

    ``file``: the name that errors give. Raises PackageError for a file that cannot be opened or exceeds a limit.
    """

    def __init__(self, data: bytes, file: str, limits: Limits = LIMITS, origin: str = "") -> None:
        self.data = data
        self.origin = origin
        """The format of the original file if this package was converted from another one: ``xls``, ``ods`` …"""
        self.file = file
        self.limits = limits
        self.spent = 0.0
        self._plain: dict[str, bytes] = {}
        # zipfile would make an object of every entry, however many there are, before they can be counted
        if len(data) > _MANY and (count := data.count(b"PK\x01\x02")) > limits.parts:
            raise self.refusal("too_many_parts", count=count, limit=limits.parts)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
            raise self.refusal("truncated" if data[:2] == b"PK" else "not_zip") from error
        self._called: dict[str, str] = {}
        self.entries = self._check_entries()

    def refusal(self, what: str, **facts: object) -> PackageError:
        """Return the error to raise about this file. ``what``: the error's name; ``facts``: what its message states."""
        return PackageError(file=self.file, what=what, **facts)

    def _check_entries(self) -> dict[str, zipfile.ZipInfo]:
        """Return the parts by their names. Folders, and names that no part can have (``../a``), are skipped.

        Raises PackageError for encrypted, overlapping or doubled parts, and for parts that exceed a limit.
        """
        entries: dict[str, zipfile.ZipInfo] = {}
        infos = self._zip.infolist()
        if len(infos) > self.limits.parts:
            raise self.refusal("too_many_parts", count=len(infos), limit=self.limits.parts)
        for info in infos:
            name = info.filename.replace("\\", "/").removeprefix("/")
            if not _NO_PART.isdisjoint(name.split("/")):
                continue
            if name.lower() in self._called:  # ECMA-376 part 2, 6.3.5: names that differ only in case are equal
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
        """Return a part's name as the zip spells it: in another case, or with ``%20`` decoded.

        A name that no part has is returned as it is.
        """
        if name in self.entries:
            return name
        plain = unquote(name).lower()
        return self._called.get(name.lower()) or self._called.get(plain) or self._decoded.get(plain, name)

    @cached_property
    def _decoded(self) -> dict[str, str]:
        """The names of the parts that the zip spells with ``%20`` and the like, by what they are decoded."""
        return {unquote(name).lower(): name for name in self.entries if "%" in name}

    def spend(self, seconds: float) -> None:
        """Add to the time that the work on the file has taken. Raises PackageError when it is too much."""
        self.spent += seconds
        if self.spent > self.limits.seconds:
            raise self.refusal("too_slow", limit=self.limits.seconds)

    @contextmanager
    def work(self) -> Iterator[None]:
        """Count the time of what is done with the file. Raises PackageError at its end when all of it is too much."""
        before, started = self.spent, process_time()
        yield
        self.spent = before  # what was spent within is part of the whole
        self.spend(process_time() - started)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parts, in the zip's order."""
        return tuple(self.entries)

    def read(self, name: str) -> bytes:
        """Return a part's plain bytes. Raises PackageError if the part is missing or damaged."""
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
        """Return a part's plain bytes, as ``zipfile`` does with the same checks, at a third of the cost.

        The sizes in the directory are trusted. Other compression methods than stored and deflated raise
        NotImplementedError: ECMA-376 part 2 has no other, and ``zipfile`` would unpack others without a limit.
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
        """Return a part as it is, its deflated bytes untouched, for ``write_zip``."""
        info = self.entries[name]
        head = self.data[info.header_offset : info.header_offset + LOCAL_HEADER.size]
        if len(head) < LOCAL_HEADER.size:
            raise self.refusal("damaged_part", part=name)
        name_length, extra_length = LOCAL_HEADER.unpack(head)[-2:]
        start = info.header_offset + LOCAL_HEADER.size + name_length + extra_length
        return Part(name, self.data[start : start + info.compress_size], info.CRC, info.file_size, info.compress_type)

    def replace_parts(self, parts: Mapping[str, bytes], removed: Iterable[str] = ()) -> bytes:
        """Return the bytes of the package with some parts replaced, added (at the end) or removed.

        All other parts stay as they were. A part is replaced whatever the case is in which its name is given.
        """
        parts, gone = {self.find_part(name): data for name, data in parts.items()}, set(map(self.find_part, removed))
        kept = [
            pack(name, parts[name]) if name in parts else self.part(name) for name in self.entries if name not in gone
        ]
        new = [pack(name, data) for name, data in parts.items() if name not in self.entries]
        return write_zip([*kept, *new])


_MANY = 100_000  # bytes; only a larger file can have too many entries
_NO_PART = frozenset(("", ".", ".."))  # not allowed as a segment of a part's name (ECMA-376 part 2, 6.2.2.2)

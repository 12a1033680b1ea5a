"""The zip format (PKWARE APPNOTE 6.3.9), written here: no library copies a part's deflated bytes as they are."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter


@dataclass(frozen=True)
class Part:
    """A part ready to be zipped: its name, its deflated (or stored) bytes, CRC-32 and plain size in bytes."""

    name: str
    packed: bytes
    crc: int
    size: int
    method: int = zipfile.ZIP_DEFLATED

    @cached_property
    def local(self) -> bytes:
        """The part's local header, which precedes its bytes (PKWARE APPNOTE 6.3.9, 4.3.7)."""
        name, extra = self.encoded, self.extra
        sizes = (self.crc, len(self.packed), self.size, len(name), len(extra))
        return LOCAL_HEADER.pack(b"PK\x03\x04", 20, self.flag, self.method, 0, _DATE, *sizes) + name + extra

    @cached_property
    def central(self) -> bytes:
        """The part's entry in the zip's directory, without the offset of its local header and its name (4.3.12)."""
        sizes = (self.crc, len(self.packed), self.size, len(self.encoded), len(self.extra))
        return _CENTRAL.pack(b"PK\x01\x02", 20, 20, self.flag, self.method, 0, _DATE, *sizes, 0, 0, 0, 0)

    @property
    def encoded(self) -> bytes:
        """The part's name as it stands in the zip."""
        return self.name.encode()

    @property
    def extra(self) -> bytes:
        """The extra fields behind the name (4.5)."""
        return b""

    @property
    def flag(self) -> int:
        """The general purpose bit flag: bit 11 says that the name is in UTF-8."""
        return 0 if self.name.isascii() else 0x800


QUICK = 2
"""zlib's level for what is deflated for each workbook.

It takes half the time of level 6 and gives an eighth more bytes; level 1 takes as long and gives 3 % more (measured on
forms). ISA-L (the package isal) takes half the time, but has code of its own for each kind of processor, and nobody
promises that all of it gives the same bytes: the same book must have them on every desk.
"""


def pack(name: str, data: bytes, level: int = QUICK) -> Part:
    """Make a part from plain bytes."""
    return Part(name, deflate(data, level), zlib.crc32(data), len(data))


def deflate(data: bytes, level: int = QUICK, last: bool = True) -> bytes:
    """Deflate plain bytes.

    If they are not the ``last`` ones of their part, the result ends on a whole byte, so that others can follow.
    """
    # memory level 6: setting up the usual 8 costs 40 µs, more than deflating most parts
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15, 6)
    return deflater.compress(data) + deflater.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


LOCAL_HEADER = struct.Struct("<4s5H3L2H")


_CENTRAL = struct.Struct("<4s6H3L5HL")


_OFFSET = struct.Struct("<L")


_END = struct.Struct("<4s4H2LH")


_DATE = (1 << 5) | 1  # 1980-01-01, the zip format's first day: no clock in what perfxl writes


def write_zip(parts: Iterable[Part]) -> bytes:
    """Return the zip of these parts, in their order (PKWARE APPNOTE 6.3.9, 4.3). The same parts give the same bytes."""
    local: list[bytes] = []
    central: list[bytes] = []
    offset = 0
    for part in parts:
        local += (part.local, part.packed)
        central += (part.central, _OFFSET.pack(offset), part.encoded + part.extra)
        offset += len(part.local) + len(part.packed)
    directory = b"".join(central)
    count = len(central) // 3
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
    return b"".join((*local, directory, end))


def find_overlap(infos: Iterable[zipfile.ZipInfo]) -> str:
    """Return the name of a zip's entry that begins within another one; empty if there is none.

    Overlapping entries are a way to unpack the same bytes again and again.
    """
    end = 0
    for info in sorted(infos, key=_header_offset):
        if info.header_offset < end:
            return info.filename
        end = info.header_offset + LOCAL_HEADER.size + info.compress_size
    return ""


_header_offset = attrgetter("header_offset")

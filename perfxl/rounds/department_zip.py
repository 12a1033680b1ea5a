"""Zips for a department, whose names Windows 7 and today's tools show rightly.

Windows 7 takes names for GBK whatever the zip says; today's tools read the UTF-8 name in the extra field 0x7075
(PKWARE APPNOTE 6.3.9, 4.6.9). Python's zipfile writes neither.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from perfxl.workbook.ooxml.zip_file import Part, pack, write_zip

_UNICODE_PATH = struct.Struct("<HHBL")


class NamedPart(Part):
    """A file of such a zip. A name that GBK cannot hold stands in UTF-8 alone, marked as such."""

    @property
    def encoded(self) -> bytes:
        """The name as it stands in the zip."""
        return self.name.encode("gbk" if fits_old_windows(self.name) else "utf-8")

    @property
    def extra(self) -> bytes:
        """The name in UTF-8 with the check of the other one."""
        if self.name.isascii() or self.flag:
            return b""
        name = self.name.encode()
        return _UNICODE_PATH.pack(0x7075, 5 + len(name), 1, zlib.crc32(self.encoded)) + name

    @property
    def flag(self) -> int:
        """The general purpose bit flag: bit 11 says that the name is in UTF-8."""
        return 0 if fits_old_windows(self.name) else 0x800


def fits_old_windows(name: str) -> bool:
    """Return True for a name that a Windows 7 in Chinese shows rightly."""
    try:
        name.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def write_zip_of(members: Mapping[str, bytes]) -> bytes:
    """Return a zip of files by their names, ``/`` between folders. The same files give the same bytes."""
    packed = (pack(name, data) for name, data in members.items())
    return write_zip(NamedPart(part.name, part.packed, part.crc, part.size) for part in packed)

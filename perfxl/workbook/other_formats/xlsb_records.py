"""The records of a binary workbook's parts, BIFF12 (MS-XLSB 2.1.4), and their texts."""

from __future__ import annotations

import struct
from collections.abc import Iterator


def read_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the type and data of each record of a part.

    The type is a number of one or two bytes, the length one of up to four, with seven bits in each byte (2.1.4).
    """
    at = 0
    while at < len(data):
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        length = shift = 0
        while True:
            byte = data[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift == 28:
                break
        if at + length > len(data):
            raise IndexError(at)
        yield kind, data[at : at + length]
        at += length


def read_text(data: bytes, at: int) -> tuple[str, int]:
    """Return an XLWideString (2.5.169) and the offset of its end; a null string is empty."""
    (length,) = struct.unpack_from("<L", data, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(data):
        raise IndexError(end)
    return data[at + 4 : end].decode("utf-16-le", "replace"), end

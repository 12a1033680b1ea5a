"""Zips as no honest program writes them, or as few do."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Parts = dict[str, bytes]


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a doubled name is what is wanted
        for name, data in parts:
            archive.writestr(name, data)
    return stream.getvalue()


def changed(good: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    parts = parts_of(good)
    assert name in parts
    return zipped({**parts, name: change(parts[name])}.items())


def without(good: bytes, name: str) -> bytes:
    return zipped((each, data) for each, data in parts_of(good).items() if each != name)


@dataclass
class Entry:
    """One entry, with every field that a zip states of it, in its own header and in the directory."""

    name: bytes
    data: bytes
    method: int = 8
    flags: int = 0
    local: Mapping[str, int] = field(default_factory=dict)
    central: Mapping[str, int] = field(default_factory=dict)
    after: bytes = b""

    @property
    def packed(self) -> bytes:
        if self.method != 8:
            return self.data
        deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
        return deflater.compress(self.data) + deflater.flush()

    def header(self) -> bytes:
        said = {"crc": zlib.crc32(self.data), "packed": len(self.packed), "size": len(self.data), **self.local}
        fields = (20, self.flags, self.method, 0, 33, said["crc"], said["packed"], said["size"], len(self.name), 0)
        return struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + self.name

    def listed(self, offset: int) -> bytes:
        said = {
            "crc": zlib.crc32(self.data),
            "packed": len(self.packed),
            "size": len(self.data),
            "at": offset,
            **self.central,
        }
        fields = (20, 20, self.flags, self.method, 0, 33, said["crc"], said["packed"], said["size"], len(self.name))
        return struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields, 0, 0, 0, 0, 0, said["at"]) + self.name


def written(
    entries: Iterable[Entry], before: bytes = b"", after: bytes = b"", only: Iterable[Entry] = (), **end: int
) -> bytes:
    """The zip of these entries; ``only``: those that the directory lists and that have no bytes of their own.

    ``end``: what the last record states otherwise (``count``, ``size``, ``at``).
    """
    bodies, listed, offset = [before], [], 0
    for entry in entries:
        listed.append(entry.listed(offset))
        bodies.append(entry.header() + entry.packed + entry.after)
        offset += len(bodies[-1])
    listed += [entry.listed(0) for entry in only]
    body, directory, count = b"".join(bodies), b"".join(listed), len(listed)
    said = {"count": count, "size": len(directory), "at": len(body) - len(before), **end}
    last = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, said["count"] & 0xFFFF, said["count"] & 0xFFFF, said["size"], said["at"], 0
    )
    return body + directory + last + after


def entries(good: bytes) -> list[Entry]:
    return [Entry(name.encode(), data) for name, data in parts_of(good).items()]


def each(good: bytes, change: Callable[[Entry], Entry]) -> bytes:
    """The zip with every entry changed."""
    return written(map(change, entries(good)))


def described(entry: Entry) -> Entry:
    """As programs write that do not know a part's size beforehand: it follows the bytes (PKWARE APPNOTE, 4.3.9)."""
    packed = entry.packed
    after = struct.pack("<4s3L", b"PK\7\x08", zlib.crc32(entry.data), len(packed), len(entry.data))
    return Entry(entry.name, entry.data, flags=8, local={"crc": 0, "packed": 0, "size": 0}, after=after)


def zip64(good: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts_of(good).items():
            with archive.open(name, "w", force_zip64=True) as part:
                part.write(data)
    return stream.getvalue()


def overlapping(good: bytes) -> bytes:
    """Many entries that share the bytes of one: a small file that unpacks to a large one."""
    own = entries(good)
    shared = Entry(b"x/0", b"0123456789abcdef" * 250_000, method=0)
    at = sum(len(entry.header()) + len(entry.packed) for entry in own)
    return written(
        [*own, shared], only=[Entry(b"x/%d" % number, shared.data, 0, central={"at": at}) for number in range(1, 20)]
    )


def quoted(good: bytes) -> bytes:
    """An entry whose stored bytes are the header and the bytes of the next one."""
    own = entries(good)
    inner = Entry(b"x/inner", b"0123456789" * 100)
    outer = Entry(b"x/outer", inner.header() + inner.packed, method=0)
    at = sum(len(entry.header()) + len(entry.packed) for entry in own) + len(outer.header())
    return written([*own, outer], only=[Entry(inner.name, inner.data, central={"at": at})])

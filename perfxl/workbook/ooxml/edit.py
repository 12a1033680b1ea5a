"""Changing a part of somebody else's package: pieces are cut out and put in, every other byte stays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.xml import make_parser, parse_part

DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Span:
    """An element's place in a part, in bytes. ``close`` is where its end tag begins: ``start`` for an empty tag.

    ``tag`` and ``attributes`` are as written, ``name`` is without a prefix; ``parent`` is an index in the outline.
    """

    tag: str
    name: str
    attributes: dict[str, str]
    start: int
    close: int
    end: int
    depth: int
    parent: int

    def inner(self, data: bytes) -> tuple[int, int] | None:
        """What stands between its tags; None for an empty tag."""
        opening = _TAG.match(data, self.start)
        assert opening is not None
        return None if self.close == self.start else (opening.end(), self.close)


@dataclass(frozen=True)
class Splice:
    """Bytes ``start`` to ``end`` become ``new``; equal ends insert."""

    start: int
    end: int
    new: bytes


def apply_splices(data: bytes, changes: Iterable[Splice]) -> bytes:
    """The part with these changes, which must not overlap; insertions at one place keep their order."""
    pieces: list[bytes] = []
    at = 0
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        pieces += (data[at : change.start], change.new)
        at = change.end
    return b"".join((*pieces, data[at:]))


_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")


def outline(data: bytes, depth: int, package: Package, part: str) -> list[Span]:
    """The elements down to ``depth`` (the root is 1), in the order of their start.

    ``data`` must be UTF-8: expat counts bytes of its input. Raises PackageError for what is no well-formed XML, deeper
    than it may be, or of more elements than are kept.
    """
    limits = package.limits
    starts: list[tuple[str, dict[str, str], int, int, int]] = []
    ends: dict[int, tuple[int, int]] = {}
    stack: list[int] = []
    level = 0
    reader: Any = make_parser(package, part)

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal level
        level += 1
        if level > limits.depth:
            raise package.refusal("too_deep", part=part, limit=limits.depth)
        if level <= depth:
            if len(starts) >= limits.elements:
                raise package.refusal("too_many_elements", part=part, limit=limits.elements)
            starts.append((tag, attributes, reader.CurrentByteIndex, level, stack[-1] if stack else -1))
            stack.append(len(starts) - 1)

    def end(tag: str) -> None:
        nonlocal level
        if level <= depth:
            index = stack.pop()
            at, close = starts[index][2], reader.CurrentByteIndex
            whole = _TAG.match(data, at)
            assert whole is not None
            if whole[0].endswith(b"/>"):  # expat tells of its end where it begins, or where it ends
                ends[index] = (at, whole.end())
            else:
                ends[index] = (close, data.index(b">", close) + 1)
        level -= 1

    reader.StartElementHandler, reader.EndElementHandler = start, end
    parse_part(reader, data, package, part)
    return [
        Span(tag, tag.rpartition(":")[2], attributes, at, *ends[index], level, parent)
        for index, (tag, attributes, at, level, parent) in enumerate(starts)
    ]


def children_of(spans: Iterable[Span]) -> dict[int, list[Span]]:
    """The elements right inside each, by its place in the outline; -1 for the root."""
    found: dict[int, list[Span]] = {}
    for span in spans:
        found.setdefault(span.parent, []).append(span)
    return found


_ENCODED = re.compile(rb"""<\?xml[^<>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")


def to_utf8(data: bytes) -> bytes:
    """The part in UTF-8, as nearly every program writes it; what is in another encoding is turned into it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif data[:2] in (b"<\0", b"\0<"):
        encoding = "utf-16-le" if data[:1] == b"<" else "utf-16-be"
    else:
        said = _ENCODED.match(data)
        encoding = said[1].decode().lower() if said else "utf-8"
        if encoding in ("utf-8", "us-ascii", "ascii"):
            return data
    try:
        text = data.decode(encoding)
    except (LookupError, ValueError):  # an encoding that is none: whoever parses the part says so
        return data
    return re.sub(r"^<\?xml[^<>]*\?>", "", text).encode()


_SPECIAL = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]")


def escape_text(text: str) -> str:
    """A text between tags; characters that XML does not have are written as the format's own escapes."""
    if not _SPECIAL.search(text):
        return text
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text) if "_x" in text else text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def quote_attribute(text: str) -> str:
    """A text as an attribute's value with its quotes."""
    return '"' + escape_text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;") + '"'


def add_prefix(xml: str, prefix: str) -> str:
    """The XML with a prefix on every element that has none: Tencent Docs writes ``x:row``."""
    return re.sub(r"<(/?)(\w+)(?=[\s/>])", rf"<\1{prefix}\2", xml) if prefix else xml


def namespace_prefix(data: bytes) -> str:
    root = re.search(rb"<((?:\w+:)?)\w+[\s>]", re.sub(rb"^\s*<\?xml[^>]*\?>", b"", data))
    return root[1].decode() if root else ""


def cells_end(data: bytes, prefix: bytes) -> int:
    """Where the cells end: the place just after ``</sheetData>``; -1 where there are none."""
    for tag in (b"</" + prefix + b"sheetData>", b"<" + prefix + b"sheetData/>"):
        if (at := data.rfind(tag)) >= 0:
            return at + len(tag)
    return -1

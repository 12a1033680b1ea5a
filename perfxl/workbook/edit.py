"""Changing a part of somebody else's package: pieces are cut out and put in, every other byte stays."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from perfxl.workbook.package import Package, parse, parser

DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Span:
    """An element's place in a part, in bytes: the whole of it, and what stands between its tags.

    ``inner`` is None for an empty tag. ``tag`` and ``attributes`` are as written, ``name`` is without a prefix.
    """

    tag: str
    attributes: dict[str, str]
    start: int
    end: int
    inner: tuple[int, int] | None
    depth: int
    parent: int

    @property
    def name(self) -> str:
        """The element's name without a prefix."""
        return self.tag.rpartition(":")[2]


@dataclass(frozen=True)
class Change:
    """Bytes ``start`` to ``end`` become ``new``; equal ends insert."""

    start: int
    end: int
    new: bytes


def apply(data: bytes, changes: Iterable[Change]) -> bytes:
    """The part with these changes, which must not overlap; insertions at one place keep their order."""
    pieces: list[bytes] = []
    at = 0
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        pieces += (data[at : change.start], change.new)
        at = change.end
    return b"".join((*pieces, data[at:]))


_EMPTY_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")


def outline(data: bytes, depth: int, package: Package, part: str) -> list[Span]:
    """The elements down to ``depth`` (the root is 1), in the order of their start.

    ``data`` must be UTF-8: expat counts bytes of its input.
    """
    found: list[Span] = []
    stack: list[tuple[str, dict[str, str], int, int]] = []
    level = 0
    reader: Any = parser(package, part)

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal level
        level += 1
        if level <= depth:
            parent = stack[-1][3] if stack else -1
            found.append(Span(tag, attributes, reader.CurrentByteIndex, 0, None, level, parent))
            stack.append((tag, attributes, reader.CurrentByteIndex, len(found) - 1))

    def end(tag: str) -> None:
        nonlocal level
        if level <= depth:
            _, _, at, index = stack.pop()
            opening = _EMPTY_TAG.match(data, at)
            assert opening is not None
            closing = reader.CurrentByteIndex
            empty = data[opening.end() - 2 : opening.end()] == b"/>"
            stop = opening.end() if empty else data.index(b">", closing) + 1
            inner = None if empty else (opening.end(), closing)
            old = found[index]
            found[index] = Span(old.tag, old.attributes, at, stop, inner, old.depth, old.parent)
        level -= 1

    reader.StartElementHandler, reader.EndElementHandler = start, end
    parse(reader, data, package, part)
    return found


def utf8(data: bytes) -> bytes:
    """The part in UTF-8, as nearly every program writes it; UTF-16 is turned into it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16")
        return re.sub(r"^<\?xml[^>]*\?>", "", text).encode()
    return data


def escaped(text: str) -> str:
    """A text between tags; characters that XML does not have are written as the format's own escapes."""
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]", lambda match: f"_x{ord(match[0]):04X}_", text)


def quoted(text: str) -> str:
    """A text as an attribute's value with its quotes."""
    text = escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return f'"{text}"'


def prefixed(xml: str, prefix: str) -> str:
    """The XML with a prefix on every element that has none: Tencent Docs writes ``x:row``."""
    return re.sub(r"<(/?)(\w+)(?=[\s/>])", rf"<\1{prefix}\2", xml) if prefix else xml

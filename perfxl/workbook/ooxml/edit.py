"""Changes to a part of somebody else's package: pieces are cut out or put in, every other byte stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.xml import make_parser, parse_part

DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class Span(NamedTuple):
    """An element's place in a part, in bytes.

    ``close`` is the place where its end tag begins; for an empty tag it equals ``start``. ``tag`` and ``attributes``
    are as written, ``name`` is without a prefix; ``depth`` counts from 1; ``parent`` is an index in the outline, -1
    for the root.
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
        """Return the start and the end of the content between the element's tags; None for an empty tag."""
        opening = _TAG.match(data, self.start)
        assert opening is not None
        return None if self.close == self.start else (opening.end(), self.close)


class Splice(NamedTuple):
    """A change of a part: the bytes from ``start`` to before ``end`` become ``new``. If both are equal, it inserts."""

    start: int
    end: int
    new: bytes


def apply_splices(data: bytes, changes: Iterable[Splice]) -> bytes:
    """Return the part with these changes, which must not overlap; insertions at one place keep their order."""
    pieces: list[bytes] = []
    at = 0
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        pieces += (data[at : change.start], change.new)
        at = change.end
    return b"".join((*pieces, data[at:]))


_TAG = re.compile(rb"<(?:[^>\"']+|\"[^\"]*\"|'[^']*')*>")


def outline(data: bytes, depth: int, package: Package, part: str) -> list[Span]:
    """Return the elements down to ``depth`` (the root is 1), in the order of their starts.

    ``data`` must be UTF-8: expat counts bytes of its input. Raises PackageError for a part that is no well-formed XML,
    is nested too deeply, or has more elements than the limit.
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
            # expat reports the end of an empty tag at its start or at its end
            if close == at or data.startswith(b"/>", close - 2):
                whole = _TAG.match(data, at)
                assert whole is not None
                if whole[0].endswith(b"/>"):
                    close, ended = at, whole.end()
                else:
                    ended = data.index(b">", close) + 1
            else:
                ended = data.index(b">", close) + 1
            ends[index] = (close, ended)
        level -= 1

    reader.StartElementHandler, reader.EndElementHandler = start, end
    parse_part(reader, data, package, part)
    return [
        Span(tag, tag.rpartition(":")[2], attributes, at, *ends[index], level, parent)
        for index, (tag, attributes, at, level, parent) in enumerate(starts)
    ]


def append_to(data: bytes, span: Span, xml: str) -> Splice:
    """Return the change that adds elements, written without a prefix, at the end of an element's content."""
    prefix = span.tag.rpartition(":")[0]
    new = add_prefix(xml, f"{prefix}:" if prefix else "").encode()
    if span.close > span.start:
        return Splice(span.close, span.close, new)
    opening = data[span.start : span.end - 2].rstrip()  # without the end of the empty tag: "/>"
    return Splice(span.start, span.end, opening + b">" + new + b"</" + span.tag.encode() + b">")


def children_of(spans: Iterable[Span]) -> dict[int, list[Span]]:
    """Return the direct children of every element, by its index in the outline; the root is the child of -1."""
    children: dict[int, list[Span]] = {}
    for span in spans:
        children.setdefault(span.parent, []).append(span)
    return children


_ENCODED = re.compile(rb"""<\?xml[^<>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")


def to_utf8(data: bytes) -> bytes:
    """Return the part in UTF-8; it is converted if it is in another encoding, as few programs write it.

    A part that cannot be decoded is returned as it is.
    """
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
    except (LookupError, ValueError):  # an unknown or wrong encoding: the parser of the part will report it
        return data
    return re.sub(r"^<\?xml[^<>]*\?>", "", text).encode()


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]")


def escape_text(text: str) -> str:
    """Escape a text for the place between tags; characters not allowed in XML become the format's own escapes.

    Those are ``_x000D_`` and the like (ECMA-376 part 1, 22.9.2.19, ST_Xstring).
    """
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text) if "_x" in text else text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text if text.isprintable() else _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def quote_attribute(text: str) -> str:
    """Return a text as an attribute's value, escaped and with its quotes."""
    return '"' + escape_text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;") + '"'


def add_prefix(xml: str, prefix: str) -> str:
    """Add a namespace prefix to every element that has none, for parts with prefixes: Tencent Docs writes ``x:row``."""
    return re.sub(r"<(/?)(\w+)(?=[\s/>])", rf"<\1{prefix}\2", xml) if prefix else xml


def cells_end(data: bytes, prefix: bytes) -> int:
    """Return the place after the end of ``sheetData``; -1 if there is no such element."""
    for tag in (b"</" + prefix + b"sheetData>", b"<" + prefix + b"sheetData/>"):
        if (at := data.rfind(tag)) >= 0:
            return at + len(tag)
    return -1

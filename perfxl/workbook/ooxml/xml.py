"""Parts parsed as XML by expat, under limits: no DOCTYPE, no great depth, no endless token."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any
from xml.parsers import expat

from perfxl.workbook.ooxml.package import Package

LARGE = 1_000_000
"""Bytes of a part from which on more is asked about it: no form has such a part, and what is smaller can do no harm."""


_PIECE = 4_000_000  # bytes parsed at a time: a comment that is longer is begun anew with each


def make_parser(package: Package, part: str) -> Any:
    """An expat parser that refuses a DOCTYPE, and so every entity. Deep nesting is left to its caller."""
    reader = expat.ParserCreate()
    reader.buffer_text = True

    def refuse(*_: object) -> None:
        raise package.refusal("doctype", part=part)

    reader.StartDoctypeDeclHandler = refuse
    return reader


def parse_part(reader: Any, data: bytes, package: Package, part: str) -> None:
    """Runs the parser over a part. Raises PackageError where the part is no well-formed XML, or too much of it."""
    try:
        if len(data) <= LARGE:
            reader.Parse(data, True)
        else:
            _parse_large(reader, data, package, part)
    except (expat.ExpatError, ValueError, LookupError) as error:  # LookupError: an encoding that is none
        raise package.refusal("damaged_part", part=part) from error
    finally:
        # a handler that knows its parser would keep both, and all they know, until the next garbage collection
        reader.StartElementHandler = reader.EndElementHandler = reader.CharacterDataHandler = None


def _parse_large(reader: Any, data: bytes, package: Package, part: str) -> None:
    """Piece by piece: expat keeps every name that it meets, and a whole tag or text, however long."""
    limits = package.limits
    at = 0
    while len(data) - at > limits.token:  # the last "<" within reach: neither a tag nor a text can hold one
        at = data.rfind(b"<", at + 1, at + limits.token)
        if at < 0:
            raise package.refusal("token_too_long", part=part, limit=limits.token)
    for at in range(0, len(data), _PIECE):
        started = process_time()
        reader.Parse(data[at : at + _PIECE], at + _PIECE >= len(data))
        if at + _PIECE - reader.CurrentByteIndex > limits.token and at + _PIECE < len(data):  # a comment, unfinished
            raise package.refusal("token_too_long", part=part, limit=limits.token)
        if len(reader.intern) > limits.words:
            raise package.refusal("too_many_words", part=part, limit=limits.words)
        package.spend(process_time() - started)


Start = Callable[[str, dict[str, str]], None]


End = Callable[[str], None]


def walk_elements(
    package: Package, part: str, start: Start, end: End | None = None, characters: End | None = None, data: bytes = b""
) -> None:
    """Gives every element of a part to these handlers, its name without a prefix. ``data``: the part, if not as it is.

    Some programs write ``x:row``, most do not and pay nothing for it. Raises PackageError for what is no well-formed
    XML, has a DOCTYPE, or is large and deeper than it may be.
    """
    data = data or package.read(part)
    depth = 0
    limit = package.limits.depth

    def first(tag: str, attributes: dict[str, str]) -> None:
        if len(data) > LARGE or ":" in tag:
            reader.StartElementHandler, reader.EndElementHandler = counted, last
        else:  # nearly always: nothing has to stand between
            reader.StartElementHandler, reader.EndElementHandler = start, end
        reader.StartElementHandler(tag, attributes)

    def counted(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > limit:
            raise package.refusal("too_deep", part=part, limit=limit)
        start(tag.rpartition(":")[2] if ":" in tag else tag, attributes)

    def last(tag: str) -> None:
        nonlocal depth
        depth -= 1
        if end:
            end(tag.rpartition(":")[2] if ":" in tag else tag)

    reader = make_parser(package, part)
    reader.StartElementHandler, reader.CharacterDataHandler = first, characters
    parse_part(reader, data, package, part)

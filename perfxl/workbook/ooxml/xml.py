"""Parsing of parts as XML by expat, under limits: no DOCTYPE, no deep nesting, no very long token."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from time import process_time
from typing import Any
from xml.parsers import expat

from perfxl.workbook.ooxml.package import Package

LARGE = 1_000_000
"""The size of a part, in bytes, above which more limits are checked.

No form has a larger part, and a smaller one can do no harm.
"""


_PIECE = 4_000_000  # bytes parsed at a time: expat scans a longer comment from its start again with every piece


def make_parser(package: Package, part: str) -> Any:
    """Return an expat parser that refuses a DOCTYPE, and so every entity. The caller has to limit the nesting depth."""
    reader = expat.ParserCreate()
    reader.buffer_text = True

    def refuse(*_: object) -> None:
        raise package.refusal("doctype", part=part)

    reader.StartDoctypeDeclHandler = refuse
    return reader


def parse_part(reader: Any, data: bytes, package: Package, part: str) -> None:
    """Run the parser over a part. Raises PackageError if the part is no well-formed XML, or exceeds a limit."""
    try:
        if len(data) <= LARGE:
            reader.Parse(data, True)
        else:
            _parse_large(reader, data, package, part)
    except (expat.ExpatError, ValueError, LookupError) as error:  # LookupError: an unknown encoding
        raise package.refusal("damaged_part", part=part) from error
    finally:
        # a handler that refers to its parser would keep both, with all their data, until the next garbage collection
        reader.StartElementHandler = reader.EndElementHandler = reader.CharacterDataHandler = None


def _parse_large(reader: Any, data: bytes, package: Package, part: str) -> None:
    """Parse a large part piece by piece, and check the limits of tokens, names and time.

    Expat keeps every name in memory, and every tag or text as a whole, however long it is.
    """
    limits = package.limits
    at = 0
    while len(data) - at > limits.token:  # the last "<" within reach: neither a tag nor a text can hold one
        at = data.rfind(b"<", at + 1, at + limits.token)
        if at < 0:
            raise package.refusal("token_too_long", part=part, limit=limits.token)
    for at in range(0, len(data), _PIECE):
        started = process_time()
        reader.Parse(data[at : at + _PIECE], at + _PIECE >= len(data))
        if at + _PIECE - reader.CurrentByteIndex > limits.token and at + _PIECE < len(data):  # an unfinished comment
            raise package.refusal("token_too_long", part=part, limit=limits.token)
        if len(reader.intern) > limits.words:
            raise package.refusal("too_many_words", part=part, limit=limits.words)
        package.spend(process_time() - started)


Start = Callable[[str, dict[str, str]], None]


End = Callable[[str], None]


def walk_elements(
    package: Package, part: str, start: Start, end: End | None = None, characters: End | None = None, data: bytes = b""
) -> None:
    """Call the handlers for every element of a part, with its name without a namespace prefix.

    Some programs write ``x:row``; for the others, removing prefixes costs nothing. ``data``: the part's bytes if they
    are not to be read from the package. Raises PackageError for a part that is no well-formed XML, has a DOCTYPE, or
    is large and nested too deeply.
    """
    data = data or package.read(part)
    depth = 0
    limit = package.limits.depth

    def start_first(tag: str, attributes: dict[str, str]) -> None:
        if len(data) > LARGE or ":" in tag:
            reader.StartElementHandler, reader.EndElementHandler = start_counted, end_counted
        else:  # nearly always: the handlers are called directly
            reader.StartElementHandler, reader.EndElementHandler = start, end
        reader.StartElementHandler(tag, attributes)

    def start_counted(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > limit:
            raise package.refusal("too_deep", part=part, limit=limit)
        start(tag.rpartition(":")[2] if ":" in tag else tag, attributes)

    def end_counted(tag: str) -> None:
        nonlocal depth
        depth -= 1
        if end:
            end(tag.rpartition(":")[2] if ":" in tag else tag)

    reader = make_parser(package, part)
    reader.StartElementHandler, reader.CharacterDataHandler = start_first, characters
    parse_part(reader, data, package, part)


def walk_mixed(
    package: Package, part: str, start: Start, end: End | None = None, characters: End | None = None, data: bytes = b""
) -> None:
    """Call the handlers as ``walk_elements`` does, for a part with elements of several namespaces.

    ``walk_elements`` removes prefixes only where the root has one; here every name comes without its prefix.
    """

    def start_plain(tag: str, attributes: dict[str, str]) -> None:
        start(tag.rpartition(":")[2], attributes)

    def end_plain(tag: str) -> None:
        if end:
            end(tag.rpartition(":")[2])

    walk_elements(package, part, start_plain, end_plain, characters, data)


def whole_number(text: str | None, otherwise: int = -1) -> int:
    """Return the whole number that an attribute states; ``otherwise`` if it states none, or more than 9 digits."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


_START = re.compile(
    rb"""(?:\xef\xbb\xbf)?(?:<\?xml(?:(?! encoding)[^<>])*(?: encoding=["'](?i:utf-8)["'][^<>]*)?\?>)?\s*<\w"""
)
_REFERENCE = re.compile(r"&(?:([a-z]+)|#x([0-9A-Fa-f]+)|#([0-9]+));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def is_plain(data: bytes) -> bool:
    """Return True if a part is in UTF-8, with no comments, CDATA sections, instructions and carriage returns.

    In one that is well-formed besides, every ``<`` begins a tag, and the text between tags is what it seems to be, but
    for references to characters.
    """
    start = _START.match(data)  # with the line break that programs of Windows write behind the declaration
    return (
        start is not None
        and b"<!" not in data
        and data.rfind(b"<?") <= (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        and data.find(b"\r", start.end()) < 0
    )


def decode_references(text: str) -> str:
    """Return the text between two tags with the characters that references stand for (XML 1.0, 4.1 and 4.6)."""
    return _REFERENCE.sub(_character, text)


def _character(reference: re.Match[str]) -> str:
    name, hexadecimal, decimal = reference.groups()
    return _NAMED[name] if name else chr(int(hexadecimal, 16) if hexadecimal else int(decimal))

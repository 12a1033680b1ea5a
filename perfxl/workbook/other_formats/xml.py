"""The part that the readers of XML share: walking through elements, in encodings of China too."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from perfxl.workbook.ooxml.xml import walk_mixed

Start = Callable[[str, dict[str, str]], None]
Say = Callable[[str], None]


def walk_xml(source: Any, part: str, data: bytes, start: Start, end: Say, characters: Say) -> None:
    """Pass every element to these handlers, with the names of the element and its attributes without prefixes.

    ``source`` gives the limits and refuses the part: a Package or a ForeignFile. Raises PackageError: ``doctype``,
    ``too_deep``, ``damaged_part`` …
    """

    def start_without_prefixes(tag: str, attributes: dict[str, str]) -> None:
        start(tag, {name.rpartition(":")[2]: value for name, value in attributes.items()})

    walk_mixed(source, part, start_without_prefixes, end, characters, to_utf8(data))


_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")


def to_utf8(data: bytes) -> bytes:
    """Return XML in a Chinese encoding that it declares, which expat does not know, as UTF-8; any other unchanged."""
    declaration = _DECLARATION.match(data)
    if declaration is None or not declaration[1].lower().startswith((b"gb", b"cp936", b"big5")):
        return data
    encoding = "big5hkscs" if declaration[1].lower().startswith(b"big5") else "gb18030"
    return data[declaration.end() :].decode(encoding, "replace").encode()

"""What the readers of XML share: a walk through a part by names without prefixes, be it in an encoding of China."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from perfxl.workbook.ooxml.xml import walk_elements

Start = Callable[[str, dict[str, str]], None]
Say = Callable[[str], None]


def walk_xml(source: Any, part: str, data: bytes, start: Start, end: Say, characters: Say) -> None:
    """Gives every element to these handlers, its name and its attributes' names without a prefix.

    ``source`` is what refuses it: a Package or a Source. Raises PackageError: ``doctype``, ``too_deep``,
    ``damaged_part`` …
    """

    def first(tag: str, attributes: dict[str, str]) -> None:
        start(tag, {name.rpartition(":")[2]: value for name, value in attributes.items()})

    walk_elements(source, part, first, end, characters, to_utf8(data))


_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")


def to_utf8(data: bytes) -> bytes:
    """XML that says it is in an encoding of China, which expat does not know, as UTF-8; any other as it is."""
    found = _DECLARATION.match(data)
    if found is None or not found[1].lower().startswith((b"gb", b"cp936", b"big5")):
        return data
    encoding = "big5hkscs" if found[1].lower().startswith(b"big5") else "gb18030"
    return data[found.end() :].decode(encoding, "replace").encode()

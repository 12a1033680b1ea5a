"""Ways to spell one package: parts, names and the zip itself are written otherwise, and mean the same."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from hostile import zips
from hostile.zips import Entry, Parts
from workbook.ooxml.test_dialects import DIALECTS

SpelledParts = Callable[[Parts, random.Random], Parts]
XML = re.compile(r".*\.(?:xml|rels)$", re.IGNORECASE)


def each_part(pattern: str, change: Callable[[bytes], bytes]) -> SpelledParts:
    """The parts of these names, each changed."""
    return lambda parts, _: {
        name: change(data) if re.fullmatch(pattern, name) else data for name, data in parts.items()
    }


def dialect(name: str) -> SpelledParts:
    """A dialect in which whole files are read alike."""
    return lambda parts, _: {part: DIALECTS[name](part, data) for part, data in parts.items()}


def single_quotes(data: bytes) -> bytes:
    return re.sub(rb"(?<=[\w:])=\"([^\"'<>]*)\"", rb"='\1'", data)


def prefixed(data: bytes) -> bytes:
    """Every element of the part's own namespace with a prefix."""
    root = re.search(rb'<(\w+)(?:\s[^<>]*?)?\sxmlns="[^"]*"', data)
    if root is None:
        return data
    data = re.sub(rb"<(/?)(?=\w+[\s/>])", rb"<\1q:", data)
    return data.replace(b' xmlns="', b' xmlns:q="', 1)


def declared(codec: str, said: str) -> Callable[[bytes], bytes]:
    """The part in another encoding, which it declares, unless it is in another one than UTF-8 already."""

    def change(data: bytes) -> bytes:
        if data[:1] != b"<" or data[1:2] == b"\0" or b"ISO-8859-1" in data[:99]:
            return data
        text = re.sub(r"^<\?xml[^>]*\?>\s*", "", data.decode("utf-8-sig"))
        return f'<?xml version="1.0" encoding="{said}"?>{text}'.encode(codec, "xmlcharrefreplace")

    return change


def marked(data: bytes) -> bytes:
    """With a sign of the order of bytes, where the part is in UTF-8 and has none."""
    return (
        b"\xef\xbb\xbf" + data if data[:1] == b"<" and data[1:2] != b"\0" and b"ISO-8859-1" not in data[:99] else data
    )


def in_some_parts(change: Callable[[bytes], bytes]) -> SpelledParts:
    """Some of the parts, by chance, changed."""

    def spell(parts: Parts, chance: random.Random) -> Parts:
        return {
            name: change(data) if XML.match(name) and data.strip() and chance.random() < 0.5 else data
            for name, data in parts.items()
        }

    return spell


def shuffled(pattern: bytes) -> SpelledParts:
    """Lists of parts and relationships in another order."""

    def spell(parts: Parts, chance: random.Random) -> Parts:
        def change(data: bytes) -> bytes:
            found = re.findall(pattern, data)
            chance.shuffle(found)
            lines = iter(found)
            return re.sub(pattern, lambda _: next(lines), data)

        return {name: change(data) for name, data in parts.items()}

    return spell


def other_ids(parts: Parts, chance: random.Random) -> Parts:
    """The workbook's relationships under other ids."""
    number = chance.randrange(10, 99)

    def change(data: bytes) -> bytes:
        return re.sub(rb"""\b((?:r:)?[iI]d=["'])rId(?=\d)""", rb"\g<1>R%dx" % number, data)

    lists = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    return {name: change(data) if name in lists else data for name, data in parts.items()}


def without(*names: str) -> SpelledParts:
    """Parts that no reader needs, gone with their relationships and types."""

    def spell(parts: Parts, _: random.Random) -> Parts:
        kept = {name: data for name, data in parts.items() if name not in names}
        for list_ in ("_rels/.rels", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
            for name in names:
                last = name.rpartition("/")[2].encode()
                kept[list_] = re.sub(rb'<(?:Relationship|Override) [^>]*[/"]' + last + rb'"[^>]*/>', b"", kept[list_])
        return kept

    return spell


SPELLINGS: dict[str, SpelledParts] = {
    **{name: dialect(name) for name in DIALECTS if name != "a sign of the order of bytes"},  # marked, below
    "a prefix in the sheets": each_part(r"xl/worksheets/[^/]*", prefixed),
    "a prefix in the styles": each_part(r"xl/styles.xml", prefixed),
    "a prefix in the lists": each_part(r".*\.rels|\[Content_Types\]\.xml", prefixed),
    "a prefix in the workbook": each_part(r"xl/workbook.xml", prefixed),
    "single quotes everywhere": each_part(XML.pattern, single_quotes),
    "single quotes here and there": in_some_parts(single_quotes),
    "a sign of the order of bytes here and there": in_some_parts(marked),
    "utf-16 here and there": in_some_parts(declared("utf-16", "UTF-16")),
    "latin-1 here and there": in_some_parts(declared("latin-1", "ISO-8859-1")),
    "relationships in another order": shuffled(rb"<Relationship [^>]*/>"),
    "types in another order": shuffled(rb"<(?:Override|Default) [^>]*/>"),
    "other ids": other_ids,
    "no theme": without("xl/theme/theme1.xml"),
    "no properties": without("docProps/core.xml", "docProps/app.xml"),
    "no types of single parts": each_part(r"\[Content_Types\]\.xml", lambda data: re.sub(rb'(Extension|PartName)="([^"]*)"', lambda found: found[0].upper().replace(b"EXTENSION", b"Extension").replace(b"PARTNAME", b"PartName"), data)),
    "empty lists of relationships": lambda parts, _: {"xl/worksheets/_rels/sheet1.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>', **parts},
}  # fmt: skip

# the names of parts, as the zip spells them; relationships and types keep theirs
NAMES: dict[str, Callable[[str], str]] = {
    "as they are": lambda name: name,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "the folders in capitals": lambda name: "/".join((*(part.title() for part in name.split("/")[:-1]), name.split("/")[-1])),
    "from the root": lambda name: f"/{name}",
    "with backslashes": lambda name: name.replace("/", "\\"),
}  # fmt: skip


def entries(parts: Parts) -> list[Entry]:
    return [Entry(name.encode(), data) for name, data in parts.items()]


ZIPS: dict[str, Callable[[Parts], bytes]] = {
    "packed": lambda parts: zips.zipped(parts.items()),
    "stored": lambda parts: zips.zipped(parts.items(), 0),
    "sizes after the bytes": lambda parts: zips.written(map(zips.described, entries(parts))),
    "fields of zip64": lambda parts: zips.zip64(zips.zipped(parts.items())),
    "something before it": lambda parts: zips.written(entries(parts), before=b"PK..before"),
    "something after it": lambda parts: zips.zipped(parts.items()) + b"\r\n-- \r\nsent by mail\r\n",
    "the last part first": lambda parts: zips.zipped(reversed(parts.items())),
    "with its folders": lambda parts: zips.zipped([("xl/", b""), ("xl/worksheets/", b""), *parts.items()]),
}

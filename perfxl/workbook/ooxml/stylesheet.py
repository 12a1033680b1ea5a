"""The styles part of somebody else's workbook: entries are reused or added, nothing is changed or moved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from perfxl.workbook.ooxml.edit import Span, Splice, add_prefix, apply_splices, children_of, outline, quote_attribute
from perfxl.workbook.ooxml.limits import Limits
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.xml import LARGE, whole_number

ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
"""The order of the stylesheet's children (ECMA-376 part 1, 18.8.39)."""


@dataclass
class _Section:
    """One list of the stylesheet: its place (None if it is missing), and the indices of its entries by their XML.

    ``count``: the number of entries; ``known``: their number before any was added; ``formats``: in the list of number
    formats, their ids by format code.
    """

    span: Span | None
    entries: dict[str, int]
    count: int = 0
    known: int = 0
    formats: dict[str, int] = field(default_factory=dict)

    def add(self, xml: str) -> int:
        """Return the index of an entry, which is added if there is no equal one."""
        if xml not in self.entries:
            self.entries[xml] = self.count
            self.count += 1
        return self.entries[xml]

    @property
    def new(self) -> list[str]:
        """The XML of the added entries, in order."""
        return [xml for xml, at in self.entries.items() if at >= self.known]


class _Parsed(NamedTuple):
    """A parsed styles part. It is kept, since the workbooks of a batch have the same one.

    ``root``: start and end of the root's content; ``ends``: names and ends of the root's children.
    """

    prefix: str
    root: tuple[int, int] | None
    ends: tuple[tuple[str, int], ...]
    sections: Mapping[str, _Section]


@dataclass(eq=False)
class Stylesheet:
    """A styles part to which entries are added. Equal entries are stored once."""

    data: bytes
    parsed: _Parsed
    sections: dict[str, _Section] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """The prefix of the part's elements, with its colon."""
        return self.parsed.prefix

    def add(self, section: str, xml: str) -> int:
        """Return the index of an entry of ``fonts``, ``fills``, ``borders``, ``cellXfs`` or ``dxfs``.

        The entry is added if there is no equal one.
        """
        return self._section(section).add(add_prefix(xml, self.prefix))

    def number_format(self, code: str) -> int:
        """Return the id of a number format code, which is added if it is missing."""
        section = self._section("numFmts")
        if code not in section.formats:
            id = max([*section.formats.values(), 199]) + 1  # the ids below 164 belong to Excel
            section.add(add_prefix(f'<numFmt numFmtId="{id}" formatCode={quote_attribute(code)}/>', self.prefix))
            section.formats[code] = id
        return section.formats[code]

    def _section(self, name: str) -> _Section:
        """Return a list of the stylesheet, copied from the parsed part at first use; an empty one if it is missing."""
        if name not in self.sections:
            parsed = self.parsed.sections.get(name, _Section(None, {}))
            self.sections[name] = replace(parsed, entries=dict(parsed.entries), formats=dict(parsed.formats))
        return self.sections[name]

    def result(self) -> bytes:
        """Return the part with the added entries."""
        changes = []
        for name, section in self.sections.items():
            if not section.new:
                continue
            inner = section.span.inner(self.data) if section.span else None
            if section.span is None or inner is None:
                opening = f'<{self.prefix}{name} count="{section.count}">'
                whole = opening + "".join(section.new) + f"</{self.prefix}{name}>"
                start, end = (
                    (section.span.start, section.span.end) if section.span else (self._missing_place(name),) * 2
                )
                changes.append(Splice(start, end, whole.encode()))
            else:
                start, end = inner
                tag = self.data[section.span.start : start]
                tag = re.sub(rb"""\bcount\s*=\s*["']\d+["']""", b'count="%d"' % section.count, tag)
                changes.append(Splice(section.span.start, start, tag))
                changes.append(Splice(end, end, "".join(section.new).encode()))
        return apply_splices(self.data, changes)

    def _missing_place(self, name: str) -> int:
        """Return the place for a missing list: after the last of the lists that precede it in the schema."""
        before = ORDER[: ORDER.index(name)]
        assert self.parsed.root is not None
        return max((end for other, end in self.parsed.ends if other in before), default=self.parsed.root[0])


def open_stylesheet(data: bytes, package: Package, part: str) -> Stylesheet:
    """Open the styles part of a package for adding. Raises PackageError if it is damaged."""
    parsed = _KNOWN.get((data, package.limits))
    if parsed is None:
        parsed = _split_sections(data, outline(data, 3, package, part))
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        if len(data) <= LARGE:
            _KNOWN[data, package.limits] = parsed
    if parsed.root is None:
        raise package.refusal("damaged_part", part=part)
    return Stylesheet(data, parsed)


_KNOWN: dict[tuple[bytes, Limits], _Parsed] = {}
_MOST = 16  # parts that are kept, of 25 KB in a form; the workbooks of a batch have one to a few different ones


def _split_sections(data: bytes, spans: list[Span]) -> _Parsed:
    """Split a styles part into its lists. ``spans``: its outline of depth 3."""
    prefix = spans[0].tag.rpartition(":")[0]
    sections: dict[str, _Section] = {}
    children = children_of(spans)
    for at, span in enumerate(spans):
        if span.depth != 2 or span.name not in ORDER:
            continue
        own = children.get(at, [])
        entries: dict[str, int] = {}
        for index, entry in enumerate(own):
            entries.setdefault(data[entry.start : entry.end].decode(), index)
        section = _Section(span, entries, len(own), len(own))
        if span.name == "numFmts":
            section.formats.update((entry.attributes.get("formatCode", ""), _format_id(entry)) for entry in own)
        sections[span.name] = section
    ends = tuple((span.name, span.end) for span in spans if span.depth == 2)
    return _Parsed(f"{prefix}:" if prefix else "", spans[0].inner(data), ends, sections)


def _format_id(span: Span) -> int:
    """Return the id of a number format; 0 if it states none."""
    return whole_number(span.attributes.get("numFmtId"), 0)

"""The styles part of somebody else's workbook: entries are found again or added, nothing is changed or moved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from perfxl.workbook.ooxml.edit import Span, Splice, add_prefix, apply_splices, children_of, outline, quote_attribute
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.xml import LARGE

ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
"""The order of the stylesheet's children (ECMA-376 part 1, 18.8.39)."""


@dataclass
class _Section:
    """One list of the stylesheet: where it stands, its entries by their XML, how many were there before."""

    span: Span | None
    entries: dict[str, int]
    count: int = 0
    known: int = 0
    formats: dict[str, int] = field(default_factory=dict)

    def add(self, xml: str) -> int:
        """The entry's index; equal entries are one."""
        if xml not in self.entries:
            self.entries[xml] = self.count
            self.count += 1
        return self.entries[xml]

    @property
    def new(self) -> list[str]:
        """What was added, in order."""
        return [xml for xml, at in self.entries.items() if at >= self.known]


class _Parsed(NamedTuple):
    """A styles part taken apart; the same part comes in every workbook of a batch."""

    prefix: str
    root: tuple[int, int] | None
    ends: tuple[tuple[str, int], ...]
    sections: Mapping[str, _Section]


@dataclass(eq=False)
class Stylesheet:
    """The styles part, to which entries are added. Equal entries are one, so that adding twice is adding once."""

    data: bytes
    parsed: _Parsed
    sections: dict[str, _Section] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """The prefix of the part's elements, with its colon."""
        return self.parsed.prefix

    def add(self, section: str, xml: str) -> int:
        """The index of this entry of ``fonts``, ``fills``, ``borders``, ``cellXfs`` or ``dxfs``."""
        return self._section(section).add(add_prefix(xml, self.prefix))

    def number_format(self, code: str) -> int:
        """The id of a number format code."""
        section = self._section("numFmts")
        if code not in section.formats:
            id = max([*section.formats.values(), 199]) + 1  # the ids below 164 are Excel's own
            section.add(add_prefix(f'<numFmt numFmtId="{id}" formatCode={quote_attribute(code)}/>', self.prefix))
            section.formats[code] = id
        return section.formats[code]

    def _section(self, name: str) -> _Section:
        if name not in self.sections:
            there = self.parsed.sections.get(name, _Section(None, {}))
            self.sections[name] = replace(there, entries=dict(there.entries), formats=dict(there.formats))
        return self.sections[name]

    def result(self) -> bytes:
        """The part with what was added."""
        changes = []
        for name, section in self.sections.items():
            if not section.new:
                continue
            inner = section.span.inner(self.data) if section.span else None
            if section.span is None or inner is None:
                opening = f'<{self.prefix}{name} count="{section.count}">'
                whole = opening + "".join(section.new) + f"</{self.prefix}{name}>"
                start, end = (section.span.start, section.span.end) if section.span else (self._place(name),) * 2
                changes.append(Splice(start, end, whole.encode()))
            else:
                start, end = inner
                opening_ = self.data[section.span.start : start]
                counted = re.sub(rb'count="\d+"', b'count="%d"' % section.count, opening_)
                changes.append(Splice(section.span.start, start, counted))
                changes.append(Splice(end, end, "".join(section.new).encode()))
        return apply_splices(self.data, changes)

    def _place(self, name: str) -> int:
        """Where a section that is missing belongs: after the last that comes before it."""
        before = ORDER[: ORDER.index(name)]
        assert self.parsed.root is not None
        return max((end for other, end in self.parsed.ends if other in before), default=self.parsed.root[0])


def open_stylesheet(data: bytes, package: Package, part: str) -> Stylesheet:
    """The styles part of a package, opened for adding. Raises PackageError where it is damaged."""
    parsed = _KNOWN.get(data)
    if parsed is None:
        parsed = _split_sections(data, outline(data, 3, package, part))
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        if len(data) <= LARGE:
            _KNOWN[data] = parsed
    if parsed.root is None:
        raise package.refusal("damaged_part", part=part)
    return Stylesheet(data, parsed)


_KNOWN: dict[bytes, _Parsed] = {}
_MOST = 16  # of 25 KB in a form; workbooks of one batch have one to a few


def _split_sections(data: bytes, spans: list[Span]) -> _Parsed:
    prefix = spans[0].tag.rpartition(":")[0]
    sections: dict[str, _Section] = {}
    held = children_of(spans)
    for at, span in enumerate(spans):
        if span.depth != 2 or span.name not in ORDER:
            continue
        own = held.get(at, [])
        entries: dict[str, int] = {}
        for index, each in enumerate(own):
            entries.setdefault(data[each.start : each.end].decode(), index)
        section = _Section(span, entries, len(own), len(own))
        if span.name == "numFmts":
            section.formats.update((each.attributes.get("formatCode", ""), _id(each)) for each in own)
        sections[span.name] = section
    ends = tuple((span.name, span.end) for span in spans if span.depth == 2)
    return _Parsed(f"{prefix}:" if prefix else "", spans[0].inner(data), ends, sections)


def _id(span: Span) -> int:
    stated = span.attributes.get("numFmtId", "")
    return int(stated) if stated.isdecimal() and len(stated) < 10 else 0

"""The styles part of somebody else's workbook: entries are found again or added, nothing is changed or moved."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from perfxl.workbook.edit import Change, Span, apply, outline, prefixed, quoted
from perfxl.workbook.package import Package

ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
"""The order of the stylesheet's children (ECMA-376 part 1, 18.8.39)."""


@dataclass
class _Section:
    span: Span | None
    entries: list[str]
    known: int = 0


@dataclass(eq=False)
class Stylesheet:
    """The styles part, to which entries are added. Equal entries are one, so that adding twice is adding once."""

    data: bytes
    prefix: str
    root: Span
    spans: list[Span]
    sections: dict[str, _Section] = field(default_factory=dict)

    def add(self, section: str, xml: str) -> int:
        """The index of this entry of ``fonts``, ``fills``, ``borders``, ``cellXfs`` or ``dxfs``."""
        entries = self._section(section).entries
        xml = prefixed(xml, self.prefix)
        if xml not in entries:
            entries.append(xml)
        return entries.index(xml)

    def number_format(self, code: str) -> int:
        """The id of a number format code."""
        entries = self._section("numFmts").entries
        ids: list[int] = []
        for entry in entries:
            id = re.search(r'numFmtId="(\d+)"', entry)
            ids.append(int(id[1]) if id else 0)
            if f"formatCode={quoted(code)}" in entry:
                return ids[-1]
        id_ = max([*ids, 199]) + 1  # the ids below 164 are Excel's own
        entries.append(prefixed(f'<numFmt numFmtId="{id_}" formatCode={quoted(code)}/>', self.prefix))
        return id_

    def _section(self, name: str) -> _Section:
        if name not in self.sections:
            span = next((span for span in self.spans if span.depth == 2 and span.name == name), None)
            entries: list[str] = []
            if span is not None:
                index = self.spans.index(span)
                inside = [each for each in self.spans if each.parent == index]
                entries = [self.data[each.start : each.end].decode() for each in inside]
            self.sections[name] = _Section(span, entries, len(entries))
        return self.sections[name]

    def result(self) -> bytes:
        """The part with what was added."""
        changes = []
        for name, section in self.sections.items():
            new = section.entries[section.known :]
            if not new:
                continue
            if section.span is None or section.span.inner is None:
                opening = f'<{self.prefix}{name} count="{len(section.entries)}">'
                whole = opening + "".join(new) + f"</{self.prefix}{name}>"
                start, end = (section.span.start, section.span.end) if section.span else (self._place(name),) * 2
                changes.append(Change(start, end, whole.encode()))
            else:
                changes += self._extended(section, new)
        return apply(self.data, changes)

    def _extended(self, section: _Section, new: list[str]) -> list[Change]:
        assert section.span is not None
        assert section.span.inner is not None
        start, end = section.span.inner
        opening = self.data[section.span.start : start]
        counted = re.sub(rb'count="\d+"', b'count="%d"' % len(section.entries), opening)
        return [Change(section.span.start, start, counted), Change(end, end, "".join(new).encode())]

    def _place(self, name: str) -> int:
        """Where a section that is missing belongs: after the last that comes before it."""
        before = ORDER[: ORDER.index(name)]
        ends = [span.end for span in self.spans if span.depth == 2 and span.name in before]
        assert self.root.inner is not None
        return max(ends, default=self.root.inner[0])


def stylesheet(data: bytes, package: Package, part: str) -> Stylesheet:
    """The styles part of a package, opened for adding. Raises PackageError where it is damaged."""
    spans = outline(data, 3, package, part)
    if not spans or spans[0].inner is None:
        raise package.refused("damaged_part", part=part)
    prefix = spans[0].tag.rpartition(":")[0]
    return Stylesheet(data, f"{prefix}:" if prefix else "", spans[0], spans)

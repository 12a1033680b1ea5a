"""The package of a returned workbook: sheets, styles, notes and lists of parts change; every other byte stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from perfxl.workbook.flagging.colours import ConditionalFormat
from perfxl.workbook.flagging.heights import raise_rows
from perfxl.workbook.ooxml import notes
from perfxl.workbook.ooxml.cells import SheetEntry, Workbook
from perfxl.workbook.ooxml.edit import (
    Span,
    Splice,
    add_prefix,
    apply_splices,
    cells_end,
    children_of,
    namespace_prefix,
    outline,
    quote_attribute,
    to_utf8,
)
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.relations import CONTENT_TYPES, RELATIONS, TYPES, read_relations
from perfxl.workbook.ooxml.stylesheet import open_stylesheet

Formats = Callable[[str], Sequence[ConditionalFormat]]

BEFORE_FORMATS = (
    "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState",
    "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr",
)  # fmt: skip
AFTER_DRAWING = (
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip


@dataclass(eq=False)
class SenderPackage:
    """A package being changed: the parts that differ by now."""

    workbook: Workbook
    parts: dict[str, bytes] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.package = self.workbook.package
        part = self.workbook.related("styles")
        if not part:
            raise self.package.refusal("missing_part", part="styles.xml")
        self.styles_part = part
        self.styles = open_stylesheet(to_utf8(self.package.read(part)), self.package, part)

    def result(self) -> dict[str, bytes]:
        """Every part that differs from what was there."""
        self.parts[self.styles_part] = self.styles.result()
        known = self.package.entries
        return {name: data for name, data in self.parts.items() if name not in known or data != self.package.read(name)}

    def read(self, part: str) -> bytes | None:
        """A part as it is by now; None where there is none."""
        if part in self.parts:
            return self.parts[part]
        return to_utf8(self.package.read(part)) if part in self.package.entries else None

    def _there(self, part: str) -> bytes:
        data = self.read(part)
        if data is None:
            raise self.package.refusal("missing_part", part=part)
        return data

    def _inserted(self, part: str, data: bytes, line: str) -> bytes:
        """A line put before the root's end."""
        at = data.rfind(b"</")
        if at < 0:
            raise self.package.refusal("damaged_part", part=part)
        return data[:at] + add_prefix(line, namespace_prefix(data)).encode() + data[at:]

    def form_sheet(
        self, entry: SheetEntry, said: Mapping[Place, str], formats: Formats, heights: Mapping[int, float]
    ) -> None:
        """One form sheet: its notes and its conditional formats, in the place of those from before.

        ``formats`` makes the latter, given the ranges of the inputs that a blank colours; ``heights``: the rows (from
        0) that must be at least so many points high.
        """
        drawing = self._notes(entry, said)
        data = self._there(entry.part)
        self.parts[entry.part] = raise_rows(self._sheet(data, entry.part, formats, drawing), heights)

    def _sheet(self, data: bytes, part: str, formats: Formats, drawing: str) -> bytes:
        root = re.search(rb"<((?:\w+:)?)worksheet[\s>]", data)
        prefix = root[1].decode() if root else ""
        start = cells_end(data, prefix.encode())
        if start < 0:
            raise self.package.refusal("damaged_part", part=part)
        # the children after the cells, under a root of their own: nothing before them needs to be parsed
        opening = f"<{prefix}worksheet>".encode()
        shift = len(opening)
        whole = opening + _blank_out(data[start:], prefix.encode())
        spans = outline(whole, 3, self.package, part)
        children = [span for span in spans if span.depth == 2]
        new = formats(_empty_ranges(whole, spans))
        changes = _remove_ours(whole, spans, first=len(new) + 1)
        place = max((span.end for span in children if span.name in BEFORE_FORMATS), default=len(opening))
        xml = "".join(each.xml(at) for at, each in enumerate(new, start=1))
        changes.append(Splice(place, place, add_prefix(xml, prefix).encode()))
        if drawing and not any(span.name == "legacyDrawing" for span in children):
            end = min((span.start for span in children if span.name in AFTER_DRAWING), default=whole.rindex(b"</"))
            link = f'<{prefix}legacyDrawing xmlns:r="{self._family}" r:id="{drawing}"/>'
            changes.append(Splice(end, end, link.encode()))
        changes = [Splice(each.start - shift, each.end - shift, each.new) for each in changes]
        return data[:start] + apply_splices(data[start:], changes)

    @cached_property
    def _family(self) -> str:
        """The namespace of relationship ids that this package uses: transitional or strict."""
        types = re.search(rb'Type="([^"]*/relationships)/worksheet"', self.package.read(self._rels(self.workbook.part)))
        return types[1].decode() if types else "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def _rels(self, part: str) -> str:
        folder, slash, name = part.rpartition("/")
        return self.package.find_part(f"{folder}{slash}_rels/{name}.rels")

    def _notes(self, entry: SheetEntry, ours: Mapping[Place, str]) -> str:
        """Writes the sheet's notes; the id of a drawing that is new to the sheet, else an empty text."""
        related = read_relations(self.package, entry.part)
        comments = next((each.target for each in related.values() if each.kind == "comments"), "")
        drawings = (each for each in related.values() if each.kind == "vmlDrawing" and self._draws(entry, each.id))
        drawing = next((each.target for each in drawings), "")
        old = (self.read(comments) if comments else None, self.read(drawing) if drawing else None)
        new = notes.change_notes(*old, ours, self.package, comments or entry.part, number=entry.index + 1)
        if new.comments is None or (new.comments, new.drawing) == old:
            return ""
        comments = comments or self._new_part(entry, "xl/comments{}.xml", "comments", "comments")
        self.parts[comments] = new.comments
        fresh = "" if drawing else "new"
        drawing = drawing or self._new_part(entry, "xl/drawings/vmlDrawing{}.vml", "vmlDrawing", "vml")
        assert new.drawing is not None
        self.parts[drawing] = new.drawing
        return self._id_of(entry.part, drawing) if fresh else ""

    def _draws(self, entry: SheetEntry, id: str) -> bool:
        """Whether the sheet's legacyDrawing is this relation: a drawing for headers may stand beside it."""
        found = re.search(rb'<(?:\w+:)?legacyDrawing\s[^<>]*?\bid="([^"]*)"', self.package.read(entry.part))
        return found is not None and found[1].decode() == id

    def _new_part(self, entry: SheetEntry, pattern: str, kind: str, type: str) -> str:
        """Names a new part, relates it to its sheet, and gives it a content type."""
        number = 1
        while pattern.format(number) in self.package.entries or pattern.format(number) in self.parts:
            number += 1
        name = pattern.format(number)
        self.parts[name] = b""
        self._relate(entry.part, name, kind)
        self._type(name, type)
        return name

    def _relate(self, source: str, target: str, kind: str) -> str:
        rels = self._rels(source)
        data = self.read(rels) or f'<Relationships xmlns="{RELATIONS}"></Relationships>'.encode()
        if data.rstrip().endswith(b"/>") and b"<Relationship " not in data:
            data = f'<Relationships xmlns="{RELATIONS}"></Relationships>'.encode()
        numbers = [int(found) for found in re.findall(rb'Id="rId(\d{1,9})"', data)]
        id = f"rId{max(numbers, default=0) + 1}"
        line = f'<Relationship Id="{id}" Type="{self._family}/{kind}" Target="/{target}"/>'
        self.parts[rels] = self._inserted(rels, data, line)
        return id

    def _id_of(self, source: str, target: str) -> str:
        data = self.read(self._rels(source)) or b""
        for line in re.findall(rb"<(?:\w+:)?Relationship\s[^<>]*>", data):
            if f'Target="/{target}"'.encode() in line and (id := re.search(rb'\bId="([^"]*)"', line)):
                return id[1].decode()
        raise AssertionError(target)

    def _type(self, name: str, type: str) -> None:
        part = self.package.find_part(CONTENT_TYPES)
        data = self.read(part) or b""
        extension = PurePosixPath(name).suffix[1:]
        if type == "vml":
            if f'Extension="{extension}"'.encode() in data:
                return
            line = f'<Default Extension="{extension}" ContentType="{TYPES[type]}"/>'
            opening = re.search(rb"<(?:\w+:)?Types\b[^>]*>", data)
            if opening is None:
                raise self.package.refusal("damaged_part", part=part)
            prefix = namespace_prefix(data)
            self.parts[part] = data[: opening.end()] + add_prefix(line, prefix).encode() + data[opening.end() :]
        else:
            self.parts[part] = self._inserted(part, data, f'<Override PartName="/{name}" ContentType="{TYPES[type]}"/>')

    def sheet(self, tab: str, data: bytes, entry: SheetEntry | None) -> None:
        """A whole sheet: in the place of ``entry``, or as the last, under this name or the next that is free."""
        taken = {each.name for each in self.workbook.sheets}
        number = 1
        while tab in taken and not entry:
            number += 1
            tab = f"{tab.rstrip('0123456789')}{number}"
        if entry:
            self._forget(entry.part)
            data = self._with_notes(entry.part, data)
        self.parts[entry.part if entry else self._new_sheet(tab)] = data

    def _with_notes(self, part: str, data: bytes) -> bytes:
        """A sheet written anew, with the drawings and notes that a person put on the one before."""
        before = self.package.read(part)
        links = re.findall(rb'<(?:\w+:)?(drawing|legacyDrawing)\s[^<>]*?\bid="([^"]*)"', before)
        family = self._family
        kept = "".join(f'<{each.decode()} xmlns:r="{family}" r:id="{id.decode()}"/>' for each, id in links)
        closing = b"</worksheet>"
        return data.removesuffix(closing) + kept.encode() + closing

    def _forget(self, part: str) -> None:
        """Takes a sheet that is written anew out of what others say of it: calculation chain, count of strings."""
        chain = self.workbook.related("calcChain")
        if chain:  # Excel makes it again; entries for cells without a formula it repairs
            rels, types = self._rels(self.workbook.part), self.package.find_part(CONTENT_TYPES)
            relation = rb"<(?:\w+:)?Relationship\s[^<>]*/calcChain\"[^<>]*/>"
            self.parts[rels] = re.sub(relation, b"", self.read(rels) or b"")
            override = rb'<(?:\w+:)?Override\s[^<>]*"/' + re.escape(chain.encode()) + rb'"[^<>]*/>'
            self.parts[types] = re.sub(override, b"", self.read(types) or b"")
            self.removed.append(chain)
        shared = len(re.findall(rb'<(?:\w+:)?c\s[^<>]*?\bt="s"', self.package.read(part)))
        strings = self.workbook.related("sharedStrings")
        data = self.read(strings) if strings and shared else None
        count = re.search(rb'(<(?:\w+:)?sst\s[^<>]*?\bcount=")(\d{1,18})"', data) if data else None
        if data and count:
            left = b"%d" % max(int(count[2]) - shared, 0)
            self.parts[strings] = data[: count.start(2)] + left + data[count.end(2) :]

    def _new_sheet(self, tab: str) -> str:
        number = 1
        while f"xl/worksheets/sheet{number}.xml" in {*self.package.entries, *self.parts}:
            number += 1
        name = f"xl/worksheets/sheet{number}.xml"
        self._type(name, "worksheet")
        id = self._relate(self.workbook.part, name, "worksheet")
        part = self.workbook.part
        data = self._there(part)
        closing = re.search(rb"</((?:\w+:)?)sheets>", data)  # an element that is never empty and never nested
        if closing is None:
            raise self.package.refusal("damaged_part", part=part)
        ids = [int(found) for found in re.findall(rb'\bsheetId="(\d{1,9})"', data)]
        number = max(ids, default=0) + 1
        xml = f'<sheet xmlns:r="{self._family}" name={quote_attribute(tab)} sheetId="{number}" r:id="{id}"/>'
        # at the end, so that the indexes by which names know their sheets stay true
        new = add_prefix(xml, closing[1].decode()).encode()
        self.parts[part] = data[: closing.start()] + new + data[closing.start() :]
        return name


def is_flagged(package: Package, entry: SheetEntry) -> bool:
    """Whether flagging has left something on a sheet."""
    return any(_is_ours(found) for found in re.findall(rb"perfxl:[\w-]+", package.read(entry.part)))


def _blank_out(tail: bytes, prefix: bytes) -> bytes:
    """The same bytes with blanks in the place of merged ranges and validations: many, and nothing to do with flags."""
    for name in (b"mergeCells", b"dataValidations"):
        start, end = tail.find(b"<" + prefix + name), tail.find(b"</" + prefix + name + b">")
        if 0 <= start < end:
            inside = tail.index(b">", start) + 1
            tail = tail[:inside] + b" " * (end - inside) + tail[end:]
    return tail


def _is_ours(rule: bytes) -> bool:
    """Whether a conditional format was put there by flagging; the blank's own colours carry other markers."""
    found = re.search(rb"perfxl:([\w-]+)", rule)
    return found is not None and found[1] not in (b"empty", b"repeat", b"live")


def _empty_ranges(data: bytes, spans: Sequence[Span]) -> str:
    """The inputs of a blank, as ranges: where its own colours stand."""
    ranges = [
        spans[rule.parent].attributes.get("sqref", "")
        for rule in spans
        if rule.name == "cfRule" and b"perfxl:empty" in data[rule.start : rule.end]
    ]
    return " ".join(dict.fromkeys(ranges))


def _remove_ours(data: bytes, spans: Sequence[Span], first: int) -> list[Splice]:
    """Takes out what was flagged before, and numbers the other formats on from ``first`` in their own order."""
    changes: list[Splice] = []
    others: list[Span] = []
    held = children_of(spans)
    for index, span in enumerate(spans):
        if span.depth != 2 or span.name != "conditionalFormatting":
            continue
        rules = [(each, _is_ours(data[each.start : each.end])) for each in held.get(index, ()) if each.name == "cfRule"]
        if rules and all(ours for _, ours in rules):
            changes.append(Splice(span.start, span.end, b""))
        else:
            changes += [Splice(each.start, each.end, b"") for each, ours in rules if ours]
            others += [each for each, ours in rules if not ours]
    others.sort(key=_priority)
    for number, each in enumerate(others, start=first):
        tag = data[each.start : each.end]
        found = re.search(rb'\bpriority="\d+"', tag)
        if found:
            at = each.start + found.start()
            changes.append(Splice(at, each.start + found.end(), b'priority="%d"' % number))
    return changes


def _priority(span: Span) -> int:
    stated = span.attributes.get("priority", "")
    return int(stated) if stated.isdecimal() and len(stated) < 10 else 0

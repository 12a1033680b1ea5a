"""The package of a returned workbook: its sheets, styles, notes and lists of parts change, nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import quote

from perfxl.workbook.flagging.conditional_formats import ConditionalFormat
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
    outline,
    quote_attribute,
    to_utf8,
)
from perfxl.workbook.ooxml.formula import Place
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.part_list import PartList
from perfxl.workbook.ooxml.relations import CONTENT_TYPES, RELATIONS, TYPES, read_relations
from perfxl.workbook.ooxml.stylesheet import open_stylesheet
from perfxl.workbook.ooxml.xml import whole_number

MakeFormats = Callable[[str], Sequence[ConditionalFormat]]
"""Makes conditional formats, most important first, for the ranges (sqref) of the inputs that a blank form colours."""

# the children of worksheet that stand before conditionalFormatting, and those after legacyDrawing (ECMA-376 part 1,
# CT_Worksheet)
BEFORE_FORMATS = (
    "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState",
    "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr",
)  # fmt: skip
AFTER_DRAWING = (
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip


@dataclass(eq=False)
class SenderPackage:
    """The changes to a returned workbook's package, collected in memory; the package itself stays as it is.

    ``parts``: the new content of changed parts; ``removed``: the parts to be removed; ``lists``: the parts that list
    others, while they are changed. Raises PackageError (``missing_part``) without a stylesheet.
    """

    workbook: Workbook
    parts: dict[str, bytes] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    lists: dict[str, PartList] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.package = self.workbook.package
        part = self.workbook.related("styles")
        if not part:
            raise self.package.refusal("missing_part", part="styles.xml")
        self.styles_part = part
        self.styles = open_stylesheet(to_utf8(self.package.read(part)), self.package, part)

    def changed_parts(self) -> dict[str, bytes]:
        """Return every part that differs from what it was."""
        self.parts[self.styles_part] = self.styles.result()
        self.parts |= {name: list_.result() for name, list_ in self.lists.items()}
        known = self.package.entries
        return {name: data for name, data in self.parts.items() if name not in known or data != self.package.read(name)}

    def read(self, part: str) -> bytes | None:
        """Return the current content of a part, or None if it does not exist."""
        if part in self.parts:
            return self.parts[part]
        return to_utf8(self.package.read(part)) if part in self.package.entries else None

    def _read_existing(self, part: str) -> bytes:
        """Return the current content of a part. Raises PackageError: ``missing_part``."""
        data = self.read(part)
        if data is None:
            raise self.package.refusal("missing_part", part=part)
        return data

    def _list(self, part: str, blank: bytes = b"") -> PartList:
        """Return a part that lists others, to be changed; ``blank``: it is made of this where it does not exist.

        Raises PackageError: ``missing_part``, ``damaged_part``.
        """
        if part not in self.lists:
            data = (self.read(part) if blank else self._read_existing(part)) or blank
            self.lists[part] = PartList(data, self.package, part)
            self.parts[part] = data  # a new part stands before those that are added to it
        return self.lists[part]

    def write_form_sheet(
        self,
        entry: SheetEntry,
        note_texts: Mapping[Place, str],
        formats: MakeFormats,
        heights: Mapping[int, float],
        words: notes.NoteWords,
    ) -> None:
        """Write a form sheet's notes and conditional formats, in the place of those that perfxl wrote before.

        ``note_texts``: the text of the note on each cell; ``heights``: the rows (from 0) that must be at least so many
        points high; ``words``: those that perfxl's notes are known by.
        """
        rest = self._read_rest(entry.part)
        drawing = self._write_notes(entry, note_texts, rest.note_drawing, words)
        new = formats(_empty_ranges(rest))
        changes = _remove_flags(rest, first=len(new) + 1)
        insert_at = max((span.end for span in rest.children if span.name in BEFORE_FORMATS), default=rest.start)
        xml = "".join([format.xml(priority) for priority, format in enumerate(new, start=1)])
        changes.append(Splice(insert_at, insert_at, add_prefix(xml, rest.prefix).encode()))
        if drawing:
            link = f'<{rest.prefix}legacyDrawing xmlns:r="{self._family}" r:id="{drawing}"/>'
            end = rest.spans[0].close
            after = min((span.start for span in rest.children if span.name in AFTER_DRAWING), default=end)
            lost = [(span.start, span.end) for span in rest.children if span.name == "legacyDrawing"]
            changes.append(Splice(*(lost or [(after, after)])[0], link.encode()))
        changed = apply_splices(rest.data, changes)[rest.start :]
        self.parts[entry.part] = raise_rows(rest.cells, heights) + changed

    def _read_rest(self, part: str) -> _SheetRest:
        """Read the elements of a sheet's part that follow its cells. Raises PackageError: ``damaged_part``."""
        data = self._read_existing(part)
        root = re.search(rb"<((?:\w+:)?)worksheet[\s>]", data)
        prefix = root[1].decode() if root else ""
        start = cells_end(data, prefix.encode())
        if start < 0:
            raise self.package.refusal("damaged_part", part=part)
        opening = f"<{prefix}worksheet>".encode()
        rest = opening + data[start:]
        spans = outline(_blank_out(rest, prefix.encode()), 3, self.package, part)
        return _SheetRest(data[:start], rest, len(opening), prefix, spans)

    @cached_property
    def _family(self) -> str:
        """The namespace of relationship types that this package uses: transitional or strict."""
        relations = self._read_existing(self._relations_part(self.workbook.part))
        types = re.search(rb"""Type\s*=\s*["']([^"']*/relationships)/worksheet["']""", relations)
        return types[1].decode() if types else "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def _relations_part(self, part: str) -> str:
        """Return the name of the part that lists a part's relationships."""
        folder, slash, name = part.rpartition("/")
        return self.package.find_part(f"{folder}{slash}_rels/{name}.rels")

    def _write_notes(
        self, entry: SheetEntry, note_texts: Mapping[Place, str], drawing_id: str, words: notes.NoteWords
    ) -> str:
        """Write the sheet's notes; return the relationship id of a new drawing for them, empty if none is new.

        ``drawing_id``: the relationship id of the drawing of notes that it has.
        """
        related = read_relations(self.package, entry.part)
        lists = [relation.target for relation in related.values() if relation.kind == "comments" and relation.target]
        comments = min(lists, key=lambda part: part not in self.package.entries, default="")
        linked = related.get(drawing_id)
        drawing = linked.target if linked and linked.kind == "vmlDrawing" else ""
        old = (self.read(comments) if comments else None, self.read(drawing) if drawing else None)
        part, number = comments or entry.part, entry.index + 1
        new = notes.change_notes(old, note_texts, self.package, part, number, words)
        if new.comments is None or (new.comments, new.drawing) == old:
            return ""
        new_id = ""
        if not comments:
            comments, _ = self._add_part(entry, "xl/comments{}.xml", "comments")
        if not drawing:
            drawing, new_id = self._add_part(entry, "xl/drawings/vmlDrawing{}.vml", "vmlDrawing")
        assert new.drawing is not None
        for name, data, content_type in ((comments, new.comments, "comments"), (drawing, new.drawing, "vml")):
            if name not in self.package.entries:  # new, or lost: a relationship may lead to no part
                self._add_type(name, content_type)
            self.parts[name] = data
        return new_id

    def _add_part(self, entry: SheetEntry, pattern: str, relation: str) -> tuple[str, str]:
        """Return the name of a new part, related to its sheet, and its relationship id.

        ``relation``: the last word of the relationship's type.
        """
        name = self._free_name(pattern)
        return name, self._relate(entry.part, name, relation)

    def _free_name(self, pattern: str) -> str:
        """Return the first name of this pattern, ``{}`` being a number, that no part has."""
        taken = {name.lower() for name in (*self.package.entries, *self.parts)}
        names = (pattern.format(number) for number in range(1, len(taken) + 2))
        return next(name for name in names if name.lower() not in taken)

    def _relate(self, source: str, target: str, kind: str) -> str:
        """Add a relationship of a part to another; return its id."""
        rels = self._list(self._relations_part(source), f'<Relationships xmlns="{RELATIONS}"/>'.encode())
        numbers = (whole_number(entry.get("Id", "").removeprefix("rId"), 0) for entry in rels.entries)
        id = f"rId{max(numbers, default=0) + 1}"
        line = f'<Relationship Id="{id}" Type="{self._family}/{kind}" Target={quote_attribute(f"/{quote(target)}")}/>'
        rels.add(line, Id=id)
        return id

    def _add_type(self, name: str, content_type: str) -> None:
        """State the content type of a part, unless it is stated; ``content_type``: a key of TYPES."""
        part, type = self.package.find_part(CONTENT_TYPES), TYPES[content_type]
        types = self._list(part)
        if types.root != "Types":  # which no program would open
            raise self.package.refusal("damaged_part", part=part)
        stated: dict[str, str] = {}
        for entry in types.entries:
            own = entry.get("PartName", "") or "." + entry.get("Extension", "")
            stated[own.lower()] = entry.get("ContentType", "")
        extension = PurePosixPath(name).suffix
        if stated.get(f"/{name}".lower(), stated.get(extension.lower(), "")).lower() == type.lower():
            return
        if content_type == "vml" and extension.lower() not in stated:
            line = f'<Default Extension="{extension[1:]}" ContentType="{type}"/>'
            types.add(line, Extension=extension[1:], ContentType=type)
        else:
            line = f'<Override PartName={quote_attribute(f"/{quote(name)}")} ContentType="{type}"/>'
            types.add(line, PartName=f"/{quote(name)}", ContentType=type)

    def write_own_sheet(self, tab: str, data: bytes, entry: SheetEntry | None) -> None:
        """Write a whole sheet, replacing ``entry`` or, without it, as the last sheet.

        A new sheet is named ``tab``, or that followed by a number if the name is taken.
        """
        taken = {sheet.name for sheet in self.workbook.sheets}
        number = 1
        while tab in taken and not entry:
            number += 1
            tab = f"{tab.rstrip('0123456789')}{number}"
        self._forget_calculation()
        if entry:
            self._forget_sheet(entry.part)
            data = self._keep_drawings(entry.part, data)
        self.parts[entry.part if entry else self._add_sheet(tab)] = data

    def _keep_drawings(self, part: str, data: bytes) -> bytes:
        """Return the new content of a sheet with references to the drawings and notes that people added to it."""
        links = {link[1].decode(): link[2].decode() for link in _LINK.finditer(self._read_existing(part))}
        family = self._family
        kept = "".join(f'<{tag} xmlns:r="{family}" r:id="{links[tag]}"/>' for tag in sorted(links))
        closing = b"</worksheet>"
        return data.removesuffix(closing) + kept.encode() + closing

    def _forget_calculation(self) -> None:
        """Remove the calculation chain: Excel makes a new one, and would repair entries for cells without a formula."""
        chain = self.workbook.related("calcChain")
        if chain and chain not in self.removed:
            rels, types = self._relations_part(self.workbook.part), self.package.find_part(CONTENT_TYPES)
            self._list(rels).remove(lambda entry: entry.get("Type", "").endswith("/calcChain"))
            self._list(types).remove(lambda entry: entry.get("PartName", "").lower() == f"/{chain}".lower())
            self.removed.append(chain)

    def _forget_sheet(self, part: str) -> None:
        """Remove from the count of shared strings a sheet that is to be replaced."""
        shared = len(re.findall(rb"""<(?:\w+:)?c\s[^<>]*?\bt=["']s["']""", self._read_existing(part)))
        strings = self.workbook.related("sharedStrings")
        data = self.read(strings) if strings and shared else None
        count = re.search(rb'(<(?:\w+:)?sst\s[^<>]*?\bcount=")(\d{1,18})"', data) if data else None
        if data and count:
            left = b"%d" % max(int(count[2]) - shared, 0)
            self.parts[strings] = data[: count.start(2)] + left + data[count.end(2) :]

    def _add_sheet(self, tab: str) -> str:
        """Add a sheet at the end of the workbook; return the name of its part."""
        name = self._free_name("xl/worksheets/sheet{}.xml")
        self._add_type(name, "worksheet")
        id = self._relate(self.workbook.part, name, "worksheet")
        part = self.workbook.part
        data = self._read_existing(part)
        closing = re.search(rb"</((?:\w+:)?)sheets\s*>", data)  # this element is never empty and never nested
        if closing is None:
            raise self.package.refusal("damaged_part", part=part)
        # without the many names, through which a search takes long
        listed = data[data.find(b"<" + closing[1] + b"sheets") : closing.start()]
        ids = [int(digits) for digits in re.findall(rb"""\bsheetId\s*=\s*["'](\d{1,9})["']""", listed)]
        sheet_id = max(ids, default=0) + 1
        xml = f'<sheet xmlns:r="{self._family}" name={quote_attribute(tab)} sheetId="{sheet_id}" r:id="{id}"/>'
        # at the end, so that the sheet indexes of defined names stay valid
        new = add_prefix(xml, closing[1].decode()).encode()
        self.parts[part] = data[: closing.start()] + new + data[closing.start() :]
        return name


@dataclass(frozen=True)
class _SheetRest:
    """A sheet's part, divided behind its cells.

    ``cells``: the bytes up to there; ``data``: those that follow, under a root element of ``start`` bytes; ``spans``:
    their outline of depth 3, without what stands inside merged ranges and data validations; ``prefix``: that of the
    elements, with its colon.
    """

    cells: bytes
    data: bytes
    start: int
    prefix: str
    spans: Sequence[Span]

    @cached_property
    def children(self) -> Sequence[Span]:
        """The elements that follow the cells."""
        return [span for span in self.spans if span.depth == 2]

    @property
    def note_drawing(self) -> str:
        """The relationship id of the sheet's legacyDrawing, its drawing of notes; empty if it has none.

        A sheet may have a second drawing of that kind, for the pictures in its page header (legacyDrawingHF).
        """
        links = (span.attributes for span in self.children if span.name == "legacyDrawing")
        ids = (id for link in links for name, id in link.items() if name.rpartition(":")[2] == "id")
        return next(ids, "")


# an element that refers to a drawing, and the id of its relationship
_LINK = re.compile(rb"""<(?:\w+:)?(drawing|legacyDrawing)\s[^<>]*?\bid\s*=\s*["']([^"']*)["']""")


_MARKED = re.compile(rb"perfxl:([\w-]+)")
_PRIORITY = re.compile(rb"""\bpriority\s*=\s*["']\d+["']""")


def is_flagged(package: Package, entry: SheetEntry) -> bool:
    """Return whether a sheet contains something added by flagging."""
    return any(_is_flag(marker) for marker in re.findall(rb"perfxl:[\w-]+", package.read(entry.part)))


def _blank_out(tail: bytes, prefix: bytes) -> bytes:
    """Return the bytes with spaces inside the merged ranges and data validations.

    These have many children, which need not be parsed here; every offset stays as it is.
    """
    for name in (b"mergeCells", b"dataValidations"):
        start, end = tail.find(b"<" + prefix + name), tail.find(b"</" + prefix + name + b">")
        if 0 <= start < end:
            inside = tail.index(b">", start) + 1
            tail = tail[:inside] + b" " * (end - inside) + tail[end:]
    return tail


def _is_flag(rule: bytes) -> bool:
    """Return whether a conditional format was added by flagging; the blank form's own have other markers."""
    at = rule.find(b"perfxl:")  # long formulas are searched much faster so than by an expression
    marker = _MARKED.search(rule, at) if at >= 0 else None
    return marker is not None and marker[1] not in (b"empty", b"repeat", b"live", b"carried")


def _empty_ranges(rest: _SheetRest) -> str:
    """Return the ranges of a blank form's inputs: those with its own colours."""
    ranges = [
        rest.spans[rule.parent].attributes.get("sqref", "")
        for rule in rest.spans
        if rule.name == "cfRule" and b"perfxl:empty" in rest.data[rule.start : rule.end]
    ]
    return " ".join(dict.fromkeys(ranges))


def _remove_flags(rest: _SheetRest, first: int) -> list[Splice]:
    """Return the changes that remove earlier flags and renumber the other formats from ``first``, in their order."""
    data, spans = rest.data, rest.spans
    changes: list[Splice] = []
    others: list[Span] = []
    children = children_of(spans)
    for index, span in enumerate(spans):
        if span.depth != 2 or span.name != "conditionalFormatting":
            continue
        rules = [rule for rule in children.get(index, ()) if rule.name == "cfRule"]
        marked = [(rule, _is_flag(data[rule.start : rule.end])) for rule in rules]
        if marked and all(ours for _, ours in marked):
            changes.append(Splice(span.start, span.end, b""))
        else:
            changes += [Splice(rule.start, rule.end, b"") for rule, ours in marked if ours]
            others += [rule for rule, ours in marked if not ours]
    others.sort(key=_priority)
    for number, rule in enumerate(others, start=first):
        if attribute := _PRIORITY.search(data, rule.start, rule.end):
            changes.append(Splice(*attribute.span(), b'priority="%d"' % number))
    return changes


def _priority(span: Span) -> int:
    """Return the priority of a conditional format; 0 if none is stated."""
    return whole_number(span.attributes.get("priority"), 0)

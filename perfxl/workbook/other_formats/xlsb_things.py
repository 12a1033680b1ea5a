"""Things of a binary workbook's sheets beside their cells: its drawings are those of an .xlsx, its notes records."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from perfxl.errors import PackageError
from perfxl.workbook.ooxml.drawings import Drawn, read_drawing, read_vml
from perfxl.workbook.ooxml.edit import to_utf8
from perfxl.workbook.ooxml.notes import THREAD, threaded_texts
from perfxl.workbook.ooxml.package import Package
from perfxl.workbook.ooxml.relations import Relation, read_relations
from perfxl.workbook.other_formats.values import ForeignThings
from perfxl.workbook.other_formats.xlsb_records import read_records, read_text

# 2.3.2: the types of the records that are read
_LINK, _AUTHOR, _NOTE, _NOTE_TEXT = 494, 632, 635, 637

_READ = frozenset(("comments", "threadedComment", "drawing", "vmlDrawing", "hyperlink", "ctrlProp", "xlBinaryIndex"))
"""The relationships of a sheet of which each thing is read, and its index, which holds nothing."""

_VALUES = frozenset(
    ("worksheet", "styles", "theme", "sharedStrings", "calcChain", "sheetMetadata", "cellImage", "richValueRel")
)
"""The parts of the workbook that hold the values of cells and their formats."""


def related_kinds(package: Package, relations: Iterable[Relation]) -> Iterator[str]:
    """Yield the kinds of the parts that are there and not read."""
    for relation in relations:
        known = relation.kind in _READ or relation.kind in _VALUES or relation.kind.startswith("rd")
        if relation.target in package.entries and not known:
            yield relation.kind


def read_things(package: Package, part: str, records: bytes) -> ForeignThings:
    """Return what a sheet has beside its cells; ``records``: those of its part."""
    things, relations = ForeignThings(), read_relations(package, part)
    things.related += related_kinds(package, relations.values())
    threads = [relation for relation in relations.values() if relation.kind == "threadedComment"]
    for relation in relations.values():
        if relation.target not in package.entries:
            continue
        if relation.kind == "comments":
            _read_notes(things, package.read(relation.target), bool(threads))
        elif relation.kind in ("drawing", "vmlDrawing"):
            for drawn in _read_drawn(package, relation):
                things.add_drawn(drawn)
    for relation in threads:
        for at, text in threaded_texts(package, relation.target) if relation.target in package.entries else ():
            things.add_note(at, text)
    for kind, data in read_records(records):
        if kind == _LINK:  # BrtHLink (2.4.702): a range, a relationship, a place in the target
            row, _, column, _ = struct.unpack_from("<4L", data)
            id, end = read_text(data, 16)
            target = relations[id].outside if id in relations else ""
            things.add_link((row, column), target, read_text(data, end)[0])
    return things


def _read_drawn(package: Package, relation: Relation) -> list[Drawn]:
    try:
        if relation.kind == "drawing":
            return read_drawing(package, relation.target)
        return read_vml(to_utf8(package.read(relation.target)))
    except PackageError:  # damaged: nothing more is known of it than that it is there
        return [Drawn(None, "shape")]


def _read_notes(things: ForeignThings, data: bytes, threaded: bool) -> None:
    """Add the notes of a part: BrtCommentAuthor (2.4.335), BrtBeginComment (2.4.33), BrtCommentText (2.4.336)."""
    authors: list[str] = []
    place, author = (-1, -1), ""
    for kind, record in read_records(data):
        if kind == _AUTHOR:
            authors.append(read_text(record, 0)[0])
        elif kind == _NOTE:
            by, row, _, column, _ = struct.unpack_from("<5L", record)
            place, author = (row, column), authors[by] if by < len(authors) else ""
        elif kind == _NOTE_TEXT and not (threaded and author.startswith(THREAD)):
            things.add_note(place, read_text(record, 1)[0], author)
